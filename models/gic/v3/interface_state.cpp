#include "gic/v3/interface_state.hpp"

namespace tw::gic::v3 {

using enum arm::GicRegister;

namespace {

constexpr unsigned index(arm::GicRegister reg, arm::GicRegister first) {
  return static_cast<unsigned>(reg) - static_cast<unsigned>(first);
}

}  // namespace

std::optional<u64> InterfaceState::read(arm::GicRegister reg) const {
  switch (reg) {
    case IccPmr:
      return controls.priority_mask;
    case IccBpr0:
      return controls.binary_point0;
    case IccBpr1:
      // With a common binary point: Group 0's in Group 1's encoding, saturated (IHI 0069, ICC_CTLR_EL1.CBPR).
      return controls.common_binary_point ? std::min(controls.binary_point0 + 1u, 7u) : controls.binary_point1;
    case IccRpr:
      return running();
    case IccCtlr: {
      constexpr u64 kA3v = 1 << 15;
      return u64{controls.common_binary_point} | u64{eoi_mode} << 1 | u64{priority_bits_ - 1} << 8 | kA3v;
    }
    case IccIgrpen0:
      return controls.enable_group0;
    case IccIgrpen1:
      return controls.enable_group1;
    case IccAp0r0:
    case IccAp0r1:
    case IccAp0r2:
    case IccAp0r3:
      return active_[0].word(index(reg, IccAp0r0));
    case IccAp1r0:
    case IccAp1r1:
    case IccAp1r2:
    case IccAp1r3:
      return active_[1].word(index(reg, IccAp1r0));
    default:
      return std::nullopt;
  }
}

void InterfaceState::write(arm::GicRegister reg, u64 value) {
  switch (reg) {
    case IccPmr:
      return set_priority_mask(value);
    case IccBpr0:
      return set_binary_point0(value);
    case IccBpr1:
      if (!controls.common_binary_point) set_binary_point1(value);
      return;
    case IccCtlr:
      controls.common_binary_point = value & 1;
      eoi_mode = (value >> 1) & 1;
      return;
    case IccIgrpen0:
      controls.enable_group0 = value & 1;
      return;
    case IccIgrpen1:
      controls.enable_group1 = value & 1;
      return;
    case IccAp0r0:
    case IccAp0r1:
    case IccAp0r2:
    case IccAp0r3:
      return active_[0].set_word(index(reg, IccAp0r0), static_cast<u32>(value));
    case IccAp1r0:
    case IccAp1r1:
    case IccAp1r2:
    case IccAp1r3:
      return active_[1].set_word(index(reg, IccAp1r0), static_cast<u32>(value));
    default:
      return;
  }
}

}  // namespace tw::gic::v3
