#include "smmu/accounts.hpp"

#include <algorithm>
#include <utility>

namespace tw::smmu {

Account& Accounts::of(const LedgerKey& key) {
  if (const auto known = by_key_.find(key); known != by_key_.end()) return *known->second;
  if (accounts_.size() >= kMost && key.from.has_substream) {
    return of({.from = {key.from.stream}, .guest = key.guest, .vmid = key.vmid});
  }
  return *by_key_.emplace(key, &accounts_.emplace_back(key)).first->second;
}

void Accounts::file(const Trip& trip, HitLevel level, bool write, Account& account) {
  StreamSummary& summary = account.summary;
  ++summary.translations[static_cast<unsigned>(level)];
  for (unsigned part = 0; part < kPartCount; ++part) summary.cycles[part] += trip.cycles[part];
  ++(write ? summary.writes : summary.reads);
  summary.fetches_stage1 += trip.fetches_stage1;
  summary.fetches_stage2 += trip.fetches_stage2;
  summary.ste_fetches += trip.ste_fetches;
  summary.cd_fetches += trip.cd_fetches;
  summary.latency.add(trip.total());
}

std::map<LedgerKey, StreamSummary> Accounts::summaries() const {
  std::map<LedgerKey, StreamSummary> result;
  for (const Account& account : accounts_) {
    StreamSummary summary = account.summary;
    for (unsigned level = 0; level < account.prompt.size(); ++level) {
      const auto [reads, writes] = account.prompt[level];
      if (reads + writes == 0) continue;
      summary.translations[level] += reads + writes;
      summary.reads += reads;
      summary.writes += writes;
      summary.cycles[static_cast<unsigned>(Part::Tbu)] += (reads + writes) * tbu_latency_;
      summary.latency.add(tbu_latency_, reads + writes);
    }
    const bool used = summary.latency.count() + summary.prefetches + summary.ats_requests + summary.page_requests != 0;
    if (used) result.emplace(account.key, std::move(summary));
  }
  return result;
}

void Accounts::clear() {
  for (Account& account : accounts_) account = Account(account.key);
}

void Bringers::count(const Account* victim, const Account* evictor) {
  if (victim == nullptr) return;
  const auto of_pair = [&](const Count& known) { return known.victim == victim && known.evictor == evictor; };
  auto place = std::find_if(counts_.begin(), counts_.end(), of_pair);
  if (place == counts_.end()) place = counts_.insert(place, {victim, evictor, 0});
  ++place->times;
  std::swap(*place, counts_.front());
}

void Bringers::add_to(StreamEvictions& sum) const {
  for (const Count& count : counts_) sum[{count.victim->key, count.evictor->key}] += count.times;
}

}  // namespace tw::smmu
