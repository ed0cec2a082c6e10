// Floating point and Advanced SIMD: the access traps, in the manual's order (CPACR_EL1 before CPTR_EL2 before
// CPTR_EL3). The instructions themselves are not modelled: allowed, they are UNDEFINED and listed. Every encoding of
// the two spaces is taken as allocated.
#include "arm/syndrome.hpp"
#include "arm/trap_rules.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "cpu/system/traps.hpp"

namespace tw::cpu::a64 {
namespace {

const Op* access(Cpu& cpu, const Op* op) {
  if (const arm::TrapRule* rule = find_trap(cpu, arm::kTraps.fp, arm::kOnAny)) {
    return take_trap(cpu, op, *rule, arm::fp_simd_iss(), "floating point or Advanced SIMD");
  }
  cpu.system.unimplemented_encoding(op->insn, Va{pc_of(cpu, op)});
  return undefined(cpu, op);
}

Handler select_access(Op&) { return access; }

constexpr Encoding kRows[] = {
    {"floating point and Advanced SIMD, data processing", "xxxx 111x xxxx xxxx xxxx xxxx xxxx xxxx",
     cost::Cause::FpSimd, select_access, Feature::FpSimd},
    {"floating point and Advanced SIMD, loads and stores", "xxxx 110x xxxx xxxx xxxx xxxx xxxx xxxx",
     cost::Cause::FpSimd, select_access, Feature::FpSimd},
};

}  // namespace

std::span<const Encoding> fp_simd_encodings() { return kRows; }

}  // namespace tw::cpu::a64
