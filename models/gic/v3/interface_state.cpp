#include "gic/v3/interface_state.hpp"

namespace tw::gic::v3 {

using enum arm::GicRegister;

namespace {

constexpr unsigned index(arm::GicRegister reg, arm::GicRegister first) {
  return static_cast<unsigned>(reg) - static_cast<unsigned>(first);
}

}  // namespace

std::optional<u64> InterfaceState::read(arm::GicRegister reg, Bank bank) const {
  switch (reg) {
    case IccPmr:
      return controls.priority_mask;
    case IccBpr0:
      return controls.binary_point0;
    case IccBpr1:
      // With a common binary point: Group 0's, in Group 1's encoding, saturated (IHI 0069, ICC_CTLR_EL1.CBPR).
      if (bank.secure) {
        const bool common = controls.common_binary_point_secure && !bank.el3;
        return common ? controls.binary_point0 : controls.binary_point1_secure;
      }
      if (controls.common_binary_point && !bank.el3) return std::min(controls.binary_point0 + 1u, 7u);
      return controls.binary_point1;
    case IccRpr:
      return running();
    case IccCtlr: {
      constexpr u64 kA3v = 1 << 15;
      const bool common = bank.secure ? controls.common_binary_point_secure : controls.common_binary_point;
      const bool split = bank.secure ? eoi_mode_secure : eoi_mode;
      return u64{common} | u64{split} << 1 | priority_field() | kA3v;
    }
    case IccIgrpen0:
      return controls.enable_group0;
    case IccIgrpen1:
      return bank.secure ? controls.enable_group1_secure : controls.enable_group1;
    case IccAp0r0:
    case IccAp0r1:
    case IccAp0r2:
    case IccAp0r3:
      return active_[0].word(index(reg, IccAp0r0));
    case IccAp1r0:
    case IccAp1r1:
    case IccAp1r2:
    case IccAp1r3:
      return active_[static_cast<unsigned>(group1(bank))].word(index(reg, IccAp1r0));
    default:
      return std::nullopt;
  }
}

void InterfaceState::write(arm::GicRegister reg, u64 value, Bank bank) {
  switch (reg) {
    case IccPmr:
      return set_priority_mask(value);
    case IccBpr0:
      return set_binary_point0(value);
    case IccBpr1:
      if (bank.secure) {
        const bool common = controls.common_binary_point_secure && !bank.el3;
        return common ? set_binary_point0(value) : set_binary_point1_secure(value);
      }
      if (!controls.common_binary_point || bank.el3) set_binary_point1(value);
      return;
    case IccCtlr:
      (bank.secure ? controls.common_binary_point_secure : controls.common_binary_point) = value & 1;
      (bank.secure ? eoi_mode_secure : eoi_mode) = (value >> 1) & 1;
      return;
    case IccIgrpen0:
      controls.enable_group0 = value & 1;
      return;
    case IccIgrpen1:
      (bank.secure ? controls.enable_group1_secure : controls.enable_group1) = value & 1;
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
      return active(group1(bank)).set_word(index(reg, IccAp1r0), static_cast<u32>(value));
    default:
      return;
  }
}

}  // namespace tw::gic::v3
