#include "gic/v3/lpis.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "base/bits.hpp"
#include "gic/v3/identification.hpp"

namespace tw::gic::v3 {

using cost::InterruptStation;

namespace {

constexpr unsigned kLpisAWord = 64;  ///< of the pending table

}  // namespace

void Lpis::enable(const LpiTables& tables, bool shifted) {
  if (!memory_) return;
  tables_ = tables;
  tables_->id_bits = std::min(tables.id_bits, kIntidBits);
  shifted_ = shifted;
  if (!tables.pending_zero) load_pending_table();
}

/// A word that no memory answers for holds nothing.
void Lpis::load_pending_table() {
  const u64 end = u64{1} << tables_->id_bits;
  for (u64 first = kFirstLpi; first < end; first += kLpisAWord) {
    u64 word = memory_->read(tables_->pending + first / 8, 8).value_or(0);
    for (; word != 0; word &= word - 1) {
      insert(static_cast<u32>(first) + static_cast<unsigned>(std::countr_zero(word)));
    }
  }
}

void Lpis::disable() {
  if (!tables_) return;
  const u64 end = u64{1} << tables_->id_bits;
  for (u64 first = kFirstLpi; first < end; first += kLpisAWord) {
    u64 word = 0;
    const auto last = pending_.lower_bound(static_cast<u32>(first + kLpisAWord));
    for (auto lpi = pending_.lower_bound(static_cast<u32>(first)); lpi != last; ++lpi) {
      word |= u64{1} << (lpi->first - first);
    }
    memory_->write(tables_->pending + first / 8, 8, word);
  }
  reset();
}

void Lpis::reset() {
  for (const auto& [intid, property] : pending_) observation_.physical(intid, cpu_, InterruptStation::Withdrawn);
  pending_.clear();
  ready_.clear();
  tables_.reset();
}

bool Lpis::is_covered(u32 intid) const { return tables_ && intid >= kFirstLpi && intid >> tables_->id_bits == 0; }

/// Priority in bits [7:2], enable in bit [0] (IHI 0069, 5.1.1). Two Security states: the priority is in the lower half
/// of the range, as every Non-secure one (4.8.6). An LPI without a readable property is disabled.
Lpis::Property Lpis::property(u32 intid) const {
  const u64 byte = memory_->read(tables_->properties + (intid - kFirstLpi), 1).value_or(0);
  u8 priority = static_cast<u8>(byte & 0xFC);
  if (shifted_) priority = static_cast<u8>(0x80 | priority >> 1);
  return {.priority = static_cast<u8>(priority & priority_mask_of(priority_bits_)), .enabled = bit<0>(byte)};
}

void Lpis::insert(u32 intid) {
  const auto [lpi, is_new] = pending_.try_emplace(intid);
  if (!is_new) return;
  lpi->second = property(intid);
  if (lpi->second.enabled) ready_.emplace(lpi->second.priority, intid);
  observation_.physical(intid, cpu_, InterruptStation::Asserted);
}

void Lpis::erase(u32 intid) {
  const auto lpi = pending_.find(intid);
  if (lpi == pending_.end()) return;
  ready_.erase({lpi->second.priority, intid});
  pending_.erase(lpi);
}

void Lpis::set_pending(u32 intid, bool pending) {
  if (!is_covered(intid)) return;
  if (pending) {
    insert(intid);
  } else if (is_pending(intid)) {
    erase(intid);
    observation_.physical(intid, cpu_, InterruptStation::Withdrawn);
  }
}

void Lpis::reload(u32 intid) {
  const auto lpi = pending_.find(intid);
  if (lpi == pending_.end()) return;
  ready_.erase({lpi->second.priority, intid});
  lpi->second = property(intid);
  if (lpi->second.enabled) ready_.emplace(lpi->second.priority, intid);
}

void Lpis::reload_all() {
  for (const auto& [intid, property] : pending_) reload(intid);
}

void Lpis::move(u32 intid, Lpis& to) {
  if (&to == this || !is_pending(intid)) return;
  set_pending(intid, false);
  to.set_pending(intid, true);
}

void Lpis::move_all(Lpis& to) {
  std::vector<u32> intids;
  for (const auto& [intid, property] : pending_) intids.push_back(intid);
  for (const u32 intid : intids) move(intid, to);
}

std::optional<Candidate> Lpis::best() const {
  if (ready_.empty()) return std::nullopt;
  const auto [priority, intid] = *ready_.begin();
  return Candidate{.intid = intid, .priority = priority, .group = Group::Group1};
}

void Lpis::acknowledge(u32 intid) {
  erase(intid);
  observation_.physical(intid, cpu_, InterruptStation::Acknowledged);
}

}  // namespace tw::gic::v3
