// What a walker needs from the memory system: one descriptor at a time.
#pragma once

#include "base/types.hpp"
#include "cost/spans.hpp"

namespace tw::vmsa {

struct DescriptorRequest {
  Pa address{};  ///< of the 8-byte descriptor, aligned
  Security security = Security::NonSecure;
  u8 stage = 1;
  i8 level = 0;
  i8 for_stage1_level = -1;  ///< stage 2: level of the stage-1 descriptor that is looked for, -1 for the final address
  bool cacheable = false;    ///< the walk may be served by data caches (TCR/VTCR.IRGN0, SCTLR.C, HCR_EL2.CD, stage 2)
  bool timed = true;         ///< false: functional fidelity or a debugger's look; caches must not change
  u64 now = 0;               ///< timed: when the fetch begins, in the core's cycles
};

struct DescriptorReply {
  bool ok = true;      ///< false: synchronous external abort on the fetch
  bool atomic = true;  ///< update(): false, and nothing done, where memory takes no atomic access
  u64 value = 0;       ///< the 8 bytes as a little-endian number; the walker swaps them when SCTLR_ELx.EE says so
  u64 cycles = 0;
  cost::ServedBy served_by = cost::ServedBy::Memory;
};

class DescriptorPort {
 public:
  virtual ~DescriptorPort() = default;
  virtual DescriptorReply fetch(const DescriptorRequest& request) = 0;
  /// FEAT_HAFDBS: atomically, `desired` takes the place of `expected`. The reply's value is what was there before: if
  /// it is not `expected`, nothing has changed.
  virtual DescriptorReply update(const DescriptorRequest& request, u64 expected, u64 desired) = 0;
};

}  // namespace tw::vmsa
