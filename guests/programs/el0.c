// What EL0 may do, and what EL1 can forbid it: SCTLR_EL1, CNTKCTL_EL1, CPACR_EL1, PMUSERENR_EL0, and privilege itself.
#include "../lib/check.h"
#include "../lib/el1.h"
#include "../lib/print.h"
#include "../lib/tables.h"

static struct probe probe = {.el1.handler = probe_handler};
static u64 user_page[512] __attribute__((aligned(4096)));
static u64 kernel_page[512] __attribute__((aligned(4096)));

#define USER_VA (4ull << 30)

// A piece of EL0 code: x2 is the user page; it ends with the SVC that probe_handler() knows.
#define EL0_CODE(name, code)                                                             \
  asm(".pushsection .text; .balign 4; el0_" #name ": " code "; svc #0xe0; .popsection"); \
  extern char el0_##name[];

EL0_CODE(ctr, "mrs x0, ctr_el0")
EL0_CODE(dczid, "mrs x0, dczid_el0")
EL0_CODE(dc_cvau, "dc cvau, x2")
EL0_CODE(dc_cvac, "dc cvac, x2")
EL0_CODE(dc_civac, "dc civac, x2")
EL0_CODE(ic_ivau, "ic ivau, x2")
EL0_CODE(dc_zva, "dc zva, x2")
EL0_CODE(wfi, "wfi")
EL0_CODE(wfe, "sevl; wfe; wfe")  // the trap is taken only while the event register is clear
EL0_CODE(daif_read, "mrs x0, daif")
EL0_CODE(daif_write, "msr daif, x0")
EL0_CODE(daif_set, "msr daifset, #2")
EL0_CODE(cntvct, "mrs x0, cntvct_el0")
EL0_CODE(cntpct, "mrs x0, cntpct_el0")
EL0_CODE(cntfrq, "mrs x0, cntfrq_el0")
EL0_CODE(cntv_ctl, "mrs x0, cntv_ctl_el0")
EL0_CODE(cntv_cval, "msr cntv_cval_el0, x2")
EL0_CODE(cntp_ctl, "mrs x0, cntp_ctl_el0")
EL0_CODE(cntp_tval, "msr cntp_tval_el0, x2")
EL0_CODE(fp, ".inst 0x9e6703e0")
EL0_CODE(pmccntr, "mrs x0, pmccntr_el0")
EL0_CODE(pmuserenr, "mrs x0, pmuserenr_el0")
EL0_CODE(tpidr, "msr tpidr_el0, x2; mrs x0, tpidr_el0; mrs x0, tpidrro_el0")
EL0_CODE(tpidrro, ".inst 0xd51bd062")  // MSR TPIDRRO_EL0, X2
EL0_CODE(sctlr, ".inst 0xd5381000")    // MRS X0, SCTLR_EL1
EL0_CODE(midr, ".inst 0xd5380000")     // MRS X0, MIDR_EL1
EL0_CODE(spsel, ".inst 0xd50041bf")    // MSR SPSel, #1
EL0_CODE(tlbi, ".inst 0xd508871f")     // TLBI VMALLE1
EL0_CODE(dc_ivac, ".inst 0xd5087622")  // DC IVAC, X2
EL0_CODE(at, ".inst 0xd5087802")       // AT S1E1R, X2
EL0_CODE(hvc, "hvc #0")
EL0_CODE(smc, "smc #0")
EL0_CODE(eret, "eret")
EL0_CODE(svc, "svc #7")
EL0_CODE(brk, "brk #9")
EL0_CODE(load, "ldr x0, [x2]")
EL0_CODE(store, "str x0, [x2]")
EL0_CODE(fetch, "mov x9, x30; blr x2; mov x30, x9")
EL0_CODE(sp, "add sp, sp, #8; ldr x0, [sp]")

static void run_with(const char *code, u64 argument) { el0_call((u64)code, (u64)USER_VA + 0x800, argument); }
static void run(const char *code) { run_with(code, USER_VA); }

// The ISS of a trapped system instruction (EC 0x18), from its encoding: op0 op1 CRn CRm op2 Rt direction.
static u64 iss_of(const char *code) {
  const u32 i = *(const u32 *)code;
  const u64 op0 = (i >> 19) & 3, op1 = (i >> 16) & 7, crn = (i >> 12) & 15, crm = (i >> 8) & 15, op2 = (i >> 5) & 7;
  const u64 rt = i & 31, read = (i >> 21) & 1;
  return op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | rt << 5 | crm << 1 | read;
}

enum control { IN_SCTLR, IN_CNTKCTL, IN_PMUSERENR };

// Each allowed when its bit is one, trapped to EL1 with EC 0x18 when zero.
static const struct {
  const char *name, *code;
  enum control control;
  u64 bit;
} controlled[] = {
    {"ctr_el0", el0_ctr, IN_SCTLR, SCTLR_UCT},         {"dc_cvau", el0_dc_cvau, IN_SCTLR, SCTLR_UCI},
    {"dc_cvac", el0_dc_cvac, IN_SCTLR, SCTLR_UCI},     {"dc_civac", el0_dc_civac, IN_SCTLR, SCTLR_UCI},
    {"ic_ivau", el0_ic_ivau, IN_SCTLR, SCTLR_UCI},     {"dc_zva", el0_dc_zva, IN_SCTLR, SCTLR_DZE},
    {"daif_read", el0_daif_read, IN_SCTLR, SCTLR_UMA}, {"daif_write", el0_daif_write, IN_SCTLR, SCTLR_UMA},
    {"cntpct", el0_cntpct, IN_CNTKCTL, BIT(0)},        {"cntvct", el0_cntvct, IN_CNTKCTL, BIT(1)},
    {"cntv_ctl", el0_cntv_ctl, IN_CNTKCTL, BIT(8)},    {"cntv_cval", el0_cntv_cval, IN_CNTKCTL, BIT(8)},
    {"cntp_ctl", el0_cntp_ctl, IN_CNTKCTL, BIT(9)},    {"cntp_tval", el0_cntp_tval, IN_CNTKCTL, BIT(9)},
    {"pmccntr", el0_pmccntr, IN_PMUSERENR, BIT(0)},
};

static void set_control(enum control control, u64 bits) {
  switch (control) {
    case IN_SCTLR:
      WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON | bits);
      break;
    case IN_CNTKCTL:
      WRITE_SYSREG(cntkctl_el1, bits);
      break;
    case IN_PMUSERENR:
      WRITE_SYSREG(pmuserenr_el0, bits);
      break;
  }
  isb();
}

