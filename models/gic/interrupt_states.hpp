// The state machine of every interrupt, as every GIC architecture version has it: pending, active, level and edge,
// priority, group, and the cores that it goes to. Versions differ in how software reaches it and in what SGIs remember.
#pragma once

#include <array>
#include <bit>
#include <optional>
#include <vector>

#include "gic/config.hpp"
#include "gic/observation.hpp"
#include "gic/signalling.hpp"

namespace tw::gic {

inline constexpr unsigned kMaxCpus = 8;
inline constexpr unsigned kMaxWords = 32;
inline constexpr u32 kSgiBits = 0xFFFF;

template <class Visit>
void for_each_bit(u32 word, Visit visit) {
  for (; word != 0; word &= word - 1) visit(static_cast<unsigned>(std::countr_zero(word)));
}

/// One bit an interrupt, as the registers have them: word 0 (SGIs and PPIs) is banked by CPU, the others are shared.
class InterruptBits final {
 public:
  u32& at(unsigned cpu, unsigned n) { return n == 0 ? banked_[cpu] : shared_[n]; }
  u32 at(unsigned cpu, unsigned n) const { return n == 0 ? banked_[cpu] : shared_[n]; }
  bool test(unsigned cpu, u32 intid) const { return (at(cpu, intid / 32) >> intid % 32) & 1; }
  void set(unsigned cpu, u32 intid, bool value) {
    u32& word = at(cpu, intid / 32);
    const u32 bit = 1u << intid % 32;
    word = value ? word | bit : word & ~bit;
  }
  void fill(u32 banked, u32 shared) {
    banked_.fill(banked);
    shared_.fill(shared);
  }

 private:
  std::array<u32, kMaxCpus> banked_{};
  std::array<u32, kMaxWords> shared_{};
};

class InterruptStates {
 public:
  bool is_implemented(u32 intid) const { return intid < intids_; }
  Group group(unsigned cpu, u32 intid) const { return group_.test(cpu, intid) ? Group::Group1 : Group::Group0; }

  void deactivate(unsigned cpu, u32 intid);
  /// Deactivation by a list register with HW = 1. SGIs and, with two Security states, Secure interrupts are out of its
  /// reach.
  void deactivate_linked(unsigned cpu, u32 intid);
  /// Two Security states: Secure software has interrupts of its own.
  bool two_states() const { return config_.security_extensions && !security_disabled_; }

  /// Reports what became pending or ceased to be so since the last call.
  void observe();

 protected:
  template <class Core, class View>
  friend struct InterruptRegisters;

  InterruptStates(const Config& config, Observation observation);
  ~InterruptStates() = default;

  /// `enabled_sgis`: the reset value of the SGIs' enable bits.
  void reset_states(u32 enabled_sgis);

  /// The highest priority interrupt for `cpu` that is pending, not active, enabled, and in `allowed(word)`. The lowest
  /// INTID wins a tie. Its group is as the group bit says.
  template <class Allowed>
  std::optional<Candidate> best_of(unsigned cpu, Allowed allowed) const {
    std::optional<Candidate> found;
    for (unsigned n = 0; n < words_; ++n) {
      u32 ready = pending(cpu, n) & enabled_.at(cpu, n) & ~active_.at(cpu, n) & targeted(cpu, n);
      if (ready == 0) continue;
      ready &= allowed(n);
      for_each_bit(ready, [&](unsigned bit) {
        const u32 intid = n * 32 + bit;
        const u8 its_priority = priority(cpu, intid);
        if (!found || its_priority < found->priority) found = Candidate{intid, 0, its_priority, group(cpu, intid), 0};
      });
    }
    return found;
  }
  void activate(unsigned cpu, u32 intid);

  /// Level of a PPI of `cpu`, or of an SPI (any `cpu`).
  void set_wire(unsigned cpu, u32 intid, bool level);
  u32 implemented_mask(unsigned n) const;
  /// Level-sensitive: the wire, or a set-pending that no acknowledge has consumed. Edge-triggered: the latch alone
  /// (IHI 0048B, 4.3.8; IHI 0069, GICD_ISPENDRn).
  u32 pending(unsigned cpu, unsigned n) const { return latch_.at(cpu, n) | (wire_.at(cpu, n) & ~edge_.at(cpu, n)); }
  u32 targeted(unsigned cpu, unsigned n) const { return n == 0 ? ~0u : target_words_[cpu][n]; }
  u8& priority(unsigned cpu, u32 intid) { return intid < kFirstSpi ? banked_priority_[cpu][intid] : priority_[intid]; }
  u8 priority(unsigned cpu, u32 intid) const {
    return intid < kFirstSpi ? banked_priority_[cpu][intid] : priority_[intid];
  }
  void set_targets(u32 intid, u8 cpus);

  Config config_;
  Observation observation_;
  unsigned intids_;
  unsigned words_;
  u8 all_cpus_;
  bool security_disabled_ = false;  ///< GICD_CTLR.DS

  InterruptBits group_, enabled_, latch_, wire_, active_, edge_;
  std::array<std::array<u8, kFirstSpi>, kMaxCpus> banked_priority_{};
  std::vector<u8> priority_, targets_;
  std::array<std::array<u32, kMaxWords>, kMaxCpus> target_words_{};  ///< targets_, turned round
  std::vector<u8> active_on_;                                        ///< of an active SPI: who acknowledged it

 private:
  /// For the observer: pending when it last looked, and asserted but neither acknowledged nor withdrawn since.
  std::array<std::array<u32, kMaxWords>, kMaxCpus> seen_{}, open_{};
};

}  // namespace tw::gic
