// What software owes the MMU when it changes translation tables: break before make, TLBI, DSB, fresh VMIDs (Arm ARM
// D8.13, D8.14). Breaches are counted and the first of each kind is kept; nothing that is modelled changes by it.
//
// The MMUs say which descriptors they have walked, what has been invalidated and what is used; the cores say what has
// been stored into tables, and their barriers. What an MMU may hold is what it has walked since the last TLBI that
// covers it, whether its structures still have it or not.
#pragma once

#include <array>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mmu/statistics.hpp"

namespace tw::mmu {

// One row a kind: enumerator, name in reports, what it is.
#define TW_BREACHES(X)                                                                                               \
  X(BreakBeforeMake, "break-before-make",                                                                            \
    "a valid descriptor was replaced by another valid one, of other address, size or memory type, without a TLBI "   \
    "between")                                                                                                       \
  X(StaleTranslation, "stale-translation",                                                                           \
    "a translation was used whose descriptor the core had changed, past DSB and context synchronisation, without a " \
    "TLBI")                                                                                                          \
  X(TlbiBeforeDsb, "tlbi-before-dsb", "a TLBI followed the change of a descriptor without a DSB between")            \
  X(UseBeforeDsb, "use-before-dsb", "a changed translation was used after its TLBI without a DSB between")           \
  X(VmidReuse, "vmid-reuse", "other tables were entered under a VMID whose translations had not been invalidated")   \
  X(AsidReuse, "asid-reuse", "other tables were entered under an ASID whose translations had not been invalidated")

enum class Breach : u8 {
#define TW_ENUMERATOR(name, text, what) name,
  TW_BREACHES(TW_ENUMERATOR)
#undef TW_ENUMERATOR
};
struct BreachRow {
  std::string_view name;
  std::string_view what;
};
inline constexpr BreachRow kBreaches[] = {
#define TW_ROW(name, text, what) {text, what},
    TW_BREACHES(TW_ROW)
#undef TW_ROW
};
#undef TW_BREACHES
inline constexpr unsigned kBreachCount = sizeof(kBreaches) / sizeof(kBreaches[0]);

/// A kind's count, and the first that there was.
struct Violation {
  u64 count = 0;
  unsigned core = 0;
  u64 now = 0;  ///< in that core's cycles
  u64 pc = 0;
  u64 address = 0;     ///< VA; IPA where `stage` is 2
  u64 descriptor = 0;  ///< its physical address, where one is concerned
  u8 stage = 1;
  Context context;
};

/// A descriptor that was walked, and whose translations an MMU may hold.
struct WalkedDescriptor {
  u64 address = 0;  ///< of the descriptor
  u64 value = 0;
  bool big_endian = false;
  u8 stage = 1;
  bool leaf = false;
  u8 bits = 12;   ///< of the region that it maps, or that its table maps
  u64 input = 0;  ///< VA[55:0] or IPA of the region
  u64 root = 0;   ///< base address of the tables
  bool global = false;
  Context context;
};

/// Of all cores of a platform.
class Contract final {
 public:
  /// Told when uses have to be told one by one from now on.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void attend() = 0;
  };
  /// `pc_of(core)` is asked when a breach is found.
  explicit Contract(unsigned cores, std::function<u64(unsigned)> pc_of = {});

  // ---- from the cores

  /// Whether stores to this page are of interest.
  bool watches(u64 address) const { return (pages_[hash(address >> 12) / 64] >> (hash(address >> 12) % 64) & 1) != 0; }
  /// `size` bytes at `address`, 8 at most, not across a doubleword, have become `value`.
  void written(u64 address, u64 value, unsigned size, unsigned core, u64 now);
  void data_synchronised(unsigned core);     ///< DSB
  void context_synchronised(unsigned core);  ///< ISB, exception entry and return

  // ---- from the MMUs

