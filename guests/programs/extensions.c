// What Armv8.1 and 8.2 add to EL1's translation and PSTATE, on a Neoverse N1: PAN, UAO, SSBS, hierarchical permission
// disables, hardware management of the Access flag and of dirty state in both stages, ESB.
#include "../lib/check.h"
#include "../lib/el1.h"
#include "../lib/print.h"
#include "../lib/tables.h"

static struct probe probe = {.el1.handler = probe_handler};
static u64 page[512] __attribute__((aligned(4096)));
static u64 stage2_pool[16 * 512] __attribute__((aligned(4096)));

#define VA (4ull << 30)
#define TCR_HA BIT(39)
#define TCR_HD BIT(40)
#define TCR_HPD0 BIT(41)
#define VTCR_HA BIT(21)
#define VTCR_HD BIT(22)
#define DBM BIT(51)
#define AP_TABLE_READ_ONLY BIT(62)
#define SET_PAN ".inst 0xd500419f;"  // MSR PAN, #1
#define CLEAR_PAN ".inst 0xd500409f;"
#define SET_UAO ".inst 0xd500417f;"
#define CLEAR_UAO ".inst 0xd500407f;"
#define PERMISSION_L3 (FSC_PERMISSION + 3)

static void flush(void) { asm volatile("dsb ishst; tlbi vmalle1; dsb ish; isb" ::: "memory"); }
static u64 *map(u64 attributes) {
  u64 *entry = tables_entry(el1_tables(), VA, 3);
  *entry = (u64)page | attributes | 3;
  flush();
  return entry;
}
static void load(void) { asm volatile("ldr x9, [%0]" ::"r"(VA) : "x9", "memory"); }
static void store(void) { asm volatile("str xzr, [%0]" ::"r"(VA) : "memory"); }
static void load_as_el0(void) { asm volatile("ldtr x9, [%0]" ::"r"(VA) : "x9", "memory"); }

static void expect_permission(const char *name, u64 write) {
  probe_expect_far(&probe, name, EC_DABT_SAME, write | PERMISSION_L3, VA);
}

static void privileged_access_never(void) {
  map(S1_NORMAL | S1_EL0 | S1_PXN | S1_UXN);
  load();
  probe_expect_none(&probe, "pan_0_load");
  asm volatile(SET_PAN "ldr x9, [%0];" CLEAR_PAN ::"r"(VA) : "x9", "memory");
  expect_permission("pan_1_load", 0);
  asm volatile(SET_PAN "str xzr, [%0];" CLEAR_PAN ::"r"(VA) : "memory");
  expect_permission("pan_1_store", ISS_WNR);
  asm volatile(SET_PAN "ldtr x9, [%0]; sttr x9, [%0];" CLEAR_PAN ::"r"(VA) : "x9", "memory");
  probe_expect_none(&probe, "pan_1_unprivileged");
  asm volatile(SET_PAN "at s1e1r, %0;" CLEAR_PAN "isb" ::"r"(VA) : "memory");
  check("pan_1_at_s1e1r", 0, READ_SYSREG(par_el1) & 1);
  asm volatile("mov x9, %0;" SET_PAN ".inst 0xd5087909;" CLEAR_PAN "isb" ::"r"(VA) : "x9", "memory");  // AT S1E1RP, X9
  check_hex("pan_1_at_s1e1rp", PERMISSION_L3 << 1 | 1, READ_SYSREG(par_el1) & 0x7f);
  asm volatile("mov x9, %0;" SET_PAN ".inst 0xd5087929;" CLEAR_PAN "isb" ::"r"(VA) : "x9", "memory");  // AT S1E1WP
  check_hex("pan_1_at_s1e1wp", PERMISSION_L3 << 1 | 1, READ_SYSREG(par_el1) & 0x7f);
  map(S1_NORMAL | S1_PXN | S1_UXN);
  asm volatile(SET_PAN "ldr x9, [%0]; str x9, [%0];" CLEAR_PAN ::"r"(VA) : "x9", "memory");
  probe_expect_none(&probe, "pan_1_own_page");
  // SCTLR_EL1.SPAN = 0: an exception sets PAN; its SPSR has the old one, which the return restores.
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON & ~BIT(23));
  isb();
  asm volatile("svc #1" ::: "memory");
  probe_expect(&probe, "svc_without_span", EC_SVC64, 1);
  check_hex("pan_after_return", 0, READ_SYSREG(s3_0_c4_c2_3));
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON);
  isb();
}

static void user_access_override(void) {
  map(S1_NORMAL | S1_PXN | S1_UXN);
  load_as_el0();
  expect_permission("uao_0_ldtr", 0);
  asm volatile(SET_UAO "ldtr x9, [%0]; sttr x9, [%0]; svc #2;" CLEAR_UAO ::"r"(VA) : "x9", "memory");
  probe_expect(&probe, "uao_1_ldtr", EC_SVC64, 2);
  check_hex("uao_in_spsr", BIT(23), probe.seen.spsr & BIT(23));
  map(S1_NORMAL | S1_EL0 | S1_PXN | S1_UXN);
  asm volatile(SET_UAO SET_PAN "ldtr x9, [%0];" CLEAR_PAN CLEAR_UAO ::"r"(VA) : "x9", "memory");
  expect_permission("uao_1_pan_1_ldtr", 0);
}

