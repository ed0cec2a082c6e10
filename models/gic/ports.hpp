// What an interrupt controller needs from the rest of the platform: somebody to drive, memory for its tables, and
// somebody who may watch.
#pragma once

#include <optional>

#include "base/types.hpp"
#include "cost/interrupts.hpp"

namespace tw::gic {

/// Outputs of the GIC to one core.
enum class Signal : u8 { Irq, Fiq, VirtualIrq, VirtualFiq };
inline constexpr unsigned kSignals = 4;

/// The interrupt inputs of the cores. Called on changes only, from within the access or the wire change that caused
/// them.
class CpuSignals {
 public:
  virtual ~CpuSignals() = default;
  virtual void set(unsigned cpu, Signal which, bool level) = 0;
};

/// Guest memory, where GICv3 keeps the tables of LPIs and of the ITS, and where its command queue lies. `bytes` is 1 or
/// 8, `at` aligned to it; little-endian. Nothing, or false: no memory answers there, or it cannot be written. A
/// register frame is no memory, whatever address a guest chooses for a table.
class MemoryPort {
 public:
  virtual ~MemoryPort() = default;
  virtual std::optional<u64> read(Pa at, unsigned bytes) = 0;
  virtual bool write(Pa at, unsigned bytes, u64 value) = 0;
};

/// Watches the life of every interrupt. `cpu` is the core whose interface handles it; an SPI that targets several cores
/// is asserted for each of them, and withdrawn from all others when one acknowledges it. For a virtual interrupt
/// `intid` is the virtual INTID, and Asserted means that its list register was written pending.
class InterruptObserver {
 public:
  virtual ~InterruptObserver() = default;
  virtual void at(u32 intid, unsigned cpu, bool is_virtual, cost::InterruptStation station) = 0;
};

}  // namespace tw::gic
