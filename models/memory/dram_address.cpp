#include "memory/dram_address.hpp"

#include <bit>

namespace tw::memory {

DramMap::DramMap(const DramConfig& config)
    : interleave_(config.interleave),
      channels_(config.channels),
      ranks_(config.ranks),
      banks_(config.banks),
      columns_(config.row_bytes / config.interleave),
      bank_hash_(config.bank_hash),
      order_{Field::Channel, Field::Column, Field::Bank, Field::Rank} {
  const auto set = [this](Field a, Field b, Field c, Field d) {
    order_[0] = a;
    order_[1] = b;
    order_[2] = c;
    order_[3] = d;
  };
  if (config.mapping == "row-column-rank-bank-channel") set(Field::Channel, Field::Bank, Field::Rank, Field::Column);
  if (config.mapping == "row-rank-bank-channel-column") set(Field::Column, Field::Channel, Field::Bank, Field::Rank);
}

DramPlace DramMap::place(u64 address) const {
  u64 rest = address / interleave_;
  const auto take = [&rest](u64 count) {
    const u64 value = rest & (count - 1);
    rest >>= std::countr_zero(count);
    return value;
  };
  DramPlace place;
  for (const Field field : order_) {
    switch (field) {
      case Field::Channel:
        place.channel = take(channels_);
        break;
      case Field::Rank:
        place.rank = take(ranks_);
        break;
      case Field::Bank:
        place.bank = take(banks_);
        break;
      case Field::Column:
        take(columns_);
        break;
    }
  }
  place.row = rest;
  if (bank_hash_) place.bank ^= rest & (banks_ - 1);
  return place;
}

}  // namespace tw::memory
