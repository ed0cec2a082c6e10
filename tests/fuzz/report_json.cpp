// Reports that are read back: a UserError, or a report that survives another round and can be shown.
#include "base/error.hpp"
#include "fuzz/sample.hpp"
#include "platforms/report/compare.hpp"
#include "platforms/report/html/html.hpp"
#include "platforms/report/json.hpp"
#include "platforms/report/perfetto/perfetto.hpp"
#include "platforms/report/text.hpp"

using namespace tw;

namespace {

/// One of everything.
std::string sample() {
  report::Report whole;
  whole.run.platform = "virt";
  whole.run.images = {"a.elf"};
  report::Core core;
  core.contexts.resize(1);
  core.contexts[0].cycles[0] = 3;
  core.traps.resize(1);
  core.traps[0].cycles.add(100);
  core.walks.resize(1);
  core.recent_walks.resize(1);
  core.recent_walks[0].fetches.resize(1);
  core.tlbs.resize(1);
  core.tlbs[0].evictions_by.resize(1);
  core.caches.resize(1);
  core.caches[0].counts.rows = {{"accesses", 7}};
  core.caches[0].evictions_by.resize(1);
  whole.shared_caches = core.caches;
  whole.cores.push_back(core);
  whole.interrupts.resize(1);
  whole.unimplemented.resize(1);
  whole.configuration.resize(1);
  whole.smmu.resize(1);
  whole.ghosts.resize(1);
  report::CoreEvents events;
  events.period_ps = 500;
  events.trap_keys = {{{El::El1, true, Vmid{1}}, El::El2, 1, "WFI", ""}};
  events.worlds.begin = {0, 130};
  events.worlds.cycles = {130, 70};
  events.worlds.guest = {1, 0};
  events.worlds.vmid = {1, 0};
  events.traps.key = {0};
  events.traps.begin = {100};
  events.traps.cycles = {40};
  events.traps.away = {10};
  events.traps.returned = {1};
  events.traps.inside.columns = {{"entry", {4}}};
  whole.events.resize(1);
  whole.events[0].limit = 10;
  whole.events[0].keep = "first";
  whole.events[0].cores.push_back(events);
  return report::to_json(whole);
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  static const std::string text = sample();
  return fuzz::mutate_from(fuzz::bytes_of(text), data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  try {
    const report::Report read = report::from_json({reinterpret_cast<const char*>(data), size}, "fuzz.json");
    const std::string again = report::to_json(read);
    if (!(report::from_json(again, "again") == read)) std::abort();
    report::to_text(read);
    report::to_html(read);
    static const report::Report other = report::from_json(sample(), "sample.json");
    const report::Comparison comparison = report::compare(read, other, "read", "sample");
    report::to_text(comparison);
    report::to_html(comparison, read, other);
    if (!read.events.empty()) report::to_perfetto(read, "fuzz.json");
  } catch (const UserError&) {
  }
  return 0;
}
