#include "gic/v3/cpu_interface.hpp"

namespace tw::gic::v3 {

using arm::GicAccess;
using arm::GicWorld;
using cost::InterruptStation;
using enum arm::GicRegister;

namespace {

// What EL3 reads in place of a Group 1 interrupt through a Group 0 register (IHI 0069, 2.2.1).
constexpr u32 kIsSecure = 1020, kIsNonSecure = 1021;

/// Whether the lower half of the priorities is hidden from an access (IHI 0069, 4.8.1).
constexpr bool sees_half(const GicAccess& access) { return access.fiq_to_el3 && !access.from_secure(); }

/// That view of a priority.
constexpr u64 non_secure_view(u8 priority) {
  if (!(priority & 0x80)) return 0;
  return priority == kIdlePriority ? kIdlePriority : static_cast<u8>(priority << 1);
}

constexpr Bank bank_of(const GicAccess& access) { return {.secure = access.secure, .el3 = access.el3}; }

constexpr Group group1_of(bool secure) { return secure ? Group::Group1Secure : Group::Group1; }

}  // namespace

CpuInterface::CpuInterface(unsigned cpu, const Config& config, Distributor& distributor, Observation observation)
    : cpu_(cpu),
      distributor_(distributor),
      observation_(observation),
      state_(static_cast<unsigned>(config.priority_bits)),
      signalled_interrupt_(cpu, false, observation) {}

void CpuInterface::reset() {
  state_.reset();
  eoi_mode_el3_ = false;
}

std::optional<Candidate> CpuInterface::signalled() const {
  return signalled_of(state_.controls, highest_pending(), state_.running());
}

/// A group that is not the present world's own comes as FIQ; Group 0 always does (IHI 0069, 4.6.2).
bool CpuInterface::is_fiq(Group group) const {
  if (group == Group::Group0 || world_ == GicWorld::El3) return true;
  return (group == Group::Group1Secure) != (world_ == GicWorld::Secure);
}

Outputs CpuInterface::outputs() {
  const std::optional<Candidate> candidate = signalled();
  signalled_interrupt_.is(candidate);
  if (!candidate) return {};
  const bool fiq = is_fiq(candidate->group);
  return {.irq = !fiq, .fiq = fiq};
}

/// What a register of Group 0 or of Group 1 shows of a pending interrupt (IHI 0069, CheckGroup0ForSpecialIdentifiers
/// and CheckGroup1ForSpecialIdentifiers).
u32 CpuInterface::id_for(const std::optional<Candidate>& candidate, Registers through, const GicAccess& access) const {
  if (!candidate) return kSpurious;
  const bool secure = is_secure(candidate->group);
  const bool group0 = candidate->group == Group::Group0;
  if (secure && !access.from_secure()) return kSpurious;
  if (through == Registers::Group0) {
    if (group0) return candidate->intid;
    if (!access.el3) return kSpurious;
    return secure ? kIsSecure : kIsNonSecure;
  }
  if (group0) return kSpurious;
  if (!secure && access.secure && !access.el3) return kSpurious;
  return candidate->intid;
}

u32 CpuInterface::acknowledge(Registers through, const GicAccess& access) {
  const std::optional<Candidate> candidate = signalled();
  const u32 id = id_for(candidate, through, access);
  if (!candidate || id != candidate->intid || access.debug) return id;
  state_.raise(*candidate);
  distributor_.acknowledge(cpu_, candidate->intid);
  signalled_interrupt_.acknowledged();
  return id;
}

bool CpuInterface::is_split(const GicAccess& access) const {
  if (access.el3) return eoi_mode_el3_;
  return access.secure ? state_.eoi_mode_secure : state_.eoi_mode;
}

/// An LPI has no active state: the end of one only drops its priority.
void CpuInterface::end_of_interrupt(Registers through, u32 intid, const GicAccess& access) {
  const bool ends_lpi = is_lpi(intid) && distributor_.has_lpis();
  const std::optional<Group> group = state_.running_group();
  if ((!ends_lpi && !distributor_.is_implemented(intid)) || !group) return;
  if ((*group == Group::Group0) != (through == Registers::Group0)) return;
  if (is_secure(*group) && !access.from_secure()) return;
  if (*group == Group::Group1 && access.secure && !access.el3) return;
  state_.drop(*group);
  observation_.physical(intid, cpu_, InterruptStation::PriorityDrop);
  if (!is_split(access) && !ends_lpi) distributor_.deactivate(cpu_, intid);
}

void CpuInterface::deactivate(u32 intid, const GicAccess& access) {
  if (!is_split(access) || !distributor_.is_implemented(intid)) return;
  if (may_deactivate(distributor_.group(cpu_, intid), access)) distributor_.deactivate(cpu_, intid);
}

/// Not an interrupt that EL3 keeps to itself, nor for Non-secure software a Secure one (IHI 0069, ICC_DIR_EL1).
bool CpuInterface::may_deactivate(Group group, const GicAccess& access) const {
  if (access.el3) return true;
  if (!access.secure && is_secure(group)) return false;
  return group == Group::Group0 ? !access.fiq_to_el3 : !access.irq_to_el3;
}

// ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1: Aff3.Aff2.Aff1 and a list of Aff0 values, or all cores but this one.
void CpuInterface::generate_sgi(Group group, u64 value, const GicAccess& access) {
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
    if (all_others ? cpu != cpu_ : is_listed) distributor_.send_sgi(cpu, intid, group, access.from_secure());
  }
}

