#include "gic/interrupt_states.hpp"

namespace tw::gic {

using cost::InterruptStation;

InterruptStates::InterruptStates(const Config& config, Observation observation)
    : config_(config),
      observation_(observation),
      intids_(static_cast<unsigned>(kFirstSpi + config.spis)),
      words_((intids_ + 31) / 32),
      all_cpus_(static_cast<u8>((1u << config.cpus) - 1)),
      priority_(intids_),
      targets_(intids_),
      active_on_(intids_) {}

void InterruptStates::reset_states(u32 enabled_sgis) {
  group_.fill(0, 0);
  enabled_.fill(enabled_sgis, 0);
  latch_.fill(0, 0);
  active_.fill(0, 0);
  edge_.fill(kSgiBits, 0);
  banked_priority_ = {};
  priority_.assign(intids_, 0);
  active_on_.assign(intids_, 0);
  target_words_ = {};
  targets_.assign(intids_, 0);
}

u32 InterruptStates::implemented_mask(unsigned n) const {
  if (n >= words_) return 0;
  const unsigned left = intids_ - n * 32;
  return left >= 32 ? ~0u : (1u << left) - 1;
}

void InterruptStates::set_wire(unsigned cpu, u32 intid, bool level) {
  if (level && !wire_.test(cpu, intid) && edge_.test(cpu, intid)) latch_.set(cpu, intid, true);
  wire_.set(cpu, intid, level);
}

void InterruptStates::activate(unsigned cpu, u32 intid) {
  active_.set(cpu, intid, true);
  active_on_[intid] = static_cast<u8>(cpu);
  open_[cpu][intid / 32] &= ~(1u << intid % 32);
  observation_.physical(intid, cpu, InterruptStation::Acknowledged);
}

void InterruptStates::deactivate(unsigned cpu, u32 intid) {
  if (!active_.test(cpu, intid)) return;
  active_.set(cpu, intid, false);
  observation_.physical(intid, intid < kFirstSpi ? cpu : active_on_[intid], InterruptStation::Deactivated);
}

void InterruptStates::deactivate_linked(unsigned cpu, u32 intid) {
  if (intid < kFirstPpi || !is_implemented(intid)) return;
  if (two_states() && group(cpu, intid) == Group::Group0) return;
  deactivate(cpu, intid);
}

void InterruptStates::set_targets(u32 intid, u8 cpus) {
  targets_[intid] = cpus & all_cpus_;
  const u32 bit = 1u << intid % 32;
  for (unsigned cpu = 0; cpu < config_.cpus; ++cpu) {
    u32& word = target_words_[cpu][intid / 32];
    word = (targets_[intid] >> cpu) & 1 ? word | bit : word & ~bit;
  }
}

void InterruptStates::observe() {
  if (!observation_) return;
  for (unsigned cpu = 0; cpu < config_.cpus; ++cpu) {
    for (unsigned n = 0; n < words_; ++n) {
      const u32 now = pending(cpu, n) & targeted(cpu, n);
      u32& seen = seen_[cpu][n];
      u32& open = open_[cpu][n];
      // Pending anew, or still pending when its last activation ended.
      const u32 asserted = (now & ~seen) | (now & ~active_.at(cpu, n) & ~open);
      const u32 withdrawn = open & ~now;
      seen = now;
      open = (open | asserted) & now;
      for_each_bit(withdrawn,
                   [&](unsigned bit) { observation_.physical(n * 32 + bit, cpu, InterruptStation::Withdrawn); });
      for_each_bit(asserted,
                   [&](unsigned bit) { observation_.physical(n * 32 + bit, cpu, InterruptStation::Asserted); });
    }
  }
}

}  // namespace tw::gic
