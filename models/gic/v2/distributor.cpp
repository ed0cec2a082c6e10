#include "gic/v2/distributor.hpp"

#include <bit>

namespace tw::gic::v2 {
namespace {

using cost::InterruptStation;

constexpr u32 kSgiBits = 0xFFFF;

template <class Visit>
void for_each_bit(u32 word, Visit visit) {
  for (; word != 0; word &= word - 1) visit(static_cast<unsigned>(std::countr_zero(word)));
}

}  // namespace

Distributor::Distributor(const Config& config, Observation observation)
    : config_(config),
      observation_(observation),
      intids_(static_cast<unsigned>(kFirstSpi + config.spis)),
      words_((intids_ + 31) / 32),
      all_cpus_(static_cast<u8>((1u << config.cpus) - 1)),
      priority_(intids_),
      targets_(intids_),
      active_on_(intids_) {
  reset();
}

void Distributor::reset() {
  enable_group0_ = enable_group1_ = false;
  group_.fill(0, 0);
  enabled_.fill(kSgiBits, 0);
  latch_.fill(0, 0);
  active_.fill(0, 0);
  edge_.fill(kSgiBits, 0);
  sgi_sources_ = {};
  banked_priority_ = {};
  priority_.assign(intids_, 0);
  active_on_.assign(intids_, 0);
  target_words_ = {};
  // ITARGETSRn is RAZ/WI on a uniprocessor: every SPI is for CPU 0 (IHI 0048B, 4.3.12).
  targets_.assign(intids_, 0);
  if (config_.cpus == 1) {
    for (u32 intid = kFirstSpi; intid < intids_; ++intid) set_targets(intid, 1);
  }
}

u32 Distributor::implemented_mask(unsigned n) const {
  if (n >= words_) return 0;
  const unsigned left = intids_ - n * 32;
  return left >= 32 ? ~0u : (1u << left) - 1;
}

void Distributor::set_wire(unsigned cpu, u32 intid, bool level) {
  if (level && !wire_.test(cpu, intid) && edge_.test(cpu, intid)) latch_.set(cpu, intid, true);
  wire_.set(cpu, intid, level);
}

std::optional<Candidate> Distributor::best(unsigned cpu) const {
  const u32 group0 = enable_group0_ ? ~0u : 0;
  const u32 group1 = enable_group1_ ? ~0u : 0;
  std::optional<Candidate> found;
  if ((group0 | group1) == 0) return found;
  for (unsigned n = 0; n < words_; ++n) {
    const u32 groups = group_.at(cpu, n);
    const u32 ready = pending(cpu, n) & enabled_.at(cpu, n) & ~active_.at(cpu, n) & targeted(cpu, n) &
                      ((groups & group1) | (~groups & group0));
    for_each_bit(ready, [&](unsigned bit) {
      const u32 intid = n * 32 + bit;
      const u8 its_priority = priority(cpu, intid);
      if (!found || its_priority < found->priority) found = Candidate{intid, 0, its_priority, group(cpu, intid), 0};
    });
  }
  if (found && found->intid < kFirstPpi) {
    found->source_cpu = static_cast<u8>(std::countr_zero(sgi_sources_[cpu][found->intid]));
  }
  return found;
}

void Distributor::acknowledge(unsigned cpu, const Candidate& candidate) {
  const u32 intid = candidate.intid;
  active_.set(cpu, intid, true);
  active_on_[intid] = static_cast<u8>(cpu);
  if (intid < kFirstPpi) {
    set_sgi_sources(cpu, intid, static_cast<u8>(sgi_sources_[cpu][intid] & ~(1u << candidate.source_cpu)));
  } else {
    latch_.set(cpu, intid, false);
  }
  open_[cpu][intid / 32] &= ~(1u << intid % 32);
  observation_.physical(intid, cpu, InterruptStation::Acknowledged);
}

void Distributor::deactivate(unsigned cpu, u32 intid) {
  if (!active_.test(cpu, intid)) return;
  active_.set(cpu, intid, false);
  observation_.physical(intid, intid < kFirstSpi ? cpu : active_on_[intid], InterruptStation::Deactivated);
}

void Distributor::deactivate_linked(unsigned cpu, u32 intid) {
  if (intid < kFirstPpi || !is_implemented(intid)) return;
  if (config_.security_extensions && group(cpu, intid) == Group::Group0) return;
  deactivate(cpu, intid);
}

void Distributor::set_targets(u32 intid, u8 cpus) {
  targets_[intid] = cpus & all_cpus_;
  const u32 bit = 1u << intid % 32;
  for (unsigned cpu = 0; cpu < config_.cpus; ++cpu) {
    u32& word = target_words_[cpu][intid / 32];
    word = (targets_[intid] >> cpu) & 1 ? word | bit : word & ~bit;
  }
}

void Distributor::set_sgi_sources(unsigned cpu, u32 intid, u8 sources) {
  sgi_sources_[cpu][intid] = sources;
  latch_.set(cpu, intid, sources != 0);
}

void Distributor::observe() {
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

}  // namespace tw::gic::v2
