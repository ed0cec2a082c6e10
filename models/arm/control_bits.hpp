// Bits of the control registers, named as the manual names them (Arm ARM D17.2), each stated once.
#pragma once

#include "base/types.hpp"

namespace tw::arm {

constexpr u64 control_bit(unsigned n) { return u64{1} << n; }

/// HCR_EL2, without VHE.
namespace hcr {
inline constexpr u64 VM = control_bit(0), SWIO = control_bit(1), PTW = control_bit(2), FMO = control_bit(3),
                     IMO = control_bit(4), AMO = control_bit(5), VF = control_bit(6), VI = control_bit(7),
                     VSE = control_bit(8), FB = control_bit(9), BSU = u64{3} << 10, DC = control_bit(12),
                     TWI = control_bit(13), TWE = control_bit(14), TID0 = control_bit(15), TID1 = control_bit(16),
                     TID2 = control_bit(17), TID3 = control_bit(18), TSC = control_bit(19), TIDCP = control_bit(20),
                     TACR = control_bit(21), TSW = control_bit(22), TPC = control_bit(23), TPU = control_bit(24),
                     TTLB = control_bit(25), TVM = control_bit(26), TGE = control_bit(27), TDZ = control_bit(28),
                     HCD = control_bit(29), TRVM = control_bit(30), RW = control_bit(31), CD = control_bit(32),
                     ID = control_bit(33), TLOR = control_bit(35), TERR = control_bit(36), TEA = control_bit(37),
                     APK = control_bit(40), API = control_bit(41);
/// Every bit that can be written. RW is RAO/WI: EL1 is AArch64. Those of later features: arm/feature_bits.cpp.
inline constexpr u64 kWritable = (((u64{1} << 34) - 1) & ~RW) | TLOR | TERR | TEA | APK | API;
}  // namespace hcr

/// SCTLR_EL1, and of it the bits that SCTLR_EL2 and SCTLR_EL3 have too.
namespace sctlr {
inline constexpr u64 M = control_bit(0), A = control_bit(1), C = control_bit(2), SA = control_bit(3),
                     SA0 = control_bit(4), CP15BEN = control_bit(5), ITD = control_bit(7), SED = control_bit(8),
                     UMA = control_bit(9), I = control_bit(12), EnDB = control_bit(13), DZE = control_bit(14),
                     UCT = control_bit(15), nTWI = control_bit(16), nTWE = control_bit(18), WXN = control_bit(19),
                     IESB = control_bit(21), SPAN = control_bit(23), E0E = control_bit(24), EE = control_bit(25),
                     UCI = control_bit(26), EnDA = control_bit(27), EnIB = control_bit(30), EnIA = control_bit(31),
                     DSSBS = control_bit(44);
inline constexpr u64 kWritable = 0xFFFFFFFF | DSSBS;
}  // namespace sctlr

namespace scr {
inline constexpr u64 NS = control_bit(0), IRQ = control_bit(1), FIQ = control_bit(2), EA = control_bit(3),
                     SMD = control_bit(7), HCE = control_bit(8), SIF = control_bit(9), RW = control_bit(10),
                     ST = control_bit(11), TWI = control_bit(12), TWE = control_bit(13), TLOR = control_bit(14),
                     TERR = control_bit(15), APK = control_bit(16), API = control_bit(17);
inline constexpr u64 kReset = RW | 0x30;  // RW is RAO/WI: the ELs below are AArch64; [5:4] are RES1
inline constexpr u64 kWritable = NS | IRQ | FIQ | EA | SMD | HCE | SIF | ST | TWI | TWE | TLOR | TERR | APK | API;
}  // namespace scr

/// TCR_EL1; TCR_EL2, TCR_EL3 and VTCR_EL2 have theirs elsewhere.
namespace tcr {
inline constexpr u64 HA = control_bit(39), HD = control_bit(40), HPD0 = control_bit(41), HPD1 = control_bit(42),
                     HWU = u64{0xFF} << 43, TBID0 = control_bit(51), TBID1 = control_bit(52);
inline constexpr u64 kWritable = 0x7FFFFFFFFF | HA | HD | HPD0 | HPD1 | HWU | TBID0 | TBID1;
}  // namespace tcr
namespace tcr23 {
inline constexpr u64 HA = control_bit(21), HD = control_bit(22), HPD = control_bit(24), HWU = u64{0xF} << 25,
                     TBID = control_bit(29);
}  // namespace tcr23
namespace vtcr {
inline constexpr u64 VS = control_bit(19), HA = control_bit(21), HD = control_bit(22), HWU = u64{0xF} << 25;
}  // namespace vtcr
namespace ttbr {
inline constexpr u64 CnP = control_bit(0);
}  // namespace ttbr

/// DISR_EL1, VDISR_EL2, VSESR_EL2: A, and IDS with ISS as in ESR_ELx.
namespace disr {
inline constexpr u64 A = control_bit(31), ISS = 0x1FFFFFF;
}  // namespace disr

namespace ich_hcr {
inline constexpr u64 TC = control_bit(10), TALL0 = control_bit(11), TALL1 = control_bit(12), TDIR = control_bit(14);
}  // namespace ich_hcr

/// ID_AA64PFR0_EL1.GIC: 1 says that ICC_* and ICH_* are there, of GICv3 or GICv4.
inline constexpr u64 kPfr0Gic = u64{15} << 24, kPfr0GicV3 = u64{1} << 24;
/// ID_PFR1_EL1.GIC: the same for AArch32.
inline constexpr u64 kPfr1Gic = u64{15} << 28, kPfr1GicV3 = u64{1} << 28;

/// CPTR_EL2 (E2H = 0) and CPTR_EL3.
namespace cptr {
inline constexpr u64 TFP = control_bit(10), TTA = control_bit(20), TCPAC = control_bit(31);
inline constexpr u64 kEl2Res1 = 0x33FF;
}  // namespace cptr

namespace fpcr {
inline constexpr u64 FZ16 = control_bit(19);
}  // namespace fpcr

namespace cpacr {
inline constexpr u64 FPEN = u64{3} << 20, FPEN0 = control_bit(20), TTA = control_bit(28);
}  // namespace cpacr

namespace mdcr2 {
inline constexpr u64 HPMN = 0x1F, TPMCR = control_bit(5), TPM = control_bit(6), HPME = control_bit(7),
                     TDE = control_bit(8), TDA = control_bit(9), TDOSA = control_bit(10), TDRA = control_bit(11),
                     HPMD = control_bit(17);
}  // namespace mdcr2

namespace mdcr3 {
inline constexpr u64 TPM = control_bit(6), TDA = control_bit(9), TDOSA = control_bit(10), SPD32 = u64{3} << 14,
                     SDD = control_bit(16), SPME = control_bit(17), EDAD = control_bit(20), EPMAD = control_bit(21);
}  // namespace mdcr3

namespace cnthctl {
inline constexpr u64 EL1PCTEN = control_bit(0), EL1PCEN = control_bit(1), EVNTEN = control_bit(2),
                     EVNTDIR = control_bit(3), EVNTI = u64{0xF} << 4;
}  // namespace cnthctl

namespace cntkctl {
inline constexpr u64 EL0PCTEN = control_bit(0), EL0VCTEN = control_bit(1), EVNTEN = control_bit(2),
                     EVNTDIR = control_bit(3), EVNTI = u64{0xF} << 4, EL0VTEN = control_bit(8),
                     EL0PTEN = control_bit(9);
}  // namespace cntkctl

namespace pmcr {
inline constexpr u64 E = control_bit(0), P = control_bit(1), C = control_bit(2), D = control_bit(3), X = control_bit(4),
                     DP = control_bit(5), LC = control_bit(6);
}  // namespace pmcr

/// PMEVTYPERn_EL0 and PMCCFILTR_EL0.
namespace pmfilter {
inline constexpr u64 M = control_bit(26), NSH = control_bit(27), NSU = control_bit(28), NSK = control_bit(29),
                     U = control_bit(30), P = control_bit(31);
}  // namespace pmfilter

namespace pmuserenr {
inline constexpr u64 EN = control_bit(0), SW = control_bit(1), CR = control_bit(2), ER = control_bit(3);
}  // namespace pmuserenr

namespace mdscr {
inline constexpr u64 SS = control_bit(0), TDCC = control_bit(12), KDE = control_bit(13), MDE = control_bit(15);
}  // namespace mdscr

/// SPSR_ELx as AArch64 writes it.
namespace spsr {
inline constexpr u64 SP = control_bit(0), nRW = control_bit(4), F = control_bit(6), I = control_bit(7),
                     A = control_bit(8), D = control_bit(9), SSBS = control_bit(12), IL = control_bit(20),
                     SS = control_bit(21), PAN = control_bit(22), UAO = control_bit(23), NZCV = u64{0xF} << 28;
}  // namespace spsr

}  // namespace tw::arm
