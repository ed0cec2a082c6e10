#include "platforms/replay/smmu_driver.hpp"

#include "base/bits.hpp"
#include "platforms/dma_study/commands.hpp"
#include "platforms/dma_study/smmu_registers.hpp"
#include "platforms/replay/smmu_commands.hpp"

namespace tw::replay {
namespace {

constexpr unsigned kCommandBits = 8, kEventBits = 12;
constexpr unsigned kCommandQueueError = 0;  ///< GERROR.CMDQ_ERR
constexpr u64 kCommandBytes = 16, kEventBytes = 32, kWord = 8;
constexpr u64 kMostStreamBits = 17;  ///< as many as virt has

}  // namespace

SmmuDriver::SmmuDriver(const smmu::Config& smmu, unsigned tbus, SmmuMemory& memory, tables::PhysicalMemory& tables)
    : tables_(tables),
      streams_(tables, static_cast<unsigned>(std::min(smmu.sid_bits, kMostStreamBits)),
               static_cast<unsigned>(smmu.pa_bits)),
      commands_(tables.allocate(kCommandBytes << kCommandBits)),
      events_(tables.allocate(kEventBytes << kEventBits)),
      smmu_(smmu, tbus, memory, signals_, endpoints_) {
  using namespace study;
  write(kCr1, kCacheableShareable);
  write(kCr2, kRecordInvalidStreams);
  write(kStrtabBase, streams_.strtab_base(), kWord);
  write(kStrtabBaseCfg, streams_.strtab_base_cfg());
  write(kCmdqBase, commands_ | kReadAllocate | kCommandBits, kWord);
  write(kEventqBase, events_ | kReadAllocate | kEventBits, kWord);
  write(kCr0, kSmmuEn | kEventqEn | kCmdqEn);
  work();
}

void SmmuDriver::write(u64 offset, u64 value, u8 bytes) {
  smmu_.access({.offset = offset, .size = bytes, .write = true, .value = value});
}

/// Whatever the SMMU wishes to do.
void SmmuDriver::work() {
  while (signals_.wish != Signals::kNever) {
    signals_.time = std::max(signals_.time, signals_.wish);
    signals_.wish = Signals::kNever;
    smmu_.work(signals_.time);
  }
}

void SmmuDriver::command(const std::array<u64, 2>& words) {
  const u64 at = commands_ + (produced_ & low_mask(kCommandBits)) * kCommandBytes;
  for (u64 n = 0; n < words.size(); ++n) tables_.write(at + n * kWord, words[n]);
  produced_ = (produced_ + 1) & low_mask(kCommandBits + 1);
  write(study::kCmdqProd, produced_);
  work();
}

void SmmuDriver::sync() { command(study::sync()); }

u64 SmmuDriver::pass_over_refused() {
  const u64 errors = read(study::kGerror);
  if (!bit_at(errors ^ read(study::kGerrorn), kCommandQueueError)) return 0;
  const u64 consumed = read(study::kCmdqCons);
  const u64 at = commands_ + (consumed & low_mask(kCommandBits)) * kCommandBytes;
  const std::array<u64, 2> harmless = study::sync();
  for (u64 n = 0; n < harmless.size(); ++n) tables_.write(at + n * kWord, harmless[n]);
  write(study::kGerrorn, errors);
  work();
  return bits<30, 24>(consumed);
}

void SmmuDriver::configure(const tables::StreamTranslation& translation, bool was_used) {
  streams_.add(translation);
  if (!was_used) return;
  command(cfgi_ste(translation.stream));
  sync();
}

std::vector<std::array<u64, 4>> SmmuDriver::take_events() {
  const u64 mask = low_mask(kEventBits + 1), produced = read(study::kEventqProd) & mask;
  std::vector<std::array<u64, 4>> records;
  for (; consumed_ != produced; consumed_ = (consumed_ + 1) & mask) {
    const u64 at = events_ + (consumed_ & low_mask(kEventBits)) * kEventBytes;
    std::array<u64, 4>& record = records.emplace_back();
    for (u64 n = 0; n < record.size(); ++n) record[n] = tables_.read(at + n * kWord);
  }
  write(study::kEventqCons, consumed_);
  return records;
}

}  // namespace tw::replay
