// CPU models: the identification registers of real cores, and what follows from them.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "arm/sysreg.hpp"
#include "base/types.hpp"

namespace tw::arm {

/// What a model has beyond Armv8.0, as the decoder asks. Every flag agrees with the model's ID registers (a test).
struct CpuFeatures {
  bool fp_simd = true;
  bool crc32 = true;
  bool lse = false;
  bool rcpc = false;
  bool pauth = false;
  bool pan = false;
  bool uao = false;
};

struct IdValue {
  SysReg reg;
  u64 value;
};

/// One core. An identification register without a row in `ids` reads as zero.
struct CpuModel {
  std::string_view name;
  std::span<const IdValue> ids;
  std::array<u32, 3> ccsidr;  ///< L1 data, L1 instruction, L2 unified
  u32 sctlr_reset;
  u32 pmcr;  ///< PMCR_EL0: IMP, IDCODE, N
  CpuFeatures features;
  bool has_a57_impdef;  ///< CPUACTLR_EL1, CPUECTLR_EL1, L2CTLR_EL1 … (S3_1_C11_Cx, S3_1_C15_Cx) are there

  u64 id(SysReg reg) const;
  /// Physical address bits: ID_AA64MMFR0_EL1.PARange.
  unsigned pa_bits() const;
  bool granule4k() const;
  bool granule16k() const;
  bool granule64k() const;
  bool asid16() const;
  bool vmid16() const;
};

std::span<const CpuModel> cpu_models();
/// The model called `name` ("cortex-a57"), or nullptr.
const CpuModel* find_cpu_model(std::string_view name);

}  // namespace tw::arm
