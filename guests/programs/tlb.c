// TLB maintenance: a translation is used, changed, invalidated, and must then be the new one. Nothing is said about
// what is seen before the invalidation: an old entry may or may not have survived.
#include "../lib/check.h"
#include "../lib/el1.h"
#include "../lib/print.h"
#include "../lib/tables.h"

static struct probe probe = {.el1.handler = probe_handler};
static u64 page_a[0x2000] __attribute__((aligned(0x10000)));  // 64 KB each, for either granule
static u64 page_b[0x2000] __attribute__((aligned(0x10000)));
static u8 pool[16 * 0x10000] __attribute__((aligned(0x10000)));

#define VA (4ull << 30)
#define READ_BACK(va) (*(volatile u64 *)(va))
#define TTBR(root, asid) ((root) | (u64)(asid) << 48)

static void barrier(void) { asm volatile("dsb ishst; isb" ::: "memory"); }
static void finish(void) { asm volatile("dsb ish; isb" ::: "memory"); }

// Xt of TLBI by VA: VA[55:12] at [43:0], ASID at [63:48].
static u64 by_va(u64 va, u64 asid) { return asid << 48 | (va >> 12 & 0xfffffffffffull); }

#define TLBI_PLAIN(name, op) \
  static void name(u64 argument) { asm volatile("tlbi " op ::"r"(argument) : "memory"); }
TLBI_PLAIN(vmalle1, "vmalle1")
TLBI_PLAIN(vae1, "vae1, %0")
TLBI_PLAIN(vaae1, "vaae1, %0")
TLBI_PLAIN(vale1, "vale1, %0")
TLBI_PLAIN(vaale1, "vaale1, %0")
TLBI_PLAIN(aside1, "aside1, %0")
TLBI_PLAIN(vmalle1is, "vmalle1is")
TLBI_PLAIN(vae1is, "vae1is, %0")
TLBI_PLAIN(vaae1is, "vaae1is, %0")
TLBI_PLAIN(vale1is, "vale1is, %0")
TLBI_PLAIN(vaale1is, "vaale1is, %0")
TLBI_PLAIN(aside1is, "aside1is, %0")

static const struct operation {
  const char *name;
  void (*run)(u64 argument);
  bool global_too;  // ASIDE1 leaves global entries alone
  bool tables_too;  // the "L" forms promise the last level only
} operations[] = {
    {"vmalle1", vmalle1, true, true},     {"vae1", vae1, true, true},          {"vaae1", vaae1, true, true},
    {"vale1", vale1, true, false},        {"vaale1", vaale1, true, false},     {"aside1", aside1, false, true},
    {"vmalle1is", vmalle1is, true, true}, {"vae1is", vae1is, true, true},      {"vaae1is", vaae1is, true, true},
    {"vale1is", vale1is, true, false},    {"vaale1is", vaale1is, true, false}, {"aside1is", aside1is, false, true},
};

static u64 argument_of(const struct operation *operation, u64 va, u64 asid) {
  return operation->run == aside1 || operation->run == aside1is ? asid << 48 : by_va(va, asid);
}

// Leaf changes, global and not, then a change of the table above the leaf. The descriptor goes through invalid
// (break-before-make, DDI 0487 D5.10.1), with its own invalidation.
static void operations_at_el1(void) {
  const u64 asid = READ_SYSREG(ttbr0_el1) >> 48;
  u64 *leaf = tables_entry(el1_tables(), VA, 3);
  u64 *above = tables_entry(el1_tables(), VA, 2);
  for (unsigned i = 0; i < ARRAY_SIZE(operations); ++i) {
    const struct operation *operation = &operations[i];
    for (unsigned global = 0; global < 2; ++global) {
      if (global && !operation->global_too) continue;
      const u64 attributes = S1_NORMAL | (global ? 0 : S1_NG);
      *leaf = leaf_descriptor((u64)page_a, 3, attributes);
      barrier();
      check_hex(operation->name, 0xaaaa, READ_BACK(VA));
      *leaf = 0;
      barrier();
      operation->run(argument_of(operation, VA, asid));
      finish();
      READ_BACK(VA);
      probe_expect_far(&probe, operation->name, EC_DABT_SAME, FSC_TRANSLATION + 3, VA);
      *leaf = leaf_descriptor((u64)page_b, 3, attributes);
      barrier();
      check_hex(operation->name, 0xbbbb, READ_BACK(VA));
      *leaf = 0;
      barrier();
      operation->run(argument_of(operation, VA, asid));
      finish();
    }
    if (!operation->tables_too) continue;
    *leaf = leaf_descriptor((u64)page_a, 3, S1_NORMAL | S1_NG);
    barrier();
    check_hex(operation->name, 0xaaaa, READ_BACK(VA));
    const u64 table = *above;
    *above = 0;
    barrier();
    operation->run(argument_of(operation, VA, asid));
    finish();
    READ_BACK(VA);
    probe_expect_far(&probe, operation->name, EC_DABT_SAME, FSC_TRANSLATION + 2, VA);
    *above = table;
    *leaf = 0;
    barrier();
    vmalle1(0);
    finish();
  }
}

