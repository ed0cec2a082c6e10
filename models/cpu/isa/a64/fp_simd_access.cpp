// Floating point and Advanced SIMD: the access traps, in the manual's order (CPACR_EL1 before CPTR_EL2 before
// CPTR_EL3). An encoding without a row of its own is UNDEFINED when access is allowed, and listed; every encoding of
// the two spaces is taken as allocated.
#include "cpu/isa/a64/fp_simd_access.hpp"

#include "arm/syndrome.hpp"
#include "arm/trap_rules.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "cpu/system/traps.hpp"

namespace tw::cpu::a64 {
namespace {

const Op* not_implemented(Cpu& cpu, const Op* op) {
  cpu.system.unimplemented_encoding(op->insn, Va{pc_of(cpu, op)});
  return undefined(cpu, op);
}

Handler select_access(Op&) { return with_fp_access<not_implemented>; }

constexpr Encoding kRows[] = {
    {"floating point and Advanced SIMD, data processing", "xxxx 111x xxxx xxxx xxxx xxxx xxxx xxxx",
     cost::Cause::FpSimd, select_access, Feature::FpSimd},
    {"floating point and Advanced SIMD, loads and stores", "xxxx 110x xxxx xxxx xxxx xxxx xxxx xxxx",
     cost::Cause::FpSimd, select_access, Feature::FpSimd},
};

}  // namespace

const Op* check_fp_access(Cpu& cpu, const Op* op) {
  if (const arm::TrapRule* rule = find_trap(cpu, arm::kTraps.fp, arm::kOnAny)) {
    return take_trap(cpu, op, *rule, arm::fp_simd_iss(), "floating point or Advanced SIMD");
  }
  cpu.fp_allowed = true;
  return nullptr;
}

std::span<const Encoding> fp_simd_encodings() { return kRows; }

}  // namespace tw::cpu::a64
