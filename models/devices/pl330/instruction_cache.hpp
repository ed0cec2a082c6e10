// The instruction cache that all threads share: lines of microcode, each of the thread that fetched it.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "devices/pl330/types.hpp"

namespace tw::devices::pl330 {

/// Holds copies, as the DMAC does: software that changes microcode has to invalidate what a thread may have fetched
/// (DMAEND, DMAKILL, DMAWFE with `invalid`; a thread that DMAGO starts has nothing).
class InstructionCache final {
 public:
  static constexpr u32 kMostLineBytes = 32;

  InstructionCache(unsigned lines, u32 line_bytes) : lines_(lines), line_bytes_(line_bytes) {}

  u32 line_bytes() const { return line_bytes_; }
  u32 line_of(u32 address) const { return address & ~(line_bytes_ - 1); }
  /// The byte at `address`, if `thread` has its line.
  std::optional<u8> find(unsigned thread, u32 address) const;
  /// Replaces the line that came longest ago.
  void fill(unsigned thread, u32 line, std::span<const u8> bytes);
  void invalidate(unsigned thread);

 private:
  struct Line {
    bool valid = false;
    unsigned thread = 0;
    u32 address = 0;
    std::array<u8, kMostLineBytes> bytes{};
  };

  std::vector<Line> lines_;
  u32 line_bytes_;
  unsigned oldest_ = 0;
};

}  // namespace tw::devices::pl330