// Two address spaces, two ASIDs, one VA: no invalidation between the switches.
static void address_spaces(void) {
  static struct tables other;
  tables_init(&other, (u64)pool, sizeof(pool), 0, 12, 1);
  tables_map(&other, 0, 0, RAM_BASE, 1, S1_DEVICE);
  tables_map(&other, RAM_BASE, RAM_BASE, 2 * MEGABYTE, 2, S1_NORMAL | S1_READ_ONLY | S1_EL0);
  tables_map(&other, RAM_BASE + 2 * MEGABYTE, RAM_BASE + 2 * MEGABYTE, 30 * MEGABYTE, 2, S1_NORMAL);
  tables_map(&other, VA, (u64)page_b, PAGE_SIZE, 3, S1_NORMAL | S1_NG);
  tables_map(el1_tables(), VA, (u64)page_a, PAGE_SIZE, 3, S1_NORMAL | S1_NG);
  barrier();
  const u64 roots[] = {el1_tables()->root, other.root};
  static const u64 contents[] = {0xaaaa, 0xbbbb};
  for (unsigned round = 0; round < 3; ++round) {
    for (unsigned i = 0; i < 2; ++i) {
      WRITE_SYSREG(ttbr0_el1, TTBR(roots[i], i + 1));
      isb();
      check_hex("asid", contents[i], READ_BACK(VA));
    }
  }
  // Dropping one ASID keeps the other right.
  *tables_entry(&other, VA, 3) = leaf_descriptor((u64)page_a, 3, S1_NORMAL | S1_NG);
  barrier();
  aside1(2ull << 48);
  finish();
  check_hex("asid_2_changed", 0xaaaa, READ_BACK(VA));
  WRITE_SYSREG(ttbr0_el1, TTBR(roots[0], 1));
  isb();
  check_hex("asid_1_kept", 0xaaaa, READ_BACK(VA));
  WRITE_SYSREG(ttbr0_el1, roots[0]);
  isb();
  vmalle1(0);
  finish();
}

// The same pages through another format. Flat code and data, so that it can be switched under the running program.
static void other_format(const char *name, u64 tcr, unsigned granule_shift, unsigned start_level, unsigned block_level,
                         u64 block_size) {
  static struct tables tables;
  const u64 tcr_before = READ_SYSREG(tcr_el1), ttbr_before = READ_SYSREG(ttbr0_el1);
  tables_init(&tables, (u64)pool, sizeof(pool), 0, granule_shift, start_level);
  tables_map(&tables, 0, 0, RAM_BASE, block_level, S1_DEVICE);
  tables_map(&tables, RAM_BASE, RAM_BASE, block_size, block_level, S1_NORMAL);
  const u64 page = 1ull << granule_shift;
  page_b[page / 8 - 1] = page;
  tables_map(&tables, VA, (u64)page_a, page, 3, S1_NORMAL);
  tables_map(&tables, VA + page, (u64)page_b, page, 3, S1_NORMAL);
  asm volatile(
      "dsb sy; mrs x9, sctlr_el1; bic x10, x9, #1; msr sctlr_el1, x10; isb;"  // MMU off: code is mapped flat
      "msr tcr_el1, %0; msr ttbr0_el1, %1; isb; tlbi vmalle1; dsb sy; isb; msr sctlr_el1, x9; isb" ::"r"(tcr),
      "r"(tables.root)
      : "x9", "x10", "memory");
  check_hex(name, 0xaaaa, READ_BACK(VA));
  check_hex(name, 0xbbbb, READ_BACK(VA + page));
  check_hex(name, page, READ_BACK(VA + 2 * page - 8));
  READ_BACK(VA + 2 * page);
  probe_expect_far(&probe, name, EC_DABT_SAME, FSC_TRANSLATION + 3, VA + 2 * page);
  asm volatile(
      "dsb sy; mrs x9, sctlr_el1; bic x10, x9, #1; msr sctlr_el1, x10; isb;"
      "msr tcr_el1, %0; msr ttbr0_el1, %1; isb; tlbi vmalle1; dsb sy; isb; msr sctlr_el1, x9; isb" ::"r"(tcr_before),
      "r"(ttbr_before)
      : "x9", "x10", "memory");
}

