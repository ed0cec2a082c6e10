// GICC_*, in the order of IHI 0048B, table 4-2.
#include "gic/register_access.hpp"
#include "gic/v2/cpu_interface.hpp"
#include "gic/v2/identification.hpp"

namespace tw::gic::v2 {

/// Without Security Extensions every access is a Full view. With them a Non-secure access has its own view of CTLR,
/// PMR, BPR, RPR, APRn and the ID registers, and the aliases are RAZ/WI for it.
struct CpuInterfaceRegisters {
  using C = CpuInterface;
  using A = MmioAccess;

  static bool restricted(const C& c, const A& a) { return c.security_extensions_ && a.security == Security::NonSecure; }
  static View view(const C& c, const A& a) { return restricted(c, a) ? View::NonSecure : View::Full; }

  static u64 read_ctlr(C& c, const A& a) {
    if (restricted(c, a)) {
      return u64{c.controls_.enable_group1} | u64{c.bypass_disable_} >> 2 << 5 | u64{c.eoi_mode_ns_} << 9;
    }
    return control_bits(c.controls_) | u64{c.bypass_disable_} << 5 | u64{c.eoi_mode_} << 9 | u64{c.eoi_mode_ns_} << 10;
  }
  static void write_ctlr(C& c, const A& a) {
    if (restricted(c, a)) {
      c.controls_.enable_group1 = a.value & 1;
      c.bypass_disable_ = static_cast<u8>((c.bypass_disable_ & 3) | ((a.value >> 5) & 3) << 2);
      c.eoi_mode_ns_ = (a.value >> 9) & 1;
      return;
    }
    set_control_bits(c.controls_, a.value);
    c.bypass_disable_ = static_cast<u8>((a.value >> 5) & 0xF);
    c.eoi_mode_ = (a.value >> 9) & 1;
    if (c.security_extensions_) c.eoi_mode_ns_ = (a.value >> 10) & 1;
  }

  /// Non-secure software sees the lower half of the priorities as the whole range, and nothing of the upper half
  /// (IHI 0048B, software views of interrupt priority).
  static u8 non_secure_priority(u8 priority) { return priority & 0x80 ? static_cast<u8>(priority << 1) : u8{0}; }

  static u64 read_pmr(C& c, const A& a) {
    const u8 mask = c.controls_.priority_mask;
    return restricted(c, a) ? non_secure_priority(mask) : mask;
  }
  static void write_pmr(C& c, const A& a) {
    u8 mask = static_cast<u8>(a.value);
    if (restricted(c, a)) {
      if (!(c.controls_.priority_mask & 0x80)) return;
      mask = static_cast<u8>(0x80 | mask >> 1);
    }
    c.controls_.priority_mask = mask & priority_mask_of(c.priority_bits_);
  }

  /// A Non-secure GICC_BPR is Group 1's; CTLR.CBPR shows Group 0's in Group 1's encoding, read-only.
  static u64 read_bpr(C& c, const A& a) {
    if (!restricted(c, a)) return c.controls_.binary_point0;
    if (!c.controls_.common_binary_point) return c.controls_.binary_point1;
    return std::min(c.controls_.binary_point0 + 1, 7);
  }
  static void write_bpr(C& c, const A& a) {
    if (!restricted(c, a)) {
      c.controls_.binary_point0 = clamp_binary_point(a.value, min_binary_point(c.priority_bits_));
    } else if (!c.controls_.common_binary_point) {
      set_group1_bpr(c, a.value);
    }
  }
  static void set_group1_bpr(C& c, u64 value) {
    c.controls_.binary_point1 = clamp_binary_point(value, min_binary_point(c.priority_bits_) + 1);
  }
  static u64 read_abpr(C& c, const A& a) { return restricted(c, a) ? 0 : c.controls_.binary_point1; }
  static void write_abpr(C& c, const A& a) {
    if (!restricted(c, a)) set_group1_bpr(c, a.value);
  }

