// List registers: the pending and active virtual interrupts that a hypervisor has given to one core. Encodings differ
// between GICv2 and GICv3, meaning does not.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "base/types.hpp"
#include "gic/observation.hpp"
#include "gic/signalling.hpp"

namespace tw::gic {

enum class LrState : u8 { Invalid = 0, Pending = 1, Active = 2, PendingActive = 3 };

struct ListRegister {
  u32 virtual_id = 0;
  u32 physical_id = 0;  ///< when `hardware`
  u8 source_cpu = 0;    ///< of an SGI, when not `hardware`
  bool eoi = false;     ///< ask for a maintenance interrupt at deactivation, when not `hardware`
  u8 priority = 0;      ///< 8 bits, the unimplemented low ones zero
  LrState state = LrState::Invalid;
  Group group = Group::Group0;
  bool hardware = false;

  bool is_pending() const { return state == LrState::Pending || state == LrState::PendingActive; }
  bool is_active() const { return state == LrState::Active || state == LrState::PendingActive; }
  /// May be given another interrupt: nothing in it, and no EOI to be reported (GICH_ELRSRn).
  bool is_empty() const { return state == LrState::Invalid && (hardware || !eoi); }
  /// Has an EOI to be reported (GICH_EISRn).
  bool has_eoi() const { return state == LrState::Invalid && !hardware && eoi; }
  bool is_sgi_from(u32 id, u8 cpu) const {
    return !hardware && id < kFirstPpi && virtual_id == id && source_cpu == cpu;
  }
};

class ListRegisters final {
 public:
  explicit ListRegisters(unsigned count) : registers_(count) {}

  unsigned count() const { return static_cast<unsigned>(registers_.size()); }
  ListRegister& operator[](unsigned n) { return registers_[n]; }
  const ListRegister& operator[](unsigned n) const { return registers_[n]; }

  /// By the hypervisor. A pending interrupt that is written over is gone.
  void write(unsigned n, const ListRegister& lr, unsigned cpu, const Observation& observation) {
    const ListRegister old = std::exchange(registers_[n], lr);
    const bool same = old.is_pending() && lr.is_pending() && old.virtual_id == lr.virtual_id;
    if (old.is_pending() && !same) observation.virtual_(old.virtual_id, cpu, cost::InterruptStation::Withdrawn);
    if (lr.is_pending() && !same) observation.virtual_(lr.virtual_id, cpu, cost::InterruptStation::Asserted);
  }

  u64 empty_mask() const {
    return mask([](const ListRegister& lr) { return lr.is_empty(); });
  }
  u64 eoi_mask() const {
    return mask([](const ListRegister& lr) { return lr.has_eoi(); });
  }
  u64 valid_mask() const {
    return mask([](const ListRegister& lr) { return lr.state != LrState::Invalid; });
  }
  /// In state Pending exactly. An interrupt that is pending and active waits for its deactivation.
  u64 pending_mask() const {
    return mask([](const ListRegister& lr) { return lr.state == LrState::Pending; });
  }

  /// The highest priority pending interrupt of the enabled groups; the lowest list register wins a tie.
  std::optional<Candidate> best(const InterfaceControls& controls) const {
    std::optional<Candidate> found;
    for (unsigned n = 0; n < count(); ++n) {
      const ListRegister& lr = registers_[n];
      if (lr.state != LrState::Pending || !controls.enables(lr.group)) continue;
      if (found && found->priority <= lr.priority) continue;
      const bool is_sgi = !lr.hardware && lr.virtual_id < kFirstPpi;
      found = Candidate{lr.virtual_id, is_sgi ? lr.source_cpu : u8{0}, lr.priority, lr.group, n};
    }
    return found;
  }

  /// The active list register of virtual interrupt `id`. Two can hold an SGI of one number from different CPUs: the one
  /// from `cpu` is preferred.
  ListRegister* active(u32 id, u8 cpu) {
    ListRegister* found = nullptr;
    for (ListRegister& lr : registers_) {
      if (!lr.is_active() || lr.virtual_id != id) continue;
      if (!found || lr.is_sgi_from(id, cpu)) found = &lr;
      if (found->is_sgi_from(id, cpu)) return found;
    }
    return found;
  }

  void clear() { registers_.assign(registers_.size(), ListRegister{}); }

 private:
  template <class Predicate>
  u64 mask(Predicate predicate) const {
    u64 result = 0;
    for (unsigned n = 0; n < count(); ++n) result |= u64{predicate(registers_[n])} << n;
    return result;
  }
  std::vector<ListRegister> registers_;
};

}  // namespace tw::gic
