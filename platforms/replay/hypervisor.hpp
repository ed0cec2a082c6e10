// What a hypervisor does for a guest in a replay, as spans of the ledger: exits by reason, with their times.
//
// Shadow: the guest's tables cannot be written by it. Each store to one that the hypervisor knows exits; what the
// shadow lacks is filled when it is missed ("hidden fault"). Direct: the guest's tables are walked themselves; it asks
// for changes of them by hypercalls, several in one. A TLBI or another address space takes along what is still to be
// changed. Both run the guest deprivileged, so that its own translation faults would pass the hypervisor as well: a
// trace knows none, and they cost nothing here.
#pragma once

#include "cost/ledger.hpp"
#include "platforms/replay/config.hpp"
#include "trace/record.hpp"

namespace tw::replay {

class Hypervisor final {
 public:
  Hypervisor(const Config& config, cost::CoreLedger& ledger)
      : config_(config), ledger_(ledger), shadow_(config.paging == "shadow"), direct_(config.paging == "direct") {}

  /// The guest changes a descriptor that the hypervisor knows.
  void table_write();
  /// What was changed is used.
  void need_updates();
  /// A page of the guest's is not in the shadow.
  void fill(trace::Kind kind);
  /// A page that was filled for reading is written.
  void first_write();
  /// A TLBI of the guest's, which takes `cycles` itself.
  void invalidate(u64 cycles);
  void switch_space();
  /// From one VM to the next, which goes on in `to`; `flush_cycles`: of the TLBI between them.
  void switch_machine(cost::Context to, u64 flush_cycles);

 private:
  void exit(u8 exception_class, const cost::TrapReason& reason, u64 cycles, u64 tlbi_cycles = 0);
  /// Updates that go along with a hypercall.
  u64 take_updates();

  const Config& config_;
  cost::CoreLedger& ledger_;
  bool shadow_, direct_;
  u64 pending_ = 0;  ///< updates that the guest has not asked for yet
};

}  // namespace tw::replay
