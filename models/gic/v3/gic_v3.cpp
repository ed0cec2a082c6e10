#include "gic/v3/gic_v3.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/error.hpp"
#include "gic/output_lines.hpp"
#include "gic/v3/cpu_interface.hpp"
#include "gic/v3/distributor.hpp"
#include "gic/v3/redistributor.hpp"
#include "gic/v3/virtual_interface.hpp"

namespace tw::gic {
namespace {

using arm::GicRegister;

Config checked(const Config& config) {
  std::vector<Complaint> complaints = out_of_range(config);
  if (config.security_extensions) {
    complaints.push_back({"gic.security_extensions", "GICv3 has one Security state here (GICD_CTLR.DS = 1)"});
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

template <class Serve>
class Frame final : public MmioTarget {
 public:
  explicit Frame(Serve serve) : serve_(serve) {}
  MmioResult access(const MmioAccess& access) override { return serve_(access); }

 private:
  Serve serve_;
};

template <class Serve>
std::unique_ptr<MmioTarget> make_frame(Serve serve) {
  return std::make_unique<Frame<Serve>>(serve);
}

}  // namespace

struct GicV3::Parts {
  Parts(const Config& config, CpuSignals& signals, InterruptObserver* observer, std::vector<v3::Affinity> affinities)
      : lines(signals), observation(observer), distributor(config, std::move(affinities), observation) {
    for (unsigned cpu = 0; cpu < config.cpus; ++cpu) {
      redistributors.emplace_back(cpu, distributor);
      cpu_interfaces.emplace_back(cpu, config, distributor, observation);
      virtual_interfaces.emplace_back(cpu, config, distributor, observation);
    }
    gicd = make_frame([this](const MmioAccess& access) {
      const MmioResult result = distributor.access(access);
      if (!access.debug) update();
      return result;
    });
    gicr = make_frame([this](const MmioAccess& access) -> MmioResult {
      const u64 cpu = access.offset / v3::Redistributor::kFrameBytes;
      if (cpu >= redistributors.size()) return {};
      MmioAccess inside = access;
      inside.offset %= v3::Redistributor::kFrameBytes;
      const MmioResult result = redistributors[cpu].access(inside);
      if (!access.debug) update();
      return result;
    });
  }

  /// Carries every change to the outputs. The virtual side comes first: its maintenance interrupt is an input of the
  /// physical side, and nothing leads back.
  void update() {
    for (unsigned cpu = 0; cpu < virtual_interfaces.size(); ++cpu) {
      distributor.set_device_wire(cpu, kMaintenancePpi, maintenance_wire[cpu] || virtual_interfaces[cpu].maintenance());
    }
    distributor.observe();
    for (unsigned cpu = 0; cpu < cpu_interfaces.size(); ++cpu) {
      const Outputs physical = cpu_interfaces[cpu].outputs();
      const Outputs virtual_ = virtual_interfaces[cpu].outputs();
      lines.drive(cpu, physical, virtual_);
    }
  }

  OutputLines lines;
  Observation observation;
  v3::Distributor distributor;
  std::vector<v3::Redistributor> redistributors;
  std::vector<v3::CpuInterface> cpu_interfaces;
  std::vector<v3::VirtualInterface> virtual_interfaces;
  std::array<bool, kMaxCpus> maintenance_wire{};  ///< PPI 25 from outside
  std::unique_ptr<MmioTarget> gicd, gicr;
};

GicV3::GicV3(const Config& config, CpuSignals& signals, InterruptObserver* observer,
             std::vector<v3::Affinity> affinities)
    : config_(checked(config)),
      parts_(std::make_unique<Parts>(config_, signals, observer, checked(std::move(affinities), config_.cpus))) {}

GicV3::~GicV3() = default;

void GicV3::set_spi(u32 intid, bool level) {
  if (intid < kFirstSpi || !parts_->distributor.is_implemented(intid)) return;
  parts_->distributor.set_device_wire(0, intid, level);
  parts_->update();
}

void GicV3::set_ppi(unsigned cpu, u32 intid, bool level) {
  if (cpu >= config_.cpus || intid < kFirstPpi || intid >= kFirstSpi) return;
  if (intid == kMaintenancePpi) {
    parts_->maintenance_wire[cpu] = level;
  } else {
    parts_->distributor.set_device_wire(cpu, intid, level);
  }
  parts_->update();
}

MmioTarget& GicV3::distributor() { return *parts_->gicd; }
MmioTarget& GicV3::redistributors() { return *parts_->gicr; }

u64 GicV3::read(unsigned cpu, GicRegister reg, SystemRegisterAccess how) {
  if (cpu >= config_.cpus) return 0;
  if (reg >= GicRegister::IchHcr) return parts_->virtual_interfaces[cpu].read_hypervisor(reg);
  const bool is_virtual = how.guest && arm::reaches_virtual(reg, true, true);
  const u64 value = is_virtual ? parts_->virtual_interfaces[cpu].read_guest(reg, how.debug)
                               : parts_->cpu_interfaces[cpu].read(reg, how.debug);
  const bool acknowledges = reg == GicRegister::IccIar0 || reg == GicRegister::IccIar1;
  if (acknowledges && !how.debug) parts_->update();
  return value;
}

void GicV3::write(unsigned cpu, GicRegister reg, u64 value, SystemRegisterAccess how) {
  if (cpu >= config_.cpus || how.debug) return;
  if (reg >= GicRegister::IchHcr) {
    parts_->virtual_interfaces[cpu].write_hypervisor(reg, value);
  } else if (how.guest && arm::reaches_virtual(reg, true, true)) {
    parts_->virtual_interfaces[cpu].write_guest(reg, value);
  } else {
    parts_->cpu_interfaces[cpu].write(reg, value);
  }
  parts_->update();
}

void GicV3::reset() {
  parts_->distributor.reset();
  for (v3::Redistributor& redistributor : parts_->redistributors) redistributor.reset();
  for (v3::CpuInterface& interface : parts_->cpu_interfaces) interface.reset();
  for (v3::VirtualInterface& interface : parts_->virtual_interfaces) interface.reset();
  parts_->update();
}

}  // namespace tw::gic
