// The platform's firmware: PSCI 1.1 (Arm DEN 0022) and SMCCC version discovery (DEN 0028), served when no firmware runs
// at EL3. It switches cores on and off; everything that a call needs from the platform is in PowerPort.
#pragma once

#include <optional>
#include <string_view>

#include "cpu/cpu.hpp"

namespace tw::cpu {

/// What PSCI needs from the platform.
class PowerPort {
 public:
  virtual ~PowerPort() = default;
  virtual unsigned cores() const = 0;
  virtual Cpu& core(unsigned index) = 0;
  /// `core` was switched on and must be scheduled.
  virtual void core_started(unsigned core) = 0;
  virtual void system_off() = 0;
  virtual void system_reset() = 0;
};

class PsciFirmware final {
 public:
  enum class Conduit : u8 { None, Hvc, Smc };
  PsciFirmware(Conduit conduit, PowerPort& power) : conduit_(conduit), power_(power) {}

  /// For SystemPort::firmware_call. False: this conduit is not served.
  bool call(Cpu& cpu, SystemPort::Conduit conduit);

 private:
  u64 function(Cpu& cpu, u32 function_id);
  u64 cpu_on(u64 affinity, u64 entry, u64 context_id);
  u64 affinity_info(u64 affinity, u64 lowest_level) const;
  std::optional<unsigned> find_core(u64 affinity) const;
  static u64 features(u32 function_id);

  Conduit conduit_;
  PowerPort& power_;
};

/// "hvc", "smc" or "none", as in a device tree's /psci/method.
std::optional<PsciFirmware::Conduit> psci_conduit(std::string_view name);

/// Starts `core` the way a boot loader's firmware would: cold reset, then Non-secure EL2, or EL1 without EL2, at
/// `entry` with x0 = `context_id`. Also for the platform's direct kernel boot.
void start_core(Cpu& core, Va entry, u64 context_id);

}  // namespace tw::cpu
