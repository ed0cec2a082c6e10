// The exceptions that EL1 code brings upon itself, each with its syndrome; translation faults of every type and level.
#include "../lib/check.h"
#include "../lib/el1.h"
#include "../lib/print.h"
#include "../lib/tables.h"

static struct probe probe = {.el1.handler = probe_handler};
static u64 data[512] __attribute__((aligned(4096)));

#define ISS_CV_ALWAYS 0x1e00000  // CV = 1, COND = 0b1110

static void load(u64 address) { asm volatile("ldr x9, [%0]" ::"r"(address) : "x9", "memory"); }
static void store(u64 address) { asm volatile("str xzr, [%0]" ::"r"(address) : "memory"); }
static void fetch(u64 address) { asm volatile("blr %0" ::"r"(address) : "x30", "memory"); }

static void instructions(void) {
  asm volatile("svc #0x1234");
  probe_expect(&probe, "svc", EC_SVC64, 0x1234);
  asm volatile("brk #0xbeef");
  probe_expect(&probe, "brk", EC_BRK64, 0xbeef);
  asm volatile(".inst 0x00000000");
  probe_expect(&probe, "udf", EC_UNKNOWN, 0);
  asm volatile("hlt #0x77");  // halting debug is off
  probe_expect(&probe, "hlt", EC_UNKNOWN, 0);
  asm volatile(".inst 0xd53c1100" ::: "x0");  // MRS X0, HCR_EL2
  probe_expect(&probe, "el2_register_at_el1", EC_UNKNOWN, 0);
  asm volatile(".inst 0xd5180000");  // MSR MIDR_EL1, X0
  probe_expect(&probe, "write_to_read_only_register", EC_UNKNOWN, 0);
  asm volatile(".inst 0xd53bd0e0" ::: "x0");  // MRS X0, S3_3_C13_C0_7
  probe_expect(&probe, "unallocated_register", EC_UNKNOWN, 0);
  asm volatile(".inst 0x9e6703e0");  // FMOV D0, XZR with CPACR_EL1.FPEN = 0
  probe_expect(&probe, "fp_disabled", EC_FP_ACCESS, ISS_CV_ALWAYS);
}

static void alignment(void) {
  const u64 odd = (u64)data + 1;
  load(odd);
  probe_expect_none(&probe, "unaligned_load_allowed");
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON | SCTLR_A);
  isb();
  load(odd);
  probe_expect_far(&probe, "unaligned_load", EC_DABT_SAME, FSC_ALIGNMENT, odd);
  store(odd);
  probe_expect_far(&probe, "unaligned_store", EC_DABT_SAME, ISS_WNR | FSC_ALIGNMENT, odd);
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON);
  isb();
  asm volatile("ldxr x9, [%0]" ::"r"(odd) : "x9", "memory");
  probe_expect_far(&probe, "unaligned_exclusive", EC_DABT_SAME, FSC_ALIGNMENT, odd);

  probe.el1.unlogged = true;
  asm volatile("mrs x10, sp_el0; msr sp_el0, %0; msr spsel, #0; ldr x9, [sp]; msr spsel, #1; msr sp_el0, x10" ::"r"(
                   (u64)data + 8)
               : "x9", "x10", "memory");
  probe.el1.unlogged = false;
  probe_expect_divergent(&probe, "sp_alignment", (u64)EC_SP_ALIGNMENT << 26 | ESR_IL, 0);
  fetch((u64)text_end - 2);
  probe_expect_far(&probe, "pc_alignment", EC_PC_ALIGNMENT, 0, (u64)text_end - 2);
}

// ERET to `spsr`, which EL1 may not choose: PSTATE.IL, and the next instruction is not executed.
static void illegal_return(const char *name, u64 spsr) {
  asm volatile("adr x9, 0f; msr elr_el1, x9; msr spsr_el1, %0; eret; 0: nop" ::"r"(spsr) : "x9", "memory");
  probe_expect(&probe, name, EC_ILLEGAL_STATE, 0);
  check(name, SPSR_EL1H, probe.seen.spsr & SPSR_MODE);
}

static void illegal_returns(void) {
  illegal_return("return_to_el2", SPSR_EL2H | SPSR_DAIF);
  illegal_return("return_to_el3", 0xd | SPSR_DAIF);
  illegal_return("return_to_reserved_mode", 0x7 | SPSR_DAIF);
  illegal_return("return_with_il", SPSR_EL1H | SPSR_DAIF | SPSR_IL);
}

// --- translation: one descriptor a case, at VAs that el1_run() left free

