#include "platforms/tables/page_tables.hpp"

#include <bit>

#include "base/bits.hpp"

namespace tw::tables {

namespace {

constexpr int kLastLevel = 3;
constexpr unsigned kMostConcatenated = 4;  ///< bits

// D8.3.1, D8.3.2.
constexpr u64 kTable = 3, kPage = 3, kBlock = 1;
constexpr u64 kAccessFlag = u64{1} << 10;
constexpr u64 kInnerShareable = u64{3} << 8;
constexpr u64 kNotGlobal = u64{1} << 11;
constexpr u64 kUnprivileged = u64{1} << 6;      ///< AP[1]: EL0 too, read and write
constexpr u64 kStage2ReadWrite = u64{3} << 6;   ///< S2AP
constexpr u64 kStage2WriteBack = u64{15} << 2;  ///< MemAttr
constexpr u64 kAddress = low_mask(48) & ~low_mask(12);

}  // namespace

unsigned TableFormat::page_bits() const { return static_cast<unsigned>(std::countr_zero(granule)); }

int TableFormat::start_level() const {
  const unsigned per_level = bits_per_level();
  const unsigned levels = (input_bits - page_bits() + per_level - 1) / per_level;
  const int start = kLastLevel + 1 - static_cast<int>(levels);
  const bool few = input_bits - shift(start) <= kMostConcatenated;
  return stage2 && start < leaf_level() && few ? start + 1 : start;
}

int TableFormat::leaf_level() const {
  int level = kLastLevel;
  while (level > 0 && shift(level) < static_cast<unsigned>(std::countr_zero(leaf))) --level;
  return level;
}

u64 TableFormat::root_bytes() const { return u64{8} << (input_bits - shift(start_level())); }

bool is_leaf_size(u64 granule, u64 leaf) {
  if (granule != 4096 && granule != 16384 && granule != 65536) return false;
  const TableFormat format{.granule = granule};
  const int first_block = granule == 4096 ? 1 : 2;
  for (int level = first_block; level <= kLastLevel; ++level) {
    if (leaf == u64{1} << format.shift(level)) return true;
  }
  return false;
}

PageTables::PageTables(const TableFormat& format, TableMemory& memory)
    : format_(format), memory_(memory), root_(memory.allocate(format.root_bytes())) {}

u64 PageTables::leaf_address(u64 input) {
  u64 table = root_;
  for (int level = format_.start_level();; ++level) {
    u64 index = input >> format_.shift(level);
    if (level != format_.start_level()) index &= low_mask(format_.bits_per_level());
    const u64 at = table + 8 * index;
    if (level == format_.leaf_level()) return at;
    u64 descriptor = memory_.read(at);
    if (descriptor == 0) memory_.write(at, descriptor = memory_.allocate(format_.granule) | kTable);
    table = descriptor & kAddress;
  }
}

u64 PageTables::leaf_descriptor(u64 output) const {
  const u64 type = format_.leaf_level() == kLastLevel ? kPage : kBlock;
  const u64 common = output | kAccessFlag | kInnerShareable | type;
  return format_.stage2 ? common | kStage2ReadWrite | kStage2WriteBack : common | kUnprivileged | kNotGlobal;
}

}  // namespace tw::tables
