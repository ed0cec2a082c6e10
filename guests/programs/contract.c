// Breaches of what software owes the MMU, one of a kind and each beside right code: break before make, TLBI, the DSBs
// around it, fresh ASIDs and VMIDs (DDI 0487 D8.13, D8.14). Every address is used for one of them. What is read past a
// breach is not looked at: old or new, both are allowed.
#include "../lib/check.h"
#include "../lib/el1.h"
#include "../lib/print.h"
#include "../lib/tables.h"

static struct probe probe = {.el1.handler = probe_handler};
static u64 page_a[512] __attribute__((aligned(4096)));
static u64 page_b[512] __attribute__((aligned(4096)));
static u8 pool[8 * 0x10000] __attribute__((aligned(0x10000)));

#define VA (4ull << 30)
#define IPA (8ull << 30)
#define READ(va) (*(volatile u64 *)(va))
#define NORMAL (S1_NORMAL | S1_NG)

static void tlbi_page(u64 va) { asm volatile("tlbi vaae1is, %0" ::"r"(va >> 12) : "memory"); }

static u64 *leaf_of(unsigned number) { return tables_entry(el1_tables(), VA + number * 4096ull, 3); }
static u64 used(unsigned number) {
  tables_map(el1_tables(), VA + number * 4096ull, (u64)page_a, 4096, 3, NORMAL);
  dsb();
  isb();
  return READ(VA + number * 4096ull);
}
static void finish(unsigned number) {
  dsb();
  tlbi_page(VA + number * 4096ull);
  dsb();
  isb();
}

static void right(void) {
  check_hex("before", 0xaaaa, used(0));
  *leaf_of(0) = 0;
  finish(0);
  *leaf_of(0) = leaf_descriptor((u64)page_b, 3, NORMAL);
  dsb();
  isb();
  check_hex("after", 0xbbbb, READ(VA));
  *leaf_of(0) |= S1_READ_ONLY;  // permissions need no break
  finish(0);
  check_hex("read_only", 0xbbbb, READ(VA));
}

static void make_without_break(void) {
  used(1);
  *leaf_of(1) = leaf_descriptor((u64)page_b, 3, NORMAL);
  finish(1);
  check_hex("made", 0xbbbb, READ(VA + 0x1000));
}

static void use_without_tlbi(void) {
  used(2);
  *leaf_of(2) = 0;
  dsb();
  isb();
  READ(VA + 0x2000);
  finish(2);
}

static void tlbi_without_dsb(void) {
  used(3);
  *leaf_of(3) = 0;
  tlbi_page(VA + 0x3000);
  dsb();
  isb();
}

static void use_without_dsb(void) {
  used(4);
  *leaf_of(4) = 0;
  dsb();
  tlbi_page(VA + 0x4000);
  *leaf_of(4) = leaf_descriptor((u64)page_b, 3, NORMAL);
  READ(VA + 0x4000);
  finish(4);
}

static void asid_of_another(void) {
  static struct tables other[2];
  for (unsigned i = 0; i < 2; ++i) {
    tables_init(&other[i], (u64)pool + i * 0x20000, 0x20000, 0, 12, 1);
    tables_map(&other[i], 0, 0, RAM_BASE, 1, S1_DEVICE);
    tables_map(&other[i], RAM_BASE, RAM_BASE, 2 * MEGABYTE, 2, S1_NORMAL | S1_READ_ONLY | S1_EL0);
    tables_map(&other[i], RAM_BASE + 2 * MEGABYTE, RAM_BASE + 2 * MEGABYTE, 30 * MEGABYTE, 2, S1_NORMAL);
    tables_map(&other[i], VA + (5 + i) * 4096ull, (u64)page_a, 4096, 3, NORMAL);
  }
  dsb();
  const u64 before = READ_SYSREG(ttbr0_el1);
  for (unsigned i = 0; i < 2; ++i) {
    WRITE_SYSREG(ttbr0_el1, other[i].root | 7ull << 48);
    isb();
    READ(VA + (5 + i) * 4096ull);
  }
  WRITE_SYSREG(ttbr0_el1, before);
  isb();
  asm volatile("tlbi vmalle1is; dsb ish; isb" ::: "memory");
}

static void program(void) {
  right();
  make_without_break();
  use_without_tlbi();
  tlbi_without_dsb();
  use_without_dsb();
  asid_of_another();
}

static void vmid_of_another(void) {
  static struct tables vm[2];
  for (unsigned i = 0; i < 2; ++i) {
    tables_init(&vm[i], (u64)pool + 0x40000 + i * 0x20000, 0x20000, 0, 12, 1);
    tables_map(&vm[i], IPA, (u64)page_a, 4096, 3, S2_NORMAL | S2_READ | S2_WRITE);
  }
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_RES1);
  WRITE_SYSREG(vtcr_el2, VTCR_4K);
  WRITE_SYSREG(hcr_el2, HCR_RW | HCR_VM);
  for (unsigned i = 0; i < 2; ++i) {
    WRITE_SYSREG(vttbr_el2, vm[i].root | 9ull << 48);
    asm volatile("isb; at s12e1r, %0; isb" ::"r"(IPA) : "memory");
  }
  WRITE_SYSREG(hcr_el2, HCR_RW);
  asm volatile("tlbi alle1is; dsb ish; isb" ::: "memory");
}

void el2_exception(struct trap_frame *frame, unsigned vector) {
  (void)vector;
  frame->elr += 4;
}

int main(void) {
  page_a[0] = 0xaaaa;
  page_b[0] = 0xbbbb;
  el1_run(program, &probe.el1);
  vmid_of_another();
  check_summary();
  return 0;
}
