// Loads and stores of the instruction handlers. The fast path is a tag compare and a host access; everything else
// (translation, alignment, device access, faults) is in memory.cpp.
#pragma once

#include <cstring>
#include <type_traits>

#include "base/bits.hpp"
#include "cpu/cpu.hpp"

namespace tw::cpu {

/// An access at `va` by the present EL, in its regime and with its privilege.
inline vmsa::Access access_of(const Cpu& cpu, vmsa::AccessKind kind, u64 va, bool write) {
  const El el = cpu.pstate.el;
  return {.va = Va{va},
          .kind = kind,
          .read = !write,
          .write = write,
          .privileged = el != El::El0,
          .pan = kind == vmsa::AccessKind::Data && cpu.pstate.pan,
          .regime = el == El::El3   ? vmsa::Regime::El3
                    : el == El::El2 ? vmsa::Regime::El2
                                    : vmsa::Regime::El10,
          .el = el};
}

/// Translates for the present instruction; what that takes is part of what the instruction waits for.
inline vmsa::Translation translate_and_wait(Cpu& cpu, const vmsa::Access& access, const vmsa::Controls& controls) {
  const vmsa::Translation translation =
      cpu.mmu.translate(access, controls, cpu.pipeline.data_now(), cpu.pipeline.data());
  cpu.pipeline.data_done();
  return translation;
}
inline vmsa::Translation translate_and_wait(Cpu& cpu, const vmsa::Access& access) {
  return translate_and_wait(cpu, access, cpu.controls);
}

/// The caches are on, and time passes.
inline bool has_caches(const Cpu& cpu) { return cpu.caches != nullptr && cpu.fidelity == Fidelity::Timed; }
inline Security security_of(const Cpu& cpu) { return cpu.controls.secure ? Security::Secure : Security::NonSecure; }
inline CachePort::Access cache_access_of(const Cpu& cpu, const Op* op, Pa pa, CachePort::Kind kind, unsigned size) {
  const cost::Context context = cpu.ledger.context();
  return {.pa = pa,
          .now = cpu.pipeline.data_now(),
          .pc = pc_of(cpu, op),
          .size = static_cast<u8>(size),
          .kind = kind,
          .security = security_of(cpu),
          .guest = context.guest,
          .vmid = context.vmid};
}

/// How an access differs from a plain one.
struct AccessFlags {
  bool unprivileged = false;  ///< LDTR, STTR
  bool aligned = false;       ///< must be naturally aligned whatever SCTLR.A says: exclusive, acquire/release, atomic
  bool exclusive = false;
  bool write_intent = false;  ///< the read half of an atomic: faults as a write (WnR = 1 when the write would fault)
  bool misaligned = false;    ///< part of a larger access that is not aligned as a whole (128 bits)
};

/// Slow path of all accesses of 1..8 bytes. False: an exception was taken; the handler returns leave_before(cpu, op).
/// The value read is in cpu.scratch[0].
bool load_slow(Cpu& cpu, const Op* op, u64 va, unsigned size, AccessFlags flags);
bool store_slow(Cpu& cpu, const Op* op, u64 va, unsigned size, u64 value, AccessFlags flags);

inline HostEntry& host_entry(Cpu& cpu, u64 va) { return cpu.view->data_entry(va); }

inline HostView& view_of(Cpu& cpu, AccessFlags flags) {
  return flags.unprivileged ? *cpu.unprivileged_view : *cpu.view;
}
inline HostView& known_view_of(Cpu& cpu, AccessFlags flags) {
  return flags.unprivileged ? *cpu.known_unprivileged_view : *cpu.known_view;
}

/// Loads a T (u8..u64) at `va`, little-endian. Unaligned accesses, page crossings, devices: all handled.
template <class T>
[[nodiscard]] inline bool load(Cpu& cpu, const Op* op, u64 va, T& value, AccessFlags flags = {}) {
  static_assert(std::is_unsigned_v<T>);
  const HostEntry& entry = view_of(cpu, flags).data_entry(va);
  // The tag of the last byte's page: a page crossing never matches the entry of the first byte.
  const u64 tag = flags.write_intent ? entry.write_tag : entry.read_tag;
  if (tag == ((va + sizeof(T) - 1) & ~u64{0xFFF}) && (!flags.aligned || va % sizeof(T) == 0)) [[likely]] {
    std::memcpy(&value, reinterpret_cast<const void*>(va + entry.addend), sizeof(T));
    return true;
  }
  if (!load_slow(cpu, op, va, sizeof(T), flags)) return false;
  value = static_cast<T>(cpu.scratch[0]);
  return true;
}

template <class T>
[[nodiscard]] inline bool store(Cpu& cpu, const Op* op, u64 va, T value, AccessFlags flags = {}) {
  static_assert(std::is_unsigned_v<T>);
  const HostEntry& entry = view_of(cpu, flags).data_entry(va);
  if (entry.write_tag == ((va + sizeof(T) - 1) & ~u64{0xFFF}) && (!flags.aligned || va % sizeof(T) == 0)) [[likely]] {
    std::memcpy(reinterpret_cast<void*>(va + entry.addend), &value, sizeof(T));
    return true;
  }
  return store_slow(cpu, op, va, sizeof(T), value, flags);
}

/// Stack-pointer alignment check of a load or store whose base is SP (SCTLR_ELx.SA, SA0). False: exception taken.
[[nodiscard]] bool check_sp_alignment_slow(Cpu& cpu, const Op* op);
[[nodiscard]] inline bool check_sp_alignment(Cpu& cpu, const Op* op) {
  if (op->rn != kSp || (cpu.x[kSp] & 15) == 0) [[likely]]
    return true;
  return check_sp_alignment_slow(cpu, op);
}

/// Writes `size` zeroes (whole doublewords inside one page) at `va`, of which `translation` is the outcome. False:
/// exception taken (an external abort).
[[nodiscard]] bool zero_translated(Cpu& cpu, const Op* op, u64 va, unsigned size, vmsa::Translation translation);

/// PRFM: asks the caches for a line, in timed fidelity; no effect, and no fault, otherwise.
void prefetch(Cpu& cpu, const Op* op, u64 va, bool for_store);

/// Whether memory no longer holds what the exclusive monitor's load saw: another observer has written there, which
/// clears the monitor and is an event for WFE (Arm ARM B2.9.3, D1.6). Free of effects.
[[nodiscard]] bool monitor_is_lost(const Cpu& cpu);

/// Translates without accessing, for DC, IC, AT-like uses and for the exclusive monitor. False: exception taken.
[[nodiscard]] bool translate_for(Cpu& cpu, const Op* op, u64 va, const vmsa::Access& access, vmsa::Translation& out);

}  // namespace tw::cpu
