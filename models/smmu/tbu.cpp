#include "smmu/tbu.hpp"

namespace tw::smmu {
namespace {

constexpr u64 kSeed = 16, kMainSeed = 1024;  // and of the next TBU one more

vmsa::Shape shape_of(const Config& config, u64 entries, u64 ways, u64 seed) {
  return {.entries = entries,
          .ways = ways,
          .policy = vmsa::policy_of(config.replacement).value_or(vmsa::Policy::Lru),
          .seed = config.seed + seed};
}

}  // namespace

Tbu::Tbu(const Config& config, unsigned of_number)
    : number(of_number),
      tags(shape_of(config, config.tbu_entries, config.tbu_ways, kSeed + of_number)),
      main_tags(shape_of(config, config.tbu_main_entries, config.tbu_main_ways, kMainSeed + of_number)),
      tlb(tags),
      main(main_tags),
      walks(static_cast<unsigned>(config.tbu_walks)),
      bringers(main.off() ? config.tbu_entries : config.tbu_main_entries) {}

void Tbu::keep(vmsa::ContextWord context, Va va, const vmsa::Mapping& mapping, const vmsa::Fill& fill,
               const Account& account) {
  const u32 line = tlb.insert(context, va, mapping, fill);
  const u32 main_line = main.insert(context, va, mapping, fill);
  if (main_line != vmsa::TagArray::kNone) {
    bringers.brought(main_line, account, main_tags.displaced().name != 0);
  } else if (line != vmsa::TagArray::kNone) {
    bringers.brought(line, account, tags.displaced().name != 0);
  }
}

void Tbu::invalidate(const vmsa::Invalidate& what) {
  tlb.invalidate(what);
  main.invalidate(what);
}

void Tbu::clear() {
  tags.clear();
  main_tags.clear();
  walks.clear();
}

void Tbu::clear_statistics() {
  tlb.counters() = main.counters() = {};
  bringers.clear_statistics();
}

}  // namespace tw::smmu
