// Who says what a master port does next, and hears what came of it. Times are picoseconds since the start of the run.
#pragma once

#include <span>

#include "base/types.hpp"

namespace tw::devices::traffic {

/// One DMA access.
struct Request {
  Iova at;
  u32 bytes = 0;
  bool write = false;
  StreamId stream{};
  u32 substream = 0;
  bool has_substream = false;
  u64 not_before = 0;  ///< a rate
  u64 tag = 0;         ///< the source's own
};

/// What came of it. `data` is what was read or written.
struct Result {
  bool ok = false;
  u64 issued = 0;     ///< ps, when the master had room for it
  u64 completed = 0;  ///< ps
  std::span<const u8> data;
};

class Source {
 public:
  virtual ~Source() = default;
  /// `Later`: nothing now; the master is woken when there is. `now` is that of the master, which may be ahead.
  enum class Answer : u8 { Request, Later, End };
  virtual Answer next(Request& request, u64 now) = 0;
  /// The bytes of a write, before it is made.
  virtual void fill(const Request& request, std::span<u8> data) = 0;
  /// In the order in which requests were issued.
  virtual void completed(const Request& request, const Result& result) = 0;
};

}  // namespace tw::devices::traffic