#define GIGABYTE 0x40000000ull
#define VA_L1 (4 * GIGABYTE)
#define VA_L2 (5 * GIGABYTE)
#define VA_L3 (6 * GIGABYTE)
#define TOO_FAR BIT(44)              // beyond TCR_EL1.IPS = 40 bits
#define NOTHING_THERE 0x0b000000ull  // no device and no memory in `virt`'s map

enum access_kind { LOAD, STORE, FETCH, ZERO, LOAD_AS_EL0 };

static const struct {
  const char *name;
  u64 va;
  unsigned level;
  u64 descriptor;  // 0: the table above it is not made either
  enum access_kind access;
  u64 iss;
} faults[] = {
    {"translation_l0", BIT(40), 0, 0, LOAD, FSC_TRANSLATION + 0},
    {"translation_l0_ttbr1", 0xffffff8000000000ull, 0, 0, LOAD, FSC_TRANSLATION + 0},
    {"translation_l0_store", BIT(40), 0, 0, STORE, ISS_WNR | (FSC_TRANSLATION + 0)},
    {"translation_l0_fetch", BIT(40), 0, 0, FETCH, FSC_TRANSLATION + 0},
    {"translation_l1", 3 * GIGABYTE, 1, 0, LOAD, FSC_TRANSLATION + 1},
    {"translation_l1_fetch", 3 * GIGABYTE, 1, 0, FETCH, FSC_TRANSLATION + 1},
    {"translation_l2", VA_L2, 2, S1_NORMAL, LOAD, FSC_TRANSLATION + 2},
    {"translation_l3", VA_L3, 3, S1_NORMAL, LOAD, FSC_TRANSLATION + 3},
    {"translation_l3_fetch", VA_L3, 3, S1_NORMAL, FETCH, FSC_TRANSLATION + 3},
    {"translation_l3_zva", VA_L3, 3, S1_NORMAL, ZERO, ISS_WNR | (FSC_TRANSLATION + 3)},
    {"reserved_descriptor_l3", VA_L3, 3, RAM_BASE | S1_NORMAL | 1, LOAD, FSC_TRANSLATION + 3},
    {"access_flag_l1", VA_L1, 1, (RAM_BASE | S1_NORMAL | 1) & ~S1_AF, LOAD, FSC_ACCESS_FLAG + 1},
    {"access_flag_l2", VA_L2, 2, (RAM_BASE | S1_NORMAL | 1) & ~S1_AF, LOAD, FSC_ACCESS_FLAG + 2},
    {"access_flag_l3", VA_L3, 3, (RAM_BASE | S1_NORMAL | 3) & ~S1_AF, LOAD, FSC_ACCESS_FLAG + 3},
    {"access_flag_l3_store", VA_L3, 3, (RAM_BASE | S1_NORMAL | 3) & ~S1_AF, STORE, ISS_WNR | (FSC_ACCESS_FLAG + 3)},
    {"access_flag_l3_fetch", VA_L3, 3, (RAM_BASE | S1_NORMAL | 3) & ~S1_AF, FETCH, FSC_ACCESS_FLAG + 3},
    {"write_read_only_l1", VA_L1, 1, RAM_BASE | S1_NORMAL | S1_READ_ONLY | 1, STORE, ISS_WNR | (FSC_PERMISSION + 1)},
    {"write_read_only_l2", VA_L2, 2, RAM_BASE | S1_NORMAL | S1_READ_ONLY | 1, STORE, ISS_WNR | (FSC_PERMISSION + 2)},
    {"write_read_only_l3", VA_L3, 3, RAM_BASE | S1_NORMAL | S1_READ_ONLY | 3, STORE, ISS_WNR | (FSC_PERMISSION + 3)},
    {"zva_read_only_l3", VA_L3, 3, RAM_BASE | S1_NORMAL | S1_READ_ONLY | 3, ZERO, ISS_WNR | (FSC_PERMISSION + 3)},
    {"fetch_pxn_l1", VA_L1, 1, RAM_BASE | S1_NORMAL | S1_PXN | 1, FETCH, FSC_PERMISSION + 1},
    {"fetch_pxn_l2", VA_L2, 2, RAM_BASE | S1_NORMAL | S1_PXN | 1, FETCH, FSC_PERMISSION + 2},
    {"fetch_pxn_l3", VA_L3, 3, RAM_BASE | S1_NORMAL | S1_PXN | 3, FETCH, FSC_PERMISSION + 3},
    // What EL0 can write, EL1 cannot execute.
    {"fetch_el0_writable_l3", VA_L3, 3, RAM_BASE | S1_NORMAL | S1_EL0 | 3, FETCH, FSC_PERMISSION + 3},
    {"ldtr_of_el1_page", VA_L3, 3, RAM_BASE | S1_NORMAL | 3, LOAD_AS_EL0, FSC_PERMISSION + 3},
    {"address_size_l1", VA_L1, 1, TOO_FAR | RAM_BASE | S1_NORMAL | 1, LOAD, FSC_ADDRESS_SIZE + 1},
    {"address_size_l2", VA_L2, 2, TOO_FAR | RAM_BASE | S1_NORMAL | 1, LOAD, FSC_ADDRESS_SIZE + 2},
    {"address_size_l3", VA_L3, 3, TOO_FAR | RAM_BASE | S1_NORMAL | 3, LOAD, FSC_ADDRESS_SIZE + 3},
    {"address_size_of_table_l2", VA_L2, 2, TOO_FAR | RAM_BASE | 3, LOAD, FSC_ADDRESS_SIZE + 2},
    {"external_abort", VA_L3, 3, NOTHING_THERE | S1_DEVICE | 3, LOAD, FSC_EXTERNAL},
    {"external_abort_on_walk_l2", VA_L1, 1, NOTHING_THERE | 3, LOAD, FSC_EXTERNAL + 4 + 2},
    {"external_abort_on_walk_l3", VA_L2, 2, NOTHING_THERE | 3, LOAD, FSC_EXTERNAL + 4 + 3},
};

