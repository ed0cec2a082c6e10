#include "base/mmio.hpp"

#include <gtest/gtest.h>

#include <array>

namespace tw {
namespace {

struct Core {};

TEST(RegisterRows, AreFoundByAnyOffsetInside) {
  constexpr std::array<RegisterRow<Core>, 3> rows{{{"CTLR", 0x0, 4, 4, nullptr, nullptr},
                                                   {"ISENABLERn", 0x100, 128, 4, nullptr, nullptr},
                                                   {"IDR", 0xFE0, 16, 4, nullptr, nullptr}}};
  const std::span<const RegisterRow<Core>> table{rows};
  EXPECT_STREQ(find_row(table, 0x0)->name, "CTLR");
  EXPECT_EQ(find_row(table, 0x4), nullptr);
  EXPECT_EQ(find_row(table, 0xFF), nullptr);
  EXPECT_STREQ(find_row(table, 0x100)->name, "ISENABLERn");
  EXPECT_STREQ(find_row(table, 0x17F)->name, "ISENABLERn");
  EXPECT_EQ(find_row(table, 0x180), nullptr);
  EXPECT_STREQ(find_row(table, 0xFEF)->name, "IDR");
  EXPECT_EQ(find_row(table, 0xFF0), nullptr);
}

}  // namespace
}  // namespace tw
