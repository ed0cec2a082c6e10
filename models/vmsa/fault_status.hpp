// Faults -> the fault status codes that the architecture reports (Arm ARM D17.2.37, ESR_ELx.{DFSC,IFSC}).
#pragma once

#include "vmsa/translation.hpp"

namespace tw::vmsa {

/// DFSC, IFSC, PAR_EL1.FST.
u8 fault_status_code(const Fault& fault);

}  // namespace tw::vmsa
