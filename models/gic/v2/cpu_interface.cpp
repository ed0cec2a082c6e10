#include "gic/v2/cpu_interface.hpp"

namespace tw::gic::v2 {

using cost::InterruptStation;

CpuInterface::CpuInterface(unsigned cpu, const Config& config, Distributor& distributor, Observation observation)
    : cpu_(cpu),
      priority_bits_(static_cast<unsigned>(config.priority_bits)),
      security_extensions_(config.security_extensions),
      distributor_(distributor),
      observation_(observation),
      active_{ActivePriorities(priority_bits_), ActivePriorities(priority_bits_)},
      signalled_interrupt_(cpu, false, observation) {
  reset();
}

void CpuInterface::reset() {
  controls_ = {};
  controls_.binary_point0 = static_cast<u8>(min_binary_point(priority_bits_));
  controls_.binary_point1 = static_cast<u8>(min_binary_point(priority_bits_) + 1);
  eoi_mode_ = eoi_mode_ns_ = false;
  bypass_disable_ = 0;
  for (ActivePriorities& priorities : active_) priorities.clear();
}

std::optional<Candidate> CpuInterface::highest_pending() const {
  std::optional<Candidate> candidate = distributor_.best(cpu_);
  if (candidate && !controls_.enables(candidate->group)) candidate.reset();
  return candidate;
}

std::optional<Candidate> CpuInterface::signalled() const {
  return signalled_of(controls_, highest_pending(), running());
}

Outputs CpuInterface::outputs() {
  const std::optional<Candidate> candidate = signalled();
  signalled_interrupt_.is(candidate);
  return outputs_of(controls_, candidate);
}

u32 CpuInterface::acknowledge(View view, bool peek) {
  const std::optional<Candidate> candidate = signalled();
  if (!candidate) return kSpurious;
  if (const auto special = hidden_as(controls_, candidate->group, view)) return *special;
  if (!peek) {
    active(candidate->group).raise(group_priority(candidate->priority, controls_.binary_point(candidate->group)));
    distributor_.acknowledge(cpu_, *candidate);
    signalled_interrupt_.acknowledged();
  }
  return candidate->id_register();
}

u32 CpuInterface::highest_pending_id(View view) const {
  const std::optional<Candidate> candidate = highest_pending();
  if (!candidate) return kSpurious;
  if (const auto special = hidden_as(controls_, candidate->group, view)) return *special;
  return candidate->id_register();
}

void CpuInterface::end_of_interrupt(View view, bool restricted, u64 value) {
  const u32 intid = eoi_intid(value);
  if (!distributor_.is_implemented(intid)) return;
  const Group group = distributor_.group(cpu_, intid);
  if (view != View::Full && group == Group::Group0) return;
  if (active(group).drop()) observation_.physical(intid, cpu_, InterruptStation::PriorityDrop);
  const bool split = restricted ? eoi_mode_ns_ : eoi_mode_;
  if (!split) distributor_.deactivate(cpu_, intid);
}

void CpuInterface::deactivate(bool restricted, u64 value) {
  const u32 intid = eoi_intid(value);
  if (!distributor_.is_implemented(intid)) return;
  const Group group = distributor_.group(cpu_, intid);
  if (restricted && (group == Group::Group0 || !eoi_mode_ns_)) return;
  // Secure software may deactivate a Group 1 interrupt whose priority Non-secure software has dropped.
  const bool split = eoi_mode_ || (group == Group::Group1 && eoi_mode_ns_);
  if (split) distributor_.deactivate(cpu_, intid);
}

}  // namespace tw::gic::v2
