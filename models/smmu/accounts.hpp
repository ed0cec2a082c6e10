// The ledger of translations: an account for each stream in each VM, and who pushed out whose entries.
#pragma once

#include <deque>
#include <vector>

#include "smmu/trip.hpp"

namespace tw::smmu {

/// Stable in memory; kept by whoever files often.
struct Account {
  explicit Account(const LedgerKey& of) : key(of) {}

  LedgerKey key;
  StreamSummary summary;
  /// Answered by a TBU at once (Bypass, Tbu): [level][write], of which each has taken the TBU's latency and no more.
  std::array<std::array<u64, 2>, 2> prompt{};

  void file_prompt(HitLevel level, bool write) { ++prompt[static_cast<unsigned>(level)][write]; }
};

class Accounts final {
 public:
  explicit Accounts(u64 tbu_latency) : tbu_latency_(tbu_latency) {}

  /// Beyond kMost accounts, substreams are filed with their stream.
  Account& of(const LedgerKey& key);
  static void file(const Trip& trip, HitLevel level, bool write, Account& account);
  std::map<LedgerKey, StreamSummary> summaries() const;
  void clear();
  static constexpr std::size_t kMost = 4096;

 private:
  u64 tbu_latency_;
  std::deque<Account> accounts_;
  std::map<LedgerKey, Account*> by_key_;
};

/// Who has brought in each line of a structure, and pushed out whose.
class Bringers final {
 public:
  explicit Bringers(u64 lines) : by_line_(lines) {}

  /// `line` is now `account`'s; `displaced`: another entry had to leave for it.
  void brought(u32 line, const Account& account, bool displaced) {
    if (displaced) count(by_line_[line], &account);
    by_line_[line] = &account;
  }
  void add_to(StreamEvictions& sum) const;
  void clear_statistics() { counts_.clear(); }

 private:
  struct Count {
    const Account* victim;
    const Account* evictor;
    u64 times;
  };
  void count(const Account* victim, const Account* evictor);

  std::vector<const Account*> by_line_;
  std::vector<Count> counts_;  ///< the latest pair first
};

}  // namespace tw::smmu