static void program(void) {
  page_a[0] = 0xaaaa;
  page_b[0] = 0xbbbb;
  operations_at_el1();
  address_spaces();
  other_format("4k_48_bits", (TCR_EL1_4K & ~0x3full) | 16, 12, 0, 2, 32 * MEGABYTE);
  const u64 mmfr0 = READ_SYSREG(id_aa64mmfr0_el1);
  if (((mmfr0 >> 24) & 0xf) != 0xf) {  // TGran64
    other_format("64k_42_bits", (TCR_EL1_4K & ~0x3full) | 22 | 1ull << 14, 16, 2, 2, 512 * MEGABYTE);
    other_format("64k_48_bits", (TCR_EL1_4K & ~0x3full) | 16 | 1ull << 14, 16, 1, 2, 512 * MEGABYTE);
  }
  if (((mmfr0 >> 20) & 0xf) != 0) {  // TGran16
    other_format("16k_47_bits", (TCR_EL1_4K & ~0x3full) | 17 | 2ull << 14, 14, 1, 2, 32 * MEGABYTE);
  }
}

// --- from EL2: stage 2 and the EL2 regime

#define IPA (8ull << 30)

static void vmalls12e1(u64 argument) {
  (void)argument;
  asm volatile("tlbi vmalls12e1" ::: "memory");
}
static void alle1(u64 argument) {
  (void)argument;
  asm volatile("tlbi alle1" ::: "memory");
}
static void ipas2e1(u64 argument) {
  asm volatile("tlbi ipas2e1, %0; dsb ish; tlbi vmalle1" ::"r"(argument) : "memory");
}
static void ipas2le1(u64 argument) {
  asm volatile("tlbi ipas2le1, %0; dsb ish; tlbi vmalle1" ::"r"(argument) : "memory");
}
static void ipas2e1is(u64 argument) {
  asm volatile("tlbi ipas2e1is, %0; dsb ish; tlbi vmalle1is" ::"r"(argument) : "memory");
}
static void vmalls12e1is(u64 argument) {
  (void)argument;
  asm volatile("tlbi vmalls12e1is" ::: "memory");
}
static void alle1is(u64 argument) {
  (void)argument;
  asm volatile("tlbi alle1is" ::: "memory");
}

// AT S12E1R with stage 1 off: the IPA is the address given.
static u64 physical(u64 ipa) {
  asm volatile("at s12e1r, %0; isb" ::"r"(ipa) : "memory");
  const u64 par = READ_SYSREG(par_el1);
  return par & 1 ? 0 : par & 0x0000fffffffff000ull;
}

