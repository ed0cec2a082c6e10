#include "platforms/replay/hypervisor.hpp"

#include <utility>

namespace tw::replay {
namespace {

// ESR_ELx.EC (DDI 0487, D17.2.37).
constexpr u8 kHvc = 0x16, kSystemRegister = 0x18, kInstructionAbort = 0x20, kDataAbort = 0x24;

constexpr cost::Context kHypervisor{El::El2, false, Vmid{}};
constexpr cost::Context kKernel{El::El1, false, Vmid{}};

constexpr std::string_view kAccesses[] = {"fetch", "data read", "data write", "data write"};

}  // namespace

void Hypervisor::exit(u8 exception_class, const cost::TrapReason& reason, u64 cycles, u64 tlbi_cycles) {
  const cost::Context guest = ledger_.context();
  ledger_.exception_taken({guest, kHypervisor.el, exception_class, reason}, kHypervisor);
  ledger_.charge(cost::Cause::ExceptionEntry, config_.exit_entry);
  ledger_.charge(cost::Cause::Instruction, config_.exit_software + cycles);
  ledger_.charge(cost::Cause::TlbMaintenance, tlbi_cycles);
  ledger_.charge(cost::Cause::ExceptionReturn, config_.exit_return);
  ledger_.exception_returned(kHypervisor, guest);
}

u64 Hypervisor::take_updates() { return std::exchange(pending_, 0) * config_.update_cycles; }

void Hypervisor::table_write() {
  if (shadow_) exit(kDataAbort, {"table of the guest's, write-protected", "data write"}, config_.write_cycles);
  if (direct_ && ++pending_ >= config_.hypercall_batch) need_updates();
}

void Hypervisor::need_updates() {
  if (pending_ != 0) exit(kHvc, {"HVC", "table updates"}, take_updates());
}

void Hypervisor::fill(trace::Kind kind) {
  exit(kind == trace::Kind::Fetch ? kInstructionAbort : kDataAbort,
       {"page not in the shadow", kAccesses[static_cast<unsigned>(kind)]}, config_.fill_cycles);
}

void Hypervisor::first_write() { exit(kDataAbort, {"page clean in the shadow", "data write"}, config_.dirty_cycles); }

void Hypervisor::invalidate(u64 cycles) {
  if (!shadow_ && !direct_) ledger_.charge(cost::Cause::TlbMaintenance, cycles);
  if (shadow_) exit(kSystemRegister, {"HCR_EL2.TTLB", "TLBI"}, config_.tlbi_cycles, cycles);
  if (direct_) exit(kHvc, {"HVC", "TLBI"}, take_updates() + config_.tlbi_cycles, cycles);
}

void Hypervisor::switch_space() {
  if (shadow_) exit(kSystemRegister, {"HCR_EL2.TVM", "write TTBR0_EL1"}, config_.space_cycles);
  if (direct_) exit(kHvc, {"HVC", "TTBR0_EL1"}, take_updates() + config_.space_cycles);
}

void Hypervisor::switch_machine(cost::Context to, u64 flush_cycles) {
  // Natively it is an operating system that goes from one process to the next.
  const cost::Context host = config_.paging == "native" ? kKernel : kHypervisor;
  ledger_.exception_taken({ledger_.context(), host.el, cost::kAsynchronous, {"IRQ", "end of the quantum"}}, host);
  ledger_.charge(cost::Cause::ExceptionEntry, config_.exit_entry);
  ledger_.charge(cost::Cause::ContextRegister, config_.switch_cycles);
  ledger_.charge(cost::Cause::TlbMaintenance, flush_cycles);
  ledger_.charge(cost::Cause::ExceptionReturn, config_.exit_return);
  ledger_.exception_returned(host, to);
}

}  // namespace tw::replay
