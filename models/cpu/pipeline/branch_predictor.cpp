#include "cpu/pipeline/branch_predictor.hpp"

#include <iterator>
#include <utility>

namespace tw::cpu {

namespace {

/// The number of the choice that `text` is, in the order of the row's choices.
template <class Enum>
Enum choice(std::string_view key, std::string_view text) {
  for (const ParameterRow<BranchConfig>& row : kBranchParameters) {
    if (row.key != key) continue;
    unsigned number = 0;
    for (std::string_view rest = row.choices;; ++number) {
      const std::size_t bar = rest.find('|');
      if (rest.substr(0, bar) == text) return static_cast<Enum>(number);
      if (bar == std::string_view::npos) break;
      rest.remove_prefix(bar + 1);
    }
  }
  throw UserError(Complaint{std::string(key), "no such choice: " + std::string(text)});
}

const BranchConfig& validated(const BranchConfig& config) {
  if (std::vector<Complaint> complaints = validate(config); !complaints.empty()) throw UserError(std::move(complaints));
  return config;
}

/// EL, security state and guest: what statistics are kept by.
u64 packed(const BranchContext& context) {
  return u64{context.guest ? context.vmid : u16{0}} | u64{context.guest} << 16 | u64{context.secure} << 17 |
         u64{index(context.el)} << 18;
}
BranchContext unpacked(u64 value) {
  return {.el = static_cast<El>(value >> 18 & 3),
          .secure = (value >> 17 & 1) != 0,
          .guest = (value >> 16 & 1) != 0,
          .vmid = static_cast<u16>(value)};
}

}  // namespace

BranchCounts& BranchCounts::operator+=(const BranchCounts& other) {
  branches += other.branches;
  taken += other.taken;
  wrong_direction += other.wrong_direction;
  wrong_target += other.wrong_target;
  unknown_target += other.unknown_target;
  return *this;
}

BranchPredictor::BranchPredictor(const BranchConfig& config)
    : direction_(choice<Direction>("core.branch.predictor", validated(config).predictor)),
      tagging_(choice<Tagging>("core.branch.tagging", config.tagging)),
      flushes_(config.isolation == "flushed"),
      bimodal_(direction_ == Direction::Bimodal ? config.table_entries : 1),
      gshare_(direction_ == Direction::Gshare ? config.table_entries : 1, config.history),
      tage_({.base_entries = direction_ == Direction::Tage ? config.table_entries : 1,
             .tables = config.tage_tables,
             .entries = direction_ == Direction::Tage ? config.tage_entries : 2,
             .tag_bits = config.tage_tag_bits,
             .shortest = config.tage_shortest,
             .longest = config.tage_longest,
             .period = config.tage_period}),
      targets_(config.btb_sets, config.btb_ways),
      returns_(config.return_stack),
      indirect_(config.indirect_entries, config.indirect_history) {
  tagged_ = apart({});
  present_ = packed({});
  numbers_[tagged_] = 0;
}

bool BranchPredictor::predict_direction(const BranchInfo& branch) {
  switch (direction_) {
    case Direction::Bimodal:
      return bimodal_.train(branch.pc, salt_, branch.taken);
    case Direction::Gshare:
      return gshare_.train(branch.pc, salt_, branch.taken);
    case Direction::Tage:
      return tage_.train(branch.pc, salt_, branch.taken);
    default:
      return branch.target <= branch.pc;
  }
}

/// Of a return or an indirect branch: whether the right target was predicted. Without a predictor of its own, it is
/// where the branch went last.
bool BranchPredictor::predict_target(const BranchInfo& branch, u64 key, const branch::TargetBuffer::Found& last) {
  if (branch.kind == BranchKind::Return && returns_.exists()) return returns_.pop(branch.target, context_);
  const branch::IndirectPredictor::Found found = indirect_.train(key, branch.target);
  if (found.hit) return found.target == branch.target;
  return last.hit && last.target == branch.target;
}

Prediction BranchPredictor::predict(const BranchInfo& branch) {
  bool expected = true;
  if (branch.kind == BranchKind::Conditional) {
    expected = predict_direction(branch);
    if (!branch.taken) return expected ? Prediction::WrongDirection : Prediction::Right;
  }
  const u64 key = branch::key_of(branch.pc, context_);
  const branch::TargetBuffer::Found found = targets_.access(key, branch.target);
  const Prediction if_right =
      found.hit && found.target == branch.target ? Prediction::Right : Prediction::UnknownTarget;
  switch (branch.kind) {
    case BranchKind::Conditional:
      return expected ? if_right : Prediction::WrongDirection;
    case BranchKind::Call:
      returns_.push(branch.pc + 4, context_);
      return if_right;
    case BranchKind::Direct:
      return if_right;
    default:
      break;
  }
  const bool right = predict_target(branch, key, found);
  if (branch.kind == BranchKind::IndirectCall) returns_.push(branch.pc + 4, context_);
  if (!right) return Prediction::WrongTarget;
  return found.hit ? Prediction::Right : Prediction::UnknownTarget;
}

u64 BranchPredictor::apart(const BranchContext& context) const {
  switch (tagging_) {
    case Tagging::None:
      return 0;
    case Tagging::Security:
      return context.secure;
    case Tagging::Vmid: {
      // Monitor, hypervisor, a guest or what runs without stage 2.
      BranchContext coarse = context;
      if (coarse.el == El::El0) coarse.el = El::El1;
      return packed(coarse);
    }
    case Tagging::Asid:
      return packed(context) | u64{context.el < El::El2 ? context.asid : u16{0}} << 20;
  }
  return 0;
}

void BranchPredictor::set_context(const BranchContext& context) {
  const u64 now = packed(context);
  if (now != present_) bank();
  present_ = now;
  const u64 tagged = apart(context);
  if (tagged == tagged_) return;
  tagged_ = tagged;
  if (flushes_) return flush();
  // Numbers are given in order of appearance; when they run out, all is forgotten, as with a kernel's ASIDs.
  if (numbers_.size() == kContexts && !numbers_.contains(tagged)) {
    numbers_.clear();
    flush();
  }
  context_ = numbers_.try_emplace(tagged, numbers_.size()).first->second;
  salt_ = context_ * 0x9E37'79B9 >> 8;
}

void BranchPredictor::flush() {
  bimodal_.flush();
  gshare_.flush();
  tage_.flush();
  targets_.flush();
  returns_.flush();
  indirect_.flush();
}

BranchCountsByKind BranchPredictor::live() const {
  BranchCountsByKind result;
  for (unsigned slot = 0; slot < kSlots; ++slot) {
    BranchCounts& counts = result[slot >> 3];
    counts.branches += live_[slot];
    if ((slot & 1) != 0) counts.taken += live_[slot];
    switch (static_cast<Prediction>(slot >> 1 & 3)) {
      case Prediction::Right:
        break;
      case Prediction::UnknownTarget:
        counts.unknown_target += live_[slot];
        break;
      case Prediction::WrongDirection:
        counts.wrong_direction += live_[slot];
        break;
      case Prediction::WrongTarget:
        counts.wrong_target += live_[slot];
        break;
    }
  }
  return result;
}

/// Puts the present context's counts away.
void BranchPredictor::bank() {
  const BranchCountsByKind fresh = live();
  u64 any = 0;
  for (const BranchCounts& counts : fresh) any |= counts.branches;
  if (any == 0) return;
  BranchCountsByKind& into = counts_[present_];
  for (unsigned kind = 0; kind < kBranchKinds; ++kind) {
    into[kind] += fresh[kind];
    before_[kind] += fresh[kind];
  }
  live_ = {};
}

BranchCountsByKind BranchPredictor::totals() const {
  BranchCountsByKind sum = live();
  for (unsigned kind = 0; kind < kBranchKinds; ++kind) sum[kind] += before_[kind];
  return sum;
}

std::vector<BranchPredictor::ContextCounts> BranchPredictor::by_context() {
  bank();
  std::vector<ContextCounts> result;
  for (const auto& [context, counts] : counts_) result.push_back({unpacked(context), counts});
  return result;
}

void BranchPredictor::restart_statistics() {
  bank();
  counts_.clear();
}

}  // namespace tw::cpu