static void controls(void) {
  for (unsigned i = 0; i < ARRAY_SIZE(controlled); ++i) {
    set_control(controlled[i].control, 0);
    run(controlled[i].code);
    probe_expect(&probe, controlled[i].name, EC_SYSREG, iss_of(controlled[i].code));
    set_control(controlled[i].control, controlled[i].bit);
    run(controlled[i].code);
    probe_expect_none(&probe, controlled[i].name);
    set_control(controlled[i].control, 0);
  }
}

// CNTFRQ_EL0 is readable when either counter is.
static void counter_frequency(void) {
  static const struct {
    u64 bits;
    bool trapped;
  } cases[] = {{0, true}, {1, false}, {2, false}};
  for (unsigned i = 0; i < ARRAY_SIZE(cases); ++i) {
    set_control(IN_CNTKCTL, cases[i].bits);
    run(el0_cntfrq);
    if (cases[i].trapped) {
      probe_expect(&probe, "cntfrq", EC_SYSREG, iss_of(el0_cntfrq));
    } else {
      probe_expect_none(&probe, "cntfrq");
    }
  }
  set_control(IN_CNTKCTL, 0);
}

static void other_controls(void) {
  set_control(IN_SCTLR, 0);
  run(el0_wfi);
  probe_expect(&probe, "wfi", EC_WFX, 0x1e00000);
  for (u64 fpen = 0; fpen < 3; ++fpen) {  // 1 traps EL0 only, 0 and 2 trap EL1 as well
    WRITE_SYSREG(cpacr_el1, fpen << 20);
    isb();
    run(el0_fp);
    probe_expect(&probe, "fp", EC_FP_ACCESS, 0x1e00000);
  }
}

