// Traces of any records through any MMU and SMMU, by every paging method: a UserError, or a report whose cycles all
// have an owner, which is the same with and without the host's shortcuts.
#include <algorithm>

#include "base/bits.hpp"
#include "base/error.hpp"
#include "fuzz/input.hpp"
#include "platforms/replay/run.hpp"
#include "platforms/report/json.hpp"

using namespace tw;

namespace {

constexpr u64 kPages[] = {0, 0x40'0000, 0x20'0000'0000, 0x7F'FFFF'F000, 0xFFFF'8000'0000'0000, 0xFFFF'FFFF'FFFF'F000};
constexpr u64 kSizes[] = {4096, 16384, 65536, u64{2} << 20, u64{32} << 20, u64{1} << 30};
constexpr const char* kPagings[] = {"native", "nested", "shadow", "direct", "stage2"};
constexpr unsigned kMostRecords = 400;

replay::Settings settings_of(fuzz::Input& input) {
  replay::Settings settings;
  replay::Config& config = settings.replay;
  config.paging = kPagings[input.below(5)];
  if (input.flag()) config.mapping = "own";
  if (input.flag()) config.table_writes = "records";
  config.hardware_dirty = input.flag();
  const u8 shapes = input.take<u8>();  // mostly those of the default
  if ((shapes & 3) == 0) config.granule = config.leaf = kSizes[input.below(3)];
  if ((shapes & 12) == 0) config.granule2 = config.leaf2 = kSizes[input.below(3)];
  if ((shapes & 48) == 0) config.leaf = kSizes[input.below(6)];
  if ((shapes & 192) == 0) config.leaf2 = kSizes[input.below(6)];
  // A guest's block is mapped by all of its leaves of stage 2: right, and slow.
  config.leaf = std::min(config.leaf, config.leaf2 * 512);
  config.ipa_bits = 32 + input.below(17);
  config.memory = u64{1} << (20 + input.below(27));
  config.hypercall_batch = 1 + input.below(4);
  config.quantum = 1 + input.below(64);
  if (input.flag()) config.quantum_unit = "cycles";
  if (input.flag()) config.switch_policy = "flush";
  if (input.flag()) config.vmids = "own";

  mmu::Config& mmu = settings.platform.mmu;
  mmu.l1d_entries = input.below(5);
  mmu.l2_ways = 1 + input.below(4);
  mmu.l2_entries = mmu.l2_ways * (1 + input.below(4));
  mmu.walk_cache_ways = 1 + input.below(2);
  mmu.walk_cache_entries = mmu.walk_cache_ways * input.below(3);
  mmu.ipa_ways = 1;
  mmu.ipa_entries = input.below(3);
  const u8 kinds = input.take<u8>();
  mmu.split = (kinds & 1) != 0;
  mmu.coalesce = (kinds & 2) != 0;
  mmu.vmid_tagging = (kinds & 4) == 0;
  mmu.walkers = kinds >> 6;
  return settings;
}

trace::Record record_of(fuzz::Input& input, trace::Contents contents) {
  trace::Record record;
  const u8 what = input.take<u8>();
  record.kind = static_cast<trace::Kind>((what & 7) % trace::kKinds);
  record.el = static_cast<El>((what >> 3) & 3);
  const u8 where = input.take<u8>();
  const auto address = [&](unsigned page) {
    return page == 7 ? input.take<u64>() : kPages[page % 6] + u64{page / 6} * 4096;
  };
  record.va = Va{address(where & 7) + (where >> 6) * 4096};
  if (contents.ipa) record.ipa = Ipa{address((where >> 3) & 7) & low_mask(48)};
  if (contents.pa) record.pa = Pa{address((where >> 5) & 7) & low_mask(48)};
  record.size = (what & 0x80) != 0 ? input.take<u16>() : 8;
  const u8 who = input.take<u8>();
  record.vmid = Vmid{static_cast<u16>(who & 3)};
  record.asid = Asid{static_cast<u16>((who >> 2) & 3)};
  if ((who & 0x30) == 0) record.stream = StreamId{(who & 0x40) != 0 ? input.take<u32>() : who >> 7};
  if (record.kind == trace::Kind::Invalidate) {
    record.scope = static_cast<trace::Scope>(1 + input.below(trace::kScopes - 1));
    record.target = {static_cast<trace::Regime>(input.below(4)), static_cast<trace::Reach>(input.below(3))};
  } else if (record.size == 0) {
    record.size = 1;
  }
  return record;
}

/// The report without a configuration; nothing: refused.
std::string report_of(const replay::Settings& settings, const std::vector<trace::Record> (&records)[2],
                      trace::Contents contents, bool curves) {
  replay::MemorySource a("a", records[0], contents), b("b", records[1], contents);
  std::vector<replay::Source*> sources = {&a};
  if (!records[1].empty()) sources.push_back(&b);
  replay::Options options;
  options.ghosts = {{.structure = vmsa::Haunted::SecondLevel, .entries = 8, .ways = 2}};
  if (curves) options.miss_curve = vmsa::StackDistances::Spec{.most_entries = 16};
  try {
    const replay::Outcome outcome = replay::run(settings, {}, sources, options);
    const report::Core& core = outcome.report.cores.front();
    fuzz::require(core.accounted == core.cycles());
    fuzz::require(outcome.counts.records == records[0].size() + records[1].size());
    return report::to_json(outcome.report);
  } catch (const UserError&) {
    return {};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  replay::Settings settings = settings_of(input);
  if (!replay::validate(settings.replay).empty() || !mmu::validate(settings.platform.mmu).empty()) return 0;
  const u8 about = input.take<u8>();
  const trace::Contents contents{.ipa = (about & 1) != 0, .pa = (about & 2) != 0};
  const bool two = (about & 4) != 0;
  std::vector<trace::Record> records[2];
  for (unsigned n = 0; n < kMostRecords && !input.empty(); ++n) {
    records[two ? n % 2 : 0].push_back(record_of(input, contents));
  }
  const std::string with = report_of(settings, records, contents, (about & 8) != 0);
  settings.replay.shortcuts = false;
  fuzz::require(report_of(settings, records, contents, false) == with);
  return 0;
}
