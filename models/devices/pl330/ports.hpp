// What the PL330 has around it: its clock, its wires, and the transactions that it wants on the bus.
#pragma once

#include <array>
#include <functional>
#include <span>

#include "devices/pl330/types.hpp"
#include "devices/ports.hpp"

namespace tw::devices::pl330 {

/// The DMAC's own cycles since the start of the run. Never goes back.
class CyclePort {
 public:
  virtual ~CyclePort() = default;
  virtual u64 cycle() const = 0;
};

/// A request of a peripheral: drtype and drlast.
struct PeripheralRequest {
  bool burst = false;
  bool last = false;
};

/// The outputs; any may be empty.
struct Wires {
  std::function<void(unsigned event, bool level)> interrupt;         ///< irq[n]
  InterruptOutput abort;                                             ///< irq_abort
  std::function<void(unsigned peripheral, bool burst)> acknowledge;  ///< datype of a single or a burst
  std::function<void(unsigned peripheral)> flush;                    ///< datype of DMAFLUSHP
};

/// One AXI burst: at most 16 beats, not across 4 KB.
struct Transaction {
  static constexpr u32 kMostBytes = 16 * 16;
  enum class Kind : u8 { Fetch, Read, Write };

  Kind kind = Kind::Read;
  unsigned thread = 0;  ///< also its AXI ID: those of one thread and kind end in order
  Iova address;
  u32 bytes = 0;
  u32 beat_bytes = 0;  ///< each beat of a fixed burst goes to `address` and has so many bytes; 0: it increments
  bool privileged = false, secure = false, instruction = false;
  u8 cache = 0;  ///< AxCACHE
  std::array<u8, kMostBytes> data{};

  std::span<u8> payload() { return std::span(data).first(bytes); }
};

}  // namespace tw::devices::pl330
