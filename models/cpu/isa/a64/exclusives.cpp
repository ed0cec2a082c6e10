// Load and store exclusive, load-acquire and store-release (Arm ARM C4.1 "Load/store exclusive", "LDAPR").
//
// One host thread executes all cores, so every access is sequentially consistent already: acquire and release change
// only the alignment rule. The monitor is in Cpu::monitor: STXR succeeds when it names the address and size of the last
// LDXR and memory still holds what that saw.
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/loads_stores_access.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

constexpr AccessFlags kExclusive{.aligned = true, .exclusive = true};
constexpr AccessFlags kOrdered{.aligned = true};

// Op fields: rd = Rt, ra = Rt2, rm = Rs (the status register, a destination).

template <class Memory>
const Op* load_exclusive(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  const u64 va = cpu.x[op->rn];
  Memory value;
  if (!load<Memory>(cpu, op, va, value, kExclusive)) return leave_before(cpu, op);
  cpu.monitor = {.valid = true, .size = sizeof(Memory), .va = va, .pa = 0, .value = {value, 0}};
  cpu.x[op->rd] = value;
  return op + 1;
}

/// Two W registers are one 64-bit access; two X registers two, aligned to 16 bytes together.
template <class Memory>
const Op* load_exclusive_pair(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  const u64 va = cpu.x[op->rn];
  u64 low, high = 0;
  if constexpr (sizeof(Memory) == 8) {
    if (!check_alignment(cpu, op, va, 16, false) || !load<u64>(cpu, op, va, low, kExclusive) ||
        !load<u64>(cpu, op, va + 8, high, kExclusive)) {
      return leave_before(cpu, op);
    }
    cpu.x[op->rd] = low;
    cpu.x[op->ra] = high;
  } else {
    if (!load<u64>(cpu, op, va, low, kExclusive)) return leave_before(cpu, op);
    cpu.x[op->rd] = static_cast<u32>(low);
    cpu.x[op->ra] = low >> 32;
  }
  cpu.monitor = {.valid = true, .size = 2 * sizeof(Memory), .va = va, .pa = 0, .value = {low, high}};
  return op + 1;
}

/// The store half: whether the monitor passes, and the new value written if so. `parts` 64-bit (or narrower) elements
/// of type T make the access. False: an exception was taken.
template <class T, unsigned parts>
bool store_if_monitored(Cpu& cpu, const Op* op, u64 va, const T (&value)[parts], bool& passed) {
  constexpr unsigned size = sizeof(T) * parts;
  passed = false;
  // The alignment rule comes before the monitor (AArch64.ExclusiveMonitorsPass).
  if (!check_alignment(cpu, op, va, size, true)) return false;
  if (cpu.monitor.valid && cpu.monitor.va == va && cpu.monitor.size == size) {
    passed = true;
    for (unsigned i = 0; i < parts; ++i) {
      T now;
      if (!load_for_update<T>(cpu, op, va + i * sizeof(T), now, kExclusive)) return false;
      passed = passed && now == static_cast<T>(cpu.monitor.value[i]);
    }
    for (unsigned i = 0; passed && i < parts; ++i) {
      if (!store<T>(cpu, op, va + i * sizeof(T), value[i], kExclusive)) return false;
    }
  }
  cpu.monitor.valid = false;
  return true;
}

template <class Memory>
const Op* store_exclusive(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  const Memory value[1] = {static_cast<Memory>(cpu.x[op->rd])};
  bool passed;
  if (!store_if_monitored(cpu, op, cpu.x[op->rn], value, passed)) return leave_before(cpu, op);
  cpu.x[op->rm] = passed ? 0 : 1;
  return op + 1;
}

