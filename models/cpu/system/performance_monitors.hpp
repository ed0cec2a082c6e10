// The counting of the performance monitors (Arm ARM D13). A counter is not touched while it runs: the totals of its
// event go on by themselves, and the difference is added when somebody reads it or when something changes that decides
// whether it counts. What an instruction costs is therefore the same with counters on, and nothing with them off.
//
// The core is settled (settle_before, settle_after) at every call but pmu_count_op.
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/system/vectors.hpp"

namespace tw::cpu {

/// Brings all counters, the overflow flags and the interrupt's level up to date.
void pmu_sample(Cpu& cpu);
/// Decides anew which counters run; after pmu_sample() and a change of EL, security state or a PMU register.
void pmu_select(Cpu& cpu);
/// After a cold reset of the registers.
void pmu_reset(Cpu& cpu);

/// An event of EventSource::Core.
inline void pmu_happened(Cpu& cpu, PmuEvent event) { ++cpu.pmu.happened[static_cast<unsigned>(event)]; }
/// An exception is about to be taken from the present EL; only asked while a counter is on.
void pmu_exception_taken(Cpu& cpu, const Exception& exception, Vector vector);
/// `op` has retired; `taken`: by a taken branch. Only asked while pmu.by_op.
void pmu_count_op(Cpu& cpu, const Op& op, bool taken);

/// One more in this counter, by PMSWINC_EL0.
void pmu_increment(Cpu& cpu, unsigned slot);

/// Cycles, or instructions, whichever is less, that may pass before the next overflow with an interrupt. At least 1.
u64 pmu_distance(const Cpu& cpu);

/// Between two instructions, while pmu.busy(): samples, and tells the platform of the interrupt's level.
void pmu_between_instructions(Cpu& cpu);

/// Counters that the present EL may see, as bits of PMCNTENSET_EL0: MDCR_EL2.HPMN keeps some from EL0 and EL1.
u64 visible_counters(const Cpu& cpu);
/// FEAT_PMUv3p1: 16-bit event numbers, MDCR_EL2.HPMD.
bool pmu_has_wide_events(const Cpu& cpu);

}  // namespace tw::cpu
