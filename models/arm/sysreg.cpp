#include "arm/sysreg.hpp"

#include <algorithm>
#include <array>

#include "arm/control_bits.hpp"
#include "arm/trap_rules.hpp"

namespace tw::arm {
namespace {

constexpr u8 E0 = 0, E1 = 1, E2 = 2, E3 = 3, NO = kNever;
constexpr u64 kAll32 = 0xFFFFFFFF, kAll64 = ~u64{0};
constexpr u64 kVirtualAddress = 0x1FFFFFFFFFFFC;  // of an instruction or a word, in DBGBVR and DBGWVR

/// Rows in the order of SysReg, and their indices sorted by encoding.
struct Table {
  std::array<SysRegRow, kSysRegCount> rows;
  std::array<u16, kSysRegCount> by_encoding;

  explicit Table(const TrapLists& traps)
      : rows{{
#define TW_ROW(name, op0, op1, crn, crm, op2, reads, writes, trap_list, flags, reset, writable)                      \
  SysRegRow{#name, "read " #name, "write " #name, SysRegEncoding{op0, op1, crn, crm, op2}, reads, writes, trap_list, \
            flags, reset,         writable},
            TW_SYSREGS(TW_ROW)
#undef TW_ROW
        }} {
    for (u16 i = 0; i < kSysRegCount; ++i) by_encoding[i] = i;
    std::ranges::sort(by_encoding, {}, [this](u16 i) { return rows[i].encoding; });
  }
};

const Table& table() {
  static const Table the_table{kTraps};
  return the_table;
}

}  // namespace

std::span<const SysRegRow> sysreg_rows() { return table().rows; }

const SysRegRow* find_sysreg(SysRegEncoding encoding) {
  const Table& t = table();
  const auto at = std::ranges::lower_bound(t.by_encoding, encoding, {}, [&t](u16 i) { return t.rows[i].encoding; });
  if (at == t.by_encoding.end() || t.rows[*at].encoding != encoding) return nullptr;
  return &t.rows[*at];
}

}  // namespace tw::arm
