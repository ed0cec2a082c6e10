// The endpoint's side of address translation services (PCI Express Base 5.0, chapter 10) and of PASID (6.20): their
// extended capabilities, the translation cache, and the promise that no request with an old translation is under way
// when an invalidation is said to be done.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "devices/pci/config_space.hpp"
#include "devices/pci/endpoint_ports.hpp"
#include "devices/pci/translation_cache.hpp"

namespace tw::devices::pci {

struct AtsSettings {
  bool ats = false, pri = false, pasid = false;  ///< which capabilities there are
  u64 cache_entries = 64;
  u64 page_requests = 32;  ///< Outstanding Page Request Capacity
};

class Ats final {
 public:
  Ats(ConfigSpace& config, const AtsSettings& settings);

  void set_agent(TranslationAgent* agent) { agent_ = agent; }
  bool enabled() const;
  /// Whether requests may have this prefix: PASID, Execute, Privileged Mode are on.
  bool allows(const PasidPrefix& prefix) const;
  /// Software wrote to configuration space.
  void configuration_written();
  void reset();

  struct Found {
    Completion status = Completion::Success;
    Translation translation;
  };
  /// From the cache, or by a translation request; may take time. `write`: the right to write is asked for.
  Found translate(u64 address, const std::optional<PasidPrefix>& pasid, bool write);
  /// Between these two a request with the last translation is under way.
  void request_begins() { under_way_ = used_; }
  void request_ends();
  void invalidate(const InvalidateRequest& request);

  // Page requests
  bool may_ask_for_pages() const;
  /// False: no request was sent. `group` is the caller's next_group().
  bool request_page(const PageRequest& request);
  u16 next_group();
  void respond(const PageResponse& response);
  /// The answer to a group, once.
  std::optional<PageResponseCode> take_response(u16 group);
  bool waits_for(u16 group) const { return groups_[group].outstanding != 0; }

  struct Statistics {
    u64 hits = 0, misses = 0, invalidations = 0, page_requests = 0;
  };
  const Statistics& statistics() const { return statistics_; }
  const Translation& last() const { return last_; }
  std::optional<PageResponse> last_response() const { return last_response_; }

 private:
  static constexpr u16 kGroups = 512;
  struct Range {
    u64 address;
    unsigned size_log2;
    std::optional<u32> pasid;
    bool global;
  };
  struct Group {
    u32 outstanding = 0;  ///< page requests without a response
    std::optional<PageResponseCode> response;
  };
  u32 field(u16 capability, u16 offset, unsigned bytes) const {
    return config_.read(static_cast<u16>(capability + offset), bytes);
  }
  void add_capabilities();
  void set_page_status(u32 bits);
  void forget_page_requests();
  bool concerns_use(const std::optional<Range>& use, const InvalidateRequest& request) const;

  ConfigSpace& config_;
  const AtsSettings settings_;
  TranslationAgent* agent_ = nullptr;
  u16 ats_ = 0, pri_ = 0, pasid_ = 0;  ///< capabilities' places; 0: there is none
  TranslationCache cache_;
  std::optional<Range> asked_, used_, under_way_;
  bool stale_ = false;           ///< what is being asked for was invalidated meanwhile
  std::vector<u32> unanswered_;  ///< tags of invalidations that wait for a request's end
  std::array<Group, kGroups> groups_{};
  u64 outstanding_ = 0;
  u16 last_group_ = kGroups - 1;
  Statistics statistics_;
  Translation last_;
  std::optional<PageResponse> last_response_;
};

}  // namespace tw::devices::pci
