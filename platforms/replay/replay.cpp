#include "platforms/replay/replay.hpp"

#include <fmt/format.h>

#include <bit>

namespace tw::replay {
namespace {

const Config& validated(const Config& config, trace::Contents contents) {
  std::vector<Complaint> complaints = validate(config);
  if (config.mapping == "own") {
    const bool ipas = config.has_stage2();
    if (!contents.pa || (ipas && !contents.ipa)) {
      complaints.push_back({"replay.mapping", fmt::format("own: the trace knows no {}", ipas ? "IPAs or PAs" : "PAs")});
    }
  }
  if (!complaints.empty()) throw UserError(std::move(complaints));
  return config;
}

/// By trace::Scope; what names no scope is not looked at.
constexpr vmsa::InvalidateScope kScopes[] = {
    vmsa::InvalidateScope::All,        vmsa::InvalidateScope::All,       vmsa::InvalidateScope::VmidStage1,
    vmsa::InvalidateScope::VmidAll,    vmsa::InvalidateScope::AsidAll,   vmsa::InvalidateScope::VaAsid,
    vmsa::InvalidateScope::VaLastAsid, vmsa::InvalidateScope::VaAllAsid, vmsa::InvalidateScope::VaLastAllAsid,
    vmsa::InvalidateScope::Ipa,        vmsa::InvalidateScope::IpaLast};
static_assert(std::size(kScopes) == trace::kScopesOfCores);

/// A table has a page of descriptors.
unsigned table_bits(const Config& config) {
  const unsigned per_table = static_cast<unsigned>(std::countr_zero(config.granule)) - 3;
  return static_cast<unsigned>(std::countr_zero(config.walked_leaf())) + per_table;
}

/// Of the regime that all spaces here have, EL1&0, with VMIDs.
vmsa::Invalidate of_guests(vmsa::InvalidateScope scope, Vmid vmid) {
  vmsa::Invalidate what;
  what.scope = scope;
  what.stage2_in_use = true;
  what.vmid = vmid;
  return what;
}

}  // namespace

Replay::Replay(const Config& config, const mmu::Config& mmu, trace::Contents contents, const smmu::Config& smmu,
               const cache::Config& caches)
    : config_(validated(config, contents)),
      by_ipa_(!config.has_stage1() && contents.ipa),
      own_(config.mapping == "own"),
      first_use_writes_(config.is_deprivileged() && config.table_writes == "first_use"),
      table_bits_(table_bits(config)),
      tables_(config_),
      ledger_(0),
      hypervisor_(config_, ledger_),
      mmu_(mmu, tables_, ledger_),
      smmu_(smmu),
      mapped_(kMapped) {
  if (!config_.caches) return;
  caches_.emplace(config_, mmu.descriptor_latency, caches, ledger_);
  tables_.use(*caches_);
}

Dma& Replay::dma_of_trace() {
  if (!dma_) dma_.emplace(config_, smmu_);
  return *dma_;
}

/// False: it is an access of another master, and done. What runs above EL1 is a host that uses EL1&0 without stage 2.
bool Replay::change_context(const trace::Record& record) {
  if (record.stream != trace::kNoStream) {
    ++counts_.streams;
    dma_of_trace().access(record);
    return false;
  }
  el_ = record.el;
  vmid_ = record.vmid;
  asid_ = record.asid;
  space_ = &tables_.space(el_ <= El::El1, vmid_, asid_);
  if (walks_) walks_->turn_to(el_ <= El::El1 ? vmid_ : Vmid{}, asid_, trace::kNoStream);
  ledger_.set_context({el_, space_->guest, space_->guest ? vmid_ : Vmid{}});
  if (space_->guest) {
    if (space_->machine->loaded != nullptr && space_->machine->loaded != space_) hypervisor_.switch_space();
    space_->machine->loaded = space_;
  }
  return true;
}

void Replay::switch_machine(const trace::Record& next) {
  u64 flush_cycles = 0;
  if (config_.switch_policy == "flush") {
    const u64 now = ledger_.elapsed();
    flush_cycles = mmu_.invalidate(of_guests(vmsa::InvalidateScope::All, {}), now) - now;
  }
  const bool guest = next.el <= El::El1 && config_.paging != "native";
  hypervisor_.need_updates();
  hypervisor_.switch_machine({next.el, guest, guest ? next.vmid : Vmid{}}, flush_cycles);
  space_ = nullptr;
}

// ---- records that are more than an access

void Replay::event(const trace::Record& record) {
  if (record.kind == trace::Kind::Invalidate) {
    invalidate(record);
    return;
  }
  if (!is_in_present_context(record) && !change_context(record)) return;
  translate(record, trace::Kind::Write);
  ++counts_.table_writes;
  if (space_->guest && config_.table_writes == "records") hypervisor_.table_write();
}

/// TLBIs of EL2 and EL3 are those of the host, as their accesses are. A guest has none of stage 2.
void Replay::invalidate(const trace::Record& record) {
  if (record.scope == trace::Scope::None) return;
  if (record.target.reach() == trace::Reach::Command) {
    dma_of_trace().invalidate(record);
    return;
  }
  if (trace::names_streams(record.scope)) return;
  const bool of_host = record.target.regime() != trace::Regime::El10;
  if (trace::names_ipa(record.scope) && !config_.has_stage2()) return;
  vmsa::Invalidate what = of_guests(kScopes[static_cast<unsigned>(record.scope)], of_host ? Vmid{} : record.vmid);
  if (of_host) {
    what.scope = trace::names_va(record.scope) ? vmsa::InvalidateScope::VaAllAsid : vmsa::InvalidateScope::VmidStage1;
  }
  what.asid = record.asid;
  what.va = record.va;
  what.ipa = record.ipa;
  what.bytes = record.size;
  ++counts_.invalidations;
  const u64 now = ledger_.elapsed();
  if (record.target.reach() == trace::Reach::Received) {
    mmu_.invalidate_for_another(what, now);
    return;
  }
  const u64 cycles = mmu_.invalidate(what, now) - now;
  const bool by_guest = record.el <= El::El1 && config_.is_deprivileged();
  if (!by_guest) {
    ledger_.charge(cost::Cause::TlbMaintenance, cycles);
    return;
  }
  if (trace::names_va(record.scope)) {
    const std::optional<Asid> asid = trace::names_asid(record.scope) ? std::optional(record.asid) : std::nullopt;
    tables_.drop(record.vmid, asid, record.va.value, record.size);
  }
  hypervisor_.invalidate(cycles);
}

/// Takes no time: it makes up for TLBIs that a trace does not tell of.
void Replay::forget(vmsa::Invalidate what) { mmu_.invalidate(what); }

// ---- mappings

void Replay::map(u64 va, std::optional<Place> place) {
  const u64 page = va >> kPageBits;
  const Change change = tables_.map(*space_, va, place ? &*place : nullptr);
  mapped(page) = {space_, page, place ? place->ipa.value >> kPageBits : 0, place ? place->pa.value >> kPageBits : 0};
  if (change.moved || change.stage2_moved) {
    ++counts_.moves;
    const Vmid vmid = space_->controls.vmid();
    if (change.stage2_moved) {
      vmsa::Invalidate what = of_guests(vmsa::InvalidateScope::Ipa, vmid);
      what.ipa = place->ipa;
      forget(what);
      forget(of_guests(vmsa::InvalidateScope::VmidStage1, vmid));
    } else {
      vmsa::Invalidate what = of_guests(vmsa::InvalidateScope::VaAllAsid, vmid);
      what.va = Va{va};
      forget(what);
    }
  }
  if (!space_->guest || !config_.is_deprivileged() || !(change.is_new || change.moved)) return;
  if (first_use_writes_) hypervisor_.table_write();
  hypervisor_.need_updates();
}

/// The trace tells only of the first page of a record that crosses into the next.
void Replay::map_behind(u64 va, u64 behind, const trace::Record& record) {
  const Mapped& known = mapped(va >> kPageBits);
  if (known.page == va >> kPageBits && known.space == space_) return;
  map(va, Place{record.ipa + behind, record.pa + behind});
}

void Replay::look_up(u64 va, trace::Kind kind, u64 bytes, Shortcut& shortcut) {
  const u64 page = va >> kPageBits;
  if (!own_ && (mapped(page).page != page || mapped(page).space != space_)) map(va, std::nullopt);
  vmsa::Access access;
  access.va = Va{va};
  access.kind = kind == trace::Kind::Fetch ? vmsa::AccessKind::Fetch : vmsa::AccessKind::Data;
  access.read = kind != trace::Kind::Write;
  access.write = kind == trace::Kind::Write;
  access.privileged = false;  // every page may be read, written and executed at EL0, and by no other so (D8.4)
  access.el = el_;
  vmsa::Translation result = translate(access);
  if (!result.ok() && space_->shadowed) result = without_shadow(access, result.fault, kind);
  ledger_.charge(cost::Cause::Instruction, config_.access_cycles);
  counts_.faults += !result.ok();
  if (!result.ok()) return;
  if (config_.shortcuts) shortcut = {page, space_, result.residence, result.pa.value & ~kInPage};
  if (caches_) caches_->access(kind, access.va, result.pa, bytes);
}

vmsa::Translation Replay::translate(const vmsa::Access& access) {
  cost::Latency latency;
  const u64 fetches = tables_.stage1_fetches();
  vmsa::Translation result = mmu_.translate(access, space_->controls, ledger_.elapsed(), latency);
  ledger_.charge(latency);
  if (walks_ && tables_.stage1_fetches() != fetches) {
    const vmsa::ContextWord context{vmsa::context_of(space_->controls, vmsa::Regime::El10), false};
    walks_->reference(context, access.va.value >> table_bits_);
  }
  return result;
}

/// The access comes again after the exit.
vmsa::Translation Replay::without_shadow(const vmsa::Access& access, const vmsa::Fault& fault, trace::Kind kind) {
  const bool clean = fault.type == vmsa::FaultType::Permission;
  const bool writable = clean || access.write || !config_.hardware_dirty;
  if (!tables_.fill(*space_, access.va.value, writable)) {
    vmsa::Translation none;
    none.fault = fault;
    return none;
  }
  if (clean) {
    hypervisor_.first_write();
    vmsa::Invalidate what = of_guests(vmsa::InvalidateScope::VaAllAsid, space_->controls.vmid());
    what.va = access.va;
    const u64 now = ledger_.elapsed();
    ledger_.charge(cost::Cause::TlbMaintenance, mmu_.invalidate(what, now) - now);
  } else {
    hypervisor_.fill(kind);
  }
  return translate(access);
}

}  // namespace tw::replay
