// The memory of a virtual machine: intermediate addresses, backed by stage-2 leaves as they are taken.
#pragma once

#include <vector>

#include "platforms/tables/physical_memory.hpp"

namespace tw::tables {

class GuestMemory final : public TableMemory {
 public:
  /// Its first address; of the machine's memory, where virt has it.
  static constexpr Ipa kBase{u64{1} << 30};
  GuestMemory(PageTables& stage2, PhysicalMemory& memory, Ipa base = kBase);

  /// `order` says which of its stage-2 leaves comes first in physical memory, second, …; empty: as they come.
  Ipa take(u64 bytes, u64 alignment, const std::vector<u64>& order = {});
  Pa locate(Ipa ipa) const;

  u64 allocate(u64 bytes) override;
  void write(u64 address, u64 value) override { memory_.write(locate(Ipa{address}).value, value); }
  u64 read(u64 address) const override { return memory_.read(locate(Ipa{address}).value); }

 private:
  PageTables& stage2_;
  PhysicalMemory& memory_;
  u64 base_;
  u64 leaf_;
  u64 next_;
  std::vector<Pa> leaves_;  ///< from the base on
};

}  // namespace tw::tables
