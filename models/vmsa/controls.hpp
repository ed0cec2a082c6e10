// The registers that control translation, as the walker sees them. The CPU keeps one copy up to date; the SMMU builds
// one a stream. Raw architectural layouts (Arm ARM D17), so that a debugger can show them.
#pragma once

#include "base/types.hpp"

namespace tw::vmsa {

/// What the implementation has; read off the CPU model's ID registers.
struct Features {
  u8 pa_bits = 40;  ///< ID_AA64MMFR0_EL1.PARange: 32, 36, 40, 42, 44, 48
  bool granule4k = true;
  bool granule16k = true;
  bool granule64k = true;
  bool asid16 = true;
  bool vmid16 = false;  ///< FEAT_VMID16
  bool pan = false, uao = false, hpds = false, xnx = false, ttcnp = false, vhe = false;
  bool hafdbs = false, dirty = false;  ///< hardware management of the Access flag, and of dirty state
  bool fwb = false;                    ///< HCR_EL2.FWB
  u8 ipa_bits = 0;  ///< where IPAs may be larger than PAs (SMMU with AArch32 tables); 0: they are not
};

/// Stage-1 registers of one regime. EL2 and EL3 have no ttbr1 (without VHE).
struct Stage1Registers {
  u64 sctlr = 0;
  u64 tcr = 0;
  u64 ttbr0 = 0;
  u64 ttbr1 = 0;
  u64 mair = 0;
};

/// What an SMMU's STEs and CDs say beyond the registers of a core (IHI 0070, 5.2, 5.4).
struct StreamControls {
  bool lpae1 = false, lpae2 = false;  ///< AArch32 LPAE: TCR, VTCR hold 32 + T0SZ, 32 + T1SZ
  bool uwxn = false;                  ///< of lpae1: what EL0 can write, EL1 never executes
  bool affd1 = false, affd2 = false;  ///< a clear Access flag is no fault
  bool incoming = false;              ///< stage 1 that is off passes on these attributes: a MAIR byte, SH
  u8 incoming_mair = 0, incoming_sh = 0;
};

struct Controls {
  Features features;
  Stage1Registers el1;  ///< EL1&0
  Stage1Registers el2;
  Stage1Registers el3;
  u64 hcr = 0;          ///< HCR_EL2, as effective: zero in Secure state without Secure EL2, or with EL2 absent
  u64 vtcr = 0;         ///< VTCR_EL2
  u64 vttbr = 0;        ///< VTTBR_EL2
  bool sif = false;     ///< SCR_EL3.SIF: Secure state does not execute from Non-secure memory
  bool secure = false;  ///< the core is in Secure state (SCR_EL3.NS == 0 below EL3, or EL3)
  StreamControls stream;

  bool stage2_enabled() const { return (hcr & 1) != 0 || ((hcr >> 12) & 1) != 0; }  // VM or DC
  Vmid vmid() const {
    const u64 field = vttbr >> 48;
    return Vmid{static_cast<u16>(features.vmid16 && ((vtcr >> 19) & 1) ? field : field & 0xFF)};
  }
};

}  // namespace tw::vmsa
