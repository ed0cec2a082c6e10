#include "devices/pci/msi.hpp"

#include <array>

#include "base/bits.hpp"

namespace tw::devices::pci {

namespace {

constexpr u8 kCapabilityId = 0x05;
constexpr u16 kCapabilityBytes = 14;
// Offsets in the capability.
constexpr u16 kControl = 2, kAddress = 4, kUpperAddress = 8, kData = 12;
constexpr u32 kEnable = 1 << 0, kMultipleEnable = 7 << 4, kWideAddress = 1 << 7;
constexpr ConfigRow kRows[] = {
    {"MSI control", kControl, 2, kWideAddress, kEnable | kMultipleEnable},
    {"MSI address", kAddress, 4, 0, ~u32{3}},
    {"MSI upper address", kUpperAddress, 4, 0, ~u32{0}},
    {"MSI data", kData, 2, 0, 0xFFFF},
};

}  // namespace

Msi::Msi(ConfigSpace& config)
    : config_(config), capability_(config.add_capability(kCapabilityId, kCapabilityBytes, kRows)) {}

bool Msi::enabled() const { return (config_.read(static_cast<u16>(capability_ + kControl), 2) & kEnable) != 0; }

/// The message is a word; its upper half is zero (6.8.1.6).
void Msi::notify(BusMaster& bus) {
  const auto field = [this](u16 offset, unsigned bytes) {
    return config_.read(static_cast<u16>(capability_ + offset), bytes);
  };
  const u32 value = field(kData, 2);
  const std::array<u8, 4> data{static_cast<u8>(value), static_cast<u8>(value >> 8), 0, 0};
  if (!bus.write(Iova{u64{field(kUpperAddress, 4)} << 32 | field(kAddress, 4)}, data)) ++refused_;
}

}  // namespace tw::devices::pci
