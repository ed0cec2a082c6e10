#include "platforms/replay/replay.hpp"

namespace tw::replay {
namespace {

constexpr std::size_t kMapped = 1u << 14;

const Config& validated(const Config& config) {
  std::vector<Complaint> complaints = validate(config);
  if (!complaints.empty()) throw UserError(std::move(complaints));
  return config;
}

}  // namespace

Replay::Replay(const Config& config, const mmu::Config& mmu, trace::Contents contents)
    : config_(validated(config)),
      by_ipa_(!config.has_stage1() && contents.ipa),
      tables_(config),
      ledger_(0),
      mmu_(mmu, tables_, ledger_),
      mapped_(kMapped) {}

/// False: not replayed. What runs above EL1 is a host that uses EL1&0 without stage 2.
bool Replay::change_context(const trace::Record& record) {
  if (record.stream != trace::kNoStream) {
    ++counts_.streams;
    return false;
  }
  const bool guest = record.el <= El::El1;
  el_ = record.el;
  vmid_ = record.vmid;
  asid_ = record.asid;
  space_ = &tables_.space(guest, vmid_, asid_);
  const bool stage2 = space_->controls.stage2_enabled();
  ledger_.set_context({el_, stage2, stage2 ? vmid_ : Vmid{}});
  return true;
}

void Replay::look_up(u64 va, trace::Kind kind, Shortcut& shortcut) {
  const u64 page = va >> kPageBits;
  Mapped& mapped = mapped_[page % kMapped];
  if (mapped.page != page || mapped.space != space_) {
    tables_.map(*space_, va);
    mapped = {space_, page};
  }
  vmsa::Access access;
  access.va = Va{va};
  access.kind = kind == trace::Kind::Fetch ? vmsa::AccessKind::Fetch : vmsa::AccessKind::Data;
  access.read = kind != trace::Kind::Write;
  access.write = kind == trace::Kind::Write;
  access.privileged = false;  // every page may be read, written and executed at EL0, and by no other so (D8.4)
  access.el = el_;
  cost::Latency latency;
  const vmsa::Translation result = mmu_.translate(access, space_->controls, ledger_.elapsed(), latency);
  ledger_.charge(latency);
  ledger_.charge(cost::Cause::Instruction, config_.access_cycles);
  counts_.faults += !result.ok();
  if (config_.shortcuts && result.ok()) shortcut = {page, space_, result.residence};
}

}  // namespace tw::replay