  void listen(unsigned core, Listener& listener) { cores_[core].listener = &listener; }
  void walked(const WalkedDescriptor& descriptor, unsigned core, u64 now);
  /// TLBI, of this core or another, on what `core` holds.
  void invalidated(const vmsa::Invalidate& what, unsigned core, bool by_this_core, u64 now);
  /// The core's structures hold nothing (a change of fidelity).
  void emptied(unsigned core);
  /// A translation of `va` by `ipa` is used.
  void used(const Context& context, Va va, Ipa ipa, unsigned core, u64 now) {
    if (attentive(core)) used_slow(context, va, ipa, core, now);
  }
  /// Uses have to be told one by one: some are watched.
  bool attentive(unsigned core) const { return cores_[core].watched != 0; }

  const Violation& violation(Breach kind) const { return violations_[static_cast<unsigned>(kind)]; }
  void clear();  ///< the counts

 private:
  /// Numbers events, so that what was before what is a comparison. 0: never.
  using Moment = u64;

  /// Translations by one descriptor in one context.
  struct Record {
    WalkedDescriptor made_of;
    u64 memory = 0;              ///< what the doubleword holds now
    std::vector<Moment> filled;  ///< by core: when it last walked it
    std::vector<Moment> halved;  ///< by core, of stage 2: when a TLBI by IPA left the entries that combine both stages
    unsigned writer = 0;         ///< who changed the descriptor,
    Moment changed = 0;          ///< and when; 0: nobody since
    Moment forgotten = 0;        ///< when the writer's TLBI covered the change, of which the DSB is awaited
  };
  /// TLBIs of all of a regime, or of a VMID.
  struct Space {
    Moment stage1 = 0, stage2 = 0;
  };
  struct Root {
    u64 base = 0;
    Moment walked = 0;
  };
  struct Core {
    Listener* listener = nullptr;
    u64 watched = 0;          ///< records that this core has changed
    Moment barrier = 0;       ///< the last DSB
    Moment synchronised = 0;  ///< the last DSB that a context synchronisation has followed
    Moment emptied = 0;
    std::unordered_map<u64, Space> regimes, spaces;
    std::unordered_map<u64, Moment> address_spaces;
    std::unordered_map<u64, Root> roots;  ///< the tables that a VMID or an ASID was last walked with
  };

  static u64 hash(u64 page) { return (page * 0x9E3779B97F4A7C15u) >> 48; }
  bool may_hold(const Record& record, unsigned core) const;
  Moment last_invalidation(const Core& core, const Context& context, unsigned stage, bool global) const;
  bool anyone_may_hold(const Record& record) const;
  void changed(u32 at, u64 value, unsigned core, u64 now);
  void tidy();
  void compact();
  void index(u32 at);
  void forget(u32 at, unsigned core, bool by_this_core, u64 now);
  void invalidate_address(const vmsa::Invalidate& what, unsigned core, bool by_this_core, u64 now);
  void invalidate_space(const vmsa::Invalidate& what, unsigned core, bool by_this_core, u64 now);
  void used_slow(const Context& context, Va va, Ipa ipa, unsigned core, u64 now);
  /// True: the record has no change to judge any more.
  bool judge_use(u32 at, const Context& context, u64 address, unsigned core, u64 now);
  void check_reuse(const WalkedDescriptor& descriptor, unsigned core, u64 now);
  void report(Breach kind, const WalkedDescriptor& descriptor, u64 address, unsigned core, u64 now);
  template <class Visit>
  void at_input(const Context& context, unsigned stage, u64 input, Visit visit);

  static constexpr std::size_t kFewRecords = std::size_t{1} << 16;
  static constexpr std::size_t kMostWatched = 256;  ///< changes that are followed at a time; the oldest give way

  std::function<u64(unsigned)> pc_of_;
  std::vector<u64> pages_;  ///< a filter of the pages that hold descriptors
  std::vector<Core> cores_;
  std::vector<Record> records_;
  std::size_t most_records_ = kFewRecords;
  std::unordered_map<u64, std::vector<u32>> by_descriptor_;  ///< physical address of the doubleword
  std::unordered_map<u64, std::vector<u32>> by_input_;
  u64 sizes_[3] = {};         ///< by stage, a bit a size that records have
  std::vector<u32> watched_;  ///< changed and perhaps held by who did it, or awaiting his DSB
  Moment moment_ = 0;
  std::array<Violation, kBreachCount> violations_{};
};

}  // namespace tw::mmu
