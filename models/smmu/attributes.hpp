// Attributes of transactions: the defaults of masters that do not say any, overrides of STE and GBPA, and allocation
// hints beside those of stage 1 (IHI 0070, 13.1).
#pragma once

#include "smmu/stream.hpp"

namespace tw::smmu {

/// The fields as STE and SMMU_GBPA have them.
struct OverrideFields {
  bool mtcfg = false;
  u8 memattr = 0;
  u8 alloccfg = 0;
  u8 shcfg = 1;
};
Override overridden(const OverrideFields& fields);

/// Stage 1's attributes with the hints of the transaction: it may take away allocation, or make it transient.
vmsa::Attributes with_hints(const vmsa::Attributes& attributes, Override incoming);

}  // namespace tw::smmu
