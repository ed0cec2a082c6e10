#include "sc_main/results.hpp"

#include <cstdio>
#include <map>

#include <fmt/format.h>

namespace tw::command {

namespace {

std::map<u32, virt::Unimplemented> unimplemented(virt::Platform& platform) {
  std::map<u32, virt::Unimplemented> all;
  for (const auto& core : platform.complexes()) {
    for (const auto& [insn, met] : core->unimplemented()) {
      virt::Unimplemented& sum = all[insn];
      if (sum.count == 0) sum.first_pc = met.first_pc;
      sum.count += met.count;
    }
  }
  return all;
}

std::vector<report::ContractViolation> violations(const mmu::Contract* contract) {
  std::vector<report::ContractViolation> rows;
  for (unsigned kind = 0; contract != nullptr && kind < mmu::kBreachCount; ++kind) {
    const mmu::Violation& found = contract->violation(static_cast<mmu::Breach>(kind));
    if (found.count == 0) continue;
    rows.push_back({.kind = std::string(mmu::kBreaches[kind].name),
                    .what = std::string(mmu::kBreaches[kind].what),
                    .count = found.count,
                    .cpu = found.core,
                    .cycle = found.now,
                    .pc = found.pc,
                    .stage = found.stage,
                    .address = found.address,
                    .descriptor = found.descriptor,
                    .vmid = found.context.vmid,
                    .asid = found.context.asid.value});
  }
  return rows;
}

}  // namespace

namespace {

/// Where the host's time went; only what a region of interest makes worth telling apart.
void print_speeds(const region::Plan& plan, const Progress& progress) {
  if (plan.options().plain()) return;
  for (unsigned i = 0; i < region::kPhaseCount; ++i) {
    const Progress::Share& share = progress.share(static_cast<region::Phase>(i));
    if (share.instructions == 0) continue;
    fmt::print(stderr, "trapwalk: {}: {} instructions in {:.2f} s ({:.1f} MIPS)\n",
               region::name_of(static_cast<region::Phase>(i)), share.instructions, share.seconds,
               static_cast<double>(share.instructions) / share.seconds / 1e6);
  }
  if (plan.never_began()) {
    fmt::print(stderr, "trapwalk: the region never began: {} was not reached; nothing was measured\n",
               plan.options().from->written);
  }
}

}  // namespace

void print_summary(virt::Platform& platform, const Progress& progress) {
  const double host_seconds = progress.seconds();
  virt::RunControl& control = platform.control();
  const double instructions = static_cast<double>(control.instructions());
  fmt::print(stderr, "\ntrapwalk: stopped: {}\n", describe(control.cause()));
  fmt::print(stderr, "trapwalk: {} instructions in {:.2f} s ({:.0f} MIPS), {:.6f} s simulated\n",
             control.instructions(), host_seconds, host_seconds > 0 ? instructions / host_seconds / 1e6 : 0.0,
             sc_core::sc_time_stamp().to_seconds());
  print_speeds(control.plan(), progress);
  const auto met = unimplemented(platform);
  if (met.empty()) return;
  fmt::print(stderr, "trapwalk: unimplemented encodings met:\n");
  for (const auto& [insn, what] : met) {
    fmt::print(stderr, "  {:08x}  {} times, first at pc {:#x}\n", insn, what.count, what.first_pc);
  }
}

report::Report make_report(virt::Platform& platform, const Measurement& measurement,
                           const std::vector<std::string>& images, std::vector<config::Parameter> configuration,
                           int exit_status, const std::string& stopped) {
  report::Report report;
  report.run = {.platform = "virt",
                .fidelity = fidelity_of(platform.control().plan().options()),
                .images = images,
                .stopped = stopped,
                .exit_status = static_cast<u64>(exit_status),
                .simulated_ps = tlm::to_picoseconds(sc_core::sc_time_stamp())};
  measurement.fill(report);
  for (const auto& [insn, what] : unimplemented(platform)) {
    report.unimplemented.push_back({insn, what.first_pc, what.count});
  }
  report.violations = violations(platform.contract());
  // What only concerns the host changes no result, and is no part of one; nor is what the machine does not have.
  std::erase_if(configuration, [&](const config::Parameter& parameter) {
    return parameter.key.starts_with("host.") || (platform.smmu() == nullptr && parameter.key.starts_with("smmu."));
  });
  report.configuration = std::move(configuration);
  return report;
}

}  // namespace tw::command