static void speculative_store_bypass(void) {
  asm volatile(".inst 0xd503413f; svc #3" ::: "memory");  // MSR SSBS, #1
  probe_expect(&probe, "ssbs", EC_SVC64, 3);
  check_hex("ssbs_in_spsr", BIT(12), probe.seen.spsr & BIT(12));
  check_hex("ssbs_read", BIT(12), READ_SYSREG(s3_3_c4_c2_6));
  WRITE_SYSREG(s3_3_c4_c2_6, 0);
  check_hex("ssbs_written", 0, READ_SYSREG(s3_3_c4_c2_6));
}

static void hierarchical_permissions(void) {
  map(S1_NORMAL | S1_PXN | S1_UXN);
  u64 *above = tables_entry(el1_tables(), VA, 2);
  *above |= AP_TABLE_READ_ONLY;
  flush();
  store();
  expect_permission("aptable_store", ISS_WNR);
  WRITE_SYSREG(tcr_el1, TCR_EL1_4K | TCR_HPD0);
  flush();
  store();
  probe_expect_none(&probe, "aptable_store_hpd0");
  WRITE_SYSREG(tcr_el1, TCR_EL1_4K);
  *above &= ~AP_TABLE_READ_ONLY;
  flush();
}

#define PLAIN ((S1_NORMAL & ~S1_AF) | S1_PXN | S1_UXN)

// One access to a page with these attributes under these controls: what is left in the descriptor, and the fault.
static void compare_exclusive(void) {
  asm volatile("1: ldxr x9, [%0]; stxr w10, x9, [%0]; cbnz w10, 1b" ::"r"(VA) : "x9", "x10", "memory");
}
static void at_read(void) { asm volatile("at s1e1r, %0; isb" ::"r"(VA) : "memory"); }
static void fetch(void) { asm volatile("blr %0" ::"r"(VA) : "x30", "memory"); }

static const struct {
  const char *name;
  u64 tcr, before, after;
  void (*access)(void);
  u64 fault;  // ISS of a data abort, 0: none
} updates[] = {
    {"af_off", 0, PLAIN, PLAIN, load, FSC_ACCESS_FLAG + 3},
    {"af_load", TCR_HA, PLAIN, PLAIN | S1_AF, load, 0},
    {"af_store", TCR_HA, PLAIN, PLAIN | S1_AF, store, 0},
    {"af_at", TCR_HA, PLAIN, PLAIN | S1_AF, at_read, 0},
    {"af_read_only_store", TCR_HA, PLAIN | S1_READ_ONLY, PLAIN | S1_READ_ONLY, store, ISS_WNR | PERMISSION_L3},
    {"af_not_for_el0", TCR_HA, PLAIN, PLAIN, load_as_el0, PERMISSION_L3},
    {"dbm_without_hd", TCR_HA, PLAIN | S1_AF | S1_READ_ONLY | DBM, PLAIN | S1_AF | S1_READ_ONLY | DBM, store,
     ISS_WNR | PERMISSION_L3},
    {"hd_without_ha", TCR_HD, PLAIN | S1_AF | S1_READ_ONLY | DBM, PLAIN | S1_AF | S1_READ_ONLY | DBM, store,
     ISS_WNR | PERMISSION_L3},
    {"dirty_load", TCR_HA | TCR_HD, PLAIN | S1_AF | S1_READ_ONLY | DBM, PLAIN | S1_AF | S1_READ_ONLY | DBM, load, 0},
    {"dirty_store", TCR_HA | TCR_HD, PLAIN | S1_AF | S1_READ_ONLY | DBM, PLAIN | S1_AF | DBM, store, 0},
    {"dirty_and_af_store", TCR_HA | TCR_HD, PLAIN | S1_READ_ONLY | DBM, PLAIN | S1_AF | DBM, store, 0},
    {"dirty_exclusive", TCR_HA | TCR_HD, PLAIN | S1_READ_ONLY | DBM, PLAIN | S1_AF | DBM, compare_exclusive, 0},
    {"read_only_without_dbm", TCR_HA | TCR_HD, PLAIN | S1_AF | S1_READ_ONLY, PLAIN | S1_AF | S1_READ_ONLY, store,
     ISS_WNR | PERMISSION_L3},
};

