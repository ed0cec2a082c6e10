// The traffic generator: requests by a pattern, in the name of several streams, at a rate; it checks what comes back.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/random.hpp"
#include "devices/traffic/config.hpp"
#include "devices/traffic/pattern.hpp"
#include "devices/traffic/source.hpp"
#include "devices/traffic/statistics.hpp"

namespace tw::devices::traffic {

/// A part of the address space of one stream (or of a substream of it) that a generator uses: who lays out memory and
/// translation tables starts from these.
struct Window {
  StreamId stream{};
  u32 substream = 0;
  bool has_substream = false;
  Iova base{};
  u64 bytes = 0;
  u64 salt = 0;  ///< of its data
};

/// `config` is valid.
std::vector<Window> windows_of(const Config& config);

class Generator final : public Source {
 public:
  explicit Generator(const Config& config);

  Answer next(Request& request, u64 now) override;
  void fill(const Request& request, std::span<u8> data) override;
  void completed(const Request& request, const Result& result) override;

  const std::vector<Window>& windows() const { return windows_; }
  /// Moves a window, before the first request.
  void place(std::size_t window, Iova base) { windows_[window].base = base; }
  const Statistics& statistics() const { return statistics_; }
  /// Called when the requests of the warm-up are done, if there are any.
  void on_warm(std::function<void()> call) { on_warm_ = std::move(call); }
  bool is_warm() const { return completed_ >= config_.warm_up; }
  /// All that were asked for have been completed.
  bool is_done() const { return config_.requests != 0 && completed_ >= config_.warm_up + config_.requests; }

 private:
  std::size_t pick_window();
  u64 pick_size();

  Config config_;
  std::vector<Window> windows_;
  std::vector<u64> weights_;
  u64 weight_sum_ = 0;
  SplitMix64 random_;
  std::vector<std::unique_ptr<Pattern>> patterns_;  ///< one a window
  Statistics statistics_;
  u64 sizes_ = 1;  ///< different ones
  u64 issued_ = 0, completed_ = 0;
  u64 due_bytes_ = 0;  ///< asked for since the start, for the rate
  u64 start_ = 0;      ///< ps, of the first request
  std::function<void()> on_warm_;
};

}  // namespace tw::devices::traffic
