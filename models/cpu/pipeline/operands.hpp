// What a pipeline model needs to know of an instruction: its class, the registers that it waits for and those that wait
// for it. Found once, when the instruction is decoded.
#pragma once

#include <array>

#include "base/types.hpp"
#include "cpu/pipeline/timing_class.hpp"

namespace tw::cpu {

struct Encoding;

/// Registers are small numbers in one space, so that a scoreboard is one flat array of kCount times. Register
/// 31 read as zero is kNone, written as zero kSink. X0 to X30 are 0 to 30.
namespace reg {
inline constexpr u8 kSp = 31;  ///< the current stack pointer
inline constexpr u8 kV0 = 32;  ///< to V31 at 63
inline constexpr u8 kNzcv = 64;
inline constexpr u8 kNone = 65;  ///< a source that is always ready: nothing writes it
inline constexpr u8 kSink = 66;  ///< a destination that nobody reads
inline constexpr unsigned kCount = 67;
}  // namespace reg

/// What an instruction does, beyond its class.
enum OpFlags : u16 {
  kOpLoad = 1,
  kOpStore = 2,
  kOpBranch = 4,
  kOpConditional = 8,
  kOpIndirect = 16,
  kOpCall = 32,
  kOpReturn = 64,
  kOpSerialising = 128,     ///< nothing younger begins before it is complete
  kOpEarlyBase = 256,       ///< destination[kBaseSlot] is the written-back base: ready as after an ALU operation
  kOpAccumulates = 512,     ///< source[kAccumulator] is added last: cores forward it late
  kOpAuthenticates = 1024,  ///< a branch or load behind a pointer authentication
  kOpAcquire = 2048,        ///< nothing younger is performed before it
  kOpRelease = 4096,        ///< performed after everything older
  kOpReadsList = 8192,      ///< the register list is a source …
  kOpWritesList = 16384,    ///< … a destination
};

/// Of loads and stores, source[0] is the base, source[1] the offset register, and the data to store come behind them
/// (or are the list): an address can be computed before the data are there.
inline constexpr unsigned kSourceSlots = 5, kDestinationSlots = 4;
inline constexpr unsigned kFirstDataSource = 2;
inline constexpr unsigned kAccumulator = 2;
inline constexpr unsigned kBaseSlot = 3;

/// Sources that are not there are kNone, destinations kSink: a model may look at all slots without asking.
struct OpTiming {
  u16 flags = 0;  ///< OpFlags
  TimingClass timing = TimingClass::Undefined;
  u8 list_first = reg::kV0;  ///< V registers of LD1 to ST4 and of a table look-up: list_count of them, V0 behind V31
  u8 list_count = 0;
  std::array<u8, kSourceSlots> source{reg::kNone, reg::kNone, reg::kNone, reg::kNone, reg::kNone};
  std::array<u8, kDestinationSlots> destination{reg::kSink, reg::kSink, reg::kSink, reg::kSink};
  bool known = false;  ///< for who keeps them: this one has been found
  u8 reserved = 0;

  bool is(u16 some) const { return (flags & some) != 0; }
  u8 list_register(unsigned n) const { return static_cast<u8>(reg::kV0 + (list_first - reg::kV0 + n) % 32); }
  bool operator==(const OpTiming&) const = default;
};
static_assert(sizeof(OpTiming) == 16);

/// Of `insn`, which `row` encodes; nullptr: no encoding row, so an UNDEFINED instruction without operands.
/// `pointer_authentication`: the model has FEAT_PAuth; without it, its hints are NOPs.
OpTiming time_of(u32 insn, const Encoding* row, bool pointer_authentication = true);

}  // namespace tw::cpu
