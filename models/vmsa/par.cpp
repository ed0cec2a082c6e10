#include "vmsa/par.hpp"

#include "base/bits.hpp"
#include "vmsa/fault_status.hpp"

namespace tw::vmsa {

u64 par_el1(const Translation& translation) {
  constexpr u64 kRes1 = u64{1} << 11;
  if (!translation.ok()) {
    const Fault& fault = translation.fault;
    return u64{1} | u64{fault_status_code(fault)} << 1 | u64{fault.s1ptw} << 8 | u64{fault.stage == 2} << 9 | kRes1;
  }
  const Attributes& attributes = translation.attributes;
  return (translation.pa.value & low_mask(48) & ~low_mask(12)) | u64{attributes.mair} << 56 |
         u64{attributes.shareability} << 7 | u64{!translation.secure} << 9 | kRes1;
}

}  // namespace tw::vmsa
