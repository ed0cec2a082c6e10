// The configuration space of a PCI function (PCI Local Bus 3.0, chapter 6; PCI Express Base, chapter 7): registers and
// capabilities are rows; what software may write is a mask.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "base/types.hpp"

namespace tw::devices::pci {

/// One register of at most four bytes. Bits outside `writable` and `clears` keep their reset value.
struct ConfigRow {
  std::string_view name;
  u16 offset;  ///< from the start of the space, or of the capability
  u8 bytes;
  u32 reset = 0;
  u32 writable = 0;
  u32 clears = 0;  ///< writing 1 clears
};

// Registers of the type 0 header that more than one file uses.
inline constexpr u16 kVendorId = 0x00, kCommand = 0x04, kStatus = 0x06, kBar0 = 0x10, kCapabilities = 0x34,
                     kInterruptLine = 0x3C, kHeaderBytes = 0x40;
// Command and Status (6.2.2, 6.2.3)
inline constexpr u16 kIoEnable = 1 << 0, kMemoryEnable = 1 << 1, kBusMaster = 1 << 2, kInterruptDisable = 1 << 10;
inline constexpr u16 kInterruptStatus = 1 << 3, kCapabilityList = 1 << 4;

class ConfigSpace final {
 public:
  static constexpr u16 kBytes = 4096;
  static constexpr u16 kConventionalBytes = 256;  ///< capabilities of PCI lie in these (6.7)

  /// Throws std::logic_error when rows overlap or do not fit: a device's table is wrong.
  void add(std::span<const ConfigRow> rows, u16 base = 0);
  /// Puts a capability behind those that are there and links it. Returns where it is. `bytes` includes the header of id
  /// and next pointer; rows are relative to its start.
  u16 add_capability(u8 id, u16 bytes, std::span<const ConfigRow> rows);
  /// The same among the extended capabilities, beyond the first 256 bytes (PCI Express Base 5.0, 7.6.3).
  u16 add_extended_capability(u16 id, u8 version, u16 bytes, std::span<const ConfigRow> rows);

  /// 1, 2 or 4 bytes inside the space. What nobody described reads as zero.
  u32 read(u16 offset, unsigned bytes) const;
  void write(u16 offset, unsigned bytes, u32 value);
  /// The device's own change of what software reads.
  void set(u16 offset, unsigned bytes, u32 value);
  void reset();

 private:
  struct Byte {
    u8 value = 0, reset = 0, writable = 0, clears = 0;
    bool described = false;
  };
  std::array<Byte, kBytes> bytes_{};
  u16 last_link_ = kCapabilities;  ///< the pointer that the next capability is linked from
  u16 next_capability_ = kHeaderBytes;
  u16 last_extended_ = 0, next_extended_ = kConventionalBytes;
};

}  // namespace tw::devices::pci
