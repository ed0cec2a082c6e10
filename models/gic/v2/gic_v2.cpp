#include "gic/v2/gic_v2.hpp"

#include <vector>

#include "base/error.hpp"
#include "gic/assembly.hpp"
#include "gic/register_access.hpp"
#include "gic/v2/cpu_interface.hpp"
#include "gic/v2/distributor.hpp"
#include "gic/v2/virtual_interface.hpp"

namespace tw::gic {
namespace {

Config checked(const Config& config) {
  std::vector<Complaint> complaints = out_of_range(config);
  if (config.security_extensions && config.priority_bits < 5) {
    complaints.push_back({"gic.priority_bits", "at least 5 with Security Extensions (IHI 0048B, 3.3)"});
  }
  if (!complaints.empty()) throw UserError(std::move(complaints));
  return config;
}

}  // namespace

struct GicV2::Parts final : Assembly<v2::Distributor, v2::CpuInterface, v2::VirtualInterface> {
  Parts(const Config& config, CpuSignals& signals, InterruptObserver* observer) : Assembly(config, signals, observer) {
    gicd = banked_frame(
        v2::Distributor::registers(), [this](unsigned) -> auto& { return distributor; });
    gicc = banked_frame(
        v2::CpuInterface::registers(), [this](unsigned cpu) -> auto& { return cpu_interfaces[cpu]; });
    const auto virtual_of = [this](unsigned cpu) -> auto& { return virtual_interfaces[cpu]; };
    gich = banked_frame(v2::VirtualInterface::hypervisor_registers(), virtual_of);
    gicv = banked_frame(v2::VirtualInterface::virtual_cpu_registers(), virtual_of);
  }

  /// `core_of(cpu)` serves the accesses of that core.
  template <class Core, class CoreOf>
  std::unique_ptr<MmioTarget> banked_frame(std::span<const RegisterRow<Core>> rows, CoreOf core_of) {
    return frame([this, rows, core_of](const MmioAccess& access) -> MmioResult {
      if (access.cpu >= cpu_interfaces.size()) return {};
      return access_rows(core_of(access.cpu), rows, access);
    });
  }

  std::unique_ptr<MmioTarget> gicd, gicc, gich, gicv;
};

GicV2::GicV2(const Config& config, CpuSignals& signals, InterruptObserver* observer)
    : config_(checked(config)), parts_(std::make_unique<Parts>(config_, signals, observer)) {}

GicV2::~GicV2() = default;

void GicV2::set_spi(u32 intid, bool level) { parts_->set_spi(intid, level); }
void GicV2::set_ppi(unsigned cpu, u32 intid, bool level) { parts_->set_ppi(cpu, intid, level); }

MmioTarget& GicV2::distributor() { return *parts_->gicd; }
MmioTarget& GicV2::cpu_interface() { return *parts_->gicc; }
MmioTarget& GicV2::hypervisor_interface() { return *parts_->gich; }
MmioTarget& GicV2::virtual_cpu_interface() { return *parts_->gicv; }

void GicV2::hand_to_non_secure() {
  parts_->distributor.hand_to_non_secure();
  for (v2::CpuInterface& interface : parts_->cpu_interfaces) interface.hand_to_non_secure();
  parts_->update();
}

void GicV2::reset() {
  parts_->reset();
  parts_->update();
}

}  // namespace tw::gic
