#include "smmu/tbu.hpp"

namespace tw::smmu {
namespace {

constexpr u64 kSeed = 16;  // and of the next TBU one more

}  // namespace

Tbu::Tbu(const Config& config, unsigned of_number)
    : number(of_number),
      tags({.entries = config.tbu_entries,
            .ways = config.tbu_ways,
            .policy = vmsa::policy_of(config.replacement).value_or(vmsa::Policy::Lru),
            .seed = config.seed + kSeed + of_number}),
      tlb(tags),
      walks(static_cast<unsigned>(config.tbu_walks)),
      bringers(config.tbu_entries) {}

void Tbu::keep(const vmsa::Context& context, Va va, const vmsa::Mapping& mapping, const vmsa::Fill& fill,
               const Account& account) {
  if (tlb.off()) return;
  const u32 line = tlb.insert(context, va, mapping, fill);
  bringers.brought(line, account, tags.displaced().name != 0);
}

}  // namespace tw::smmu
