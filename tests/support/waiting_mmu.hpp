// An access by a core without any overlap: it waits for all of the latency.
#pragma once

#include "cost/ledger.hpp"
#include "mmu/mmu.hpp"

namespace tw::test {

inline vmsa::Translation translate(mmu::Mmu& mmu, cost::CoreLedger& ledger, const vmsa::Access& access,
                                   const vmsa::Controls& controls) {
  cost::Latency latency;
  const vmsa::Translation result = mmu.translate(access, controls, ledger.elapsed(), latency);
  ledger.charge(latency);
  return result;
}

}  // namespace tw::test
