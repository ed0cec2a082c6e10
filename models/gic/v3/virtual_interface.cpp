#include "gic/v3/virtual_interface.hpp"

#include "gic/maintenance.hpp"

namespace tw::gic::v3 {

using cost::InterruptStation;
using enum arm::GicRegister;

VirtualInterface::VirtualInterface(unsigned cpu, const Config& config, Distributor& distributor,
                                   Observation observation)
    : cpu_(cpu),
      distributor_(distributor),
      observation_(observation),
      state_(kVirtualPriorityBits),
      list_registers_(static_cast<unsigned>(config.list_registers)),
      signalled_interrupt_(cpu, true, observation) {}

void VirtualInterface::reset() {
  hcr_ = 0;
  state_.reset();
  for (unsigned n = 0; n < list_registers_.count(); ++n) list_registers_.write(n, {}, cpu_, observation_);
}

u32 VirtualInterface::misr() const { return maintenance_causes(hcr_, list_registers_, state_.controls); }

std::optional<Candidate> VirtualInterface::highest_pending() const {
  if (!is_enabled()) return std::nullopt;
  return list_registers_.best(state_.controls);
}

std::optional<Candidate> VirtualInterface::signalled() const {
  return signalled_of(state_.controls, highest_pending(), state_.running());
}

Outputs VirtualInterface::outputs() {
  const std::optional<Candidate> candidate = signalled();
  signalled_interrupt_.is(candidate);
  return outputs_of(state_.controls, candidate);
}

// A virtual LPI has no active state: its list register is free at once.
u32 VirtualInterface::acknowledge(Group group, bool peek) {
  const std::optional<Candidate> candidate = signalled();
  if (!candidate || candidate->group != group) return kSpurious;
  if (!peek) {
    state_.raise(*candidate);
    list_registers_[candidate->list_register].state = is_lpi(candidate->intid) ? LrState::Invalid : LrState::Active;
    signalled_interrupt_.acknowledged();
    observation_.virtual_(candidate->intid, cpu_, InterruptStation::Acknowledged);
  }
  return candidate->intid;
}

u32 VirtualInterface::highest_pending_id(Group group) const {
  const std::optional<Candidate> candidate = highest_pending();
  return candidate && candidate->group == group ? candidate->intid : kSpurious;
}

void VirtualInterface::end_of_interrupt(Group group, u32 intid) {
  if (is_special(intid) || !state_.drop(group)) return;
  observation_.virtual_(intid, cpu_, InterruptStation::PriorityDrop);
  if (state_.eoi_mode || intid >= kFirstLpi) return;
  ListRegister* lr = list_registers_.active(intid, 0);
  if (!lr) {
    hcr_ = with_unlisted_eoi(hcr_);
  } else if (lr->group == group) {
    deactivate(*lr);
  }
}

void VirtualInterface::deactivate(u32 intid) {
  if (!state_.eoi_mode || intid >= kFirstSpecial) return;
  if (ListRegister* lr = list_registers_.active(intid, 0)) {
    deactivate(*lr);
  } else {
    hcr_ = with_unlisted_eoi(hcr_);
  }
}

void VirtualInterface::deactivate(ListRegister& lr) {
  lr.state = lr.state == LrState::PendingActive ? LrState::Pending : LrState::Invalid;
  observation_.virtual_(lr.virtual_id, cpu_, InterruptStation::Deactivated);
  if (lr.hardware) distributor_.deactivate_linked(cpu_, lr.physical_id);
}

u64 VirtualInterface::read_guest(arm::GicRegister reg, bool peek) {
  switch (reg) {
    case IccIar0:
      return acknowledge(Group::Group0, peek);
    case IccIar1:
      return acknowledge(Group::Group1, peek);
    case IccHppir0:
      return highest_pending_id(Group::Group0);
    case IccHppir1:
      return highest_pending_id(Group::Group1);
    default:
      return state_.read(reg).value_or(0);
  }
}

void VirtualInterface::write_guest(arm::GicRegister reg, u64 value) {
  switch (reg) {
    case IccEoir0:
      return end_of_interrupt(Group::Group0, intid_of(value));
    case IccEoir1:
      return end_of_interrupt(Group::Group1, intid_of(value));
    case IccDir:
      return deactivate(intid_of(value));
    default:
      return state_.write(reg, value);
  }
}

}  // namespace tw::gic::v3