static void perform(enum access_kind access, u64 va) {
  switch (access) {
    case LOAD:
      load(va);
      break;
    case STORE:
      store(va);
      break;
    case FETCH:
      fetch(va);
      break;
    case ZERO:
      asm volatile("dc zva, %0" ::"r"(va) : "memory");
      break;
    case LOAD_AS_EL0:
      asm volatile("ldtr x9, [%0]" ::"r"(va) : "x9", "memory");
      break;
  }
}

static void flush(void) { asm volatile("dsb ishst; tlbi vmalle1; dsb ish; isb" ::: "memory"); }

static void translation(void) {
  for (unsigned i = 0; i < ARRAY_SIZE(faults); ++i) {
    u64 *entry = NULL;
    if (faults[i].descriptor) {
      entry = tables_entry(el1_tables(), faults[i].va, faults[i].level);
      // S1_NORMAL alone stands for an invalid descriptor below existing tables.
      *entry = faults[i].descriptor & 1 ? faults[i].descriptor : 0;
      flush();
    }
    perform(faults[i].access, faults[i].va);
    probe_expect_far(&probe, faults[i].name, faults[i].access == FETCH ? EC_IABT_SAME : EC_DABT_SAME, faults[i].iss,
                     faults[i].va);
    if (entry) *entry = 0;
    flush();
  }
}

static void write_implies_execute_never(void) {
  *tables_entry(el1_tables(), VA_L3, 3) = (u64)data | S1_NORMAL | 3;
  *(volatile u32 *)data = 0xd65f03c0;  // RET
  asm volatile("dc cvau, %0; dsb ish; ic ialluis" ::"r"(data) : "memory");
  flush();
  fetch(VA_L3);
  probe_expect_none(&probe, "fetch_writable_wxn_0");
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON | SCTLR_WXN);
  flush();
  fetch(VA_L3);
  probe_expect_far(&probe, "fetch_writable_wxn_1", EC_IABT_SAME, FSC_PERMISSION + 3, VA_L3);
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_ON);
  flush();
}

// AT reports in PAR_EL1: F at [0], FST at [6:1] of a failure, the address at [47:12] of a success.
static void address_translation(void) {
  asm volatile("at s1e1r, %0; isb" ::"r"(VA_L3 + 0x123) : "memory");
  check_hex("at_success", (u64)data, READ_SYSREG(par_el1) & 0x0000fffffffff001ull);
  asm volatile("at s1e0r, %0; isb" ::"r"(VA_L3) : "memory");
  check_hex("at_el0_permission", (FSC_PERMISSION + 3) << 1 | 1, READ_SYSREG(par_el1) & 0x7f);
  asm volatile("at s1e1w, %0; isb" ::"r"(image_start) : "memory");
  check_hex("at_write_permission", (FSC_PERMISSION + 2) << 1 | 1, READ_SYSREG(par_el1) & 0x7f);
  asm volatile("at s1e1r, %0; isb" ::"r"(3 * GIGABYTE) : "memory");
  check_hex("at_translation", (FSC_TRANSLATION + 1) << 1 | 1, READ_SYSREG(par_el1) & 0x7f);
  probe_expect_none(&probe, "at_takes_no_exception");
}

static void program(void) {
  instructions();
  alignment();
  illegal_returns();
  translation();
  write_implies_execute_never();
  address_translation();
}

int main(void) {
  el1_run(program, &probe.el1);
  trap_log_print("exceptions", &probe.el1.log);
  check_summary();
  return 0;
}