static const struct {
  const char *name, *code;
  enum exception_class ec;
  u64 iss;
} fixed[] = {
    {"svc", el0_svc, EC_SVC64, 7},
    {"brk", el0_brk, EC_BRK64, 9},
    {"hvc_at_el0", el0_hvc, EC_UNKNOWN, 0},
    {"smc_at_el0", el0_smc, EC_UNKNOWN, 0},
    {"eret_at_el0", el0_eret, EC_UNKNOWN, 0},
    {"sctlr_at_el0", el0_sctlr, EC_UNKNOWN, 0},
    {"midr_at_el0", el0_midr, EC_UNKNOWN, 0},
    {"spsel_at_el0", el0_spsel, EC_UNKNOWN, 0},
    {"tlbi_at_el0", el0_tlbi, EC_UNKNOWN, 0},
    {"dc_ivac_at_el0", el0_dc_ivac, EC_UNKNOWN, 0},
    {"at_at_el0", el0_at, EC_UNKNOWN, 0},
    {"tpidrro_write", el0_tpidrro, EC_UNKNOWN, 0},
};

static void privilege(void) {
  for (unsigned i = 0; i < ARRAY_SIZE(fixed); ++i) {
    run(fixed[i].code);
    probe_expect(&probe, fixed[i].name, fixed[i].ec, fixed[i].iss);
  }
  run(el0_tpidr);
  probe_expect_none(&probe, "tpidr");
  run(el0_dczid);
  probe_expect_none(&probe, "dczid");
  run(el0_pmuserenr);
  probe_expect_none(&probe, "pmuserenr");
}

#define ESR(ec, iss) ((u64)(ec) << 26 | ESR_IL | (iss))

static void divergences(void) {
  probe.el1.unlogged = true;
  run(el0_sp);
  probe_expect_divergent(&probe, "sp_alignment", ESR(EC_SP_ALIGNMENT, 0), 0);
  run(el0_wfe);
  probe_expect_divergent(&probe, "wfe", ESR(EC_WFX, 0x1e00001), 0);
  run(el0_daif_set);  // QEMU exchanges op1 and op2 in the syndrome
  probe_expect_divergent(&probe, "daif_set", ESR(EC_SYSREG, iss_of(el0_daif_set)), ESR(EC_SYSREG, 0x793e4));
  probe.el1.unlogged = false;
}

static void memory(void) {
  run(el0_load);
  probe_expect_none(&probe, "load");
  run(el0_store);
  probe_expect_none(&probe, "store");
  const u64 kernel = (u64)kernel_page;
  run_with(el0_load, kernel);
  probe_expect_far(&probe, "load_kernel_page", EC_DABT_LOWER, FSC_PERMISSION + 2, kernel);
  run_with(el0_store, kernel);
  probe_expect_far(&probe, "store_kernel_page", EC_DABT_LOWER, ISS_WNR | (FSC_PERMISSION + 2), kernel);
  run_with(el0_store, (u64)image_start);
  probe_expect_far(&probe, "store_code", EC_DABT_LOWER, ISS_WNR | (FSC_PERMISSION + 2), (u64)image_start);
  run_with(el0_fetch, USER_VA);
  probe_expect_far(&probe, "fetch_uxn", EC_IABT_LOWER, FSC_PERMISSION + 3, USER_VA);
  run_with(el0_fetch, USER_VA + PAGE_SIZE);
  probe_expect_far(&probe, "fetch_unmapped", EC_IABT_LOWER, FSC_TRANSLATION + 3, USER_VA + PAGE_SIZE);
  // Of an executable page: QEMU 7.2 puts the Instruction Abort before the PC alignment fault.
  run_with(el0_fetch, (u64)image_start + 2);
  probe_expect_far(&probe, "fetch_misaligned", EC_PC_ALIGNMENT, 0, (u64)image_start + 2);
  run_with(el0_load, BIT(60));
  probe_expect_far(&probe, "load_noncanonical", EC_DABT_LOWER, FSC_TRANSLATION + 0, BIT(60));
}

static void program(void) {
  tables_map(el1_tables(), USER_VA, (u64)user_page, PAGE_SIZE, 3, S1_NORMAL | S1_EL0 | S1_UXN | S1_PXN);
  asm volatile("dsb ishst; isb" ::: "memory");
  controls();
  counter_frequency();
  other_controls();
  privilege();
  divergences();
  memory();
}

int main(void) {
  el1_run(program, &probe.el1);
  trap_log_print("el0", &probe.el1.log);
  check_summary();
  return 0;
}
