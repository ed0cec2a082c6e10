#include "platforms/replay/dma.hpp"

#include <fmt/format.h>

#include <cstring>

#include "base/bits.hpp"
#include "platforms/dma_study/commands.hpp"
#include "platforms/dma_study/smmu_registers.hpp"

namespace tw::replay {
namespace {

constexpr unsigned kPageBits = 12;
constexpr u64 kPage = u64{1} << kPageBits;
constexpr unsigned kCommandBits = 8, kEventBits = 8;
constexpr u64 kCommandBytes = 16, kEventBytes = 32, kWord = 8;
constexpr u64 kMostStreamBits = 16;  ///< of the stream table, where the SMMU has so many

// Commands that a study of DMA does not have (IHI 0070, 4.4).
constexpr u64 kTlbiS12Vmall = 0x28;
constexpr unsigned kVmidAt = 32;

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

smmu::MemoryReply Dma::Memory::read(Pa at, std::span<u8> into, Security, u64, bool timed) {
  for (u64 n = 0; n < into.size(); n += kWord) {
    const u64 word = tables_.memory().read(at.value + n);
    std::memcpy(into.data() + n, &word, std::min(kWord, into.size() - n));
  }
  return {.ok = true, .cycles = timed ? cycles_ : 0};
}

smmu::MemoryReply Dma::Memory::write(Pa at, std::span<const u8> from, Security, u64) {
  for (u64 n = 0; n < from.size(); n += kWord) {
    u64 word = 0;
    std::memcpy(&word, from.data() + n, std::min(kWord, from.size() - n));
    tables_.memory().write(at.value + n, word);
  }
  return {.ok = true, .cycles = cycles_};
}

Dma::Dma(const Config& config, const smmu::Config& smmu)
    : config_(of_devices(config)),
      own_(config.mapping == "own"),
      tbus_(static_cast<unsigned>(std::max<u64>(fitting(smmu, config_).tbus, 1))),
      stream_bits_(static_cast<unsigned>(std::min(smmu.sid_bits, kMostStreamBits))),
      tables_(config_),
      streams_(tables_.memory(), stream_bits_, static_cast<unsigned>(smmu.pa_bits)),
      commands_(tables_.memory().allocate(kCommandBytes << kCommandBits)),
      events_(tables_.memory().allocate(kEventBytes << kEventBits)),
      memory_(tables_, config.descriptor_cycles),
      smmu_(smmu, tbus_, memory_, signals_, endpoints_) {
  set(study::kCr1, study::kCacheableShareable);
  set(study::kStrtabBase, streams_.strtab_base(), kWord);
  set(study::kStrtabBaseCfg, streams_.strtab_base_cfg());
  set(study::kCmdqBase, commands_ | study::kReadAllocate | kCommandBits, kWord);
  set(study::kEventqBase, events_ | study::kReadAllocate | kEventBits, kWord);
  set(study::kCr0, study::kSmmuEn | study::kEventqEn | study::kCmdqEn);
  work();
}

void Dma::set(u64 offset, u64 value, u8 bytes) {
  smmu_.access({.offset = offset, .size = bytes, .write = true, .value = value});
}

/// Whatever the SMMU wishes to do.
void Dma::work() {
  while (signals_.wish != Signals::kNever) {
    signals_.time = std::max(signals_.time, signals_.wish);
    signals_.wish = Signals::kNever;
    smmu_.work(signals_.time);
  }
}

void Dma::command(const std::array<u64, 2>& words) {
  const u64 at = commands_ + (produced_ & low_mask(kCommandBits)) * kCommandBytes;
  for (u64 n = 0; n < words.size(); ++n) tables_.memory().write(at + n * kWord, words[n]);
  produced_ = (produced_ + 1) & low_mask(kCommandBits + 1);
  set(study::kCmdqProd, produced_);
  work();
}

Dma::Stream* Dma::stream_of(const trace::Record& record) {
  if (const auto found = all_.find(record.stream); found != all_.end()) return &found->second;
  if ((record.stream.value >> stream_bits_) != 0) return nullptr;
  const u16 number = static_cast<u16>(all_.size() + 1);
  Stream& stream = all_[record.stream];
  stream.vmid = record.vmid;
  stream.asid = Asid{number};
  stream.tbu = (number - 1u) % tbus_;
  stream.space = &tables_.space(true, stream.vmid, stream.asid);
  const Machine& machine = *stream.space->machine;
  tables::StreamTranslation translation;
  translation.stream = record.stream;
  translation.tables = &tables_.memory();
  if (machine.guest) translation.tables = machine.guest.get();
  if (machine.stage2) {
    translation.stage2 = tables::StageTwo{machine.stage2->format(), machine.stage2->root(), stream.vmid};
  }
  if (stream.space->lower) {
    const tables::PageTables& stage1 = *stream.space->lower;
    translation.stage1.push_back(tables::StageOne{stage1.format(), stage1.root(), stream.asid, false});
  }
  streams_.add(translation);
  return &stream;
}

/// A driver invalidates what it takes away; its commands take the SMMU's time and nobody waits.
void Dma::map(const Stream& stream, u64 address, const Place* place) {
  const Change change = tables_.map(*stream.space, address, place);
  if (!change.moved && !change.stage2_moved) return;
  ++counts_.moves;
  study::Command command_words = study::tlbi_nh_va(stream.asid, address);
  if (change.stage2_moved) command_words = {kTlbiS12Vmall, 0};
  if (stream.space->machine->stage2) command_words[0] |= u64{stream.vmid.value} << kVmidAt;
  command(command_words);
  command(study::sync());
}

void Dma::translate(const Stream& stream, const smmu::Request& request) {
  const smmu::Response response = smmu_.translate(stream.tbu, request, signals_.time);
  signals_.time += response.cycles + config_.access_cycles;
  if (signals_.wish <= signals_.time) work();
  ++counts_.translations;
  counts_.faults += response.outcome != smmu::Outcome::Ok;
}

void Dma::access(const trace::Record& record) {
  const bool by_ipa = !config_.has_stage1() && record.ipa != Ipa{};
  const u64 first = by_ipa ? record.ipa.value : record.va.value;
  const u64 last = first + std::min<u64>(record.size == 0 ? 0 : record.size - 1, ~first);
  Stream* const stream = stream_of(record);
  for (u64 at = first;;) {
    if (stream == nullptr) {
      ++counts_.translations;
      ++counts_.faults;
    } else {
      const Place place{record.ipa + (at - first), record.pa + (at - first)};
      map(*stream, at, own_ ? &place : nullptr);
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
