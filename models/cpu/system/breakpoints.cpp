// Matching of breakpoints and watchpoints (Arm ARM D2.8, D2.10; AArch64.BreakpointMatch, AArch64.WatchpointMatch).
#include "cpu/system/breakpoints.hpp"

#include "arm/syndrome.hpp"
#include "base/bits.hpp"
#include "cpu/system/debug.hpp"
#include "cpu/system/state.hpp"

namespace tw::cpu {

using namespace arm;

namespace {

constexpr unsigned kBreakpoints = 6, kWatchpoints = 4;
/// Breakpoints that know context identifiers: the last of them, ID_AA64DFR0_EL1.CTX_CMPs + 1.
constexpr unsigned kFirstContextAware = 4;
/// DBGBVR<n>_EL1 and DBGWVR<n>_EL1 hold 49 bits of a VA.
constexpr u64 kAddress = low_mask(49);

/// Value and control registers alternate in the table.
u64 value_of(const Cpu& cpu, SysReg first, unsigned n) {
  return cpu.reg(static_cast<SysReg>(static_cast<unsigned>(first) + 2 * n));
}
static_assert(static_cast<unsigned>(SysReg::DBGBCR5_EL1) == static_cast<unsigned>(SysReg::DBGBVR0_EL1) + 11);
static_assert(static_cast<unsigned>(SysReg::DBGWCR3_EL1) == static_cast<unsigned>(SysReg::DBGWVR0_EL1) + 7);
u64 bvr(const Cpu& cpu, unsigned n) { return value_of(cpu, SysReg::DBGBVR0_EL1, n); }
u64 bcr(const Cpu& cpu, unsigned n) { return value_of(cpu, SysReg::DBGBCR0_EL1, n); }
u64 wvr(const Cpu& cpu, unsigned n) { return value_of(cpu, SysReg::DBGWVR0_EL1, n); }
u64 wcr(const Cpu& cpu, unsigned n) { return value_of(cpu, SysReg::DBGWCR0_EL1, n); }

u8 enabled(const Cpu& cpu, SysReg first_control, unsigned count) {
  u8 result = 0;
  for (unsigned n = 0; n < count; ++n) {
    if (bit<0>(value_of(cpu, first_control, n))) result = static_cast<u8>(result | 1u << n);
  }
  return result;
}

/// HMC, SSC and PMC or PAC (AArch64.StateMatch). `control` is DBGBCR or DBGWCR: the fields have the same places.
bool state_matches(const Cpu& cpu, u64 control, bool privileged) {
  const u64 pxc = bits<2, 1>(control), ssc = bits<15, 14>(control);
  const bool hmc = bit<13>(control);
  bool el_matches = false;
  switch (privileged ? cpu.pstate.el : El::El0) {
    case El::El0:
      el_matches = (pxc & 2) != 0;
      break;
    case El::El1:
      el_matches = (pxc & 1) != 0;
      break;
    case El::El2:
      el_matches = (hmc && !(ssc == 2 && pxc == 0)) || ssc == 3;
      break;
    case El::El3:
      el_matches = hmc && (ssc & 1) == 0;
      break;
  }
  const bool secure = cpu.pstate.el == El::El3 || secure_below_el3(cpu);
  const bool security_matches =
      ssc == 0 || (ssc == 1 && !secure) || (ssc == 2 && secure) || (ssc == 3 && (hmc || secure));
  return el_matches && security_matches;
}

/// The value half of a context breakpoint: BT 0b001x CONTEXTIDR_EL1, 0b100x VMID, 0b101x both.
bool context_matches(const Cpu& cpu, unsigned n) {
  const u64 type = bits<23, 20>(bcr(cpu, n)) & ~u64{1};
  const bool context_id = type == 0b0010 || type == 0b1010, vmid = type == 0b1000 || type == 0b1010;
  if (!context_id && !vmid) return false;
  if (context_id && (cpu.pstate.el > El::El1 || bits<31, 0>(bvr(cpu, n)) != cpu.reg(SysReg::CONTEXTIDR_EL1)))
    return false;
  if (!vmid) return true;
  return el2_enabled(cpu) && cpu.pstate.el <= El::El1 && bits<47, 32>(bvr(cpu, n)) == cpu.controls.vmid().value;
}

/// DBGBCR.LBN, DBGWCR.LBN: the linked breakpoint is a context breakpoint of the linked kind, switched on, and matches.
bool link_matches(const Cpu& cpu, u64 control) {
  const unsigned linked = static_cast<unsigned>(bits<19, 16>(control));
  if (linked < kFirstContextAware || linked >= kBreakpoints) return false;
  const u64 other = bcr(cpu, linked);
  return bit<0>(other) && bit<20>(other) && context_matches(cpu, linked);
}

bool breakpoint_matches(const Cpu& cpu, unsigned n) {
  const u64 control = bcr(cpu, n);
  if (!state_matches(cpu, control, true)) return false;
  switch (bits<23, 20>(control)) {
    case 0b0000:
    case 0b0001:
      return ((cpu.pc ^ bvr(cpu, n)) & kAddress & ~u64{3}) == 0 && (!bit<20>(control) || link_matches(cpu, control));
    case 0b0010:
    case 0b1000:
    case 0b1010:
      return n >= kFirstContextAware && context_matches(cpu, n);
    default:  // a linked one matches through the other; the rest is AArch32's or reserved
      return false;
  }
}

/// DBGWVR, BAS and MASK on one byte's address.
bool watches(u64 value, u64 control, u64 address) {
  const unsigned bottom = bit<2>(value) ? 2 : 3;
  const unsigned mask = static_cast<unsigned>(bits<28, 24>(control));
  if (mask > bottom) return (((address ^ value) & kAddress) >> mask) == 0;
  return (((address ^ value) & kAddress) >> bottom) == 0 &&
         bit_at(bits<12, 5>(control), static_cast<unsigned>(address & low_mask(bottom)));
}

Exception debug_exception(const Cpu& cpu, ExceptionClass lower, ExceptionClass same, u32 iss, std::string_view name) {
  const El target = debug_target(cpu);
  return {.target = target,
          .exception_class = code(target > cpu.pstate.el ? lower : same),
          .iss = iss,
          .return_address = cpu.pc,
          .reason = {name, ""}};
}

bool enabled_here(const Cpu& cpu) { return debug_exceptions_enabled(cpu, cpu.pstate.el, (cpu.pstate.daif & 8) != 0); }

}  // namespace

u8 enabled_breakpoints(const Cpu& cpu) { return enabled(cpu, SysReg::DBGBCR0_EL1, kBreakpoints); }
u8 enabled_watchpoints(const Cpu& cpu) { return enabled(cpu, SysReg::DBGWCR0_EL1, kWatchpoints); }

bool take_breakpoint(Cpu& cpu) {
  if (cpu.debug.breakpoints == 0 || !enabled_here(cpu)) return false;
  for (unsigned n = 0; n < kBreakpoints; ++n) {
    if (!bit_at(cpu.debug.breakpoints, n) || !breakpoint_matches(cpu, n)) continue;
    take_exception(cpu, debug_exception(cpu, ExceptionClass::BreakpointLower, ExceptionClass::BreakpointSame,
                                        kDebugFaultStatus, "breakpoint"));
    return true;
  }
  return false;
}

bool watchpoints_allow(Cpu& cpu, const Op* op, const WatchedAccess& access) {
  if (!enabled_here(cpu)) return true;
  for (unsigned n = 0; n < kWatchpoints; ++n) {
    if (!bit_at(cpu.debug.watchpoints, n)) continue;
    const u64 control = wcr(cpu, n), value = wvr(cpu, n);
    const bool kind = (bit<3>(control) && access.read) || (bit<4>(control) && access.write);
    if (!kind || !state_matches(cpu, control, access.privileged)) continue;
    if (bit<20>(control) && !link_matches(cpu, control)) continue;
    for (u64 byte = access.va; byte < access.va + access.size; ++byte) {
      if (!watches(value, control, byte)) continue;
      settle_before(cpu, op);
      cpu.pc = pc_of(cpu, op);
      Exception exception =
          debug_exception(cpu, ExceptionClass::WatchpointLower, ExceptionClass::WatchpointSame,
                          kDebugFaultStatus | (access.write && bit<4>(control) ? abort_iss::kWnR : 0), "watchpoint");
      exception.sets_far = true;
      exception.far = byte;
      take_exception(cpu, exception);
      return false;
    }
  }
  return true;
}

}  // namespace tw::cpu
