#include "mmu/contract.hpp"

#include <algorithm>
#include <utility>

#include "base/bits.hpp"

namespace tw::mmu {
namespace {

using vmsa::InvalidateScope;
using vmsa::Regime;

constexpr u64 kPages = u64{1} << 16;  ///< bits of the filter

// Fields of descriptors (Arm ARM D8.3).
constexpr u64 kValid = 1, kTable = 2;
constexpr u64 kOutput = low_mask(48) & ~low_mask(12);
constexpr u64 kMemoryType[] = {0, u64{7} << 2, u64{15} << 2};  // by stage: AttrIndx, MemAttr
constexpr u64 kAp2 = u64{1} << 7, kS2Ap1 = u64{1} << 7, kNotGlobal = u64{1} << 11;
constexpr u64 kDbm = u64{1} << 51, kContiguous = u64{1} << 52;

bool writable(u64 descriptor, unsigned stage) {
  if ((descriptor & kDbm) != 0) return true;
  return stage == 1 ? (descriptor & kAp2) == 0 : (descriptor & kS2Ap1) != 0;
}

/// What may change only by way of an invalid descriptor (Arm ARM D8.14.1). Two read-only pages may hold the same; that
/// is not looked into.
bool needs_break(const WalkedDescriptor& old, u64 now) {
  const u64 differs = old.value ^ now;
  if ((differs & kTable) != 0) return true;
  const u64 output = kOutput & ~low_mask(old.leaf ? old.bits : 12);
  if (!old.leaf) return (differs & output) != 0;
  if ((differs & output) != 0 && (writable(old.value, old.stage) || writable(now, old.stage))) return true;
  if ((differs & (kMemoryType[old.stage] | kContiguous)) != 0) return true;
  return old.stage == 1 && (old.value & kNotGlobal) != 0 && (now & kNotGlobal) == 0;
}

u64 mixed(u64 a, u64 b) { return (a ^ (b + 0x9E3779B97F4A7C15u + (a << 6) + (a >> 2))) * 0xBF58476D1CE4E5B9u; }

u64 regime_of(const Context& context) { return static_cast<u64>(context.regime) << 1 | u64{context.secure}; }
u64 space_of(const Context& context) { return regime_of(context) << 16 | context.vmid.value; }
u64 address_space_of(const Context& context) { return space_of(context) << 16 | context.asid.value; }
Context context_of(const vmsa::Invalidate& what) {
  Context context;
  context.regime = what.regime;
  context.secure = what.secure;
  context.vmid = what.stage2_in_use ? what.vmid : Vmid{};
  context.asid = what.asid;
  return context;
}

/// But for the ASID, which an entry need not mind.
u64 key_of(const Context& context, unsigned stage, unsigned bits, u64 input) {
  return mixed(mixed(space_of(context), u64{stage} << 6 | bits), input >> bits);
}

bool same_space(const WalkedDescriptor& made_of, const Context& context) {
  return space_of(made_of.context) == space_of(context) &&
         (made_of.stage == 2 || made_of.global || made_of.context.asid == context.asid);
}

}  // namespace

Contract::Contract(unsigned cores, std::function<u64(unsigned)> pc_of)
    : pc_of_(std::move(pc_of)), pages_(kPages / 64), cores_(cores) {}

void Contract::clear() { violations_ = {}; }

template <class Visit>
void Contract::at_input(const Context& context, unsigned stage, u64 input, Visit visit) {
  for (u64 sizes = sizes_[stage]; sizes != 0; sizes &= sizes - 1) {
    const unsigned bits = static_cast<unsigned>(__builtin_ctzll(sizes));
    const auto found = by_input_.find(key_of(context, stage, bits, input));
    if (found == by_input_.end()) continue;
    for (const u32 at : found->second) {
      const WalkedDescriptor& made_of = records_[at].made_of;
      if (made_of.stage == stage && made_of.bits == bits && made_of.input >> bits == input >> bits) visit(at);
    }
  }
}

// ---- what is held

Contract::Moment Contract::last_invalidation(const Core& core, const Context& context, unsigned stage,
                                             bool global) const {
  Moment last = core.emptied;
  const auto look = [&](const std::unordered_map<u64, Space>& spaces, u64 key) {
    if (const auto found = spaces.find(key); found != spaces.end()) {
      last = std::max(last, stage == 1 ? found->second.stage1 : found->second.stage2);
    }
  };
  look(core.regimes, regime_of(context));
  look(core.spaces, space_of(context));
  if (stage == 2 || global) return last;
  const auto found = core.address_spaces.find(address_space_of(context));
  return found == core.address_spaces.end() ? last : std::max(last, found->second);
}

bool Contract::may_hold(const Record& record, unsigned core) const {
  const Moment filled = record.filled[core];
  if (filled == 0) return false;
  const WalkedDescriptor& made_of = record.made_of;
  if (filled <= last_invalidation(cores_[core], made_of.context, made_of.stage, made_of.global)) return false;
  if (made_of.stage == 1 || record.halved[core] <= filled) return true;
  // After a TLBI by IPA, one of all of stage 1 takes what combines both stages.
  return record.halved[core] > last_invalidation(cores_[core], made_of.context, 1, true);
}

bool Contract::anyone_may_hold(const Record& record) const {
  for (unsigned core = 0; core < cores_.size(); ++core) {
    if (may_hold(record, core)) return true;
  }
  return false;
}

void Contract::walked(const WalkedDescriptor& descriptor, unsigned core, u64 now) {
  if ((descriptor.value & kValid) == 0) return;
  check_reuse(descriptor, core, now);
  const u64 page = descriptor.address >> 12;
  pages_[hash(page) / 64] |= u64{1} << hash(page) % 64;
  Record* record = nullptr;
  for (const u32 at : by_descriptor_[descriptor.address]) {
    const WalkedDescriptor& known = records_[at].made_of;
    if (known.stage == descriptor.stage && known.input >> known.bits == descriptor.input >> descriptor.bits &&
        known.bits == descriptor.bits && same_space(known, descriptor.context) &&
        known.context.stage2 == descriptor.context.stage2) {
      record = &records_[at];
      break;
    }
  }
  if (record == nullptr) {
    if (records_.size() >= most_records_) compact();
    record = &records_.emplace_back();
    record->filled.resize(cores_.size());
    record->halved.resize(cores_.size());
    record->made_of = descriptor;
    index(static_cast<u32>(records_.size() - 1));
  } else if (record->changed != 0 && record->writer == core) {
    if (record->forgotten > cores_[core].barrier) report(Breach::UseBeforeDsb, descriptor, descriptor.input, core, now);
    record->changed = record->forgotten = 0;  // what it uses from now on is what is there
    tidy();
  }
  record->made_of = descriptor;
  record->memory = descriptor.big_endian ? __builtin_bswap64(descriptor.value) : descriptor.value;
  record->filled[core] = ++moment_;
}

void Contract::index(u32 at) {
  const WalkedDescriptor& made_of = records_[at].made_of;
  by_descriptor_[made_of.address].push_back(at);
  by_input_[key_of(made_of.context, made_of.stage, made_of.bits, made_of.input)].push_back(at);
  sizes_[made_of.stage] |= u64{1} << made_of.bits;
}

/// What nobody holds and nobody has changed is not needed any more.
void Contract::compact() {
  std::vector<Record> kept;
  std::vector<u32> watched;
  for (u32 at = 0; at < records_.size(); ++at) {
    const bool is_watched = std::find(watched_.begin(), watched_.end(), at) != watched_.end();
    if (!is_watched && !anyone_may_hold(records_[at])) continue;
    if (is_watched) watched.push_back(static_cast<u32>(kept.size()));
    kept.push_back(std::move(records_[at]));
  }
  records_ = std::move(kept);
  watched_ = std::move(watched);
  most_records_ = std::max(kFewRecords, 2 * records_.size());
  by_descriptor_.clear();
  by_input_.clear();
  std::fill(pages_.begin(), pages_.end(), 0);
  for (u32 at = 0; at < records_.size(); ++at) {
    index(at);
    const u64 page = records_[at].made_of.address >> 12;
    pages_[hash(page) / 64] |= u64{1} << hash(page) % 64;
  }
}

// ---- stores and barriers

void Contract::written(u64 address, u64 value, unsigned size, unsigned core, u64 now) {
  const auto found = by_descriptor_.find(address & ~u64{7});
  if (found == by_descriptor_.end()) return;
  const unsigned shift = static_cast<unsigned>(address & 7) * 8;
  const u64 mask = low_mask(size * 8) << shift;
  for (const u32 at : found->second) {
    Record& record = records_[at];
    record.memory = (record.memory & ~mask) | ((value << shift) & mask);
    changed(at, record.made_of.big_endian ? __builtin_bswap64(record.memory) : record.memory, core, now);
  }
  tidy();
}

void Contract::changed(u32 at, u64 value, unsigned core, u64 now) {
  Record& record = records_[at];
  if (record.forgotten > cores_[record.writer].barrier) return;  // the DSB behind the TLBI is still to come
  record.changed = record.forgotten = 0;
  if (value == record.made_of.value || !anyone_may_hold(record)) return;
  if ((value & kValid) != 0) {
    if (!needs_break(record.made_of, value)) return;  // permissions and flags: old and new are both right until a TLBI
    report(Breach::BreakBeforeMake, record.made_of, record.made_of.input, core, now);
  }
  record.changed = ++moment_;
  record.writer = core;
  if (std::find(watched_.begin(), watched_.end(), at) != watched_.end()) return;
  if (watched_.size() == kMostWatched) watched_.erase(watched_.begin());
  watched_.push_back(at);
}

/// Keeps the watched records that a use or a TLBI of who changed them may yet be judged by.
void Contract::tidy() {
  std::vector<u64> before(cores_.size());
  for (unsigned core = 0; core < cores_.size(); ++core) before[core] = std::exchange(cores_[core].watched, 0);
  std::erase_if(watched_, [&](u32 at) {
    const Record& record = records_[at];
    const bool waits = record.forgotten > cores_[record.writer].barrier;
    if (record.changed == 0 || !(waits || (record.forgotten == 0 && may_hold(record, record.writer)))) return true;
    ++cores_[record.writer].watched;
    return false;
  });
  for (unsigned core = 0; core < cores_.size(); ++core) {
    const Core& now = cores_[core];
    if (before[core] == 0 && now.watched != 0 && now.listener != nullptr) now.listener->attend();
  }
}

void Contract::data_synchronised(unsigned core) {
  cores_[core].barrier = ++moment_;
  if (attentive(core)) tidy();
}

void Contract::context_synchronised(unsigned core) { cores_[core].synchronised = cores_[core].barrier; }

// ---- invalidations

void Contract::invalidated(const vmsa::Invalidate& what, unsigned core, bool by_this_core, u64 now) {
  if (reach_of(what) == Reach::Address) {
    invalidate_address(what, core, by_this_core, now);
  } else {
    invalidate_space(what, core, by_this_core, now);
  }
  if (!watched_.empty()) tidy();
}

void Contract::invalidate_address(const vmsa::Invalidate& what, unsigned core, bool by_this_core, u64 now) {
  const Context context = context_of(what);
  if (!concerns_leaves(what)) {
    if (!concerns_stage2(what)) return;
    at_input(context, 2, what.ipa.value, [&](u32 at) {
      const WalkedDescriptor& made_of = records_[at].made_of;
      if (made_of.context.vmid == what.vmid && (made_of.leaf || concerns_stage2_tables(what))) {
        records_[at].halved[core] = ++moment_;
      }
    });
    return;
  }
  at_input(context, 1, what.va.value & low_mask(56), [&](u32 at) {
    const WalkedDescriptor& made_of = records_[at].made_of;
    if (!made_of.leaf && !concerns_tables(what)) return;
    if (!matches(what, {made_of.context, made_of.global, made_of.input, made_of.bits})) return;
    forget(at, core, by_this_core, now);
  });
}

void Contract::invalidate_space(const vmsa::Invalidate& what, unsigned core, bool by_this_core, u64 now) {
  std::vector<u32> held;
  for (const u32 at : watched_) {
    if (may_hold(records_[at], core)) held.push_back(at);
  }
  const Moment moment = ++moment_;
  const Context context = context_of(what);
  Core& here = cores_[core];
  const bool whole_regime = what.scope == InvalidateScope::All || what.regime != Regime::El10 || !what.stage2_in_use;
  if (what.scope == InvalidateScope::AsidAll && what.regime == Regime::El10) {
    here.address_spaces[address_space_of(context)] = moment;
  } else {
    Space& space = whole_regime ? here.regimes[regime_of(context)] : here.spaces[space_of(context)];
    space.stage1 = moment;
    if (concerns_stage2(what)) space.stage2 = moment;
  }
  for (const u32 at : held) {
    if (!may_hold(records_[at], core)) forget(at, core, by_this_core, now);
  }
}

void Contract::forget(u32 at, unsigned core, bool by_this_core, u64 now) {
  Record& record = records_[at];
  record.filled[core] = 0;
  if (!by_this_core || record.writer != core || record.changed == 0 || record.forgotten != 0) return;
  if (cores_[core].barrier < record.changed) {
    report(Breach::TlbiBeforeDsb, record.made_of, record.made_of.input, core, now);
  }
  record.forgotten = ++moment_;
}

void Contract::emptied(unsigned core) {
  cores_[core].emptied = ++moment_;
  if (!watched_.empty()) tidy();
}

// ---- uses

void Contract::used_slow(const Context& context, Va va, Ipa ipa, unsigned core, u64 now) {
  bool settled = false;
  if (context.stage1) {
    at_input(context, 1, va.value & low_mask(56),
             [&](u32 at) { settled |= judge_use(at, context, va.value, core, now); });
  }
  if (context.stage2) {
    at_input(context, 2, ipa.value, [&](u32 at) { settled |= judge_use(at, context, ipa.value, core, now); });
  }
  if (settled) tidy();
}

bool Contract::judge_use(u32 at, const Context& context, u64 address, unsigned core, u64 now) {
  Record& record = records_[at];
  if (record.changed == 0 || record.writer != core || !same_space(record.made_of, context)) return false;
  if (record.forgotten != 0) {
    if (record.forgotten < cores_[core].barrier) return false;
    report(Breach::UseBeforeDsb, record.made_of, address, core, now);
  } else {
    if (!may_hold(record, core) || cores_[core].synchronised < record.changed) return false;
    report(Breach::StaleTranslation, record.made_of, address, core, now);
  }
  record.changed = record.forgotten = 0;  // once a change
  return true;
}

/// A VMID with the tables of another VM, an ASID with those of another address space. An ASID is judged by what is not
/// global in the lower half.
void Contract::check_reuse(const WalkedDescriptor& descriptor, unsigned core, u64 now) {
  const Context& context = descriptor.context;
  const bool by_asid = descriptor.stage == 1;
  if (by_asid &&
      (context.regime != Regime::El10 || !descriptor.leaf || descriptor.global || (descriptor.input >> 55) != 0)) {
    return;
  }
  const u64 key = mixed(by_asid ? address_space_of(context) : space_of(context), descriptor.stage);
  Root& root = cores_[core].roots[key];
  if (root.walked != 0 && root.base != descriptor.root &&
      root.walked > last_invalidation(cores_[core], context, descriptor.stage, false)) {
    report(by_asid ? Breach::AsidReuse : Breach::VmidReuse, descriptor, descriptor.input, core, now);
  }
  root = {descriptor.root, ++moment_};
}

void Contract::report(Breach kind, const WalkedDescriptor& descriptor, u64 address, unsigned core, u64 now) {
  Violation& violation = violations_[static_cast<unsigned>(kind)];
  if (violation.count++ != 0) return;
  violation.core = core;
  violation.now = now;
  violation.pc = pc_of_ ? pc_of_(core) : 0;
  violation.address = address;
  violation.descriptor = descriptor.address;
  violation.stage = descriptor.stage;
  violation.context = descriptor.context;
}

}  // namespace tw::mmu
