#include "cpu/pipeline/branch/tage.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tw::cpu::branch {

namespace {

constexpr unsigned kShorter = 19, kLonger = 23;

/// Shifts a bit into a history of `width` bits; `leaves`: what leaves the unfolded history, where it is now.
constexpr u32 shifted(u32 folded, u32 newest, u32 leaves, unsigned width) {
  const u32 wide = (folded << 1 | newest) ^ leaves;
  return (wide ^ wide >> width) & ((u32{1} << width) - 1);
}

}  // namespace

Tage::Tage(const Shape& shape)
    : base_(shape.base_entries),
      entries_(shape.tables * shape.entries),
      tables_(static_cast<unsigned>(shape.tables)),
      index_mask_(static_cast<u32>(shape.entries - 1)),
      tag_mask_((u32{1} << shape.tag_bits) - 1),
      period_(shape.period) {
  const double ratio = static_cast<double>(shape.longest) / static_cast<double>(shape.shortest);
  for (unsigned n = 0; n < tables_; ++n) {
    const double power = tables_ == 1 ? 0 : static_cast<double>(n) / (tables_ - 1);
    const auto length = static_cast<u32>(static_cast<double>(shape.shortest) * std::pow(ratio, power) + 0.5);
    lengths_[n] = n == 0 ? length : std::max(length, lengths_[n - 1] + 1);
    first_[n] = n * static_cast<u32>(shape.entries);
    shorter_out_[n] = u32{1} << lengths_[n] % kShorter;
    longer_out_[n] = u32{1} << lengths_[n] % kLonger;
  }
}

i8 Tage::counted(i8 counter, bool taken) {
  const int next = counter + (taken ? 1 : -1);
  return static_cast<i8>(std::clamp(next, -4, 3));
}

inline Tage::Places Tage::places_of(u64 pc, u64 salt) {
  Places places;
  const u32 word = static_cast<u32>(pc >> 2), salted = static_cast<u32>(salt);
  const u32 for_index = word ^ word >> 11 ^ word >> 19 ^ salted, for_tag = word >> 2 ^ word >> 15 ^ salted * 5;
  for (unsigned n = 0; n < kMaximumTables; ++n) {
    const u32 a = shorter_[n], b = longer_[n];
    places.entry[n] = ((a ^ a >> 9 ^ b << 3 ^ b >> 7 ^ b >> 16 ^ for_index ^ n << 2) & index_mask_) + first_[n];
    // 0 is the tag of an entry that was never written.
    const u32 tag = (b ^ b >> 13 ^ a << 4 ^ a >> 6 ^ for_tag) & tag_mask_;
    places.tag[n] = tag + (tag == 0);
  }
  places.hits = 0;
  for (unsigned n = 0, bit = 1; n < tables_; ++n, bit += bit) {
    places.hits |= entries_[places.entry[n]].tag == places.tag[n] ? bit : 0;
  }
  return places;
}

/// A place in a table with a longer history, where nobody's entry is useful; the nearest is twice as likely.
void Tage::allocate(const Places& places, unsigned above, bool taken) {
  if (above >= tables_) return;
  chance_ = chance_ >> 1 ^ (-(chance_ & 1) & 0xD000'0001u);
  unsigned first = above;
  if ((chance_ & 1) != 0 && first + 1 < tables_) ++first;
  for (unsigned n = first; n < tables_; ++n) {
    if (entries_[places.entry[n]].useful != 0) continue;
    entries_[places.entry[n]] = {static_cast<u16>(places.tag[n]), static_cast<i8>(taken ? 0 : -1), 0};
    return;
  }
  for (unsigned n = above; n < tables_; ++n) {
    if (entries_[places.entry[n]].useful != 0) --entries_[places.entry[n]].useful;
  }
}

void Tage::remember(bool taken) {
  newest_ = (newest_ - 1) & (kHistory - 1);
  history_[newest_] = taken ? ~u32{0} : 0;
  const u32 newest = taken;
  for (unsigned n = 0; n < tables_; ++n) {
    const u32 oldest = history_[(newest_ + lengths_[n]) & (kHistory - 1)];
    shorter_[n] = shifted(shorter_[n], newest, oldest & shorter_out_[n], kShorter);
    longer_[n] = shifted(longer_[n], newest, oldest & longer_out_[n], kLonger);
  }
  if (++age_ == period_) [[unlikely]] {
    age_ = 0;
    for (Entry& entry : entries_) entry.useful = static_cast<u8>(entry.useful >> 1);
  }
}

bool Tage::train(u64 pc, u64 salt, bool taken) {
  const Places places = places_of(pc, salt);
  const u32 hits = places.hits;
  u8& base = base_.counter(pc, salt);
  bool predicted = base >= 2;
  if (hits == 0) {
    branch::count(base, taken);
    if (predicted != taken) allocate(places, 0, taken);
  } else {
    const unsigned above = static_cast<unsigned>(std::bit_width(hits));
    Entry& provider = entries_[places.entry[above - 1]];
    const u32 others = hits ^ u32 { 1 } << (above - 1);
    Entry* const alternative = others != 0 ? &entries_[places.entry[std::bit_width(others) - 1]] : nullptr;
    const bool other = alternative != nullptr ? alternative->counter >= 0 : predicted;
    const bool own = provider.counter >= 0;
    const bool is_new = provider.useful == 0 && (provider.counter == 0 || provider.counter == -1);
    predicted = is_new && trust_alternative_ >= 0 ? other : own;
    if (is_new && own != other) {
      trust_alternative_ = std::clamp(trust_alternative_ + (other == taken ? 1 : -1), -8, 7);
    }
    if (provider.useful == 0) {
      if (alternative != nullptr) {
        alternative->counter = counted(alternative->counter, taken);
      } else {
        branch::count(base, taken);
      }
    }
    provider.counter = counted(provider.counter, taken);
    if (own != other) {
      provider.useful = static_cast<u8>(std::clamp(provider.useful + (own == taken ? 1 : -1), 0, 3));
    }
    // A new entry that would have been right is given its chance first.
    if (predicted != taken && !(is_new && own == taken)) allocate(places, above, taken);
  }
  remember(taken);
  return predicted;
}

void Tage::flush() {
  base_.flush();
  std::ranges::fill(entries_, Entry{});
  history_.fill(0);
  shorter_.fill(0);
  longer_.fill(0);
  trust_alternative_ = 0;
  chance_ = 1;
  age_ = 0;
}

}  // namespace tw::cpu::branch
