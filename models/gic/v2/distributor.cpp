#include "gic/v2/distributor.hpp"

namespace tw::gic::v2 {

Distributor::Distributor(const Config& config, Observation observation) : InterruptStates(config, observation) {
  reset();
}

void Distributor::reset() {
  enable_group0_ = enable_group1_ = false;
  reset_states(kSgiBits);
  sgi_sources_ = {};
  // ITARGETSRn is RAZ/WI on a uniprocessor: every SPI is for CPU 0 (IHI 0048B, 4.3.12).
  if (config_.cpus == 1) {
    for (u32 intid = kFirstSpi; intid < intids_; ++intid) set_targets(intid, 1);
  }
}

std::optional<Candidate> Distributor::best(unsigned cpu) const {
  std::optional<Candidate> found = best_of(cpu, [&](unsigned n) {
    const u32 groups = group_.at(cpu, n);
    return (enable_group1_ ? groups : 0) | (enable_group0_ ? ~groups : 0);
  });
  if (found && found->intid < kFirstPpi) {
    found->source_cpu = static_cast<u8>(std::countr_zero(sgi_sources_[cpu][found->intid]));
  }
  return found;
}

void Distributor::acknowledge(unsigned cpu, const Candidate& candidate) {
  const u32 intid = candidate.intid;
  if (intid < kFirstPpi) {
    set_sgi_sources(cpu, intid, static_cast<u8>(sgi_sources_[cpu][intid] & ~(1u << candidate.source_cpu)));
  } else {
    latch_.set(cpu, intid, false);
  }
  activate(cpu, intid);
}

void Distributor::set_sgi_sources(unsigned cpu, u32 intid, u8 sources) {
  sgi_sources_[cpu][intid] = sources;
  latch_.set(cpu, intid, sources != 0);
}

}  // namespace tw::gic::v2
