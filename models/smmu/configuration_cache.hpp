// The TCU's caches of STEs and CDs (IHI 0070, 3.21.3), and what both lead to, resolved once.
#pragma once

#include <unordered_map>

#include "smmu/accounts.hpp"
#include "smmu/configuration.hpp"
#include "smmu/maintenance.hpp"
#include "vmsa/tlb/tlb.hpp"

namespace tw::smmu {

/// STEs by StreamID and CDs by StreamID and SubstreamID, in sets and ways. Only valid ones are kept; the first levels
/// of two-level tables are not.
class ConfigurationCache final {
 public:
  explicit ConfigurationCache(const Config& config);

  bool off() const { return stes_.off() && cds_.off(); }
  /// `wait`: until what is on its way at `now` has come.
  const Configuration::SteResult* find_ste(StreamId stream, u64 now, u64& wait);
  void keep(StreamId stream, const Configuration::SteResult& ste, const vmsa::Fill& fill);
  const Configuration::CdResult* find_cd(StreamKey key, u64 now, u64& wait);
  void keep(StreamKey key, const Configuration::CdResult& cd, const vmsa::Fill& fill);
  void invalidate(const ConfigurationInvalidate& what);
  void clear();
  /// Sets that an invalidation of all CDs of a stream looks at.
  u64 sets() const { return sets_; }

  vmsa::TlbStatistics ste_statistics() const { return ste_counters_.statistics(); }
  vmsa::TlbStatistics cd_statistics() const { return cd_counters_.statistics(); }
  void clear_statistics() { ste_counters_ = cd_counters_ = {}; }

 private:
  vmsa::TagArray stes_, cds_;
  vmsa::Counters ste_counters_, cd_counters_;
  template <class Structure>
  struct Line {
    Structure structure;
    vmsa::Fill fill;
  };
  std::vector<Line<Configuration::SteResult>> ste_lines_;
  std::vector<Line<Configuration::CdResult>> cd_lines_;
  u64 sets_;
};

/// A CD that CMD_CFGI_STE_RANGE, CMD_CFGI_CD … take: those of an STE go with it.
bool takes_stream(const ConfigurationInvalidate& what, StreamId stream);
bool takes_context(const ConfigurationInvalidate& what, StreamKey key);

struct Resolved {
  Stream stream;
  SteWords ste{};  ///< what it follows from
  CdWords cd{};
  Account* account = nullptr;
  /// To a TBU that has asked, and need not ask again.
  struct Knowledge {
    bool known = false;
    vmsa::Fill since;
  };
  std::vector<Knowledge> known_to;
};

/// A host's shortcut from a StreamID and SubstreamID to all that follows from STE and CD. It is modelled only in that a
/// TBU knows the streams for which it has asked the TCU, until CMD_CFGI_*.
class ResolvedStreams final {
 public:
  explicit ResolvedStreams(unsigned tbus);

  /// `translated`: for what is Translated, of which the STE alone decides (ATS).
  Resolved* find(StreamKey key, bool translated = false);
  /// What TBU `tbu` knows.
  Resolved* known(unsigned tbu, StreamKey key, bool translated = false) {
    Recent& recent = recents_[tbu * kRecents + slot(key)];
    if (recent.resolved != nullptr && recent.key == packed(key, translated)) [[likely]]
      return recent.resolved;
    return find_known(tbu, key, translated, recent);
  }
  Resolved& keep(const Stream& stream, bool translated, Account& account);
  void told(Resolved& resolved, unsigned tbu, const vmsa::Fill& since) {
    if (!resolved.known_to[tbu].known) resolved.known_to[tbu] = {true, since};
  }
  void invalidate(const ConfigurationInvalidate& what);
  void forget(StreamKey key);
  void clear();

 private:
  static constexpr unsigned kRecents = 16;  ///< of each TBU
  static constexpr std::size_t kMost = 65536;
  struct Recent {
    u64 key = 0;
    Resolved* resolved = nullptr;
  };
  static u64 packed(StreamKey key, bool translated) {
    return u64{key.stream.value} | u64{key.substream} << 32 | u64{translated} << 62 | u64{key.has_substream} << 63;
  }
  static unsigned slot(StreamKey key) { return (key.stream.value ^ key.substream) % kRecents; }
  Resolved* find_known(unsigned tbu, StreamKey key, bool translated, Recent& recent);
  void forget_recents() { recents_.assign(recents_.size(), {}); }

  unsigned tbus_;
  std::unordered_map<u64, Resolved> by_key_;  // an element stays where it is
  std::vector<Recent> recents_;
};

}  // namespace tw::smmu
