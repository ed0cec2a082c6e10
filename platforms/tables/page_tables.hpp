// Translation tables of VMSAv8-64, written into memory (DDI 0487, D8): any granule, leaf size and stage. What the
// SMMU's walker reads; it shares no line with it.
#pragma once

#include "base/types.hpp"

namespace tw::tables {

/// Memory as the walker of these tables addresses it: physical, or intermediate with stage 2 behind.
class TableMemory {
 public:
  virtual ~TableMemory() = default;
  /// Zeroed, aligned to its size rounded up to a power of two.
  virtual u64 allocate(u64 bytes) = 0;
  virtual void write(u64 address, u64 descriptor) = 0;
  virtual u64 read(u64 address) const = 0;
};

struct TableFormat {
  bool stage2 = false;
  u64 granule = 4096;
  u64 leaf = 4096;
  unsigned input_bits = 48;

  unsigned page_bits() const;
  unsigned bits_per_level() const { return page_bits() - 3; }
  /// Address bits below the index of `level`.
  unsigned shift(int level) const { return page_bits() + bits_per_level() * static_cast<unsigned>(3 - level); }
  /// Where walks begin. Stage 2 takes up to 16 concatenated tables rather than one level more (D8.2.2),
  /// but begins no lower than the leaf.
  int start_level() const;
  int leaf_level() const;
  unsigned levels() const { return static_cast<unsigned>(leaf_level() - start_level() + 1); }
  /// Of the table (or tables) at the start level.
  u64 root_bytes() const;
};

/// Whether the granule has leaves of this size (D8.3.1; no 52-bit addresses).
bool is_leaf_size(u64 granule, u64 leaf);

class PageTables final {
 public:
  PageTables(const TableFormat& format, TableMemory& memory);
  const TableFormat& format() const { return format_; }
  u64 root() const { return root_; }

  /// Makes the tables down to the leaf, and the leaf. `input` and `output` are aligned to it.
  void map(u64 input, u64 output) { memory_.write(leaf_address(input), leaf_descriptor(output)); }
  /// Where the leaf's descriptor is; makes the tables above it.
  u64 leaf_address(u64 input);
  u64 leaf_descriptor(u64 output) const;

 private:
  TableFormat format_;
  TableMemory& memory_;
  u64 root_;
};

}  // namespace tw::tables
