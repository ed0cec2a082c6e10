// The LPIs of one core: message-based interrupts whose priority and enable are a table in memory, and which have no
// active state (IHI 0069, chapter 5). The redistributor keeps what is pending here while LPIs are enabled, and in the
// pending table in memory otherwise.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "gic/observation.hpp"
#include "gic/signalling.hpp"

namespace tw::gic::v3 {

/// What GICR_PROPBASER and GICR_PENDBASER say when LPIs are enabled.
struct LpiTables {
  Pa properties{};  ///< a byte an LPI, from INTID 8192 on
  Pa pending{};     ///< a bit an INTID; the first 1 KB is not used for LPIs
  unsigned id_bits = 0;
  bool pending_zero = false;  ///< PTZ: the pending table holds nothing but zeros
};

class Lpis final {
 public:
  /// Without `memory` there are no LPIs. `priority_bits`: implemented high bits of a priority.
  Lpis(unsigned cpu, unsigned priority_bits, MemoryPort* memory, Observation observation)
      : cpu_(cpu), priority_bits_(priority_bits), memory_(memory), observation_(observation) {}

  bool exist() const { return memory_ != nullptr; }
  bool enabled() const { return tables_.has_value(); }
  /// `shifted`: priorities in the table are Non-secure software's view (two Security states).
  void enable(const LpiTables& tables, bool shifted);
  /// Writes the pending table back.
  void disable();
  /// As disable(), but what was pending is lost.
  void reset();

  /// Ignored when LPIs are disabled or `intid` is beyond the tables.
  void set_pending(u32 intid, bool pending);
  bool is_pending(u32 intid) const { return pending_.contains(intid); }
  /// INV: the property table has changed for one LPI; INVALL: for any.
  void reload(u32 intid);
  void reload_all();
  /// MOVI and MOVALL: the pending state goes to another core.
  void move(u32 intid, Lpis& to);
  void move_all(Lpis& to);

  /// The highest priority one that is pending and enabled; the lowest INTID wins a tie.
  std::optional<Candidate> best() const;
  void acknowledge(u32 intid);

 private:
  struct Property {
    u8 priority = 0;
    bool enabled = false;
  };
  bool is_covered(u32 intid) const;
  Property property(u32 intid) const;
  void insert(u32 intid);
  void erase(u32 intid);
  void load_pending_table();

  unsigned cpu_;
  unsigned priority_bits_;
  MemoryPort* memory_;
  Observation observation_;
  std::optional<LpiTables> tables_;
  bool shifted_ = false;
  std::map<u32, Property> pending_;
  std::set<std::pair<u8, u32>> ready_;  ///< pending and enabled: priority, INTID
};

}  // namespace tw::gic::v3
