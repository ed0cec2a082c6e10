#include "sc_main/structures.hpp"

#include <algorithm>

#include "cpu/pipeline/branch_predictor.hpp"
#include "platforms/statistics/caches.hpp"
#include "platforms/statistics/mmu.hpp"
#include "platforms/statistics/pl330.hpp"
#include "platforms/statistics/smmu.hpp"
#include "sc_main/memory_statistics.hpp"

namespace tw::command {

namespace {

std::vector<report::Ghost> ghosts(virt::Platform& platform) {
  std::vector<report::Ghost> rows;
  for (const auto& core : platform.complexes()) statistics::add_ghosts(rows, core->mmu());
  return rows;
}

std::vector<report::BranchStatistics> branches(cpu::Cpu& core) {
  std::vector<report::BranchStatistics> rows;
  if (!core.predictor) return rows;
  for (const cpu::BranchPredictor::ContextCounts& entry : core.predictor->by_context()) {
    const cost::Context context{entry.context.el, entry.context.guest, Vmid{entry.context.vmid}};
    for (unsigned kind = 0; kind < cpu::kBranchKinds; ++kind) {
      const cpu::BranchCounts& counts = entry.counts[kind];
      if (counts.branches == 0) continue;
      const std::string name{cpu::kBranchKindNames[kind]};
      auto row = std::ranges::find_if(rows, [&](const report::BranchStatistics& other) {
        return other.context == context && other.kind == name;  // Secure and Non-secure are one context of a report
      });
      if (row == rows.end()) row = rows.insert(row, {.context = context, .kind = name});
      row->branches += counts.branches;
      row->taken += counts.taken;
      row->wrong_direction += counts.wrong_direction;
      row->wrong_target += counts.wrong_target;
      row->unknown_target += counts.unknown_target;
    }
  }
  return rows;
}

}  // namespace

report::Core take_core(virt::Platform& platform, unsigned cpu, const config::PlatformConfig& config) {
  virt::CoreComplex& core = *platform.complexes()[cpu];
  report::Core taken =
      report::take_core(core.ledger(), config.core.model, config.core.frequency_mhz, statistics::tlbs(core.mmu()),
                        statistics::caches(platform.caches(), cpu, false));
  taken.branches = branches(core.core());
  return taken;
}

report::Report take_shared(virt::Platform& platform, const config::PlatformConfig& config) {
  report::Report shared;
  shared.shared_caches = statistics::caches(platform.caches(), 0, true);
  shared.interrupts = report::take_interrupts(platform.interrupts());
  if (config.interconnect.contention) shared.links = links_of(platform.fabric());
  const cost::CoreLedger& ledger = platform.complexes().front()->ledger();
  if (const memory::Dram* dram = platform.dram()) {
    shared.dram.push_back(dram_of(*dram, config.dram, ledger.elapsed() - ledger.origin(), config.core.frequency_mhz));
  }
  if (platform.smmu() != nullptr) shared.smmu.push_back(statistics::take_smmu(*platform.smmu()));
  if (platform.pl330() != nullptr) shared.pl330.push_back(statistics::take_pl330(*platform.pl330()));
  shared.ghosts = ghosts(platform);
  if (platform.smmu() != nullptr) {
    for (report::Ghost& ghost : statistics::ghosts_of(*platform.smmu())) shared.ghosts.push_back(std::move(ghost));
  }
  return shared;
}

}  // namespace tw::command
