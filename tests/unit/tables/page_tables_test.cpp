// Tables as software makes them against the architecture's walker.
#include "platforms/tables/page_tables.hpp"

#include <gtest/gtest.h>

#include "unit/tables/walks.hpp"

namespace tw::tables {
namespace {

constexpr Pa kBase{0x4000'0000};
constexpr u64 kMegabyte = 1 << 20;

struct Shape {
  u64 granule, leaf;
  unsigned bits;
  unsigned accesses1;  ///< of a stage-1 walk: its levels
  unsigned accesses2;  ///< of a stage-2 walk: with concatenation
};
constexpr Shape kShapes[] = {
    {4096, 4096, 48, 4, 4},
    {4096, 4096, 39, 3, 3},
    {4096, 4096, 40, 4, 3},
    {4096, 2 * kMegabyte, 48, 3, 3},
    {4096, 1024 * kMegabyte, 48, 2, 2},
    {16384, 16384, 48, 4, 3},
    {16384, 16384, 36, 2, 2},
    {16384, 32 * kMegabyte, 48, 3, 2},
    {65536, 65536, 48, 3, 3},
    {65536, 65536, 42, 2, 2},
    {65536, 512 * kMegabyte, 48, 2, 2},
    // Could be concatenated below the level that has the leaf.
    {4096, 1024 * kMegabyte, 34, 1, 1},
    {65536, 512 * kMegabyte, 33, 1, 1},
};

TEST(PageTables, WalksOfAllGranulesAndLeavesEndWhereTheyShould) {
  for (const Shape& shape : kShapes) {
    for (const bool stage2 : {false, true}) {
      memory::Ram ram(64 * kMegabyte);
      PhysicalMemory memory(ram, kBase);
      const TableFormat format{stage2, shape.granule, shape.leaf, shape.bits};
      PageTables tables(format, memory);
      const u64 input = u64{1} << (shape.bits - 1), output = u64{5} << 36;
      tables.map(input, output);
      tables.map(input + shape.leaf, output + 2 * shape.leaf);
      test::CountingPort port(memory);
      const vmsa::Controls controls =
          test::controls_of(stage2 ? nullptr : &format, tables.root(), stage2 ? &format : nullptr, tables.root());
      SCOPED_TRACE(testing::Message() << "granule " << shape.granule << " leaf " << shape.leaf << " bits " << shape.bits
                                      << " stage " << 1 + stage2);
      const vmsa::Translation first = test::walk(port, controls, input + 0x123);
      EXPECT_TRUE(first.ok());
      EXPECT_EQ(first.pa.value, output + 0x123);
      EXPECT_EQ(port.fetches, stage2 ? shape.accesses2 : shape.accesses1);
      EXPECT_TRUE(first.readable && first.writable);
      EXPECT_EQ(u64{1} << first.page_bits, shape.leaf);
      EXPECT_EQ(test::walk(port, controls, input + shape.leaf).pa.value, output + 2 * shape.leaf);
      EXPECT_FALSE(test::walk(port, controls, input + 2 * shape.leaf).ok()) << "the next one is not mapped";
    }
  }
}

TEST(PageTables, LeafSizesAreThoseOfTheGranules) {
  for (const u64 leaf : {u64{4096}, 2 * kMegabyte, 1024 * kMegabyte}) EXPECT_TRUE(is_leaf_size(4096, leaf));
  for (const u64 leaf : {u64{16384}, 32 * kMegabyte}) EXPECT_TRUE(is_leaf_size(16384, leaf));
  for (const u64 leaf : {u64{65536}, 512 * kMegabyte}) EXPECT_TRUE(is_leaf_size(65536, leaf));
  EXPECT_FALSE(is_leaf_size(4096, 65536));
  EXPECT_FALSE(is_leaf_size(16384, u64{1} << 36)) << "a level-1 block of 16K needs 52-bit addresses";
  EXPECT_FALSE(is_leaf_size(8192, 8192));
}

}  // namespace
}  // namespace tw::tables