static void stage2(void) {
  static const struct {
    const char *name;
    void (*run)(u64 argument);
  } at_el2[] = {{"vmalls12e1", vmalls12e1}, {"alle1", alle1},         {"ipas2e1", ipas2e1},
                {"ipas2le1", ipas2le1},     {"ipas2e1is", ipas2e1is}, {"vmalls12e1is", vmalls12e1is},
                {"alle1is", alle1is}};
  static struct tables vm[2];
  for (unsigned i = 0; i < 2; ++i) {
    tables_init(&vm[i], (u64)pool + i * 0x20000, 0x20000, 0, 12, 1);
    tables_map(&vm[i], IPA, (u64)(i ? page_b : page_a), PAGE_SIZE, 3, S2_NORMAL | S2_READ | S2_WRITE);
  }
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_RES1);
  WRITE_SYSREG(vtcr_el2, VTCR_4K);
  WRITE_SYSREG(hcr_el2, HCR_RW | HCR_VM);
  WRITE_SYSREG(vttbr_el2, TTBR(vm[0].root, 1));
  isb();
  alle1(0);
  finish();
  u64 *leaf = tables_entry(&vm[0], IPA, 3);
  for (unsigned i = 0; i < ARRAY_SIZE(at_el2); ++i) {
    check("stage2.before", 1, physical(IPA) == (u64)page_a);
    *leaf = 0;
    barrier();
    at_el2[i].run(IPA >> 12);
    finish();
    check(at_el2[i].name, 0, physical(IPA));
    check_hex("stage2.par", 1 | (FSC_TRANSLATION + 3) << 1 | BIT(9), READ_SYSREG(par_el1) & 0x37f);
    *leaf = leaf_descriptor((u64)page_b, 3, S2_NORMAL | S2_READ);
    barrier();
    check(at_el2[i].name, 1, physical(IPA) == (u64)page_b);
    *leaf = 0;
    barrier();
    at_el2[i].run(IPA >> 12);
    finish();
    *leaf = leaf_descriptor((u64)page_a, 3, S2_NORMAL | S2_READ | S2_WRITE);
    barrier();
  }
  for (unsigned round = 0; round < 6; ++round) {  // two VMIDs, no invalidation
    const unsigned i = round % 2;
    WRITE_SYSREG(vttbr_el2, TTBR(vm[i].root, i + 1));
    isb();
    check("vmid", 1, physical(IPA) == (u64)(i ? page_b : page_a));
  }
  WRITE_SYSREG(hcr_el2, HCR_RW);
  isb();
}

// EL2's own regime: a block appears and goes away in the table that el2_mmu_on() made.
static volatile unsigned el2_faults;
static volatile u64 el2_esr;

// Called by el2_vectors.
void el2_exception(struct trap_frame *frame, unsigned vector) {
  (void)vector;
  ++el2_faults;
  // ISV and what it validates, [24:14], are zero outside stage-2 aborts; QEMU 7.2 fills them in for EL2's own aborts.
  el2_esr = frame->esr & ~0x1ffc000ull;
  frame->elr += 4;
}

static void alle2(u64 argument) {
  (void)argument;
  asm volatile("tlbi alle2" ::: "memory");
}
TLBI_PLAIN(vae2, "vae2, %0")
TLBI_PLAIN(vale2, "vale2, %0")
TLBI_PLAIN(vae2is, "vae2is, %0")

static void el2_regime(void) {
  static const struct {
    const char *name;
    void (*run)(u64 argument);
  } at_el2[] = {{"alle2", alle2}, {"vae2", vae2}, {"vale2", vale2}, {"vae2is", vae2is}};
  const struct tables el2 = {.root = READ_SYSREG(ttbr0_el2), .granule_shift = 12, .start_level = 1};
  u64 *block = tables_entry((struct tables *)&el2, VA, 1);
  const u64 va = VA + ((u64)page_a - RAM_BASE);
  for (unsigned i = 0; i < ARRAY_SIZE(at_el2); ++i) {
    *block = leaf_descriptor(RAM_BASE, 1, S1_NORMAL | S1_EL0);
    barrier();
    check_hex(at_el2[i].name, 0xaaaa, READ_BACK(va));
    *block = 0;
    barrier();
    at_el2[i].run(va >> 12);
    finish();
    el2_faults = 0;
    READ_BACK(va);
    check_hex(at_el2[i].name, (u64)EC_DABT_SAME << 26 | ESR_IL | (FSC_TRANSLATION + 1), el2_faults == 1 ? el2_esr : 0);
  }
}

int main(void) {
  el1_run(program, &probe.el1);
  stage2();
  el2_regime();
  trap_log_print("tlb", &probe.el1.log);
  check_summary();
  return 0;
}
