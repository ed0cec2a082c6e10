#include "platforms/replay/dma.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "platforms/replay/smmu_commands.hpp"

namespace tw::replay {
namespace {

constexpr unsigned kPageBits = 12;
constexpr u64 kPage = u64{1} << kPageBits;

/// A device knows nothing of a hypervisor: where that keeps a guest's tables, the SMMU has one stage of its own.
Config of_devices(Config config) {
  if (config.is_deprivileged()) config.paging = "native";
  return config;
}

const smmu::Config& fitting(const smmu::Config& smmu, const Config& config) {
  std::vector<Complaint> complaints = smmu::validate(smmu);
  if (config.has_stage2() && config.ipa_bits > smmu.pa_bits) {
    complaints.push_back({"replay.ipa_bits", fmt::format("more than smmu.pa_bits={}", smmu.pa_bits)});
  }
  if (!complaints.empty()) throw UserError(std::move(complaints));
  return smmu;
}

}  // namespace

Dma::Dma(const Config& config, const smmu::Config& smmu)
    : config_(of_devices(config)),
      smmu_(fitting(smmu, config_)),
      own_(config.mapping == "own"),
      tbus_(static_cast<unsigned>(std::max<u64>(smmu_.tbus, 1))),
      tables_(config_),
      memory_(tables_.ram(), Tables::kBase, config.descriptor_cycles),
      driver_(smmu_, tbus_, memory_, tables_.memory()) {}

// ---- streams and their address spaces

/// Null: there are no ASIDs left.
Dma::Context* Dma::context_of(const DmaSpace& name) {
  if (const auto found = contexts_.find(name); found != contexts_.end()) return &found->second;
  if (contexts_.size() >= std::numeric_limits<u16>::max()) return nullptr;
  Context& context = contexts_[name];
  context.name = name;
  context.asid = Asid{static_cast<u16>(contexts_.size())};
  return &context;
}

/// By which the SMMU has its entries: natively there are no VMs.
Vmid Dma::vmid_of(const DmaSpace& name) const { return config_.has_stage2() && !name.host ? name.vmid : Vmid{}; }

/// Null: the stream table has no such stream.
Dma::Stream* Dma::stream_of(const trace::Record& record) {
  const auto found = streams_.find(record.stream);
  if (found == streams_.end() && (record.stream.value >> driver_.stream_bits()) != 0) return nullptr;
  const DmaSpace name = dma_space_of(record);
  if (found != streams_.end() && found->second.context->name == name) return &found->second;
  Context* const context = context_of(name);
  if (context == nullptr)
    throw UserError(Complaint{"replay", "DMA masters in more address spaces than there are ASIDs"});
  Stream& stream = streams_[record.stream];
  if (stream.context == nullptr) stream.tbu = static_cast<unsigned>(streams_.size() - 1) % tbus_;
  configure(stream, record.stream, *context);
  return &stream;
}

/// A device that was another's before is taken from it as a driver does it.
void Dma::configure(Stream& stream, StreamId number, Context& context) {
  if (context.space == nullptr) {
    context.space = &tables_.space(!context.name.host, context.name.vmid, context.asid);
  }
  const Machine& machine = *context.space->machine;
  tables::StreamTranslation translation;
  translation.stream = number;
  translation.tables = &tables_.memory();
  if (machine.guest) translation.tables = machine.guest.get();
  if (machine.stage2) {
    translation.stage2 = tables::StageTwo{machine.stage2->format(), machine.stage2->root(), context.name.vmid};
  }
  if (context.space->lower) {
    const tables::PageTables& stage1 = *context.space->lower;
    translation.stage1.push_back(tables::StageOne{stage1.format(), stage1.root(), context.asid, false});
  }
  driver_.configure(translation, stream.context != nullptr);
  stream.context = &context;
}

// ---- invalidation

void Dma::sync() {
  if (unsynced_) driver_.sync();
  unsynced_ = false;
}

void Dma::invalidate(trace::Scope scope, Vmid vmid, Asid asid, const trace::Record& record) {
  const u64 address = trace::names_ipa(scope) ? record.ipa.value : record.va.value;
  for (const study::Command& command :
       tlbi(scope, {vmid, asid}, address, record.size, smmu_.stage1 && smmu_.range_invalidation)) {
    driver_.command(command);
  }
  unsynced_ = true;
}

/// Of what there is not in the SMMU of this replay (a stage, a VM's own VMID) nothing is invalidated.
void Dma::invalidate(const trace::Record& record) {
  using trace::Scope;
  told_ = true;
  ++counts_.invalidations;
  if (trace::names_streams(record.scope)) {
    driver_.command(cfgi(record));
    unsynced_ = true;
    return;
  }
  const bool host = record.target.regime() != trace::Regime::El10;
  const DmaSpace of{.host = host, .vmid = host ? Vmid{} : record.vmid};
  const bool of_stage2 = trace::names_ipa(record.scope);
  Scope scope = record.scope;
  if (host && scope == Scope::All) scope = Scope::VmidStage1;
  if (scope == Scope::Vmid && !config_.has_stage2()) scope = Scope::VmidStage1;
  if (of_stage2 && !config_.has_stage2()) return;
  const bool of_stage1 = !of_stage2 && scope != Scope::All && scope != Scope::Vmid;
  if (of_stage1 && !config_.has_stage1()) return;
  const bool by_asid = trace::names_asid(scope);
  // VMs in a replay without VMIDs: all their ASIDs.
  const bool of_vm = of_stage1 && !by_asid && of.vmid != vmid_of(of);
  if (!by_asid && !of_vm) {
    invalidate(scope, vmid_of(of), {}, record);
    return;
  }
  if (by_asid && record.asid != Asid{}) context_of({of.host, of.vmid, record.asid});
  if (of_vm) scope = scope == Scope::VmidStage1 ? Scope::Asid : scope == Scope::VaAllAsids ? Scope::Va : Scope::VaLast;
  for (const auto& [name, context] : contexts_) {
    if (name.host != of.host || name.vmid != of.vmid || (by_asid && name.asid != record.asid)) continue;
    invalidate(scope, vmid_of(of), context.asid, record);
  }
}

/// Where the trace does not say it, a driver invalidates what it takes away.
void Dma::map(const Context& context, u64 address, const Place* place) {
  const Change change = tables_.map(*context.space, address, place);
  if (!change.moved && !change.stage2_moved) return;
  ++counts_.moves;
  if (told_) return;
  trace::Record page;
  page.va = Va{address};
  invalidate(change.stage2_moved ? trace::Scope::Vmid : trace::Scope::VaLast, vmid_of(context.name), context.asid,
             page);
}

// ---- accesses

void Dma::translate(const Stream& stream, const smmu::Request& request) {
  sync();
  const smmu::Response response = driver_.translate(stream.tbu, request);
  driver_.pass(config_.access_cycles);
  ++counts_.translations;
  counts_.faults += response.outcome != smmu::Outcome::Ok;
}

void Dma::access(const trace::Record& record) {
  const bool by_ipa = !config_.has_stage1() && record.ipa != Ipa{};
  const u64 first = by_ipa ? record.ipa.value : record.va.value;
  const u64 last = first + std::min<u64>(record.size == 0 ? 0 : record.size - 1, ~first);
  const Stream* const stream = stream_of(record);
  for (u64 at = first;;) {
    if (stream == nullptr) {
      ++counts_.translations;
      ++counts_.faults;
    } else {
      const Place place{record.ipa + (at - first), record.pa + (at - first)};
      map(*stream->context, at, own_ ? &place : nullptr);
      smmu::Request request;
      request.from.stream = record.stream;
      request.address = Iova{at};
      request.write = record.kind == trace::Kind::Write || record.kind == trace::Kind::TableWrite;
      translate(*stream, request);
    }
    const u64 end = at | (kPage - 1);
    if (end >= last) return;
    at = end + 1;
  }
}

}  // namespace tw::replay
