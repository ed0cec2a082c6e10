// Branch prediction as hardware would have done it. Trace-driven: told the outcome of a branch at once, it says whether
// the core would have fetched the wrong way, and learns. So wrong-path branches leave no trace in it: histories and the
// return stack are as after a perfect repair.
#pragma once

#include <array>
#include <map>

#include "base/types.hpp"
#include "cpu/pipeline/branch/direction.hpp"
#include "cpu/pipeline/branch/tage.hpp"
#include "cpu/pipeline/branch/targets.hpp"
#include "cpu/pipeline/branch_config.hpp"
#include "cpu/pipeline/operands.hpp"
#include "cpu/pipeline/prediction.hpp"

namespace tw::cpu {

// One row a kind: enumerator, name in reports.
#define TW_BRANCH_KINDS(X)         \
  X(Conditional, "conditional")    \
  X(Direct, "direct")              \
  X(Call, "call")                  \
  X(Indirect, "indirect")          \
  X(IndirectCall, "indirect-call") \
  X(Return, "return")

enum class BranchKind : u8 {
#define TW_ENUMERATOR(name, text) name,
  TW_BRANCH_KINDS(TW_ENUMERATOR)
#undef TW_ENUMERATOR
};
inline constexpr std::string_view kBranchKindNames[] = {
#define TW_ROW(name, text) text,
    TW_BRANCH_KINDS(TW_ROW)
#undef TW_ROW
};
#undef TW_BRANCH_KINDS
inline constexpr unsigned kBranchKinds = sizeof(kBranchKindNames) / sizeof(kBranchKindNames[0]);

/// Of an instruction with kOpBranch.
inline BranchKind branch_kind_of(const OpTiming& timing) {
  if (timing.is(kOpConditional)) return BranchKind::Conditional;
  if (timing.is(kOpReturn)) return BranchKind::Return;
  if (timing.is(kOpCall)) return timing.is(kOpIndirect) ? BranchKind::IndirectCall : BranchKind::Call;
  return timing.is(kOpIndirect) ? BranchKind::Indirect : BranchKind::Direct;
}

struct BranchInfo {
  u64 pc;
  u64 target;  ///< where it goes when it is taken (of one that is not taken, only the static predictor looks at it)
  BranchKind kind;
  bool taken;
};

/// Where the core executes.
struct BranchContext {
  El el = El::El1;
  bool secure = false;
  bool guest = false;  ///< stage 2 is in force
  u16 vmid = 0;        ///< of a guest
  u16 asid = 0;
};

struct BranchCounts {
  u64 branches = 0;
  u64 taken = 0;
  u64 wrong_direction = 0;
  u64 wrong_target = 0;
  u64 unknown_target = 0;
  u64 mispredicted() const { return wrong_direction + wrong_target; }
  BranchCounts& operator+=(const BranchCounts& other);
};
using BranchCountsByKind = std::array<BranchCounts, kBranchKinds>;

class BranchPredictor final {
 public:
  /// Throws UserError when `config` does not validate.
  explicit BranchPredictor(const BranchConfig& config);

  Prediction predict_and_train(const BranchInfo& branch) {
    const Prediction result = direction_ == Direction::Perfect ? Prediction::Right : predict(branch);
    ++live_[slot_of(branch.kind, result, branch.taken)];
    return result;
  }

  /// The branches that follow are of this context.
  void set_context(const BranchContext& context);
  /// Forgets all that was learnt; statistics stay.
  void flush();

  /// Of all contexts, by kind, since the predictor was made.
  BranchCountsByKind totals() const;
  /// By context: EL, security state and VMID, whatever is tagged; since restart_statistics().
  struct ContextCounts {
    BranchContext context;  ///< asid is 0
    BranchCountsByKind counts;
  };
  std::vector<ContextCounts> by_context();
  void restart_statistics();

 private:
  enum class Direction : u8 { Perfect, Static, Bimodal, Gshare, Tage };
  enum class Tagging : u8 { None, Security, Vmid, Asid };
  static constexpr u64 kContexts = 4096;

  static constexpr unsigned kSlots = kBranchKinds * 8;
  static unsigned slot_of(BranchKind kind, Prediction prediction, bool taken) {
    return static_cast<unsigned>(kind) << 3 | static_cast<unsigned>(prediction) << 1 | unsigned{taken};
  }

  Prediction predict(const BranchInfo& branch);
  bool predict_direction(const BranchInfo& branch);
  bool predict_target(const BranchInfo& branch, u64 key, const branch::TargetBuffer::Found& last);
  u64 apart(const BranchContext& context) const;
  BranchCountsByKind live() const;
  void bank();

  Direction direction_;
  Tagging tagging_;
  bool flushes_;  ///< at a change of context; else contexts are tagged
  branch::Bimodal bimodal_;
  branch::Gshare gshare_;
  branch::Tage tage_;
  branch::TargetBuffer targets_;
  branch::ReturnStack returns_;
  branch::IndirectPredictor indirect_;

  u64 tagged_ = 0;              ///< what sets the present context apart
  u64 context_ = 0;             ///< its number
  u64 salt_ = 0;                ///< … spread over the bits of an index
  std::map<u64, u64> numbers_;  ///< contexts that have one, while contexts are tagged

  std::array<u64, kSlots> live_{};  ///< of the present context since it is present
  u64 present_ = 0;
  BranchCountsByKind before_{};               ///< of all that was present before
  std::map<u64, BranchCountsByKind> counts_;  ///< the same by packed context
};

}  // namespace tw::cpu
