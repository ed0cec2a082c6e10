// The two-stage walker: VMSAv8-64 stage 1 of any regime, stage 2, and both nested, over one descent (descent.hpp).
// It holds no state between calls and caches nothing; TLBs are the business of the caller, through Mapping and
// WalkAssist. Used by the MMU of a core, and by the SMMU with the Controls of a stream.
#pragma once

#include "cost/latency.hpp"
#include "cost/spans.hpp"
#include "vmsa/descriptor_port.hpp"
#include "vmsa/mapping.hpp"
#include "vmsa/walk_assist.hpp"

namespace tw::vmsa {

struct WalkOptions {
  WalkAssist* assist = nullptr;
  cost::WalkRecord* record = nullptr;  ///< each fetch is appended; key (but for its context), va, fault, cycles are set
  bool timed = true;                   ///< handed to the port
  cost::Latency* latency = nullptr;    ///< each fetch is added; whoever asked began to wait at `begun`
  u64 begun = 0;
  bool updates = true;  ///< false: hardware updates (FEAT_HAFDBS) are taken as done, memory stays
};

/// `mapping` is complete, and may be kept in a TLB, when translation.ok(): faulting translations leave nothing behind.
struct WalkResult {
  Translation translation;
  Mapping mapping;
};

struct Stage2Result {
  Fault fault;
  Stage2Leaf leaf;
};

class Walker final {
 public:
  explicit Walker(DescriptorPort& port) : port_(port) {}

  /// The whole translation of `access`: the stages that its regime and `controls` have in force.
  WalkResult translate(const Access& access, const Controls& controls, const WalkOptions& options = {}) const {
    WalkResult result;
    translate(access, controls, options, result.translation, result.mapping);
    return result;
  }
  /// The same, into a `translation` and a `mapping` that are new.
  void translate(const Access& access, const Controls& controls, const WalkOptions& options, Translation& translation,
                 Mapping& mapping) const;
  /// The same, given the stage-1 leaf (of a TLB that holds the stages apart) in `mapping`.
  void complete(const Access& access, const Controls& controls, const WalkOptions& options, Translation& translation,
                Mapping& mapping) const;
  /// Stage 2 alone: the leaf that maps `ipa`, and `access` checked against it. `access.va` is only reported.
  Stage2Result translate_ipa(Ipa ipa, const Access& access, const Controls& controls,
                             const WalkOptions& options = {}) const;

 private:
  DescriptorPort& port_;
};

}  // namespace tw::vmsa
