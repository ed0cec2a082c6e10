// The context that a cached translation belongs to, and how a TLBI matches it (Arm ARM D8.13).
#pragma once

#include "vmsa/fields.hpp"
#include "vmsa/tlb/statistics.hpp"
#include "vmsa/translation.hpp"

namespace tw::vmsa {

/// Everything but the address that decides whether an entry translates an access. `stage1` and `stage2` say which
/// stages were in force; they are part of the tag, so that switching a stage off needs no TLBI.
struct Context {
  Regime regime = Regime::El10;
  bool secure = false;
  bool stage1 = true;
  bool stage2 = false;
  Vmid vmid{};               ///< EL1&0 in Non-secure state, stage 2 on or off
  Asid asid{};               ///< EL1&0
  bool private_set = false;  ///< CD.ASET: an ASID of the SMMU alone; global entries serve their own set
  bool operator==(const Context&) const = default;
};

inline Context context_of(const Controls& controls, Regime regime) {
  Context context;
  context.regime = regime;
  context.secure = regime == Regime::El3 || (regime == Regime::El10 && controls.secure);
  context.stage1 = stage1_enabled(controls, regime);
  if (regime == Regime::El10) {
    context.stage2 = stage2_in_force(controls, regime);
    context.vmid = current_vmid(controls);
  }
  if (has_two_ranges(regime)) context.asid = current_asid(controls, regime);
  return context;
}

/// What an entry holds.
enum class Kind : u8 { Leaf, Stage1Table, Stage2Leaf, Stage2Table };

/// A Context and a Kind in a word, with a mark of entries that serve every ASID: what a look-up compares.
class ContextWord final {
 public:
  ContextWord() = default;
  ContextWord(const Context& context, bool global, Kind kind = Kind::Leaf)
      : word_(u64{context.asid.value} | u64{context.vmid.value} << kVmid | static_cast<u64>(context.regime) << kRegime |
              u64{context.secure} << kSecure | u64{context.stage1} << kStage1 | u64{context.stage2} << kStage2 |
              static_cast<u64>(kind) << kKind | u64{context.private_set} << kSet | u64{global} << kGlobal) {}
  /// Of an entry of stage 2 alone.
  static ContextWord of_stage2(Vmid vmid, Kind kind) {
    Context context;
    context.stage1 = false;
    context.stage2 = true;
    context.vmid = vmid;
    return {context, false, kind};
  }
  /// An entry made in this context serves an access in `present`.
  bool serves(ContextWord present) const {
    return ((word_ ^ present.word_) & (global() ? ~(bit(kGlobal) | kAsidMask) : ~u64{0})) == 0;
  }
  bool global() const { return (word_ & bit(kGlobal)) != 0; }
  ContextWord without_global() const { return ContextWord(word_ & ~bit(kGlobal)); }
  ContextWord with_global(bool global) const { return ContextWord((word_ & ~bit(kGlobal)) | u64{global} << kGlobal); }
  /// The same context's, of an entry that holds something else.
  ContextWord of_kind(Kind kind) const {
    return ContextWord((word_ & ~(u64{3} << kKind)) | static_cast<u64>(kind) << kKind);
  }
  bool operator==(const ContextWord&) const = default;
  Kind kind() const { return static_cast<Kind>((word_ >> kKind) & 3); }
  u64 word() const { return word_; }
  Regime regime() const { return static_cast<Regime>((word_ >> kRegime) & 3); }
  Vmid vmid() const { return Vmid{static_cast<u16>(word_ >> kVmid)}; }
  bool is_of_guest() const { return (word_ & bit(kStage2)) != 0; }
  Owner owner() const { return is_of_guest() ? Owner{true, vmid()} : Owner{}; }
  /// What owner() is read off, the same for the same owner.
  ContextWord of_owner() const {
    return is_of_guest() ? ContextWord(word_ & (bit(kStage2) | u64{0xFFFF} << kVmid)) : ContextWord();
  }
  Context context() const {
    return {.regime = regime(),
            .secure = (word_ & bit(kSecure)) != 0,
            .stage1 = (word_ & bit(kStage1)) != 0,
            .stage2 = (word_ & bit(kStage2)) != 0,
            .vmid = vmid(),
            .asid = Asid{static_cast<u16>(word_)},
            .private_set = (word_ & bit(kSet)) != 0};
  }

 private:
  static constexpr unsigned kVmid = 16, kRegime = 32, kSecure = 34, kStage1 = 35, kStage2 = 36, kKind = 37, kSet = 39,
                            kGlobal = 63;
  static constexpr u64 kAsidMask = 0xFFFF;
  static constexpr u64 bit(unsigned at) { return u64{1} << at; }
  explicit ContextWord(u64 word) : word_(word) {}
  u64 word_ = 0;
};

/// How an invalidation looks at a stage-1 or combined entry: leaf or table pointer, with the VA range that goes with
/// it.
struct Target {
  Context context;
  bool global;  ///< false for table pointers: they always belong to an ASID
  u64 va;
  u8 va_bits;  ///< of the whole stage-1 page or block, also when the entry holds a part of it
};

/// `what` is about structures of this kind at all; the matches below assume it.
bool concerns_leaves(const Invalidate& what);
bool concerns_tables(const Invalidate& what);
bool concerns_stage2(const Invalidate& what);
/// Pointers to stage-2 tables.
bool concerns_stage2_tables(const Invalidate& what);

/// How much an invalidation has to look at: one address, all of an address space or a VMID, all.
enum class Reach : u8 { Address, Space, Everything };
Reach reach_of(const Invalidate& what);

bool matches(const Invalidate& what, const Target& target);
/// The same for a stage-2 entry.
bool matches_stage2(const Invalidate& what, Vmid vmid, Ipa ipa, u8 ipa_bits);

}  // namespace tw::vmsa
