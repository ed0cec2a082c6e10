// Which channel, rank, bank and row an address lies in.
#pragma once

#include "memory/dram_config.hpp"

namespace tw::memory {

struct DramPlace {
  u64 channel = 0, rank = 0, bank = 0, row = 0;
  bool operator==(const DramPlace&) const = default;
};

class DramMap final {
 public:
  explicit DramMap(const DramConfig& config);
  DramPlace place(u64 address) const;

 private:
  enum class Field : u8 { Channel, Rank, Bank, Column };
  u64 interleave_, channels_, ranks_, banks_, columns_;
  bool bank_hash_;
  Field order_[4];  ///< lowest first; the row is what is left
};

}  // namespace tw::memory
