// What is in a trace, counted: kinds by EL, who accesses how much, what was invalidated.
#pragma once

#include <array>
#include <compare>
#include <map>
#include <span>
#include <unordered_set>

#include "trace/record.hpp"

namespace tw::trace {

/// Pages are of 4 KB here, whatever the translations are.
inline constexpr unsigned kSummaryPageBits = 12;

/// Who accesses: EL0 and EL1 of an ASID of a VMID, EL2, EL3, or a stream.
struct Space {
  El el = El::El0;  ///< EL0 of EL0 and EL1
  Vmid vmid{};
  Asid asid{};
  StreamId stream = kNoStream;
  auto operator<=>(const Space&) const = default;
};

struct SpaceSummary {
  u64 accesses = 0;
  u64 pages = 0;  ///< of VAs or IOVAs, that an access begins in
  bool operator==(const SpaceSummary&) const = default;
};

struct Summary {
  u64 records = 0;
  std::array<std::array<u64, 4>, kKinds> by_kind{};  ///< and EL
  std::map<Space, SpaceSummary> spaces;
  u64 physical_pages = 0;  ///< that an access begins in; 0 of a trace without PAs
  std::array<std::array<u64, kReaches>, kScopes> invalidations{};  ///< by scope
  bool operator==(const Summary&) const = default;
};

class Summarizer final {
 public:
  explicit Summarizer(Contents contents) : contents_(contents) {}
  void add(std::span<const Record> records);
  Summary summary() const;

 private:
  struct Pages {
    Pages() { recent.fill(~u64{0}); }
    void add(u64 address);
    std::unordered_set<u64> all;
    std::array<u64, 256> recent;  ///< some of them, by their low bits
  };
  struct Known {
    u64 accesses = 0;
    Pages pages;
  };
  void access(const Record& record);

  Contents contents_;
  Summary counts_;
  std::map<Space, Known> spaces_;
  Space last_;  ///< of the access before
  Known* known_ = nullptr;
  Pages physical_;
};

}  // namespace tw::trace
