#include "cpu/system/psci.hpp"

#include <algorithm>
#include <iterator>

#include "cpu/exceptions.hpp"
#include "cpu/system/state.hpp"

namespace tw::cpu {
namespace {

// Function identifiers (DEN 0022, 5.1). Those that take addresses have a 64-bit form with bit 30 set.
constexpr u32 kWide = u32{1} << 30;
enum Function : u32 {
  kSmcccVersion = 0x8000'0000,
  kSmcccArchFeatures = 0x8000'0001,
  kVersion = 0x8400'0000,
  kCpuSuspend = 0x8400'0001,
  kCpuOff = 0x8400'0002,
  kCpuOn = 0x8400'0003,
  kAffinityInfo = 0x8400'0004,
  kMigrateInfoType = 0x8400'0006,
  kSystemOff = 0x8400'0008,
  kSystemReset = 0x8400'0009,
  kFeatures = 0x8400'000A,
};
constexpr u32 kServed[] = {
    kSmcccVersion, kSmcccArchFeatures, kVersion,      kCpuSuspend,           kCpuSuspend | kWide, kCpuOff,
    kCpuOn,        kCpuOn | kWide,     kAffinityInfo, kAffinityInfo | kWide, kMigrateInfoType,    kSystemOff,
    kSystemReset,  kFeatures};

// Return codes (5.2.2).
constexpr u64 error(i64 code) { return static_cast<u64>(code); }
constexpr u64 kSuccess = 0;
constexpr u64 kNotSupported = error(-1);
constexpr u64 kInvalidParameters = error(-2);
constexpr u64 kAlreadyOn = error(-4);
constexpr u64 kInvalidAddress = error(-9);

constexpr u64 kPsciVersion = 0x1'0001;
constexpr u64 kSmccc = 0x1'0001;
constexpr u64 kAffinityOn = 0, kAffinityOff = 1;
constexpr u64 kMigrateNotNeeded = 2;  // no Trusted OS, or one that needs no migration
constexpr u64 kAffinityMask = 0xFF'00FF'FFFF;

}  // namespace

std::optional<PsciFirmware::Conduit> psci_conduit(std::string_view name) {
  if (name == "hvc") return PsciFirmware::Conduit::Hvc;
  if (name == "smc") return PsciFirmware::Conduit::Smc;
  if (name == "none") return PsciFirmware::Conduit::None;
  return std::nullopt;
}

void start_core(Cpu& core, Va entry, u64 context_id) {
  core.reset(entry);
  if (core.config.has_el3) {
    core.reg(SysReg::SCR_EL3) |= arm::scr::NS | arm::scr::HCE | arm::scr::RW;
    set_el_and_sp(core, core.config.has_el2 ? El::El2 : El::El1, true);
    update_controls(core);
    core.ledger.reset(ledger_context(core));
  }
  core.x[0] = context_id;
}

bool PsciFirmware::call(Cpu& cpu, SystemPort::Conduit conduit) {
  const Conduit wanted = conduit == SystemPort::Conduit::Hvc ? Conduit::Hvc : Conduit::Smc;
  if (conduit_ != wanted) return false;
  const u32 function_id = static_cast<u32>(cpu.x[0]);
  cpu.x[0] = function(cpu, function_id);
  return true;
}

u64 PsciFirmware::function(Cpu& cpu, u32 function_id) {
  const bool wide = (function_id & kWide) != 0;
  const u64 mask = wide ? ~u64{0} : 0xFFFF'FFFF;
  const u64 x1 = cpu.x[1] & mask, x2 = cpu.x[2] & mask, x3 = cpu.x[3] & mask;
  if (std::ranges::find(kServed, function_id) == std::end(kServed)) return kNotSupported;
  switch (function_id & ~kWide) {
    case kSmcccVersion:
      return kSmccc;
    case kVersion:
      return kPsciVersion;
    case kCpuSuspend:
      // Every power state is a standby: it ends like WFI and keeps all state.
      cpu.waiting_for_interrupt = true;
      cpu.request_exit();
      return kSuccess;
    case kCpuOff:
      cpu.powered = false;
      cpu.request_exit();
      return kSuccess;  // seen by nobody
    case kCpuOn:
      return cpu_on(x1, x2, x3);
    case kAffinityInfo:
      return affinity_info(x1, x2);
    case kMigrateInfoType:
      return kMigrateNotNeeded;
    case kSystemOff:
      cpu.request_exit();
      power_.system_off();
      return kSuccess;
    case kSystemReset:
      cpu.request_exit();
      power_.system_reset();
      return kSuccess;
    case kFeatures:
      return features(static_cast<u32>(x1));
    case kSmcccArchFeatures:
      return x1 == kSmcccVersion || x1 == kSmcccArchFeatures ? kSuccess : kNotSupported;  // no workaround is needed
    default:
      return kNotSupported;
  }
}

u64 PsciFirmware::features(u32 function_id) {
  return std::ranges::find(kServed, function_id) != std::end(kServed) ? kSuccess : kNotSupported;
}

std::optional<unsigned> PsciFirmware::find_core(u64 affinity) const {
  for (unsigned index = 0; index < power_.cores(); ++index) {
    if ((mpidr_of(index) & kAffinityMask) == affinity) return index;
  }
  return std::nullopt;
}

u64 PsciFirmware::cpu_on(u64 affinity, u64 entry, u64 context_id) {
  const std::optional<unsigned> index = find_core(affinity);
  if (!index) return kInvalidParameters;
  if ((entry & 3) != 0) return kInvalidAddress;  // an AArch32 entry point
  Cpu& target = power_.core(*index);
  if (target.powered) return kAlreadyOn;
  start_core(target, Va{entry}, context_id);
  power_.core_started(*index);
  return kSuccess;
}

u64 PsciFirmware::affinity_info(u64 affinity, u64 lowest_level) const {
  if (lowest_level > 0) return kInvalidParameters;  // optional since PSCI 1.0
  const std::optional<unsigned> index = find_core(affinity);
  if (!index) return kInvalidParameters;
  return power_.core(*index).powered ? kAffinityOn : kAffinityOff;
}

}  // namespace tw::cpu