  static u64 read_iar(C& c, const A& a) { return c.acknowledge(view(c, a), a.debug); }
  static u64 read_aiar(C& c, const A& a) { return restricted(c, a) ? 0 : c.acknowledge(View::Alias, a.debug); }
  static void write_eoir(C& c, const A& a) { c.end_of_interrupt(view(c, a), restricted(c, a), a.value); }
  static void write_aeoir(C& c, const A& a) {
    if (!restricted(c, a)) c.end_of_interrupt(View::Alias, false, a.value);
  }
  static u64 read_hppir(C& c, const A& a) { return c.highest_pending_id(view(c, a)); }
  static u64 read_ahppir(C& c, const A& a) { return restricted(c, a) ? 0 : c.highest_pending_id(View::Alias); }
  static void write_dir(C& c, const A& a) { c.deactivate(restricted(c, a), a.value); }

  static u64 read_rpr(C& c, const A& a) {
    const u8 running = c.running();
    return restricted(c, a) && running != kIdlePriority ? non_secure_priority(running) : running;
  }

  /// Words of a Non-secure view: the lower half of the priority levels of Group 1, from level 0.
  static u64 read_apr(C& c, const A& a) {
    const unsigned n = static_cast<unsigned>(a.offset - 0xD0) / 4;
    if (!restricted(c, a)) return c.active(Group::Group0).word(n);
    const ActivePriorities& group1 = c.active(Group::Group1);
    const unsigned half = group1.levels() / 2;
    if (half < 32) return n == 0 ? group1.word(0) >> half : 0;
    return n < half / 32 ? group1.word(n + half / 32) : 0;
  }
  static void write_apr(C& c, const A& a) {
    const unsigned n = static_cast<unsigned>(a.offset - 0xD0) / 4;
    const u32 value = static_cast<u32>(a.value);
    if (!restricted(c, a)) {
      c.active(Group::Group0).set_word(n, value);
      return;
    }
    ActivePriorities& group1 = c.active(Group::Group1);
    const unsigned half = group1.levels() / 2;
    if (half >= 32) {
      if (n < half / 32) group1.set_word(n + half / 32, value);
    } else if (n == 0) {
      group1.set_word(0, (group1.word(0) & ((1u << half) - 1)) | value << half);
    }
  }
  static u64 read_nsapr(C& c, const A& a) {
    return restricted(c, a) ? 0 : c.active(Group::Group1).word(static_cast<unsigned>(a.offset - 0xE0) / 4);
  }
  static void write_nsapr(C& c, const A& a) {
    if (restricted(c, a)) return;
    c.active(Group::Group1).set_word(static_cast<unsigned>(a.offset - 0xE0) / 4, static_cast<u32>(a.value));
  }
  static u64 read_iidr(C&, const A&) { return kCpuInterfaceIidr; }

  static constexpr RegisterRow<C> kRows[] = {
      {"GICC_CTLR", 0x0000, 4, kWord, read_ctlr, write_ctlr},
      {"GICC_PMR", 0x0004, 4, kWord, read_pmr, write_pmr},
      {"GICC_BPR", 0x0008, 4, kWord, read_bpr, write_bpr},
      {"GICC_IAR", 0x000C, 4, kWord, read_iar, nullptr},
      {"GICC_EOIR", 0x0010, 4, kWord, nullptr, write_eoir},
      {"GICC_RPR", 0x0014, 4, kWord, read_rpr, nullptr},
      {"GICC_HPPIR", 0x0018, 4, kWord, read_hppir, nullptr},
      {"GICC_ABPR", 0x001C, 4, kWord, read_abpr, write_abpr},
      {"GICC_AIAR", 0x0020, 4, kWord, read_aiar, nullptr},
      {"GICC_AEOIR", 0x0024, 4, kWord, nullptr, write_aeoir},
      {"GICC_AHPPIR", 0x0028, 4, kWord, read_ahppir, nullptr},
      {"GICC_APRn", 0x00D0, 0x10, kWord, read_apr, write_apr},
      {"GICC_NSAPRn", 0x00E0, 0x10, kWord, read_nsapr, write_nsapr},
      {"GICC_IIDR", 0x00FC, 4, kWord, read_iidr, nullptr},
      {"GICC_DIR", 0x1000, 4, kWord, nullptr, write_dir},
  };
};

std::span<const RegisterRow<CpuInterface>> CpuInterface::registers() { return CpuInterfaceRegisters::kRows; }

}  // namespace tw::gic::v2
