// Main memory as it is laid out before the run begins: what is allocated stays.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "memory/ram.hpp"
#include "platforms/tables/page_tables.hpp"

namespace tw::tables {

class PhysicalMemory final : public TableMemory {
 public:
  /// `key`: the parameter with the size of `ram`.
  PhysicalMemory(memory::Ram& ram, Pa base, std::string key = "memory.size")
      : ram_(ram), base_(base), next_(base.value), key_(std::move(key)) {}

  /// Throws UserError when memory is full.
  Pa take(u64 bytes, u64 alignment);
  u64 allocate(u64 bytes) override;
  void write(u64 address, u64 value) override;
  u64 read(u64 address) const override;
  std::span<u8> bytes(Pa at, u64 size);

 private:
  memory::Ram& ram_;
  Pa base_;
  u64 next_;
  const std::string key_;
};

}  // namespace tw::tables