u64 CpuInterface::read_control_el3() const {
  constexpr u64 kA3v = 1 << 15;
  return u64{state_.controls.common_binary_point_secure} | u64{state_.controls.common_binary_point} << 1 |
         u64{eoi_mode_el3_} << 2 | u64{state_.eoi_mode_secure} << 3 | u64{state_.eoi_mode} << 4 |
         state_.priority_field() | kA3v;
}

void CpuInterface::write_control_el3(u64 value) {
  state_.controls.common_binary_point_secure = value & 1;
  state_.controls.common_binary_point = (value >> 1) & 1;
  eoi_mode_el3_ = (value >> 2) & 1;
  state_.eoi_mode_secure = (value >> 3) & 1;
  state_.eoi_mode = (value >> 4) & 1;
}

u64 CpuInterface::read(arm::GicRegister reg, const GicAccess& access) {
  switch (reg) {
    case IccIar0:
      return acknowledge(Registers::Group0, access);
    case IccIar1:
      return acknowledge(Registers::Group1, access);
    case IccHppir0:
      return id_for(highest_pending(), Registers::Group0, access);
    case IccHppir1:
      return id_for(highest_pending(), Registers::Group1, access);
    case IccPmr:
      return sees_half(access) ? non_secure_view(state_.controls.priority_mask) : state_.controls.priority_mask;
    case IccRpr:
      return sees_half(access) ? non_secure_view(state_.running()) : state_.running();
    case IccSreEl1:
      return 0x7;  // SRE, DFB, DIB: system registers only, no bypass
    case IccSreEl2:
    case IccSreEl3:
      return 0xF;  // and Enable
    case IccCtlrEl3:
      return read_control_el3();
    case IccIgrpen1El3:
      return u64{state_.controls.enable_group1} | u64{state_.controls.enable_group1_secure} << 1;
    default:
      return state_.read(reg, bank_of(access)).value_or(0);
  }
}

void CpuInterface::write(arm::GicRegister reg, u64 value, const GicAccess& access) {
  switch (reg) {
    case IccEoir0:
      return end_of_interrupt(Registers::Group0, intid_of(value), access);
    case IccEoir1:
      return end_of_interrupt(Registers::Group1, intid_of(value), access);
    case IccDir:
      return deactivate(intid_of(value), access);
    case IccSgi0r:
      return generate_sgi(Group::Group0, value, access);
    case IccSgi1r:
      return generate_sgi(group1_of(access.from_secure()), value, access);
    case IccAsgi1r:
      return generate_sgi(group1_of(!access.from_secure()), value, access);
    case IccPmr:
      // A mask in the half that this software does not see is not its to change.
      if (!sees_half(access)) return state_.set_priority_mask(value);
      if (state_.controls.priority_mask & 0x80) state_.set_priority_mask(0x80 | (value & 0xFF) >> 1);
      return;
    case IccCtlr: {
      // CBPR is EL3's where there are two Security states (IHI 0069, ICC_CTLR_EL1).
      const u64 kept = state_.read(IccCtlr, bank_of(access)).value_or(0) & 1;
      return state_.write(reg, distributor_.two_states() ? (value & ~u64{1}) | kept : value, bank_of(access));
    }
    case IccCtlrEl3:
      return write_control_el3(value);
    case IccIgrpen1El3:
      state_.controls.enable_group1 = value & 1;
      state_.controls.enable_group1_secure = (value >> 1) & 1;
      return;
    default:
      return state_.write(reg, value, bank_of(access));
  }
}

}  // namespace tw::gic::v3
