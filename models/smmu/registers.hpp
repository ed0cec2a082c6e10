// The programming interfaces: registers of both 64 KB pages, and behind them queues, errors, interrupts and stalls, for
// each Security state (IHI 0070, chapter 6).
#pragma once

#include <span>

#include "base/mmio.hpp"
#include "smmu/commands.hpp"
#include "smmu/events.hpp"
#include "smmu/pages.hpp"

namespace tw::smmu {

/// Whom the programming interfaces talk to.
struct Surroundings {
  MemoryPort& memory;
  SignalPort& signals;
  EndpointPort& endpoints;
  Maintenance& maintenance;
  Statistics& statistics;
};

/// What software of one Security state programs. Its parts refer to one another: it stays where it is.
struct ProgrammingInterface {
  /// `non_secure`: the state of the Non-secure interface, if this is the Secure one.
  ProgrammingInterface(const Config& config, const Surroundings& around, const State* non_secure);
  ProgrammingInterface(const ProgrammingInterface&) = delete;
  ProgrammingInterface& operator=(const ProgrammingInterface&) = delete;

  State state;
  Interrupts interrupts;
  EventLog events;
  Stalls stalls;
  CommandQueue commands;
  PageQueue pages;  ///< of Non-secure state alone

  /// Registers as after reset, queues idle; what is stalled is terminated.
  void reset(const Config& config);
};

class RegisterFile final : public MmioTarget {
 public:
  RegisterFile(const Config& config, const Surroundings& around);

  MmioResult access(const MmioAccess& access) override;
  /// Commands of both command queues that are due.
  void work(u64 now);
  /// The endpoint has done AtcInvalidate `tag`, whichever command queue it came from.
  void atc_invalidated(u32 tag, u64 now);
  void reset();
  ProgrammingInterface& of(Security security) { return security == Security::Secure ? secure_ : non_secure_; }
  const ProgrammingInterface& of(Security security) const {
    return security == Security::Secure ? secure_ : non_secure_;
  }

  static std::span<const RegisterRow<RegisterFile>> registers();

 private:
  friend struct RegisterRows;

  const Config& config_;
  SignalPort& signals_;
  Maintenance& maintenance_;
  ProgrammingInterface non_secure_, secure_;
};

}  // namespace tw::smmu
