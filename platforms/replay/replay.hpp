// Traces through an MMU, without a CPU: each access is translated, one after another, and waits for all of it.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "cost/ledger.hpp"
#include "mmu/mmu.hpp"
#include "platforms/replay/dma.hpp"
#include "platforms/replay/hypervisor.hpp"
#include "platforms/replay/shared_distances.hpp"
#include "platforms/replay/tables.hpp"
#include "trace/record.hpp"

namespace tw::replay {

struct Counts {
  u64 records = 0;
  u64 translations = 0;   ///< a record that crosses a page has two
  u64 faults = 0;         ///< of addresses that no table can hold
  u64 streams = 0;        ///< records of DMA masters, which are no `translations`
  u64 table_writes = 0;   ///< records that are one
  u64 invalidations = 0;  ///< TLBIs of the trace that were replayed
  u64 moves = 0;          ///< pages that were found elsewhere than before
  bool operator==(const Counts&) const = default;
};

class Replay final {
 public:
  /// Throws UserError for what does not validate, and for contents that `config` needs and the trace has not.
  /// `caches`: of replay.caches.
  Replay(const Config& config, const mmu::Config& mmu, trace::Contents contents = {}, const smmu::Config& smmu = {},
         const cache::Config& caches = {});

  void access(std::span<const trace::Record> records) {
    for (const trace::Record& record : records) access(record);
  }
  void access(const trace::Record& record) {
    ++counts_.records;
    if (record.kind >= trace::Kind::TableWrite) [[unlikely]] {
      event(record);
      return;
    }
    if (!is_in_present_context(record) && !change_context(record)) return;
    translate(record, record.kind);
  }
  /// Another trace goes on, with `next`.
  void switch_machine(const trace::Record& next);
  /// Before the first access: the walks of stage 1, as references to the tables of the last level. What a walk cache of
  /// any size that holds these alone would miss, behind the TLBs that there are.
  void watch_walks(const vmsa::StackDistances::Spec& spec, PartsBy by = PartsBy::None) { walks_.emplace(spec, by); }
  /// After finish().
  const std::optional<SharedDistances>& walks() const { return walks_; }
  /// That a table of the last level maps.
  u64 table_bytes() const { return u64{1} << table_bits_; }
  /// Nothing more comes.
  void finish() {
    hypervisor_.need_updates();
    if (dma_) dma_->finish();
    if (walks_) walks_->flush();
  }

  const Counts& counts() const { return counts_; }
  const Tables& tables() const { return tables_; }
  /// nullptr: without replay.caches.
  const cache::Hierarchy* caches() const { return caches_ ? &caches_->hierarchy() : nullptr; }
  /// Nothing: the trace has no DMA master and no command of an SMMU.
  Dma* dma() { return dma_ ? &*dma_ : nullptr; }
  mmu::Mmu& mmu() { return mmu_; }
  cost::CoreLedger& ledger() { return ledger_; }

 private:
  static constexpr unsigned kPageBits = 12;
  static constexpr u64 kInPage = (u64{1} << kPageBits) - 1;
  static constexpr u64 kShortcuts = 512, kMapped = 1u << 14;
  /// A hit of the first level that is remembered, as the core's own shortcuts do it.
  struct Shortcut {
    u64 page = 0;
    const Space* space = nullptr;
    vmsa::ResidenceHandle handle;
    u64 pa = 0;  ///< of `page`
  };
  /// A page that is known to be mapped, where the trace has it (with replay.mapping=own).
  struct Mapped {
    const Space* space = nullptr;
    u64 page = 0;
    u64 ipa = 0, pa = 0;  ///< pages
  };
  bool is_in_present_context(const trace::Record& record) const {
    return space_ != nullptr && record.vmid == vmid_ && record.asid == asid_ && record.el == el_ &&
           record.stream == trace::kNoStream;
  }
  bool change_context(const trace::Record& record);
  Dma& dma_of_trace();
  void event(const trace::Record& record);
  void invalidate(const trace::Record& record);
  void translate(const trace::Record& record, trace::Kind kind) {
    const u64 va = by_ipa_ ? record.ipa.value : record.va.value;
    if (own_) {
      map_as_traced(va, record);
    }
    const u64 bytes = record.size == 0 ? 1 : record.size;
    const u64 last = va + (bytes - 1);
    if ((last ^ va) >> kPageBits == 0) [[likely]] {
      translate(va, kind, bytes);
      return;
    }
    const u64 behind = last & ~kInPage;
    translate(va, kind, behind - va);
    if (own_) map_behind(behind, behind - va, record);
    translate(behind, kind, last - behind + 1);
  }
  void translate(u64 va, trace::Kind kind, u64 bytes) {
    ++counts_.translations;
    const u64 page = va >> kPageBits;
    Shortcut& shortcut = shortcuts_[static_cast<unsigned>(kind)][page % kShortcuts];
    if (shortcut.page == page && shortcut.space == space_ && shortcut.handle.valid()) [[likely]] {
      shortcut.handle.touch();
      ledger_.charge(cost::Cause::Instruction, config_.access_cycles);
      if (caches_) [[unlikely]]
        caches_->access(kind, Va{va}, Pa{shortcut.pa | (va & kInPage)}, bytes);
      return;
    }
    look_up(va, kind, bytes, shortcut);
  }
  void look_up(u64 va, trace::Kind kind, u64 bytes, Shortcut& shortcut);
  Mapped& mapped(u64 page) { return mapped_[page % kMapped]; }
  void map_as_traced(u64 va, const trace::Record& record) {
    const Mapped& known = mapped(va >> kPageBits);
    if (known.page == va >> kPageBits && known.space == space_ && known.ipa == record.ipa.value >> kPageBits &&
        known.pa == record.pa.value >> kPageBits) [[likely]]
      return;
    map(va, Place{record.ipa, record.pa});
  }
  void map_behind(u64 va, u64 behind, const trace::Record& record);
  void map(u64 va, std::optional<Place> place);
  vmsa::Translation translate(const vmsa::Access& access);
  vmsa::Translation without_shadow(const vmsa::Access& access, const vmsa::Fault& fault, trace::Kind kind);
  void forget(vmsa::Invalidate what);

  const Config config_;
  const bool by_ipa_, own_, first_use_writes_;
  const unsigned table_bits_;
  Tables tables_;
  cost::CoreLedger ledger_;
  std::optional<Caches> caches_;
  Hypervisor hypervisor_;
  mmu::Mmu mmu_;
  const smmu::Config smmu_;
  std::optional<Dma> dma_;
  std::optional<SharedDistances> walks_;
  Counts counts_;
  Space* space_ = nullptr;
  El el_ = El::El0;
  Vmid vmid_{};
  Asid asid_{};
  std::array<std::array<Shortcut, kShortcuts>, trace::kAccessKinds> shortcuts_;
  std::vector<Mapped> mapped_;  ///< by hash
};

}  // namespace tw::replay
