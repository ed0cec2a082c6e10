// What the fuzzers of both GICs have in common: wires and stations that are checked, and accesses that a debugger makes
// first.
#pragma once

#include <array>

#include "base/mmio.hpp"
#include "fuzz/input.hpp"
#include "gic/observation.hpp"
#include "gic/ports.hpp"

namespace tw::fuzz {

inline constexpr unsigned kCores = 8;

struct Wires final : gic::CpuSignals {
  std::array<std::array<bool, gic::kSignals>, kCores> level{};
  void set(unsigned cpu, gic::Signal which, bool value) override {
    bool& present = level.at(cpu).at(static_cast<unsigned>(which));
    require(present != value);
    present = value;
  }
};

struct Watcher final : gic::InterruptObserver {
  explicit Watcher(u32 end) : intids(end) {}
  const u32 intids;
  u64 events = 0;
  void at(u32 intid, unsigned cpu, bool, cost::InterruptStation) override {
    require(intid < intids && cpu < kCores);
    ++events;
  }
};

/// `what`: 0xE0 and up.
template <class Gic>
void move_a_wire(Gic& gic, u8 what, Input& input) {
  const bool level = what & 1;
  if (what & 2) {
    gic.set_spi(input.take<u16>(), level);
  } else {
    gic.set_ppi(input.below(kCores + 1), input.below(40), level);
  }
  if (what == 0xFF) gic.reset();
}

/// A debugger's look has no effect, and tells what the read after it gives.
inline void look_and_read(MmioTarget& frame, MmioAccess access, const Watcher& watcher) {
  access.debug = true;
  const u64 events = watcher.events;
  const u64 peeked = frame.access(access).value;
  require(watcher.events == events);
  access.debug = false;
  require(frame.access(access).value == peeked);
}

}  // namespace tw::fuzz
