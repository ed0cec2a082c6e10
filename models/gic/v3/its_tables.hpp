// The tables of the ITS in guest memory: devices, collections, and each device's interrupt translation table. What an
// entry looks like is the implementation's business (IHI 0069, 5.2); all are 8 bytes here. A guest may have written
// anything there: an entry is a claim, to be checked by whoever uses it.
#pragma once

#include <optional>

#include "base/bits.hpp"
#include "gic/ports.hpp"

namespace tw::gic::v3 {

inline constexpr unsigned kItsEntryBytes = 8;
inline constexpr u64 kItsValid = u64{1} << 63;

/// GITS_BASERn: a table of one or two levels.
class TableBase final {
 public:
  enum class Type : u8 { Devices = 1, Collections = 4 };  ///< GITS_BASERn.Type

  TableBase(Type type, u64 ids) : type_(type), ids_(ids) { reset(); }
  void reset();

  u64 value() const { return value_; }
  /// Type and Entry_Size are read-only; Page_Size 3 is 64 KB.
  void write(u64 value);

  /// Where the entry of `id` is: nothing when the table does not reach so far. `failed` tells of a first-level entry
  /// that no memory answers for.
  std::optional<Pa> entry(MemoryPort& memory, u64 id, bool& failed) const;

 private:
  u64 page_bytes() const;
  Pa base() const;

  Type type_;
  u64 ids_;
  u64 value_ = 0;
};

/// Entry of the device table.
struct DeviceEntry {
  Pa itt{};
  unsigned event_bits = 0;

  static constexpr u64 kIttAddress = low_mask(52) & ~low_mask(8);
  u64 encode() const { return kItsValid | itt.value | (event_bits - 1); }
  static std::optional<DeviceEntry> decode(u64 value) {
    if (!(value & kItsValid)) return std::nullopt;
    return DeviceEntry{Pa{value & kIttAddress}, static_cast<unsigned>(value & 0x1F) + 1};
  }
};

/// Entry of the collection table.
struct CollectionEntry {
  u64 processor = 0;  ///< GICR_TYPER.Processor_Number

  u64 encode() const { return kItsValid | processor; }
  static std::optional<CollectionEntry> decode(u64 value) {
    if (!(value & kItsValid)) return std::nullopt;
    return CollectionEntry{value & ~kItsValid};
  }
};

/// Entry of an interrupt translation table.
struct TranslationEntry {
  u32 intid = 0;
  u16 collection = 0;

  u64 encode() const { return kItsValid | u64{intid} << 16 | collection; }
  static std::optional<TranslationEntry> decode(u64 value) {
    if (!(value & kItsValid)) return std::nullopt;
    return TranslationEntry{static_cast<u32>(value >> 16), static_cast<u16>(value)};
  }
};

}  // namespace tw::gic::v3
