// Host-side shortcuts by translation context: what the core need not translate again. Never visible to the guest or in
// a report. A context is what a hardware TLB tags its entries with, and the registers that it need not tag: entries
// stay when software switches to another address space, and are there when it comes back.
#pragma once

#include <array>
#include <memory>

#include "base/types.hpp"
#include "vmsa/residence.hpp"
#include "vmsa/translation.hpp"

namespace tw::cpu {

struct CodePage;

/// A shortcut for one guest page of data: host address = va + addend, if the tag matches. Tags hold the page's VA;
/// kNoTag never matches.
struct HostEntry {
  u64 read_tag = kNoTag;
  u64 write_tag = kNoTag;
  u64 addend = 0;
  u64 pa_page = 0;  ///< with block_bits in its low bits
  static constexpr u64 kNoTag = 1;
};

/// The decoded page that a fetch finds at a VA page.
struct FetchEntry {
  u64 tag = ~u64{0};
  CodePage* page = nullptr;
  u32 block_bits = 12;
  bool cacheable = false;  ///< by this mapping; another one of the same page may say otherwise
};

inline constexpr unsigned kHostEntries = 256;
inline constexpr unsigned kFetchEntries = 256;

/// Timed fidelity: the modelled TLB's entries behind those of a view. An access through a shortcut is a hit of that
/// entry, and no shortcut when the TLB has lost it.
struct ViewResidences {
  struct Data {
    vmsa::ResidenceHandle read, write;
  };
  std::array<Data, kHostEntries> data;
  std::array<vmsa::ResidenceHandle, kFetchEntries> fetch;
};

/// Where the pages of a view lie, for an observer of the core.
struct ViewAddresses {
  struct Page {
    Ipa ipa;
    Pa pa;
  };
  std::array<Ipa, kHostEntries> data;
  std::array<Page, kFetchEntries> fetch;
};

/// What one privilege of one context sees.
struct HostView {
  std::array<HostEntry, kHostEntries> data;
  std::array<FetchEntry, kFetchEntries> fetch;
  u64 block_sizes = 0;  ///< bit n: there are entries of stage-1 blocks of 1 << n bytes, n > 12
  u64 blocks = 0;       ///< of those, a bit a block by a hash: 0 means that a block surely has no entry
  bool dirty = false;
  std::unique_ptr<ViewResidences> residences;  ///< made by timed fidelity
  std::unique_ptr<ViewAddresses> addresses;    ///< made for an observer

  HostEntry& data_entry(u64 va) { return data[(va >> 12) % kHostEntries]; }
  FetchEntry& fetch_entry(u64 va) { return fetch[(va >> 12) % kFetchEntries]; }
  ViewResidences::Data& data_residence(u64 va) { return residences->data[(va >> 12) % kHostEntries]; }
  vmsa::ResidenceHandle& fetch_residence(u64 va) { return residences->fetch[(va >> 12) % kFetchEntries]; }
  Ipa& data_ipa(u64 va) { return addresses->data[(va >> 12) % kHostEntries]; }
  ViewAddresses::Page& fetch_addresses(u64 va) { return addresses->fetch[(va >> 12) % kFetchEntries]; }
  /// To be called with every entry that is put in: the stage-1 page or block of `va` has 1 << `block_bits` bytes.
  void note(u64 va, unsigned block_bits);
  void clear();
  /// Drops all that translates through the stage-1 page or block around `va`.
  void forget(u64 va);
  void protect(u64 pa_page);
};

class HostContexts final {
 public:
  HostContexts();
  ~HostContexts();

  /// The registers changed: later calls of view() are of this context. False: it is the one as before.
  bool select(const vmsa::Controls& controls);
  /// `pan`: accesses at EL1 under PSTATE.PAN have a view of their own.
  HostView& view(El el, bool pan = false);
  void forget(const vmsa::Invalidate& what);
  void forget_all();
  /// No store to this physical page goes through a shortcut any more.
  void protect(Pa page);

 private:
  static constexpr unsigned kSlots = 16;
  struct Slot;
  Slot& slot_of(const vmsa::Controls& controls);

  std::array<std::unique_ptr<Slot>, kSlots> slots_;  ///< of EL1&0, made when they are needed
  Slot* present_ = nullptr;
  u64 uses_ = 0;
  vmsa::Controls controls_;
  std::unique_ptr<HostView> el2_, el3_;
};

}  // namespace tw::cpu
