#include "arm/trap_rules.hpp"

namespace tw::arm {
namespace {

using enum SysReg;
using enum Sense;

// ---- HCR_EL2, the register traps
constexpr TrapRule kVirtualMemory[] = {
    {"HCR_EL2.TVM", HCR_EL2, hcr::TVM, AnySet, kFromEl1, kOnWrite, El::El2},
    {"HCR_EL2.TRVM", HCR_EL2, hcr::TRVM, AnySet, kFromEl1, kOnRead, El::El2},
};
constexpr TrapRule kTid1[] = {{"HCR_EL2.TID1", HCR_EL2, hcr::TID1, AnySet, kFromEl1, kOnRead, El::El2}};
constexpr TrapRule kTid2[] = {{"HCR_EL2.TID2", HCR_EL2, hcr::TID2, AnySet, kFromEl1, kOnAny, El::El2}};
constexpr TrapRule kTid3[] = {{"HCR_EL2.TID3", HCR_EL2, hcr::TID3, AnySet, kFromEl1, kOnRead, El::El2}};
constexpr TrapRule kTacr[] = {{"HCR_EL2.TACR", HCR_EL2, hcr::TACR, AnySet, kFromEl1, kOnAny, El::El2}};
constexpr TrapRule kTidcp[] = {{"HCR_EL2.TIDCP", HCR_EL2, hcr::TIDCP, AnySet, kFromEl1, kOnAny, El::El2}};
constexpr TrapRule kCtr[] = {
    {"SCTLR_EL1.UCT", SCTLR_EL1, sctlr::UCT, AllClear, kFromEl0, kOnRead, El::El1},
    {"HCR_EL2.TID2", HCR_EL2, hcr::TID2, AnySet, kFromEl01, kOnRead, El::El2},
};

// ---- limited ordering regions, error records
constexpr TrapRule kOrderingRegions[] = {
    {"HCR_EL2.TLOR", HCR_EL2, hcr::TLOR, AnySet, kFromEl1, kOnAny, El::El2},
    {"SCR_EL3.TLOR", SCR_EL3, scr::TLOR, AnySet, kFromEl12, kOnAny, El::El3},
};
constexpr TrapRule kErrorRecords[] = {
    {"HCR_EL2.TERR", HCR_EL2, hcr::TERR, AnySet, kFromEl1, kOnAny, El::El2},
    {"SCR_EL3.TERR", SCR_EL3, scr::TERR, AnySet, kFromEl12, kOnAny, El::El3},
};

// ---- pointer authentication
constexpr TrapRule kPointerKeys[] = {
    {"HCR_EL2.APK", HCR_EL2, hcr::APK, AllClear, kFromEl1, kOnAny, El::El2},
    {"SCR_EL3.APK", SCR_EL3, scr::APK, AllClear, kFromEl12, kOnAny, El::El3},
};
constexpr auto kPauthClass = ExceptionClass::PointerAuthentication;
constexpr TrapRule kPointerAuthentication[] = {
    {"HCR_EL2.API", HCR_EL2, hcr::API, AllClear, kFromEl01, kOnAny, El::El2, kPauthClass},
    {"SCR_EL3.API", SCR_EL3, scr::API, AllClear, kFromEl012, kOnAny, El::El3, kPauthClass},
};

// ---- floating point: CPACR_EL1 comes before CPTR_EL2, so EL1 gets what both disallow
constexpr auto kFpClass = ExceptionClass::FpSimd;
constexpr TrapRule kFp[] = {
    {"CPACR_EL1.FPEN", CPACR_EL1, cpacr::FPEN, NotAllSet, kFromEl0, kOnAny, El::El1, kFpClass},
    {"CPACR_EL1.FPEN", CPACR_EL1, cpacr::FPEN0, AllClear, kFromEl1, kOnAny, El::El1, kFpClass},
    {"CPTR_EL2.TFP", CPTR_EL2, cptr::TFP, AnySet, kFromEl012, kOnAny, El::El2, kFpClass},
    {"CPTR_EL3.TFP", CPTR_EL3, cptr::TFP, AnySet, kFromAny, kOnAny, El::El3, kFpClass},
};
constexpr TrapRule kFpEl2[] = {
    {"CPTR_EL2.TFP", CPTR_EL2, cptr::TFP, AnySet, kFromEl2, kOnAny, El::El2, kFpClass},
    {"CPTR_EL3.TFP", CPTR_EL3, cptr::TFP, AnySet, kFromEl23, kOnAny, El::El3, kFpClass},
};

// ---- feature access
constexpr TrapRule kCpacr[] = {
    {"CPTR_EL2.TCPAC", CPTR_EL2, cptr::TCPAC, AnySet, kFromEl1, kOnAny, El::El2},
    {"CPTR_EL3.TCPAC", CPTR_EL3, cptr::TCPAC, AnySet, kFromEl012, kOnAny, El::El3},
};
constexpr TrapRule kCptr2[] = {{"CPTR_EL3.TCPAC", CPTR_EL3, cptr::TCPAC, AnySet, kFromEl2, kOnAny, El::El3}};
constexpr TrapRule kMdcr2[] = {{"MDCR_EL3.TDA", MDCR_EL3, mdcr3::TDA, AnySet, kFromEl2, kOnAny, El::El3}};
constexpr TrapRule kDaif[] = {{"SCTLR_EL1.UMA", SCTLR_EL1, sctlr::UMA, AllClear, kFromEl0, kOnAny, El::El1}};

// ---- debug: MDCR_EL2.TDE makes TDA, TDOSA and TDRA effective; HCR_EL2.TGE makes TDE effective
constexpr TrapRule kDebug[] = {
    {"MDCR_EL2.TDA", MDCR_EL2, mdcr2::TDA | mdcr2::TDE, AnySet, kFromEl1, kOnAny, El::El2},
    {"MDCR_EL3.TDA", MDCR_EL3, mdcr3::TDA, AnySet, kFromEl012, kOnAny, El::El3},
};
constexpr TrapRule kDebugOs[] = {
    {"MDCR_EL2.TDOSA", MDCR_EL2, mdcr2::TDOSA | mdcr2::TDE, AnySet, kFromEl1, kOnAny, El::El2},
    {"MDCR_EL3.TDOSA", MDCR_EL3, mdcr3::TDOSA, AnySet, kFromEl012, kOnAny, El::El3},
};
constexpr TrapRule kDebugRom[] = {
    {"MDCR_EL2.TDRA", MDCR_EL2, mdcr2::TDRA | mdcr2::TDE, AnySet, kFromEl1, kOnAny, El::El2},
    {"MDCR_EL3.TDA", MDCR_EL3, mdcr3::TDA, AnySet, kFromEl012, kOnAny, El::El3},
};
constexpr TrapRule kDebugComms[] = {
    {"MDSCR_EL1.TDCC", MDSCR_EL1, mdscr::TDCC, AnySet, kFromEl0, kOnAny, El::El1},
    {"MDCR_EL2.TDA", MDCR_EL2, mdcr2::TDA | mdcr2::TDE, AnySet, kFromEl01, kOnAny, El::El2},
    {"HCR_EL2.TGE", HCR_EL2, hcr::TGE, AnySet, kFromEl0, kOnAny, El::El2},
    {"MDCR_EL3.TDA", MDCR_EL3, mdcr3::TDA, AnySet, kFromEl012, kOnAny, El::El3},
};
constexpr TrapRule kDebugEl2[] = {{"MDCR_EL3.TDA", MDCR_EL3, mdcr3::TDA, AnySet, kFromEl2, kOnAny, El::El3}};

// ---- performance monitors
constexpr TrapRule kTpm2 = {"MDCR_EL2.TPM", MDCR_EL2, mdcr2::TPM, AnySet, kFromEl01, kOnAny, El::El2};
constexpr TrapRule kTpm3 = {"MDCR_EL3.TPM", MDCR_EL3, mdcr3::TPM, AnySet, kFromEl012, kOnAny, El::El3};
constexpr TrapRule kUserEnable(u64 bits, Direction direction, std::string_view name) {
  return {name, PMUSERENR_EL0, bits, AllClear, kFromEl0, direction, El::El1};
}
constexpr TrapRule kPmu[] = {kUserEnable(pmuserenr::EN, kOnAny, "PMUSERENR_EL0.EN"), kTpm2, kTpm3};
constexpr TrapRule kPmcr[] = {
    kUserEnable(pmuserenr::EN, kOnAny, "PMUSERENR_EL0.EN"),
    kTpm2,
    {"MDCR_EL2.TPMCR", MDCR_EL2, mdcr2::TPMCR, AnySet, kFromEl01, kOnAny, El::El2},
    kTpm3,
};
constexpr TrapRule kPmuSoftware[] = {kUserEnable(pmuserenr::EN | pmuserenr::SW, kOnWrite, "PMUSERENR_EL0.SW"), kTpm2,
                                     kTpm3};
constexpr TrapRule kPmuCycles[] = {kUserEnable(pmuserenr::EN | pmuserenr::CR, kOnRead, "PMUSERENR_EL0.CR"),
                                   kUserEnable(pmuserenr::EN, kOnWrite, "PMUSERENR_EL0.EN"), kTpm2, kTpm3};
constexpr TrapRule kPmuEvent[] = {kUserEnable(pmuserenr::EN | pmuserenr::ER, kOnRead, "PMUSERENR_EL0.ER"),
                                  kUserEnable(pmuserenr::EN, kOnWrite, "PMUSERENR_EL0.EN"), kTpm2, kTpm3};
constexpr TrapRule kPmuSelect[] = {kUserEnable(pmuserenr::EN | pmuserenr::ER, kOnAny, "PMUSERENR_EL0.ER"), kTpm2,
                                   kTpm3};
constexpr TrapRule kPmuEnable[] = {kTpm2, kTpm3};

// ---- timers
constexpr TrapRule kCntfrq[] = {
    {"CNTKCTL_EL1.EL0PCTEN", CNTKCTL_EL1, cntkctl::EL0PCTEN | cntkctl::EL0VCTEN, AllClear, kFromEl0, kOnAny, El::El1}};
constexpr TrapRule kCntpct[] = {
    {"CNTKCTL_EL1.EL0PCTEN", CNTKCTL_EL1, cntkctl::EL0PCTEN, AllClear, kFromEl0, kOnAny, El::El1},
    {"CNTHCTL_EL2.EL1PCTEN", CNTHCTL_EL2, cnthctl::EL1PCTEN, AllClear, kFromEl01, kOnAny, El::El2},
};
constexpr TrapRule kCntvct[] = {
    {"CNTKCTL_EL1.EL0VCTEN", CNTKCTL_EL1, cntkctl::EL0VCTEN, AllClear, kFromEl0, kOnAny, El::El1}};
constexpr TrapRule kCntp[] = {
    {"CNTKCTL_EL1.EL0PTEN", CNTKCTL_EL1, cntkctl::EL0PTEN, AllClear, kFromEl0, kOnAny, El::El1},
    {"CNTHCTL_EL2.EL1PCEN", CNTHCTL_EL2, cnthctl::EL1PCEN, AllClear, kFromEl01, kOnAny, El::El2},
};
constexpr TrapRule kCntv[] = {
    {"CNTKCTL_EL1.EL0VTEN", CNTKCTL_EL1, cntkctl::EL0VTEN, AllClear, kFromEl0, kOnAny, El::El1}};
constexpr TrapRule kCntps[] = {{"SCR_EL3.ST", SCR_EL3, scr::ST, AllClear, kFromEl1, kOnAny, El::El3}};

// ---- GICv3 (IHI 0069, accessibility of ICC_*). ICC_SRE_ELx.SRE and Enable are RAO/WI: nothing traps by them.
constexpr TrapRule kTc = {"ICH_HCR_EL2.TC", ICH_HCR_EL2, ich_hcr::TC, AnySet, kFromEl1, kOnAny, El::El2};
constexpr TrapRule kScrIrqFiq = {"SCR_EL3.IRQ+FIQ", SCR_EL3, scr::IRQ | scr::FIQ, AllSet, kFromEl12, kOnAny, El::El3};
constexpr TrapRule kGicCommon[] = {kTc, kScrIrqFiq};
constexpr TrapRule kGicGroup0[] = {
    {"ICH_HCR_EL2.TALL0", ICH_HCR_EL2, ich_hcr::TALL0, AnySet, kFromEl1, kOnAny, El::El2},
    {"SCR_EL3.FIQ", SCR_EL3, scr::FIQ, AnySet, kFromEl12, kOnAny, El::El3},
};
constexpr TrapRule kGicGroup1[] = {
    {"ICH_HCR_EL2.TALL1", ICH_HCR_EL2, ich_hcr::TALL1, AnySet, kFromEl1, kOnAny, El::El2},
    {"SCR_EL3.IRQ", SCR_EL3, scr::IRQ, AnySet, kFromEl12, kOnAny, El::El3},
};
constexpr TrapRule kGicDir[] = {
    kTc, {"ICH_HCR_EL2.TDIR", ICH_HCR_EL2, ich_hcr::TDIR, AnySet, kFromEl1, kOnAny, El::El2}, kScrIrqFiq};
constexpr TrapRule kGicSgi[] = {
    kTc,
    {"HCR_EL2.FMO", HCR_EL2, hcr::FMO, AnySet, kFromEl1, kOnAny, El::El2},
    {"HCR_EL2.IMO", HCR_EL2, hcr::IMO, AnySet, kFromEl1, kOnAny, El::El2},
    kScrIrqFiq,
};

// ---- SYS instructions: all are writes
constexpr TrapRule kTtlb[] = {{"HCR_EL2.TTLB", HCR_EL2, hcr::TTLB, AnySet, kFromEl1, kOnAny, El::El2}};
constexpr TrapRule kSetWay[] = {{"HCR_EL2.TSW", HCR_EL2, hcr::TSW, AnySet, kFromEl1, kOnAny, El::El2}};
constexpr TrapRule kUci = {"SCTLR_EL1.UCI", SCTLR_EL1, sctlr::UCI, AllClear, kFromEl0, kOnAny, El::El1};
constexpr TrapRule kToCoherency[] = {kUci, {"HCR_EL2.TPC", HCR_EL2, hcr::TPC, AnySet, kFromEl01, kOnAny, El::El2}};
constexpr TrapRule kToCoherencyEl1[] = {{"HCR_EL2.TPC", HCR_EL2, hcr::TPC, AnySet, kFromEl1, kOnAny, El::El2}};
constexpr TrapRule kToUnification[] = {kUci, {"HCR_EL2.TPU", HCR_EL2, hcr::TPU, AnySet, kFromEl01, kOnAny, El::El2}};
constexpr TrapRule kToUnificationEl1[] = {{"HCR_EL2.TPU", HCR_EL2, hcr::TPU, AnySet, kFromEl1, kOnAny, El::El2}};
constexpr TrapRule kZeroVa[] = {
    {"SCTLR_EL1.DZE", SCTLR_EL1, sctlr::DZE, AllClear, kFromEl0, kOnAny, El::El1},
    {"HCR_EL2.TDZ", HCR_EL2, hcr::TDZ, AnySet, kFromEl01, kOnAny, El::El2},
};

// ---- WFI, WFE, SMC
constexpr auto kWfx = ExceptionClass::WfiWfe;
constexpr TrapRule kWfi[] = {
    {"SCTLR_EL1.nTWI", SCTLR_EL1, sctlr::nTWI, AllClear, kFromEl0, kOnAny, El::El1, kWfx},
    {"HCR_EL2.TWI", HCR_EL2, hcr::TWI, AnySet, kFromEl01, kOnAny, El::El2, kWfx},
    {"SCR_EL3.TWI", SCR_EL3, scr::TWI, AnySet, kFromEl012, kOnAny, El::El3, kWfx},
};
constexpr TrapRule kWfe[] = {
    {"SCTLR_EL1.nTWE", SCTLR_EL1, sctlr::nTWE, AllClear, kFromEl0, kOnAny, El::El1, kWfx},
    {"HCR_EL2.TWE", HCR_EL2, hcr::TWE, AnySet, kFromEl01, kOnAny, El::El2, kWfx},
    {"SCR_EL3.TWE", SCR_EL3, scr::TWE, AnySet, kFromEl012, kOnAny, El::El3, kWfx},
};
constexpr TrapRule kSmc[] = {
    {"HCR_EL2.TSC", HCR_EL2, hcr::TSC, AnySet, kFromEl1, kOnAny, El::El2, ExceptionClass::Smc64}};

}  // namespace

constinit const TrapLists kTraps = {
    .none = {},
    .virtual_memory = kVirtualMemory,
    .tid1 = kTid1,
    .tid2 = kTid2,
    .tid3 = kTid3,
    .tacr = kTacr,
    .tidcp = kTidcp,
    .ctr = kCtr,
    .ordering_regions = kOrderingRegions,
    .error_records = kErrorRecords,
    .pointer_keys = kPointerKeys,
    .pointer_authentication = kPointerAuthentication,
    .fp = kFp,
    .fp_el2 = kFpEl2,
    .cpacr = kCpacr,
    .cptr2 = kCptr2,
    .mdcr2 = kMdcr2,
    .daif = kDaif,
    .debug = kDebug,
    .debug_os = kDebugOs,
    .debug_rom = kDebugRom,
    .debug_comms = kDebugComms,
    .debug_el2 = kDebugEl2,
    .pmu = kPmu,
    .pmcr = kPmcr,
    .pmu_software = kPmuSoftware,
    .pmu_cycles = kPmuCycles,
    .pmu_event = kPmuEvent,
    .pmu_select = kPmuSelect,
    .pmu_enable = kPmuEnable,
    .cntfrq = kCntfrq,
    .cntpct = kCntpct,
    .cntvct = kCntvct,
    .cntp = kCntp,
    .cntv = kCntv,
    .cntps = kCntps,
    .gic_common = kGicCommon,
    .gic_group0 = kGicGroup0,
    .gic_group1 = kGicGroup1,
    .gic_dir = kGicDir,
    .gic_sgi = kGicSgi,
    .ttlb = kTtlb,
    .set_way = kSetWay,
    .to_coherency = kToCoherency,
    .to_coherency_el1 = kToCoherencyEl1,
    .to_unification = kToUnification,
    .to_unification_el1 = kToUnificationEl1,
    .zero_va = kZeroVa,
    .wfi = kWfi,
    .wfe = kWfe,
    .smc = kSmc,
};

}  // namespace tw::arm
