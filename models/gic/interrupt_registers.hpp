// The register arrays with a field an interrupt, which every GIC version has at the same offsets of a frame: GICD, and
// from GICv3 on the SGI frame of a redistributor.
#pragma once

#include "base/mmio.hpp"
#include "gic/interrupt_states.hpp"

namespace tw::gic {

/// What the rows do for frame `Core`. `View` says which interrupts an access reaches there:
///   InterruptStates& states(Core&)
///   u32 visible(const Core&, const MmioAccess&, unsigned word); bool is_visible(…, u32 intid)
///   bool is_restricted(const Core&, const MmioAccess&): Non-secure, with two Security states
///   kBase: where the arrays begin; kSgisFixed: enable and pending bits of SGIs are read-only
template <class Core, class View>
struct InterruptRegisters {
  using A = MmioAccess;

  static constexpr u32 kBank = 0x80;  ///< bytes of a register array with one bit an interrupt
  static unsigned word(const A& a) { return static_cast<unsigned>(a.offset % kBank / 4); }
  static InterruptStates& states(Core& core) { return View::states(core); }
  static u32 visible(Core& core, const A& a) { return View::visible(core, a, word(a)); }

  /// The bits that a write sets or clears. SGIs are outside where they are fixed, unless `sgis`.
  static u32 chosen(Core& core, const A& a, bool sgis = !View::kSgisFixed) {
    const u32 changeable = word(a) == 0 && !sgis ? ~kSgiBits : ~0u;
    return static_cast<u32>(a.value) & visible(core, a) & changeable;
  }

  static u64 read_group(Core& core, const A& a) {
    return View::is_restricted(core, a) ? 0 : states(core).group_.at(a.cpu, word(a)) & visible(core, a);
  }
  static void write_group(Core& core, const A& a) {
    if (View::is_restricted(core, a)) return;
    u32& groups = states(core).group_.at(a.cpu, word(a));
    groups = (groups & ~visible(core, a)) | (static_cast<u32>(a.value) & visible(core, a));
  }

  static u64 read_enable(Core& core, const A& a) { return states(core).enabled_.at(a.cpu, word(a)) & visible(core, a); }
  static void set_enable(Core& core, const A& a) { states(core).enabled_.at(a.cpu, word(a)) |= chosen(core, a); }
  static void clear_enable(Core& core, const A& a) { states(core).enabled_.at(a.cpu, word(a)) &= ~chosen(core, a); }

  static u64 read_pending(Core& core, const A& a) { return states(core).pending(a.cpu, word(a)) & visible(core, a); }
  static void set_pending(Core& core, const A& a) { states(core).latch_.at(a.cpu, word(a)) |= chosen(core, a); }
  static void clear_pending(Core& core, const A& a) { states(core).latch_.at(a.cpu, word(a)) &= ~chosen(core, a); }

  static u64 read_active(Core& core, const A& a) { return states(core).active_.at(a.cpu, word(a)) & visible(core, a); }
  static void set_active(Core& core, const A& a) {
    InterruptStates& s = states(core);
    const u32 fresh = chosen(core, a, true) & ~s.active_.at(a.cpu, word(a));
    for_each_bit(fresh, [&](unsigned bit) { s.active_on_[word(a) * 32 + bit] = a.cpu; });
    s.active_.at(a.cpu, word(a)) |= fresh;
  }
  static void clear_active(Core& core, const A& a) {
    for_each_bit(chosen(core, a, true), [&](unsigned bit) { states(core).deactivate(a.cpu, word(a) * 32 + bit); });
  }

  /// Applies `byte(intid)` to the bytes of the access; for reads.
  template <class Byte>
  static u64 gather(const A& a, u32 base, Byte byte) {
    u64 value = 0;
    for (unsigned n = 0; n < a.size; ++n) {
      value |= u64{byte(static_cast<u32>(a.offset - base + n))} << 8 * n;
    }
    return value;
  }
  template <class Byte>
  static void scatter(const A& a, u32 base, Byte byte) {
    for (unsigned n = 0; n < a.size; ++n) {
      byte(static_cast<u32>(a.offset - base + n), static_cast<u8>(a.value >> 8 * n));
    }
  }

  /// Non-secure software sees the lower half of the priorities as the whole range (IHI 0048B, software views of
  /// interrupt priority).
  static u64 read_priority(Core& core, const A& a) {
    return gather(a, View::kBase + 0x400, [&](u32 intid) -> u8 {
      if (!View::is_visible(core, a, intid)) return 0;
      const u8 value = states(core).priority(a.cpu, intid);
      return View::is_restricted(core, a) ? static_cast<u8>(value << 1) : value;
    });
  }
  static void write_priority(Core& core, const A& a) {
    InterruptStates& s = states(core);
    scatter(a, View::kBase + 0x400, [&](u32 intid, u8 value) {
      if (!View::is_visible(core, a, intid)) return;
      if (View::is_restricted(core, a)) value = static_cast<u8>(0x80 | value >> 1);
      s.priority(a.cpu, intid) = value & priority_mask_of(static_cast<unsigned>(s.config_.priority_bits));
    });
  }

  /// Two bits an interrupt; the upper one is edge, the lower one is reserved.
  static u32 first_configured(const A& a) { return static_cast<u32>(a.offset - View::kBase - 0xC00) / 4 * 16; }
  static u64 read_config(Core& core, const A& a) {
    u64 value = 0;
    for (u32 n = 0; n < 16; ++n) {
      const u32 intid = first_configured(a) + n;
      if (View::is_visible(core, a, intid) && states(core).edge_.test(a.cpu, intid)) value |= u64{2} << 2 * n;
    }
    return value;
  }
  static void write_config(Core& core, const A& a) {
    for (u32 n = 0; n < 16; ++n) {
      const u32 intid = first_configured(a) + n;
      if (View::is_visible(core, a, intid)) states(core).edge_.set(a.cpu, intid, (a.value >> (2 * n + 1)) & 1);
    }
  }
};

}  // namespace tw::gic
