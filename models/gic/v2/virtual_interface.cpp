#include "gic/v2/virtual_interface.hpp"

#include "gic/maintenance.hpp"
#include "gic/v2/identification.hpp"

namespace tw::gic::v2 {
using cost::InterruptStation;

VirtualInterface::VirtualInterface(unsigned cpu, const Config& config, Distributor& distributor,
                                   Observation observation)
    : cpu_(cpu),
      distributor_(distributor),
      observation_(observation),
      active_(kVirtualPriorityBits),
      list_registers_(static_cast<unsigned>(config.list_registers)),
      signalled_interrupt_(cpu, true, observation) {
  reset();
}

void VirtualInterface::reset() {
  hcr_ = 0;
  controls_ = {};
  controls_.binary_point0 = static_cast<u8>(min_binary_point(kVirtualPriorityBits));
  controls_.binary_point1 = static_cast<u8>(min_binary_point(kVirtualPriorityBits) + 1);
  eoi_mode_ = false;
  active_.clear();
  for (unsigned n = 0; n < list_registers_.count(); ++n) write_list_register(n, {});
}

u32 VirtualInterface::misr() const { return maintenance_causes(hcr_, list_registers_, controls_); }

std::optional<Candidate> VirtualInterface::highest_pending() const {
  if (!is_enabled()) return std::nullopt;
  return list_registers_.best(controls_);
}

std::optional<Candidate> VirtualInterface::signalled() const {
  return signalled_of(controls_, highest_pending(), active_.running());
}

Outputs VirtualInterface::outputs() {
  const std::optional<Candidate> candidate = signalled();
  signalled_interrupt_.is(candidate);
  return outputs_of(controls_, candidate);
}

u32 VirtualInterface::acknowledge(View view, bool peek) {
  const std::optional<Candidate> candidate = signalled();
  if (!candidate) return kSpurious;
  if (const auto special = hidden_as(controls_, candidate->group, view)) return *special;
  if (!peek) {
    active_.raise(group_priority(candidate->priority, controls_.binary_point(candidate->group)));
    list_registers_[candidate->list_register].state = LrState::Active;
    signalled_interrupt_.acknowledged();
    observation_.virtual_(candidate->intid, cpu_, InterruptStation::Acknowledged);
  }
  return candidate->id_register();
}

u32 VirtualInterface::highest_pending_id(View view) const {
  const std::optional<Candidate> candidate = highest_pending();
  if (!candidate) return kSpurious;
  if (const auto special = hidden_as(controls_, candidate->group, view)) return *special;
  return candidate->id_register();
}

void VirtualInterface::end_of_interrupt(View view, u64 value) {
  const u32 intid = eoi_intid(value);
  if (intid >= kFirstSpecial) return;
  ListRegister* lr = list_registers_.active(intid, eoi_source(value));
  if (lr && view == View::Alias && lr->group == Group::Group0) return;
  const bool dropped = active_.drop();
  if (dropped) observation_.virtual_(intid, cpu_, InterruptStation::PriorityDrop);
  if (eoi_mode_) return;
  if (lr) {
    deactivate(*lr);
  } else if (dropped) {
    // An EOI that clears no active priority is not counted (IHI 0048B, GICH_HCR.EOICount).
    count_unlisted_eoi();
  }
}

void VirtualInterface::deactivate(u64 value) {
  const u32 intid = eoi_intid(value);
  if (!eoi_mode_ || intid >= kFirstSpecial) return;
  if (ListRegister* lr = list_registers_.active(intid, eoi_source(value))) {
    deactivate(*lr);
  } else {
    count_unlisted_eoi();
  }
}

void VirtualInterface::deactivate(ListRegister& lr) {
  lr.state = lr.state == LrState::PendingActive ? LrState::Pending : LrState::Invalid;
  observation_.virtual_(lr.virtual_id, cpu_, InterruptStation::Deactivated);
  if (lr.hardware) distributor_.deactivate_linked(cpu_, lr.physical_id);
}

void VirtualInterface::count_unlisted_eoi() { hcr_ = with_unlisted_eoi(hcr_); }

void VirtualInterface::write_list_register(unsigned n, const ListRegister& lr) {
  list_registers_.write(n, lr, cpu_, observation_);
}

}  // namespace tw::gic::v2
