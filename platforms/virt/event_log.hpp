// The events of a platform: of its cores, interrupts and SMMU.
#pragma once

#include <vector>

#include "cost/events.hpp"
#include "cost/interrupts.hpp"
#include "smmu/statistics.hpp"

namespace tw::virt {

struct EventLog {
  EventLog(const cost::EventOptions& asked, unsigned cpus)
      : options(asked),
        cores(cpus, cost::CoreEvents(asked)),
        interrupts(asked.ring(cost::EventKind::Interrupts)),
        translations(asked.ring(cost::EventKind::Dma)) {}

  cost::EventOptions options;
  std::vector<cost::CoreEvents> cores;
  cost::EventRing<cost::InterruptEvent> interrupts;
  cost::EventRing<smmu::TranslationEvent> translations;
};

}  // namespace tw::virt
