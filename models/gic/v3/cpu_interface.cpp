#include "gic/v3/cpu_interface.hpp"

namespace tw::gic::v3 {

using cost::InterruptStation;
using enum arm::GicRegister;

CpuInterface::CpuInterface(unsigned cpu, const Config& config, Distributor& distributor, Observation observation)
    : cpu_(cpu),
      distributor_(distributor),
      observation_(observation),
      state_(static_cast<unsigned>(config.priority_bits)),
      signalled_interrupt_(cpu, false, observation) {}

std::optional<Candidate> CpuInterface::highest_pending() const {
  return distributor_.best(cpu_, state_.controls.enable_group0, state_.controls.enable_group1);
}

std::optional<Candidate> CpuInterface::signalled() const {
  return signalled_of(state_.controls, highest_pending(), state_.running());
}

Outputs CpuInterface::outputs() {
  const std::optional<Candidate> candidate = signalled();
  signalled_interrupt_.is(candidate);
  return outputs_of(state_.controls, candidate);
}

u32 CpuInterface::acknowledge(Group group, bool peek) {
  const std::optional<Candidate> candidate = signalled();
  if (!candidate || candidate->group != group) return kSpurious;
  if (!peek) {
    state_.raise(*candidate);
    distributor_.acknowledge(cpu_, candidate->intid);
    signalled_interrupt_.acknowledged();
  }
  return candidate->intid;
}

u32 CpuInterface::highest_pending_id(Group group) const {
  const std::optional<Candidate> candidate = highest_pending();
  return candidate && candidate->group == group ? candidate->intid : kSpurious;
}

/// An LPI has no active state: the end of one only drops its priority.
void CpuInterface::end_of_interrupt(Group group, u32 intid) {
  const bool is_lpi = intid >= kFirstLpi && distributor_.has_lpis();
  if ((!is_lpi && !distributor_.is_implemented(intid)) || !state_.drop(group)) return;
  observation_.physical(intid, cpu_, InterruptStation::PriorityDrop);
  if (!state_.eoi_mode && !is_lpi) distributor_.deactivate(cpu_, intid);
}

void CpuInterface::deactivate(u32 intid) {
  if (state_.eoi_mode && distributor_.is_implemented(intid)) distributor_.deactivate(cpu_, intid);
}

// ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1: Aff3.Aff2.Aff1 and a list of Aff0 values, or all cores but this one.
void CpuInterface::generate_sgi(Group group, u64 value) {
  const u32 intid = (value >> 24) & 0xF;
  const bool all_others = (value >> 40) & 1;
  const unsigned range = (value >> 44) & 0xF;
  if (!all_others && range != 0) return;  // GICD_TYPER.RSS = 0
  for (unsigned cpu = 0; cpu < distributor_.cpus(); ++cpu) {
    const Affinity& affinity = distributor_.affinity(cpu);
    const bool is_same_cluster = affinity.aff3 == static_cast<u8>(value >> 48) &&
                                 affinity.aff2 == static_cast<u8>(value >> 32) &&
                                 affinity.aff1 == static_cast<u8>(value >> 16);
    const bool is_listed = is_same_cluster && affinity.aff0 < 16 && ((value >> affinity.aff0) & 1);
    if (all_others ? cpu != cpu_ : is_listed) distributor_.send_sgi(cpu, intid, group);
  }
}

u64 CpuInterface::read(arm::GicRegister reg, bool peek) {
  switch (reg) {
    case IccIar0:
      return acknowledge(Group::Group0, peek);
    case IccIar1:
      return acknowledge(Group::Group1, peek);
    case IccHppir0:
      return highest_pending_id(Group::Group0);
    case IccHppir1:
      return highest_pending_id(Group::Group1);
    case IccSreEl1:
      return 0x7;  // SRE, DFB, DIB: system registers only, no bypass
    case IccSreEl2:
    case IccSreEl3:
      return 0xF;  // and Enable
    default:
      return state_.read(reg).value_or(0);
  }
}

void CpuInterface::write(arm::GicRegister reg, u64 value) {
  switch (reg) {
    case IccEoir0:
      return end_of_interrupt(Group::Group0, intid_of(value));
    case IccEoir1:
      return end_of_interrupt(Group::Group1, intid_of(value));
    case IccDir:
      return deactivate(intid_of(value));
    case IccSgi0r:
      return generate_sgi(Group::Group0, value);
    case IccSgi1r:
    case IccAsgi1r:
      return generate_sgi(Group::Group1, value);
    default:
      return state_.write(reg, value);
  }
}

}  // namespace tw::gic::v3
