// A TBU: a micro-TLB and perhaps a larger one in front of the TCU, and so many translations that may be on their way
// there.
#pragma once

#include "base/slots.hpp"
#include "smmu/accounts.hpp"
#include "smmu/config.hpp"
#include "vmsa/tlb/tlb.hpp"

namespace tw::smmu {

struct Tbu final {
  Tbu(const Config& config, unsigned of_number);

  const unsigned number;
  vmsa::TagArray tags, main_tags;
  vmsa::Tlb tlb, main;
  Slots walks;        ///< translations of it that the TCU has not answered yet
  Bringers bringers;  ///< of the larger of the two

  void keep(vmsa::ContextWord context, Va va, const vmsa::Mapping& mapping, const vmsa::Fill& fill,
            const Account& account);
  void invalidate(const vmsa::Invalidate& what);
  void clear();
  void clear_statistics();
};

}  // namespace tw::smmu
