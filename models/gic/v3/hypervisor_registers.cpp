// ICH_*_EL2 (IHI 0069, 12.4).
#include "gic/v3/virtual_interface.hpp"

namespace tw::gic::v3 {

using enum arm::GicRegister;

namespace {

/// Register `n` of an array of `count`, or nothing.
std::optional<unsigned> element(arm::GicRegister reg, arm::GicRegister first, unsigned count) {
  if (reg < first) return std::nullopt;
  const unsigned n = static_cast<unsigned>(reg) - static_cast<unsigned>(first);
  return n < count ? std::optional(n) : std::nullopt;
}

/// The ICV_APxRn that an ICH_APxRn shows: they are one state.
std::optional<arm::GicRegister> active_priorities(arm::GicRegister reg) {
  constexpr unsigned kCount = 8;  // AP0R0..3, AP1R0..3
  const std::optional<unsigned> n = element(reg, IchAp0r0, kCount);
  if (!n) return std::nullopt;
  return static_cast<arm::GicRegister>(static_cast<unsigned>(IccAp0r0) + *n);
}

constexpr u64 kEoiBit = u64{1} << 41;

u64 encode(const ListRegister& lr) {
  const u64 common = lr.virtual_id | u64{lr.priority} << 48 | static_cast<u64>(lr.group) << 60 |
                     u64{lr.hardware} << 61 | static_cast<u64>(lr.state) << 62;
  return common | (lr.hardware ? u64{lr.physical_id} << 32 : lr.eoi ? kEoiBit : 0);
}

/// vINTID and priority have the implemented bits only (ICH_VTR_EL2.IDbits, PRIbits).
ListRegister decode(u64 value) {
  ListRegister lr;
  lr.virtual_id = static_cast<u32>(value & ((1u << kIntidBits) - 1));
  lr.priority = static_cast<u8>(value >> 48) & priority_mask_of(kVirtualPriorityBits);
  lr.group = static_cast<Group>((value >> 60) & 1);
  lr.hardware = (value >> 61) & 1;
  lr.state = static_cast<LrState>(value >> 62);
  if (lr.hardware) {
    lr.physical_id = static_cast<u32>((value >> 32) & 0x1FFF);
  } else {
    lr.eoi = (value & kEoiBit) != 0;
  }
  return lr;
}

constexpr u64 kTds = 1 << 19, kNv4 = 1 << 20, kA3v = 1 << 21;

}  // namespace

u64 VirtualInterface::read_hypervisor(arm::GicRegister reg) const {
  if (const auto n = element(reg, IchLr0, list_registers_.count())) return encode(list_registers_[*n]);
  if (const auto twin = active_priorities(reg)) return state_.read(*twin).value_or(0);
  switch (reg) {
    case IchHcr:
      return hcr_;
    case IchVtr:
      return (list_registers_.count() - 1) | kTds | kNv4 | kA3v | u64{preemption_bits(kVirtualPriorityBits) - 1} << 26 |
             u64{kVirtualPriorityBits - 1} << 29;
    case IchVmcr:
      return u64{state_.controls.enable_group0} | u64{state_.controls.enable_group1} << 1 |
             u64{state_.controls.fiq_enable} << 3 | u64{state_.controls.common_binary_point} << 4 |
             u64{state_.eoi_mode} << 9 | u64{state_.controls.binary_point1} << 18 |
             u64{state_.controls.binary_point0} << 21 | u64{state_.controls.priority_mask} << 24;
    case IchMisr:
      return misr();
    case IchEisr:
      return list_registers_.eoi_mask();
    case IchElrsr:
      return list_registers_.empty_mask();
    default:
      return 0;
  }
}

void VirtualInterface::write_hypervisor(arm::GicRegister reg, u64 value) {
  if (const auto n = element(reg, IchLr0, list_registers_.count())) {
    return list_registers_.write(*n, decode(value), cpu_, observation_);
  }
  if (const auto twin = active_priorities(reg)) return state_.write(*twin, value);
  switch (reg) {
    case IchHcr:  // En and maintenance enables; TC, TALL0, TALL1, TSEI, TDIR are the core's business; EOICount
      hcr_ = static_cast<u32>(value) & 0xF8007CFF;
      return;
    case IchVmcr:  // VFIQEn is RAO/WI, VAckCtl RES0: the guest has system registers only
      state_.controls.enable_group0 = value & 1;
      state_.controls.enable_group1 = (value >> 1) & 1;
      state_.controls.common_binary_point = (value >> 4) & 1;
      state_.eoi_mode = (value >> 9) & 1;
      state_.set_binary_point1(value >> 18);
      state_.set_binary_point0(value >> 21);
      state_.set_priority_mask(value >> 24);
      return;
    default:
      return;
  }
}

}  // namespace tw::gic::v3
