// GICH_*, in the order of IHI 0048B, table 5-6.
#include "gic/register_access.hpp"
#include "gic/v2/identification.hpp"
#include "gic/v2/virtual_interface.hpp"

namespace tw::gic::v2 {

struct HypervisorRegisters {
  using V = VirtualInterface;
  using A = MmioAccess;

  static u64 read_hcr(V& v, const A&) { return v.hcr_; }
  static void write_hcr(V& v, const A& a) { v.hcr_ = static_cast<u32>(a.value) & 0xF80000FF; }

  static u64 read_vtr(V& v, const A&) {
    return (v.list_registers_.count() - 1) | u64{preemption_bits(kVirtualPriorityBits) - 1} << 26 |
           u64{kVirtualPriorityBits - 1} << 29;
  }

  static u64 read_vmcr(V& v, const A&) {
    return control_bits(v.controls_) | u64{v.eoi_mode_} << 9 | u64{v.controls_.binary_point1} << 18 |
           u64{v.controls_.binary_point0} << 21 | u64{v.controls_.priority_mask} >> 3 << 27;
  }
  static void write_vmcr(V& v, const A& a) {
    set_control_bits(v.controls_, a.value);
    v.eoi_mode_ = (a.value >> 9) & 1;
    v.controls_.binary_point1 = clamp_binary_point(a.value >> 18, min_binary_point(kVirtualPriorityBits) + 1);
    v.controls_.binary_point0 = clamp_binary_point(a.value >> 21, min_binary_point(kVirtualPriorityBits));
    v.controls_.priority_mask = static_cast<u8>((a.value >> 27 & 0x1F) << 3);
  }

  static u64 read_misr(V& v, const A&) { return v.misr(); }
  static u64 read_eisr(V& v, const A& a) {
    return static_cast<u32>(v.list_registers_.eoi_mask() >> (a.offset - 0x20) * 8);
  }
  static u64 read_elrsr(V& v, const A& a) {
    return static_cast<u32>(v.list_registers_.empty_mask() >> (a.offset - 0x30) * 8);
  }

  static u64 read_apr(V& v, const A&) { return v.active_.word(0); }
  static void write_apr(V& v, const A& a) { v.active_.set_word(0, static_cast<u32>(a.value)); }

  static u64 encode(const ListRegister& lr) {
    const u64 common = lr.virtual_id | u64{lr.priority} >> 3 << 23 | static_cast<u64>(lr.state) << 28 |
                       static_cast<u64>(lr.group) << 30 | u64{lr.hardware} << 31;
    return common | (lr.hardware ? u64{lr.physical_id} << 10 : u64{lr.source_cpu} << 10 | u64{lr.eoi} << 19);
  }
  static ListRegister decode(u64 value) {
    ListRegister lr;
    lr.virtual_id = static_cast<u32>(value & 0x3FF);
    lr.hardware = (value >> 31) & 1;
    if (lr.hardware) {
      lr.physical_id = static_cast<u32>((value >> 10) & 0x3FF);
    } else {
      lr.source_cpu = static_cast<u8>((value >> 10) & 7);
      lr.eoi = (value >> 19) & 1;
    }
    lr.priority = static_cast<u8>((value >> 23 & 0x1F) << 3);
    lr.state = static_cast<LrState>((value >> 28) & 3);
    lr.group = static_cast<Group>((value >> 30) & 1);
    return lr;
  }
  static unsigned list_register(const A& a) { return static_cast<unsigned>(a.offset - 0x100) / 4; }
  static u64 read_lr(V& v, const A& a) {
    return list_register(a) < v.list_registers_.count() ? encode(v.list_registers_[list_register(a)]) : 0;
  }
  static void write_lr(V& v, const A& a) {
    if (list_register(a) < v.list_registers_.count()) v.write_list_register(list_register(a), decode(a.value));
  }

  static constexpr RegisterRow<V> kRows[] = {
      {"GICH_HCR", 0x000, 4, kWord, read_hcr, write_hcr},    {"GICH_VTR", 0x004, 4, kWord, read_vtr, nullptr},
      {"GICH_VMCR", 0x008, 4, kWord, read_vmcr, write_vmcr}, {"GICH_MISR", 0x010, 4, kWord, read_misr, nullptr},
      {"GICH_EISR0-1", 0x020, 8, kWord, read_eisr, nullptr}, {"GICH_ELRSR0-1", 0x030, 8, kWord, read_elrsr, nullptr},
      {"GICH_APR", 0x0F0, 4, kWord, read_apr, write_apr},    {"GICH_LRn", 0x100, 0x100, kWord, read_lr, write_lr},
  };
};

std::span<const RegisterRow<VirtualInterface>> VirtualInterface::hypervisor_registers() {
  return HypervisorRegisters::kRows;
}

}  // namespace tw::gic::v2
