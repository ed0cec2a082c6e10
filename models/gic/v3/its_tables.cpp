#include "gic/v3/its_tables.hpp"

#include <bit>

namespace tw::gic::v3 {

namespace {

// GITS_BASERn (IHI 0069, 12.18.1).
constexpr u64 kIndirect = u64{1} << 62;
constexpr u64 kReadOnly = u64{7} << 56 | u64{0x1F} << 48;  // Type, Entry_Size

constexpr u64 address(u64 value, u64 page_bytes) { return value & low_mask(52) & ~(page_bytes - 1); }

}  // namespace

void TableBase::reset() { value_ = static_cast<u64>(type_) << 56 | u64{kItsEntryBytes - 1} << 48; }

void TableBase::write(u64 value) {
  if (bits<9, 8>(value) == 3) value = insert_bits(value, 8, 2, 2);
  value_ = (value & ~kReadOnly) | (value_ & kReadOnly);
}

u64 TableBase::page_bytes() const { return u64{0x1000} << 2 * bits<9, 8>(value_); }

/// With pages of 64 KB bits [15:12] are the address's bits [51:48].
Pa TableBase::base() const {
  if (page_bytes() < 0x10000) return Pa{bits<47, 12>(value_) << 12};
  return Pa{bits<47, 16>(value_) << 16 | bits<15, 12>(value_) << 48};
}

std::optional<Pa> TableBase::entry(MemoryPort& memory, u64 id, bool& failed) const {
  failed = false;
  if (!(value_ & kItsValid) || id >= ids_) return std::nullopt;
  const u64 bytes = (bits<7, 0>(value_) + 1) * page_bytes();
  const u64 entries_a_page = page_bytes() / kItsEntryBytes;
  if (!(value_ & kIndirect)) {
    const u64 offset = id * kItsEntryBytes;
    return offset < bytes ? std::optional(base() + offset) : std::nullopt;
  }
  const u64 first_level = id / entries_a_page * kItsEntryBytes;
  if (first_level >= bytes) return std::nullopt;
  const std::optional<u64> page = memory.read(base() + first_level, 8);
  failed = !page;
  if (!page || !(*page & kItsValid)) return std::nullopt;
  return Pa{address(*page, page_bytes())} + id % entries_a_page * kItsEntryBytes;
}

}  // namespace tw::gic::v3
