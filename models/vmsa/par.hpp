// PAR_EL1 after an AT instruction (Arm ARM D17.2.117, 64-bit format).
#pragma once

#include "vmsa/translation.hpp"

namespace tw::vmsa {

/// `translation` is the outcome of an access of AccessKind::AddressTranslation. External aborts on the walk, and
/// stage-2 faults on the walk of an AT S1E* at EL1, are taken as exceptions: the caller must not come here with them.
u64 par_el1(const Translation& translation);

}  // namespace tw::vmsa
