// DC and IC (Arm ARM C5.3, D7.5). The model's caches hold no data, so maintenance has permission, translation and its
// effect on the caches' tags and time, and IC forgets decoded code. DC ZVA writes zeroes.
#include "cpu/code_cache.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/halting.hpp"
#include "cpu/memory.hpp"
#include "cpu/system/debug.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/sys_instructions.hpp"

namespace tw::cpu {
namespace {

using namespace arm;

using Clean = CachePort::Clean;

/// The parameter of a row: what is done to the line; DC IVAC needs write permission.
constexpr u32 parameter(Clean clean) { return static_cast<u32>(clean); }
Clean clean_of(const Op* op) { return static_cast<Clean>(sys_instruction_of(op).parameter); }

const Op* by_set_way(Cpu& cpu, const Op* op) {
  if (has_caches(cpu)) {
    cpu.caches->clean_set_way(clean_of(op), cpu.x[op->rn], cpu.pipeline.data_now(), cpu.pipeline.data());
    cpu.pipeline.data_done();
  }
  return op + 1;
}

const Op* by_address(Cpu& cpu, const Op* op) {
  const bool write = clean_of(op) == Clean::InvalidateOnly;
  vmsa::Translation translation;
  if (!translate_for(cpu, op, cpu.x[op->rn], access_of(cpu, vmsa::AccessKind::CacheMaintenance, cpu.x[op->rn], write),
                     translation)) {
    return leave_before(cpu, op);
  }
  if (has_caches(cpu)) {
    cpu.caches->clean(clean_of(op), cache_access_of(cpu, op, translation.pa, CachePort::Kind::Load, 1),
                      cpu.pipeline.data());
    cpu.pipeline.data_done();
  }
  return op + 1;
}

const Op* instruction_by_address(Cpu& cpu, const Op* op) {
  vmsa::Translation translation;
  if (!translate_for(cpu, op, cpu.x[op->rn], access_of(cpu, vmsa::AccessKind::CacheMaintenance, cpu.x[op->rn], false),
                     translation)) {
    return leave_before(cpu, op);
  }
  cpu.code.invalidate(translation.pa.align_down(kPageBytes));
  if (has_caches(cpu)) {
    cpu.caches->invalidate_instructions(cache_access_of(cpu, op, translation.pa, CachePort::Kind::Fetch, 1),
                                        cpu.pipeline.data());
    cpu.pipeline.data_done();
  }
  return op + 1;
}

const Op* instruction_all(Cpu& cpu, const Op* op) {
  cpu.code.invalidate_all();
  if (has_caches(cpu)) {
    cpu.caches->invalidate_all_instructions(sys_instruction_of(op).parameter != 0, cpu.pipeline.data());
    cpu.pipeline.data_done();
  }
  return op + 1;
}

/// The whole block lies in one page, so that it is translated once; the fault reports the address as given.
const Op* zero(Cpu& cpu, const Op* op) {
  const u64 bytes = u64{4} << (cpu.reg(SysReg::DCZID_EL0) & 0xF);
  const u64 given = cpu.x[op->rn];
  const u64 first = given & ~(bytes - 1);
  if (host_entry(cpu, first).write_tag == (first & ~u64{0xFFF})) {
    for (u64 offset = 0; offset < bytes; offset += 8) {
      if (!store<u64>(cpu, op, first + offset, 0)) return leave_before(cpu, op);
    }
    return op + 1;
  }
  vmsa::Access access = access_of(cpu, vmsa::AccessKind::Data, given, true);
  access.aligned = false;  // Device memory takes no DC ZVA: an Alignment fault, in its place in the order of faults
  vmsa::Translation translation;
  if (!translate_for(cpu, op, given, access, translation)) return leave_before(cpu, op);
  if (cpu.halts_at_data) watch_access(cpu, first, static_cast<unsigned>(bytes), true);
  if (cpu.debug.watchpoints != 0 && !watchpoints_allow(cpu, op,
                                                       {.va = first,
                                                        .size = static_cast<unsigned>(bytes),
                                                        .read = false,
                                                        .write = true,
                                                        .privileged = cpu.pstate.el != El::El0})) {
    return leave_before(cpu, op);
  }
  if (!zero_translated(cpu, op, first, static_cast<unsigned>(bytes), translation)) return leave_before(cpu, op);
  return op + 1;
}

constexpr auto kCost = cost::Cause::CacheMaintenance;
using L = TrapLists;

constexpr SysInstruction kRows[] = {
    {"IC IALLUIS", SysRegEncoding{1, 0, 7, 1, 0}, 1, &L::to_unification_el1, kCost, instruction_all, 1},
    {"IC IALLU", SysRegEncoding{1, 0, 7, 5, 0}, 1, &L::to_unification_el1, kCost, instruction_all},
    {"DC IVAC", SysRegEncoding{1, 0, 7, 6, 1}, 1, &L::to_coherency_el1, kCost, by_address,
     parameter(Clean::InvalidateOnly)},
    {"DC ISW", SysRegEncoding{1, 0, 7, 6, 2}, 1, &L::set_way, kCost, by_set_way, parameter(Clean::InvalidateOnly)},
    {"DC CSW", SysRegEncoding{1, 0, 7, 10, 2}, 1, &L::set_way, kCost, by_set_way, parameter(Clean::ToCoherency)},
    {"DC CISW", SysRegEncoding{1, 0, 7, 14, 2}, 1, &L::set_way, kCost, by_set_way,
     parameter(Clean::ToCoherencyAndInvalidate)},
    {"DC ZVA", SysRegEncoding{1, 3, 7, 4, 1}, 0, &L::zero_va, kCost, zero},
    {"IC IVAU", SysRegEncoding{1, 3, 7, 5, 1}, 0, &L::to_unification, kCost, instruction_by_address},
    {"DC CVAC", SysRegEncoding{1, 3, 7, 10, 1}, 0, &L::to_coherency, kCost, by_address, parameter(Clean::ToCoherency)},
    {"DC CVAP", SysRegEncoding{1, 3, 7, 12, 1}, 0, &L::to_coherency, kCost, by_address, parameter(Clean::ToCoherency),
     &CpuFeatures::dpb},
    {"DC CVAU", SysRegEncoding{1, 3, 7, 11, 1}, 0, &L::to_unification, kCost, by_address,
     parameter(Clean::ToUnification)},
    {"DC CIVAC", SysRegEncoding{1, 3, 7, 14, 1}, 0, &L::to_coherency, kCost, by_address,
     parameter(Clean::ToCoherencyAndInvalidate)},
};

}  // namespace

std::span<const SysInstruction> cache_maintenance_rows() { return kRows; }

}  // namespace tw::cpu
