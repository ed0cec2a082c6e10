// GICV_*, in the order of IHI 0048B, table 5-12. The guest sees a GICC without Security Extensions.
#include "gic/register_access.hpp"
#include "gic/v2/identification.hpp"
#include "gic/v2/virtual_interface.hpp"

namespace tw::gic::v2 {

struct VirtualCpuRegisters {
  using V = VirtualInterface;
  using A = MmioAccess;
  static constexpr unsigned kMinBinaryPoint = min_binary_point(kVirtualPriorityBits);

  static u64 read_ctlr(V& v, const A&) { return control_bits(v.controls_) | u64{v.eoi_mode_} << 9; }
  static void write_ctlr(V& v, const A& a) {
    set_control_bits(v.controls_, a.value);
    v.eoi_mode_ = (a.value >> 9) & 1;
  }
  static u64 read_pmr(V& v, const A&) { return v.controls_.priority_mask; }
  static void write_pmr(V& v, const A& a) {
    v.controls_.priority_mask = static_cast<u8>(a.value) & priority_mask_of(kVirtualPriorityBits);
  }
  static u64 read_bpr(V& v, const A&) { return v.controls_.binary_point0; }
  static void write_bpr(V& v, const A& a) { v.controls_.binary_point0 = clamp_binary_point(a.value, kMinBinaryPoint); }
  static u64 read_abpr(V& v, const A&) { return v.controls_.binary_point1; }
  static void write_abpr(V& v, const A& a) {
    v.controls_.binary_point1 = clamp_binary_point(a.value, kMinBinaryPoint + 1);
  }
  static u64 read_iar(V& v, const A& a) { return v.acknowledge(View::Full, a.debug); }
  static u64 read_aiar(V& v, const A& a) { return v.acknowledge(View::Alias, a.debug); }
  static void write_eoir(V& v, const A& a) { v.end_of_interrupt(View::Full, a.value); }
  static void write_aeoir(V& v, const A& a) { v.end_of_interrupt(View::Alias, a.value); }
  static u64 read_rpr(V& v, const A&) { return v.active_.running(); }
  static u64 read_hppir(V& v, const A&) { return v.highest_pending_id(View::Full); }
  static u64 read_ahppir(V& v, const A&) { return v.highest_pending_id(View::Alias); }
  static u64 read_apr(V& v, const A& a) { return v.active_.word(static_cast<unsigned>(a.offset - 0xD0) / 4); }
  static void write_apr(V& v, const A& a) {
    v.active_.set_word(static_cast<unsigned>(a.offset - 0xD0) / 4, static_cast<u32>(a.value));
  }
  static u64 read_iidr(V&, const A&) { return kCpuInterfaceIidr; }
  static void write_dir(V& v, const A& a) { v.deactivate(a.value); }

  static constexpr RegisterRow<V> kRows[] = {
      {"GICV_CTLR", 0x0000, 4, kWord, read_ctlr, write_ctlr},  {"GICV_PMR", 0x0004, 4, kWord, read_pmr, write_pmr},
      {"GICV_BPR", 0x0008, 4, kWord, read_bpr, write_bpr},     {"GICV_IAR", 0x000C, 4, kWord, read_iar, nullptr},
      {"GICV_EOIR", 0x0010, 4, kWord, nullptr, write_eoir},    {"GICV_RPR", 0x0014, 4, kWord, read_rpr, nullptr},
      {"GICV_HPPIR", 0x0018, 4, kWord, read_hppir, nullptr},   {"GICV_ABPR", 0x001C, 4, kWord, read_abpr, write_abpr},
      {"GICV_AIAR", 0x0020, 4, kWord, read_aiar, nullptr},     {"GICV_AEOIR", 0x0024, 4, kWord, nullptr, write_aeoir},
      {"GICV_AHPPIR", 0x0028, 4, kWord, read_ahppir, nullptr}, {"GICV_APRn", 0x00D0, 0x10, kWord, read_apr, write_apr},
      {"GICV_IIDR", 0x00FC, 4, kWord, read_iidr, nullptr},     {"GICV_DIR", 0x1000, 4, kWord, nullptr, write_dir},
  };
};

std::span<const RegisterRow<VirtualInterface>> VirtualInterface::virtual_cpu_registers() {
  return VirtualCpuRegisters::kRows;
}

}  // namespace tw::gic::v2
