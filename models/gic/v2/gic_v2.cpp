#include "gic/v2/gic_v2.hpp"

#include <array>
#include <vector>

#include "base/error.hpp"
#include "gic/output_lines.hpp"
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

/// One frame: `core(cpu)` serves the access, `after()` follows whatever it changed.
template <class Core, class CoreOf, class After>
class Frame final : public MmioTarget {
 public:
  Frame(std::span<const RegisterRow<Core>> rows, u64 cpus, CoreOf core_of, After after)
      : rows_(rows), cpus_(cpus), core_of_(core_of), after_(after) {}

  MmioResult access(const MmioAccess& access) override {
    if (access.cpu >= cpus_) return {};
    const MmioResult result = access_rows(core_of_(access.cpu), rows_, access);
    if (!access.debug) after_();
    return result;
  }

 private:
  std::span<const RegisterRow<Core>> rows_;
  u64 cpus_;
  CoreOf core_of_;
  After after_;
};

template <class Core, class CoreOf, class After>
std::unique_ptr<MmioTarget> make_frame(std::span<const RegisterRow<Core>> rows, u64 cpus, CoreOf core_of, After after) {
  return std::make_unique<Frame<Core, CoreOf, After>>(rows, cpus, core_of, after);
}

}  // namespace

struct GicV2::Parts {
  Parts(const Config& config, CpuSignals& signals, InterruptObserver* observer)
      : lines(signals), observation(observer), distributor(config, observation) {
    for (unsigned cpu = 0; cpu < config.cpus; ++cpu) {
      cpu_interfaces.emplace_back(cpu, config, distributor, observation);
      virtual_interfaces.emplace_back(cpu, config, distributor, observation);
    }
    const auto after = [this] { update(); };
    gicd = make_frame(
        v2::Distributor::registers(), config.cpus, [this](unsigned) -> v2::Distributor& { return distributor; }, after);
    gicc = make_frame(
        v2::CpuInterface::registers(), config.cpus,
        [this](unsigned cpu) -> v2::CpuInterface& { return cpu_interfaces[cpu]; }, after);
    const auto virtual_of = [this](unsigned cpu) -> v2::VirtualInterface& { return virtual_interfaces[cpu]; };
    gich = make_frame(v2::VirtualInterface::hypervisor_registers(), config.cpus, virtual_of, after);
    gicv = make_frame(v2::VirtualInterface::virtual_cpu_registers(), config.cpus, virtual_of, after);
  }

  /// Carries every change to the outputs. The virtual side comes first: its maintenance interrupt is an input of the
  /// physical side, and nothing leads back.
  void update() {
    for (unsigned cpu = 0; cpu < virtual_interfaces.size(); ++cpu) {
      distributor.set_wire(cpu, kMaintenancePpi, maintenance_wire[cpu] || virtual_interfaces[cpu].maintenance());
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
  v2::Distributor distributor;
  std::vector<v2::CpuInterface> cpu_interfaces;
  std::vector<v2::VirtualInterface> virtual_interfaces;
  std::array<bool, kMaxCpus> maintenance_wire{};  ///< PPI 25 from outside
  std::unique_ptr<MmioTarget> gicd, gicc, gich, gicv;
};

GicV2::GicV2(const Config& config, CpuSignals& signals, InterruptObserver* observer)
    : config_(checked(config)), parts_(std::make_unique<Parts>(config_, signals, observer)) {}

GicV2::~GicV2() = default;

void GicV2::set_spi(u32 intid, bool level) {
  if (intid < kFirstSpi || !parts_->distributor.is_implemented(intid)) return;
  parts_->distributor.set_wire(0, intid, level);
  parts_->update();
}

void GicV2::set_ppi(unsigned cpu, u32 intid, bool level) {
  if (cpu >= config_.cpus || intid < kFirstPpi || intid >= kFirstSpi) return;
  if (intid == kMaintenancePpi) {
    parts_->maintenance_wire[cpu] = level;
  } else {
    parts_->distributor.set_wire(cpu, intid, level);
  }
  parts_->update();
}

MmioTarget& GicV2::distributor() { return *parts_->gicd; }
MmioTarget& GicV2::cpu_interface() { return *parts_->gicc; }
MmioTarget& GicV2::hypervisor_interface() { return *parts_->gich; }
MmioTarget& GicV2::virtual_cpu_interface() { return *parts_->gicv; }

void GicV2::reset() {
  parts_->distributor.reset();
  for (v2::CpuInterface& interface : parts_->cpu_interfaces) interface.reset();
  for (v2::VirtualInterface& interface : parts_->virtual_interfaces) interface.reset();
  parts_->update();
}

}  // namespace tw::gic
