// CPU models: the identification registers of real cores, and what follows from them.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "arm/sysreg.hpp"
#include "base/types.hpp"

namespace tw::arm {

/// What a model has beyond Armv8.0, as system registers and translation ask; read off the ID registers (features_of).
/// The decoder asks the ID registers itself (cpu/isa/features.hpp).
struct CpuFeatures {
  bool fp16 = false;
  bool pauth = false;  ///< address authentication, with the generic one
  bool pan = false;
  bool pan2 = false;  ///< AT S1E1RP, S1E1WP
  bool uao = false;
  bool dpb = false;     ///< DC CVAP
  bool hafdbs = false;  ///< hardware management of the Access flag ...
  bool dirty = false;   ///< ... and of dirty state
  bool vmid16 = false;
  bool hpds = false;
  bool hpds2 = false;  ///< TCR_ELx.HWU: storage, nothing uses page-based hardware attributes
  bool lor = false;
  bool xnx = false;
  bool ttcnp = false;
  bool iesb = false;
  bool ras = false;
  bool ssbs = false;
  bool ssbs2 = false;  ///< MRS, MSR of SSBS
  bool vhe = false;
};

struct IdValue {
  SysReg reg;
  u64 value;
};

/// A field that technical reference manuals announce and Trapwalk does not have: at most `value` is shown.
struct IdLimit {
  SysReg reg;
  u8 lsb;
  u8 value;
  std::string_view why;
};
std::span<const IdLimit> id_limits();

/// One core. An identification register without a row in `ids` reads as zero.
struct CpuModel {
  std::string_view name;
  std::span<const IdValue> ids;  ///< as the core's manual says; id() is what software sees
  std::array<u32, 3> ccsidr;     ///< L1 data, L1 instruction, L2 unified
  u32 sctlr_reset;
  u32 pmcr;  ///< PMCR_EL0: IMP, IDCODE, N
  u32 lorid = 0;
  bool has_a57_impdef = false;  ///< CPUACTLR_EL1, CPUECTLR_EL1, L2CTLR_EL1 … (S3_1_C11_Cx, S3_1_C15_Cx) are there
  CpuFeatures features{};       ///< features_of(ids)

  /// The value of an identification register: the manual's, within id_limits(), without AArch32.
  u64 id(SysReg reg) const;
  /// The bits of `reg` that can be written: the row's, without those of features that the model lacks.
  u64 writable(SysReg reg) const;
  /// Physical address bits: ID_AA64MMFR0_EL1.PARange.
  unsigned pa_bits() const;
  bool granule4k() const;
  bool granule16k() const;
  bool granule64k() const;
  bool asid16() const;
};

CpuFeatures features_of(const CpuModel& model);

std::span<const CpuModel> cpu_models();
/// The model called `name` ("cortex-a57"), or nullptr.
const CpuModel* find_cpu_model(std::string_view name);

}  // namespace tw::arm
