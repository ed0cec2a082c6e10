// A trace through an MMU, without a CPU: each access is translated, one after another, and waits for all of it.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "cost/ledger.hpp"
#include "mmu/mmu.hpp"
#include "platforms/replay/tables.hpp"
#include "trace/record.hpp"

namespace tw::replay {

struct Counts {
  u64 records = 0;
  u64 translations = 0;  ///< a record that crosses a page has two
  u64 faults = 0;        ///< of addresses that no table can hold
  u64 streams = 0;       ///< records of DMA masters: not replayed
  bool operator==(const Counts&) const = default;
};

class Replay final {
 public:
  /// Throws UserError for what does not validate. `contents` of the trace.
  Replay(const Config& config, const mmu::Config& mmu, trace::Contents contents = {});

  void access(std::span<const trace::Record> records) {
    for (const trace::Record& record : records) access(record);
  }
  void access(const trace::Record& record) {
    ++counts_.records;
    if (record.kind == trace::Kind::Invalidate) return;
    if (!is_in_present_context(record) && !change_context(record)) return;
    const u64 va = by_ipa_ ? record.ipa.value : record.va.value;
    const trace::Kind kind = record.kind == trace::Kind::TableWrite ? trace::Kind::Write : record.kind;
    translate(va, kind);
    const u64 last = va + (record.size == 0 ? 0 : record.size - 1);
    if ((last ^ va) >> kPageBits != 0) [[unlikely]]
      translate(last, kind);
  }

  const Counts& counts() const { return counts_; }
  const Tables& tables() const { return tables_; }
  mmu::Mmu& mmu() { return mmu_; }
  cost::CoreLedger& ledger() { return ledger_; }

 private:
  static constexpr unsigned kPageBits = 12;
  static constexpr u64 kShortcuts = 512;
  /// A hit of the first level that is remembered, as the core's own shortcuts do it.
  struct Shortcut {
    u64 page = 0;
    const Space* space = nullptr;
    vmsa::ResidenceHandle handle;
  };
  bool is_in_present_context(const trace::Record& record) const {
    return space_ != nullptr && record.vmid == vmid_ && record.asid == asid_ && record.el == el_ &&
           record.stream == trace::kNoStream;
  }
  bool change_context(const trace::Record& record);
  void translate(u64 va, trace::Kind kind) {
    ++counts_.translations;
    const u64 page = va >> kPageBits;
    Shortcut& shortcut = shortcuts_[static_cast<unsigned>(kind)][page % kShortcuts];
    if (shortcut.page == page && shortcut.space == space_ && shortcut.handle.valid()) [[likely]] {
      shortcut.handle.touch();
      ledger_.charge(cost::Cause::Instruction, config_.access_cycles);
      return;
    }
    look_up(va, kind, shortcut);
  }
  void look_up(u64 va, trace::Kind kind, Shortcut& shortcut);

  const Config config_;
  const bool by_ipa_;
  Tables tables_;
  cost::CoreLedger ledger_;
  mmu::Mmu mmu_;
  Counts counts_;
  Space* space_ = nullptr;
  El el_ = El::El0;
  Vmid vmid_{};
  Asid asid_{};
  std::array<std::array<Shortcut, kShortcuts>, trace::kAccessKinds> shortcuts_;
  struct Mapped {
    const Space* space = nullptr;
    u64 page = 0;
  };
  std::vector<Mapped> mapped_;  ///< pages that are known to be mapped, by hash
};

}  // namespace tw::replay
