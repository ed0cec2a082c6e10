#include "gic/v3/gic_v3.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "gic/assembly.hpp"
#include "gic/v3/cpu_interface.hpp"
#include "gic/v3/distributor.hpp"
#include "gic/v3/its.hpp"
#include "gic/v3/redistributor.hpp"
#include "gic/v3/virtual_interface.hpp"

namespace tw::gic {
namespace {

using arm::GicRegister;

Config checked(const Config& config) {
  std::vector<Complaint> complaints = out_of_range(config);
  if (config.security_extensions && config.priority_bits < 5) {
    complaints.push_back({"gic.priority_bits", "at least 5 with two Security states (IHI 0069, 4.8)"});
  }
  if (config.list_registers > v3::kMaxListRegisters) {
    complaints.push_back({"gic.list_registers", "at most 16 with GICv3: ICH_LR0_EL2 .. ICH_LR15_EL2"});
  }
  if (!complaints.empty()) throw UserError(std::move(complaints));
  return config;
}

std::vector<v3::Affinity> checked(std::vector<v3::Affinity> affinities, u64 cpus) {
  if (affinities.empty()) {
    for (unsigned cpu = 0; cpu < cpus; ++cpu) affinities.push_back({.aff0 = static_cast<u8>(cpu)});
  }
  std::vector<v3::Affinity> sorted = affinities;
  std::sort(sorted.begin(), sorted.end());
  if (affinities.size() != cpus || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    throw UserError(Complaint{"gic.cpus", "needs one affinity a core, all different"});
  }
  return affinities;
}

}  // namespace

struct GicV3::Parts final : Assembly<v3::Distributor, v3::CpuInterface, v3::VirtualInterface> {
  Parts(const Config& config, CpuSignals& signals, InterruptObserver* observer, std::vector<v3::Affinity> affinities,
        MemoryPort* memory)
      : Assembly(config, signals, observer, std::move(affinities), memory) {
    for (unsigned cpu = 0; cpu < config.cpus; ++cpu) redistributors.emplace_back(cpu, distributor);
    gicd = frame([this](const MmioAccess& access) { return distributor.access(access); });
    gicr = frame([this](const MmioAccess& access) -> MmioResult {
      const u64 cpu = access.offset / v3::Redistributor::kFrameBytes;
      if (cpu >= redistributors.size()) return {};
      MmioAccess inside = access;
      inside.offset %= v3::Redistributor::kFrameBytes;
      return redistributors[cpu].access(inside);
    });
    if (memory) its.emplace(distributor, *memory);
    gits = frame([this](const MmioAccess& access) { return its ? its->access(access) : MmioResult{}; });
  }

  std::vector<v3::Redistributor> redistributors;
  std::optional<v3::Its> its;
  std::unique_ptr<MmioTarget> gicd, gicr, gits;
};

GicV3::GicV3(const Config& config, CpuSignals& signals, InterruptObserver* observer,
             std::vector<v3::Affinity> affinities, MemoryPort* memory)
    : config_(checked(config)),
      parts_(
          std::make_unique<Parts>(config_, signals, observer, checked(std::move(affinities), config_.cpus), memory)) {}

GicV3::~GicV3() = default;

void GicV3::set_spi(u32 intid, bool level) { parts_->set_spi(intid, level); }
void GicV3::set_ppi(unsigned cpu, u32 intid, bool level) { parts_->set_ppi(cpu, intid, level); }

MmioTarget& GicV3::distributor() { return *parts_->gicd; }
MmioTarget& GicV3::redistributors() { return *parts_->gicr; }
MmioTarget& GicV3::its() { return *parts_->gits; }

u64 GicV3::read(unsigned cpu, GicRegister reg, const arm::GicAccess& how) {
  if (cpu >= config_.cpus) return 0;
  if (reg >= GicRegister::IchHcr) return parts_->virtual_interfaces[cpu].read_hypervisor(reg);
  const bool is_virtual = how.guest && arm::reaches_virtual(reg, true, true);
  const u64 value = is_virtual ? parts_->virtual_interfaces[cpu].read_guest(reg, how.debug)
                               : parts_->cpu_interfaces[cpu].read(reg, how);
  const bool acknowledges = reg == GicRegister::IccIar0 || reg == GicRegister::IccIar1;
  if (acknowledges && !how.debug) parts_->update();
  return value;
}

void GicV3::write(unsigned cpu, GicRegister reg, u64 value, const arm::GicAccess& how) {
  if (cpu >= config_.cpus || how.debug) return;
  if (reg >= GicRegister::IchHcr) {
    parts_->virtual_interfaces[cpu].write_hypervisor(reg, value);
  } else if (how.guest && arm::reaches_virtual(reg, true, true)) {
    parts_->virtual_interfaces[cpu].write_guest(reg, value);
  } else {
    parts_->cpu_interfaces[cpu].write(reg, value, how);
  }
  parts_->update();
}

void GicV3::set_world(unsigned cpu, arm::GicWorld world) {
  if (cpu >= config_.cpus) return;
  parts_->cpu_interfaces[cpu].set_world(world);
  parts_->update();
}

void GicV3::wake(unsigned cpu) {
  if (cpu >= config_.cpus) return;
  parts_->redistributors[cpu].set_asleep(false);
  parts_->update();
}

void GicV3::hand_to_non_secure() {
  parts_->distributor.hand_to_non_secure();
  for (v3::CpuInterface& interface : parts_->cpu_interfaces) interface.hand_to_non_secure();
  parts_->update();
}

void GicV3::reset() {
  parts_->reset();
  for (v3::Redistributor& redistributor : parts_->redistributors) redistributor.reset();
  if (parts_->its) parts_->its->reset();
  parts_->update();
}

}  // namespace tw::gic
