// A device that does what software gives it: I/Os in the order in which they come, cut into requests.
#pragma once

#include <deque>
#include <functional>

#include "devices/traffic/config.hpp"
#include "devices/traffic/source.hpp"

namespace tw::study {

/// One I/O. Its owner keeps it until it is done.
struct Job {
  Iova at{};
  u64 bytes = 0;
  bool write = false;  ///< into memory
  StreamId stream{};
  u64 salt = 0;  ///< of its data
  u64 done_ps = 0;
  bool ok = true;                 ///< nothing was refused, what was read was right
  std::function<void()> done;     ///< called as soon as done_ps is known, which may be in the future
  u64 issued = 0, completed = 0;  ///< bytes
};

class JobQueue final : public devices::traffic::Source {
 public:
  explicit JobQueue(const devices::traffic::Config& config) : config_(config) {}
  /// The master must be woken then.
  void push(Job& job) { jobs_.push_back(&job); }
  /// No more will come.
  void close() { closed_ = true; }

  Answer next(devices::traffic::Request& request, u64 now) override;
  void fill(const devices::traffic::Request& request, std::span<u8> data) override;
  void completed(const devices::traffic::Request& request, const devices::traffic::Result& result) override;

 private:
  const devices::traffic::Config& config_;
  std::deque<Job*> jobs_;   ///< with bytes that have not been issued
  Job* current_ = nullptr;  ///< whose request is under way: the master makes one at a time
  u64 due_ps_ = 0;          ///< for the next request, by the rate
  bool closed_ = false;
};

}  // namespace tw::study