static void hardware_updates(void) {
  for (unsigned i = 0; i < ARRAY_SIZE(updates); ++i) {
    WRITE_SYSREG(tcr_el1, TCR_EL1_4K | updates[i].tcr);
    u64 *entry = map(updates[i].before);
    updates[i].access();
    if (updates[i].fault) {
      probe_expect_far(&probe, updates[i].name, EC_DABT_SAME, updates[i].fault, VA);
    } else {
      probe_expect_none(&probe, updates[i].name);
    }
    check_hex(updates[i].name, (u64)page | updates[i].after | 3, *(volatile u64 *)entry);
  }
  // A load that finds the page clean, then a store: no TLB keeps it from being marked.
  u64 *entry = map(PLAIN | S1_READ_ONLY | DBM);
  load();
  check_hex("clean_after_load", (u64)page | PLAIN | S1_AF | S1_READ_ONLY | DBM | 3, *(volatile u64 *)entry);
  store();
  check_hex("dirty_after_store", (u64)page | PLAIN | S1_AF | DBM | 3, *(volatile u64 *)entry);
  probe_expect_none(&probe, "load_then_store");
  // Execution sets the Access flag too.
  *(volatile u32 *)page = 0xd65f03c0;  // RET
  asm volatile("dc cvau, %0; dsb ish; ic ialluis" ::"r"(page) : "memory");
  entry = map((PLAIN & ~S1_PXN) | S1_READ_ONLY);
  fetch();
  probe_expect_none(&probe, "af_fetch");
  check_hex("af_fetch", (u64)page | (PLAIN & ~S1_PXN) | S1_READ_ONLY | S1_AF | 3, *(volatile u64 *)entry);
  WRITE_SYSREG(tcr_el1, TCR_EL1_4K);
  flush();
}

static void error_barrier(void) {
  asm volatile("hint #16" ::: "memory");
  check_hex("disr", 0, READ_SYSREG(s3_0_c12_c1_1));
  probe_expect_none(&probe, "esb");
}

static void program(void) {
  // EL1 keeps its code and constants from EL0, so that PAN does not keep them from EL1.
  tables_map(el1_tables(), RAM_BASE, RAM_BASE, 2 * MEGABYTE, 2, S1_NORMAL | S1_READ_ONLY | S1_UXN);
  flush();
  privileged_access_never();
  user_access_override();
  speculative_store_bypass();
  hierarchical_permissions();
  hardware_updates();
  error_barrier();
}

// ---- stage 2, from EL2: EL1 runs one access with its own stage 1 off

asm(".pushsection .text; .balign 4; el1_load: ldr x9, [x2]; hvc #1; el1_store: str xzr, [x2]; hvc #1; .popsection");
extern char el1_load[], el1_store[];

#define IPA (1ull << 30 | 0x20000000ull)
#define S2_PLAIN (S2_NORMAL & ~S2_AF)

static const struct {
  const char *name;
  u64 vtcr, before, after;
  char *code;
  u64 fault;
} stage2_updates[] = {
    {"s2_af_off", 0, S2_PLAIN | S2_READ, S2_PLAIN | S2_READ, el1_load, FSC_ACCESS_FLAG + 3},
    {"s2_af_load", VTCR_HA, S2_PLAIN | S2_READ, S2_PLAIN | S2_READ | S2_AF, el1_load, 0},
    {"s2_dirty_load", VTCR_HA | VTCR_HD, S2_PLAIN | S2_READ | DBM, S2_PLAIN | S2_READ | DBM | S2_AF, el1_load, 0},
    {"s2_dirty_store", VTCR_HA | VTCR_HD, S2_PLAIN | S2_READ | DBM, S2_PLAIN | S2_READ | S2_WRITE | DBM | S2_AF,
     el1_store, 0},
    {"s2_without_dbm", VTCR_HA | VTCR_HD, S2_NORMAL | S2_READ, S2_NORMAL | S2_READ, el1_store, PERMISSION_L3},
};

static void stage2(void) {
  struct tables tables;
  tables_init(&tables, (u64)stage2_pool, sizeof(stage2_pool), 0, 12, 1);
  tables_map(&tables, RAM_BASE, RAM_BASE, 2 * MEGABYTE, 2, S2_NORMAL | S2_READ);
  u64 *entry = tables_entry(&tables, IPA, 3);
  WRITE_SYSREG(vttbr_el2, tables.root);
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_RES1);
  for (unsigned i = 0; i < ARRAY_SIZE(stage2_updates); ++i) {
    WRITE_SYSREG(vtcr_el2, VTCR_4K | stage2_updates[i].vtcr);
    WRITE_SYSREG(hcr_el2, HCR_RW | HCR_VM);
    *entry = (u64)page | stage2_updates[i].before | 3;
    asm volatile("dsb sy; tlbi vmalls12e1; dsb sy; isb" ::: "memory");
    struct trap_frame frame = {.elr = (u64)stage2_updates[i].code, .spsr = SPSR_EL1H | SPSR_DAIF};
    frame.x[2] = IPA;
    enter_lower_el(&frame);
    WRITE_SYSREG(hcr_el2, HCR_RW);
    isb();
    check(stage2_updates[i].name, stage2_updates[i].fault ? EC_DABT_LOWER : EC_HVC64, ESR_EC(frame.esr));
    if (stage2_updates[i].fault) check_hex(stage2_updates[i].name, stage2_updates[i].fault, ISS_FSC(frame.esr));
    check_hex(stage2_updates[i].name, (u64)page | stage2_updates[i].after | 3, *(volatile u64 *)entry);
  }
}

int main(void) {
  el1_run(program, &probe.el1);
  trap_log_print("extensions", &probe.el1.log);
  stage2();
  check_summary();
  return 0;
}
