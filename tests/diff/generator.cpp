#include "diff/generator.hpp"

#include "base/bits.hpp"

namespace tw::diff {

namespace {

// Encoding classes (Arm ARM C4.1, figures of the top-level groups).
constexpr cpu::Pattern kLoadStoreExclusive = "zz 001000 xxxxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kStoreExclusive = "zz 001000 00xxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kCompareAndSwapPair = "0z 001000 0x1xxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kLoadExclusivePair = "1z 001000 011xxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kLoadLiteral = "zz 011 x 00 xxxxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kLoadStorePair = "zz 101 x 0xx xxxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kLoadPair = "zz 101 x 0xx 1xxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kPairWriteBack = "zz 101 x 0x1 xxxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kLoadStoreSingle = "zz 111 x 0x xxxxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kSingleWriteBack = "zz 111 x 00 xx 0 xxxxxxxxx x1 xxxxxxxxxx";
constexpr cpu::Pattern kAuthenticatedWriteBack = "11 111 0 00 xx 1 xxxxxxxxx 11 xxxxxxxxxx";  // LDRAA, LDRAB
constexpr cpu::Pattern kAcquireUnscaled = "zz 011 0 01 xx 0 xxxxxxxxx 00 xxxxxxxxxx";         // LDAPUR, STLUR
constexpr cpu::Pattern kAtomic = "zz 111 x 00 xx 1 xxxxxxxxx 00 xxxxxxxxxx";
constexpr cpu::Pattern kRegisterOffset = "zz 111 x 00 xx 1 xxxxxxxxx 10 xxxxxxxxxx";
constexpr cpu::Pattern kStructures = "0z 00110 xxxxxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kBranchImmediate = "x00101 xxxxxxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kBranchConditional = "01010100 xxxxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kCompareAndBranch = "x011010x xxxxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kTestAndBranch = "x011011x xxxxxxxxxxxxxxxxxxxxxxxx";
constexpr cpu::Pattern kBranchRegister = "1101011 xxxxxxxxxxxxxxxxxxxxxxxxx";

constexpr u64 kSpread = 0x4000;  // how far from the middle of the data a base may point

/// Replaces the signed field of `width` bits at `lo` by its `kept` low bits, sign-extended.
u32 shorten(u32 insn, unsigned lo, unsigned width, unsigned kept) {
  const u64 shortened = static_cast<u64>(sign_extend(insn >> lo, kept));
  return static_cast<u32>(insert_bits(insn, lo, width, shortened));
}

}  // namespace

Needs needs_of(u32 insn) {
  Needs needs;
  const bool exclusive = kLoadStoreExclusive.matches(insn);
  const bool single = kLoadStoreSingle.matches(insn);
  needs.memory = exclusive || single || kLoadStorePair.matches(insn) || kStructures.matches(insn) ||
                 kAcquireUnscaled.matches(insn);
  needs.aligned = exclusive || kAtomic.matches(insn) || kAcquireUnscaled.matches(insn);
  needs.offset_register = kRegisterOffset.matches(insn);
  needs.indirect_branch = kBranchRegister.matches(insn);
  needs.relative_branch = kBranchImmediate.matches(insn) || kBranchConditional.matches(insn) ||
                          kCompareAndBranch.matches(insn) || kTestAndBranch.matches(insn);
  needs.store_exclusive = kStoreExclusive.matches(insn) && !kCompareAndSwapPair.matches(insn);
  return needs;
}

bool is_unpredictable(u32 insn) {
  const unsigned rt = field_of(insn, 0), rn = field_of(insn, 5), rt2 = field_of(insn, 10), rs = field_of(insn, 16);
  const bool is_pair = (insn >> 21) & 1;
  if (needs_of(insn).store_exclusive) return rs == rt || (rs == rn && rn != 31) || (is_pair && rs == rt2);
  if (kLoadExclusivePair.matches(insn)) return rt == rt2;
  if (kPairWriteBack.matches(insn) && rn != 31 && (rt == rn || rt2 == rn)) return true;
  if (kLoadPair.matches(insn)) return rt == rt2;
  const bool write_back = kSingleWriteBack.matches(insn) || kAuthenticatedWriteBack.matches(insn);
  return write_back && rn != 31 && rt == rn;
}

u32 tame(u32 insn) {
  if (kLoadLiteral.matches(insn)) return shorten(insn, 5, 19, 15);
  if (kBranchImmediate.matches(insn)) return shorten(insn, 0, 26, 15);
  if (kAcquireUnscaled.matches(insn)) return insn & ~u32{7 << 12};  // aligned
  if (kBranchConditional.matches(insn) || kCompareAndBranch.matches(insn)) return shorten(insn, 5, 19, 15);
  return insn;
}

u64 Generator::value() {
  switch (below(10)) {
    case 0:
      return 0;
    case 1:
      return ~u64{0};
    case 2:
      return u64{1} << 63;
    case 3:
      return ~u64{0} >> 1;
    case 4:
      return u64{1} << below(64);
    case 5:
      return (bits() << 32) | (chance(2) ? 0x8000'0000 : 0x7FFF'FFFF);
    case 6:
      return below(256);
    case 7:
      return static_cast<u32>(bits());
    default:
      return bits();
  }
}

State Generator::state(u64 pc) {
  State state;
  for (u64& x : state.x) x = value();
  state.sp = Layout::kDataMiddle;
  state.pc = pc;
  state.nzcv = below(16) << 28;
  return state;
}

u32 Generator::instruction(const cpu::Encoding& row) {
  for (unsigned attempt = 0; attempt < 10'000; ++attempt) {
    const u32 insn = tame(row.pattern.value | (static_cast<u32>(bits()) & ~row.pattern.mask));
    if (!row.pattern.matches(insn) || cpu::find_a64(insn) != &row || is_unpredictable(insn)) continue;
    if (is_divergent(insn)) continue;
    const Needs needs = needs_of(insn);
    if (needs.indirect_branch && field_of(insn, 5) == 31) continue;
    if (needs.offset_register && field_of(insn, 16) == field_of(insn, 5) && field_of(insn, 5) != 31) continue;
    cpu::Op op{};
    op.insn = insn;
    if (row.select(op) != nullptr) return insn;
  }
  return 0;
}

void Generator::prepare(u32 insn, State& state) {
  const Needs needs = needs_of(insn);
  const unsigned rn = field_of(insn, 5), rm = field_of(insn, 16);
  if (needs.indirect_branch && rn != 31) state.x[rn] = Layout::kCode + below(0x1000) * 4;
  if (needs.offset_register && rm != 31) {
    const u64 offset = below(0x1000);
    switch (field_of(insn, 13) & 7) {
      case 2:
        state.x[rm] = bits() << 32 | offset;
        break;  // UXTW
      case 6:
        state.x[rm] = bits() << 32 | static_cast<u32>(chance(2) ? offset : -offset);
        break;  // SXTW
      default:
        state.x[rm] = chance(2) ? offset : -offset;
        break;
    }
  }
  if (!needs.memory) return;
  u64 base = Layout::kDataMiddle - kSpread / 2 + below(kSpread / 16) * 16;
  if (!needs.aligned && rn != 31 && chance(2)) base += below(16);
  (rn == 31 ? state.sp : state.x[rn]) = base;
}

}  // namespace tw::diff
