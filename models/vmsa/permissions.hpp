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

// Each check gives true, or false and a `fault`; those of the access itself say what it may do beyond.

/// Permission faults of stage 1, then Alignment faults of memory that stage 1 makes Device.
bool check_stage1(const Stage1Leaf& leaf, const Access& access, const Controls& controls, Permissions& permissions,
                  Fault& fault);
/// Permission faults of stage 2 on the access itself, then Alignment faults of memory that stage 2 makes Device.
bool check_stage2(const Stage2Leaf& leaf, Ipa ipa, const Access& access, const Controls& controls,
                  Permissions& permissions, Fault& fault);
/// Stage 2 on the fetch of a stage-1 descriptor: read permission and HCR_EL2.PTW.
bool check_stage2_walk(const Stage2Leaf& leaf, Ipa ipa, const Access& access, const Controls& controls, Fault& fault);
/// Stage 2 on the hardware update of a stage-1 descriptor: write permission.
bool check_stage2_update(const Stage2Leaf& leaf, Ipa ipa, const Access& access, Fault& fault);

/// The addresses, attributes and `permissions` of a page whose mapping was checked, into a `result` that is new.
void describe(const Mapping& mapping, const Access& access, const Controls& controls, Permissions permissions,
              Translation& result);
/// Checks `access` against a whole mapping, stage 1 first, and describes its page.
void finish(const Mapping& mapping, const Access& access, const Controls& controls, Translation& result);
inline Translation finish(const Mapping& mapping, const Access& access, const Controls& controls) {
  Translation result;
  finish(mapping, access, controls, result);
  return result;
}

}  // namespace tw::vmsa
