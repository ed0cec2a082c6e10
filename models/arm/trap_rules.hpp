// Trap rules as rows: which control's which bits, from which EL, in which direction, to which EL. A list holds the
// rules of one kind of register in the order of the manual's access pseudocode (Arm ARM D17, "Accessibility"); the
// first rule that holds decides. The name is the statistic's key.
//
// The conditions that every rule shares follow from its target and are not columns:
//  - a rule to EL2 holds when EL2 is enabled (implemented, and Non-secure state);
//  - a rule to EL3 holds when EL3 is implemented;
//  - a rule from EL0 to EL1 goes to EL2 when EL2 is enabled and HCR_EL2.TGE is 1.
#pragma once

#include <span>
#include <string_view>

#include "arm/control_bits.hpp"
#include "arm/syndrome.hpp"
#include "arm/sysreg.hpp"

namespace tw::arm {

enum Origin : u8 {
  kFromEl0 = 1,
  kFromEl1 = 2,
  kFromEl2 = 4,
  kFromEl12 = 6,
  kFromEl23 = 12,
  kFromEl01 = 3,
  kFromEl012 = 7,
  kFromAny = 15
};
enum Direction : u8 { kOnRead = 1, kOnWrite = 2, kOnAny = 3 };
/// When the bits of `mask` hold the trap: any or all of them set, all of them clear, or not all of them set.
enum class Sense : u8 { AnySet, AllSet, AllClear, NotAllSet };

struct TrapRule {
  std::string_view name;
  SysReg control;
  u64 mask;
  Sense sense;
  Origin from;
  Direction direction;
  El to;
  ExceptionClass exception_class = ExceptionClass::SystemRegister;

  constexpr bool holds(u64 value) const {
    switch (sense) {
      case Sense::AnySet:
        return (value & mask) != 0;
      case Sense::AllSet:
        return (value & mask) == mask;
      case Sense::AllClear:
        return (value & mask) == 0;
      case Sense::NotAllSet:
        break;
    }
    return (value & mask) != mask;
  }
};

using TrapRules = std::span<const TrapRule>;

// One list a kind of register or instruction. The arrays are in trap_rules.cpp.
struct TrapLists {
  TrapRules none;
  // HCR_EL2's register traps
  TrapRules virtual_memory, tid1, tid2, tid3, tacr, tidcp, ctr;
  // FEAT_LOR, FEAT_RAS
  TrapRules ordering_regions, error_records;
  // FEAT_PAuth: the key registers; instructions that use an address key that is enabled, and PACGA
  TrapRules pointer_keys, pointer_authentication;
  // floating point
  TrapRules fp, fp_el2;
  // architectural feature access
  TrapRules cpacr, cptr2, mdcr2;
  // PSTATE
  TrapRules daif;
  // debug
  TrapRules debug, debug_os, debug_rom, debug_comms, debug_el2;
  // performance monitors
  TrapRules pmu, pmcr, pmu_software, pmu_cycles, pmu_event, pmu_select, pmu_enable;  // the last: no EL0 control
  // timers
  TrapRules cntfrq, cntpct, cntvct, cntp, cntv, cntps;
  // GICv3: the rules to EL3 do not hold for an access to ICV_*
  TrapRules gic_common, gic_group0, gic_group1, gic_dir, gic_sgi;
  // SYS instructions
  TrapRules ttlb, set_way, to_coherency, to_coherency_el1, to_unification, to_unification_el1, zero_va;
  // WFI, WFE, SMC
  TrapRules wfi, wfe, smc;
};
extern const TrapLists kTraps;

}  // namespace tw::arm
