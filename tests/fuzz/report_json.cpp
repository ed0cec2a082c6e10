// Reports that are read back: a UserError, or a report that survives another round and can be shown.
#include "base/error.hpp"
#include "fuzz/sample.hpp"
#include "platforms/report/compare.hpp"
#include "platforms/report/json.hpp"
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
  } catch (const UserError&) {
  }
  return 0;
}
