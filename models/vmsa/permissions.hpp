// Who may do what with a mapping (Arm ARM D8.4). The walker and every TLB hit go through the same functions.
#pragma once

#include "vmsa/mapping.hpp"

namespace tw::vmsa {

struct Permissions {
  bool read : 1 = false, write : 1 = false, execute : 1 = false;  // bits: a byte each would be a wait for stores
  Permissions operator&(const Permissions& other) const {
    return {read && other.read, write && other.write, execute && other.execute};
  }
};

/// `pan` as in Access.
Permissions stage1_permissions(const Stage1Leaf& leaf, Regime regime, bool privileged, const Controls& controls,
                               bool pan = false);
Permissions stage2_permissions(const Stage2Leaf& leaf, bool privileged, const Controls& controls);

/// ESR_ELx.WnR of a fault that is not about permissions.
bool reported_write(const Access& access);

/// Permission faults of stage 1, then Alignment faults of memory that stage 1 makes Device.
Fault check_stage1(const Stage1Leaf& leaf, const Access& access, const Controls& controls);
/// Permission faults of stage 2 on the access itself, then Alignment faults of memory that stage 2 makes Device.
Fault check_stage2(const Stage2Leaf& leaf, Ipa ipa, const Access& access, const Controls& controls);
/// Stage 2 on the fetch of a stage-1 descriptor: read permission and HCR_EL2.PTW.
Fault check_stage2_walk(const Stage2Leaf& leaf, Ipa ipa, const Access& access, const Controls& controls);

/// Stage 2 on the hardware update of a stage-1 descriptor: write permission.
Fault check_stage2_update(const Stage2Leaf& leaf, Ipa ipa, const Access& access);

/// Checks `access` against a whole mapping, in the architecture's order.
Fault check(const Mapping& mapping, const Access& access, const Controls& controls);

/// check(), and on success the addresses, attributes and permissions of the page, into a `result` that is new.
void finish(const Mapping& mapping, const Access& access, const Controls& controls, Translation& result);
inline Translation finish(const Mapping& mapping, const Access& access, const Controls& controls) {
  Translation result;
  finish(mapping, access, controls, result);
  return result;
}

}  // namespace tw::vmsa