template <class Memory>
const Op* store_exclusive_pair(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  const u64 va = cpu.x[op->rn];
  const u64 low = cpu.x[op->rd], high = cpu.x[op->ra];
  bool passed, done;
  if constexpr (sizeof(Memory) == 8) {
    const u64 value[2] = {low, high};
    done = store_if_monitored(cpu, op, va, value, passed);
  } else {
    const u64 value[1] = {(low & 0xFFFF'FFFF) | high << 32};
    done = store_if_monitored(cpu, op, va, value, passed);
  }
  if (!done) return leave_before(cpu, op);
  cpu.x[op->rm] = passed ? 0 : 1;
  return op + 1;
}

/// op->imm: the offset, 0 but for LDAPUR and STLUR. `Result`: what a sign-extending load extends to.
template <class Memory, class Result = Memory>
const Op* load_acquire(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  Memory value;
  if (!load<Memory>(cpu, op, cpu.x[op->rn] + op->imm, value, kOrdered)) return leave_before(cpu, op);
  const Result extended =
      static_cast<std::conditional_t<std::is_signed_v<Result>, std::make_signed_t<Memory>, Memory>>(value);
  cpu.x[op->rd] = static_cast<std::make_unsigned_t<Result>>(extended);
  return op + 1;
}

template <class Memory>
const Op* store_release(Cpu& cpu, const Op* op) {
  if (!check_sp_alignment(cpu, op)) return leave_before(cpu, op);
  const Memory value = static_cast<Memory>(cpu.x[op->rd]);
  if (!store<Memory>(cpu, op, cpu.x[op->rn] + op->imm, value, kOrdered)) return leave_before(cpu, op);
  return op + 1;
}

// ---- decoding

void load_fields(Op& op) {
  op.rd = target(field_rd(op));
  op.rn = source_or_sp(field_rn(op));
  op.ra = target(field_ra(op));
}
void store_fields(Op& op) {
  op.rd = source(field_rd(op));
  op.rn = source_or_sp(field_rn(op));
  op.ra = source(field_ra(op));
  op.rm = target(field_rm(op));
}

template <class Memory>
Handler ldxr(Op& op) {
  load_fields(op);
  return load_exclusive<Memory>;
}
template <class Memory>
Handler stxr(Op& op) {
  store_fields(op);
  return store_exclusive<Memory>;
}
template <class Memory>
Handler ldar(Op& op) {
  load_fields(op);
  return load_acquire<Memory>;
}
template <class Memory>
Handler stlr(Op& op) {
  store_fields(op);
  return store_release<Memory>;
}
Handler ldxr_word(Op& op) { return bit<30>(op.insn) ? ldxr<u64>(op) : ldxr<u32>(op); }
Handler stxr_word(Op& op) { return bit<30>(op.insn) ? stxr<u64>(op) : stxr<u32>(op); }
Handler ldar_word(Op& op) { return bit<30>(op.insn) ? ldar<u64>(op) : ldar<u32>(op); }
Handler stlr_word(Op& op) { return bit<30>(op.insn) ? stlr<u64>(op) : stlr<u32>(op); }
Handler ldxp(Op& op) {
  load_fields(op);
  return bit<30>(op.insn) ? load_exclusive_pair<u64> : load_exclusive_pair<u32>;
}
Handler stxp(Op& op) {
  store_fields(op);
  return bit<30>(op.insn) ? store_exclusive_pair<u64> : store_exclusive_pair<u32>;
}

/// LDAPUR, STLUR.
template <Handler handler, bool store>
Handler unscaled(Op& op) {
  store ? store_fields(op) : load_fields(op);
  op.imm = static_cast<u64>(sign_extend(bits<20, 12>(op.insn), 9));
  return handler;
}
template <class Memory, class Result = Memory>
constexpr auto ldapur = unscaled<load_acquire<Memory, Result>, false>;
template <class Memory>
constexpr auto stlur = unscaled<store_release<Memory>, true>;
/// 64-bit with opc<0> clear, else 32-bit.
template <class Memory>
Handler ldapurs(Op& op) {
  return bit<22>(op.insn) ? ldapur<Memory, i32>(op) : ldapur<Memory, i64>(op);
}

// Byte, halfword, and word or doubleword of one name. `code` is o2 L o1 of the encoding; Rs and Rt2, where unused,
// are (1)(1)(1)(1)(1): their value is ignored.
#define TW_SIZES(code, o0, name, select, feature)                                                            \
  {name "B", "00 001000" code "sssss" o0 "uuuuu nnnnn ttttt", Cause::Exclusive, select<u8>, feature},        \
      {name "H", "01 001000" code "sssss" o0 "uuuuu nnnnn ttttt", Cause::Exclusive, select<u16>, feature}, { \
    name, "1s 001000" code "sssss" o0 "uuuuu nnnnn ttttt", Cause::Exclusive, select##_word, feature          \
  }

constexpr Encoding kRows[] = {
    TW_SIZES("000", "0", "STXR", stxr, Feature::Base),
    TW_SIZES("000", "1", "STLXR", stxr, Feature::Base),
    TW_SIZES("010", "0", "LDXR", ldxr, Feature::Base),
    TW_SIZES("010", "1", "LDAXR", ldxr, Feature::Base),
    {"STXP", "1s 001000 001 sssss 0 uuuuu nnnnn ttttt", Cause::Exclusive, stxp},
    {"STLXP", "1s 001000 001 sssss 1 uuuuu nnnnn ttttt", Cause::Exclusive, stxp},
    {"LDXP", "1s 001000 011 sssss 0 uuuuu nnnnn ttttt", Cause::Exclusive, ldxp},
    {"LDAXP", "1s 001000 011 sssss 1 uuuuu nnnnn ttttt", Cause::Exclusive, ldxp},
    TW_SIZES("100", "0", "STLLR", stlr, Feature::Lor),
    TW_SIZES("100", "1", "STLR", stlr, Feature::Base),
    TW_SIZES("110", "0", "LDLAR", ldar, Feature::Lor),
    TW_SIZES("110", "1", "LDAR", ldar, Feature::Base),
    // ---- Armv8.3 RCpc
    {"LDAPRB", "00 111 0 00 1 0 1 11111 1 100 00 nnnnn ttttt", Cause::Exclusive, ldar<u8>, Feature::Rcpc},
    {"LDAPRH", "01 111 0 00 1 0 1 11111 1 100 00 nnnnn ttttt", Cause::Exclusive, ldar<u16>, Feature::Rcpc},
    {"LDAPR", "1s 111 0 00 1 0 1 11111 1 100 00 nnnnn ttttt", Cause::Exclusive, ldar_word, Feature::Rcpc},
    // ---- … with an offset (FEAT_LRCPC2)
    {"STLURB", "00 011001 00 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, stlur<u8>, Feature::Rcpc2},
    {"STLURH", "01 011001 00 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, stlur<u16>, Feature::Rcpc2},
    {"STLUR (32-bit)", "10 011001 00 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, stlur<u32>, Feature::Rcpc2},
    {"STLUR (64-bit)", "11 011001 00 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, stlur<u64>, Feature::Rcpc2},
    {"LDAPURB", "00 011001 01 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, ldapur<u8>, Feature::Rcpc2},
    {"LDAPURH", "01 011001 01 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, ldapur<u16>, Feature::Rcpc2},
    {"LDAPUR (32-bit)", "10 011001 01 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, ldapur<u32>, Feature::Rcpc2},
    {"LDAPUR (64-bit)", "11 011001 01 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, ldapur<u64>, Feature::Rcpc2},
    {"LDAPURSB", "00 011001 1w 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, ldapurs<u8>, Feature::Rcpc2},
    {"LDAPURSH", "01 011001 1w 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, ldapurs<u16>, Feature::Rcpc2},
    {"LDAPURSW", "10 011001 10 0 iiiiiiiii 00 nnnnn ttttt", Cause::Exclusive, ldapur<u32, i64>, Feature::Rcpc2},
};
#undef TW_SIZES

}  // namespace

std::span<const Encoding> exclusives_encodings() { return kRows; }

}  // namespace tw::cpu::a64
