#include "devices/pl330/instruction_cache.hpp"

#include <algorithm>

namespace tw::devices::pl330 {

std::optional<u8> InstructionCache::find(unsigned thread, u32 address) const {
  const u32 wanted = line_of(address);
  for (const Line& line : lines_) {
    if (line.valid && line.thread == thread && line.address == wanted) return line.bytes[address - wanted];
  }
  return {};
}

void InstructionCache::fill(unsigned thread, u32 line, std::span<const u8> bytes) {
  Line& victim = lines_[oldest_];
  oldest_ = (oldest_ + 1) % static_cast<unsigned>(lines_.size());
  victim.valid = true;
  victim.thread = thread;
  victim.address = line;
  std::copy(bytes.begin(), bytes.end(), victim.bytes.begin());
}

void InstructionCache::invalidate(unsigned thread) {
  for (Line& line : lines_) line.valid = line.valid && line.thread != thread;
}

}  // namespace tw::devices::pl330
