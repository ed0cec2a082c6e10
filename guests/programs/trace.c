// Accesses, stores to translation tables and TLBIs that are known beforehand, for traces: between HINT #96 and HINT #97,
// without a branch. EXPECT lines say what a trace has to have of each, in order; check() sees that the mappings are so.
//   EXPECT read|write|table VA IPA PA BYTES EL VMID ASID
//   EXPECT invalidate SCOPE-NAME VA IPA EL VMID ASID
//   BLOCK START END       the instructions, without HINT #96 and with HINT #97
#include "../lib/check.h"
#include "../lib/el1.h"
#include "../lib/print.h"
#include "../lib/tables.h"

static struct probe probe = {.el1.handler = probe_handler};
static u64 page_a[512] __attribute__((aligned(4096)));
static u64 page_b[512] __attribute__((aligned(4096)));
static u64 page_c[512] __attribute__((aligned(4096)));
static u8 pool[16 * 4096] __attribute__((aligned(4096)));
static u8 stack[4096] __attribute__((aligned(16)));

#define VA (4ull << 30)
#define VA2 (5ull << 30)
#define IPA (8ull << 30)
#define TTBR(root, asid) ((root) | (u64)(asid) << 48)
#define ASID 3
#define VMID 7

static u64 by_va(u64 va, u64 asid) { return asid << 48 | (va >> 12 & 0xfffffffffffull); }

static void expect(const char *kind, u64 va, u64 ipa, u64 pa, u64 bytes, u64 el, u64 vmid) {
  print("EXPECT %s 0x%lx 0x%lx 0x%lx %u %u %u %u\n", kind, va, ipa, pa, (unsigned)bytes, (unsigned)el, (unsigned)vmid,
        el == 2 ? 0 : ASID);
}
// Stage 1 alone.
static void expect1(const char *kind, u64 va, u64 pa, u64 bytes) { expect(kind, va, pa, pa, bytes, 1, 0); }
static void expect_tlbi(const char *scope, u64 va, u64 ipa, u64 el, u64 vmid, u64 asid) {
  print("EXPECT invalidate %s 0x%lx 0x%lx %u %u %u\n", scope, va, ipa, (unsigned)el, (unsigned)vmid, (unsigned)asid);
}

// x0 the address of two pages, x1 the descriptor of the first, x2 another one for it, x3 TLBI's operand.
void stage1_block(u64 va, u64 *leaf, u64 descriptor, u64 operand);
extern char stage1_start[], stage1_end[];
asm(".balign 64\n stage1_block:\n hint #96\n stage1_start:\n"
    "ldrb w9, [x0, #1]\n ldrh w9, [x0, #2]\n ldr w9, [x0, #4]\n ldr x9, [x0, #8]\n"
    "ldp x9, x10, [x0, #16]\n strb wzr, [x0, #33]\n stp wzr, wzr, [x0, #40]\n"
    "ldr x9, [x0, #4088]\n add x11, x0, #4092\n ldr x9, [x11]\n str x9, [x11]\n"
    "add x11, x0, #256\n ldxr x9, [x11]\n stxr w10, x9, [x11]\n dc zva, x11\n"
    "str xzr, [x1]\n dsb ishst\n tlbi vae1, x3\n dsb ish\n isb\n"
    "str x2, [x1]\n dsb ishst\n isb\n ldr x9, [x0]\n"
    "tlbi vale1is, x3\n tlbi aside1, x3\n tlbi vaae1, x3\n tlbi vmalle1is\n dsb ish\n isb\n"
    "hint #97\n stage1_end:\n ret\n");

static void stage1(void) {
  struct tables *tables = el1_tables();
  tables_map(tables, VA, (u64)page_a, PAGE_SIZE, 3, S1_NORMAL | S1_NG);
  tables_map(tables, VA + PAGE_SIZE, (u64)page_c, PAGE_SIZE, 3, S1_NORMAL | S1_NG);
  tables_map(tables, VA2, IPA, PAGE_SIZE, 3, S1_NORMAL | S1_NG);
  WRITE_SYSREG(ttbr0_el1, TTBR(tables->root, ASID));
  isb();
  u64 *leaf = tables_entry(tables, VA, 3);
  const u64 a = (u64)page_a, c = (u64)page_c, table = (u64)leaf;
  page_a[0] = 0xaaaa;
  page_b[0] = 0xbbbb;
  page_c[0] = 0xcccc;
  stage1_block(VA, leaf, leaf_descriptor((u64)page_b, 3, S1_NORMAL | S1_NG), by_va(VA, ASID));
  check_hex("trace.remapped", 0xbbbb, *(volatile u64 *)VA);
  check_hex("trace.first", 0xaaaa, page_a[0]);

  print("BLOCK 0x%lx 0x%lx\n", (u64)stage1_start, (u64)stage1_end);
  static const u8 reads[][2] = {{1, 1}, {2, 2}, {4, 4}, {8, 8}, {16, 8}, {24, 8}};
  for (unsigned i = 0; i < ARRAY_SIZE(reads); ++i) expect1("read", VA + reads[i][0], a + reads[i][0], reads[i][1]);
  expect1("write", VA + 33, a + 33, 1);
  expect1("write", VA + 40, a + 40, 4);
  expect1("write", VA + 44, a + 44, 4);
  expect1("read", VA + 4088, a + 4088, 8);
  expect1("read", VA + 4092, a + 4092, 4);  // across the pages
  expect1("read", VA + 4096, c, 4);
  expect1("write", VA + 4092, a + 4092, 4);
  expect1("write", VA + 4096, c, 4);
  expect1("read", VA + 256, a + 256, 8);
  expect1("write", VA + 256, a + 256, 8);
  expect1("write", VA + 256, a + 256, 64);  // DC ZVA
  expect1("table", table, table, 8);
  expect_tlbi("va", VA, 0, 1, 0, ASID);
  expect1("table", table, table, 8);
  expect1("read", VA, (u64)page_b, 8);
  expect_tlbi("va-last", VA, 0, 1, 0, ASID);
  expect_tlbi("asid", 0, 0, 1, 0, ASID);
  expect_tlbi("va-all-asids", VA, 0, 1, 0, 0);
  expect_tlbi("vmid-stage1", 0, 0, 1, 0, 0);
}

// At EL1 under stage 2: two accesses and a TLBI; then, in the same region, EL2 edits stage 2's tables.
void stage2_block(u64 va, u64 operand);
void edit_block(u64 *leaf, u64 descriptor, u64 operand);
asm("stage2_block:\n hint #96\n ldr x9, [x0, #24]\n str x9, [x0, #32]\n tlbi vae1is, x1\n dsb ish\n isb\n hvc #1\n"
    "edit_block:\n str xzr, [x0]\n dsb ishst\n tlbi ipas2e1, x2\n dsb ish\n tlbi vmalle1\n dsb ish\n str x1, [x0]\n"
    "tlbi vmalls12e1is\n tlbi alle1\n dsb ish\n isb\n hint #97\n ret\n");

static void stage2(void) {
  static struct tables vm;
  tables_init(&vm, (u64)pool, sizeof(pool), 0, 12, 1);
  tables_map(&vm, RAM_BASE, RAM_BASE, 32 * MEGABYTE, 2, S2_NORMAL | S2_READ | S2_WRITE);
  tables_map(&vm, IPA, (u64)page_c, PAGE_SIZE, 3, S2_NORMAL | S2_READ | S2_WRITE);
  WRITE_SYSREG(vtcr_el2, VTCR_4K);
  WRITE_SYSREG(hcr_el2, HCR_RW | HCR_VM);
  WRITE_SYSREG(vttbr_el2, TTBR(vm.root, VMID));
  WRITE_SYSREG(sp_el1, (u64)(stack + sizeof(stack)));
  asm volatile("dsb sy; tlbi alle1; dsb sy; isb" ::: "memory");
  struct trap_frame frame = {.elr = (u64)stage2_block, .spsr = SPSR_EL1H | SPSR_DAIF};
  frame.x[0] = VA2;
  frame.x[1] = by_va(VA2, ASID);
  page_c[3] = 0xc3c3;
  const unsigned vector = enter_lower_el(&frame);
  u64 *leaf = tables_entry(&vm, IPA, 3);
  edit_block(leaf, leaf_descriptor((u64)page_b, 3, S2_NORMAL | S2_READ), IPA >> 12);
  WRITE_SYSREG(hcr_el2, HCR_RW);
  isb();
  check("trace.hvc", SLOT_SYNC, VECTOR_SLOT(vector));
  check_hex("trace.stage2", 0xc3c3, page_c[4]);
  const u64 c = (u64)page_c;
  expect("read", VA2 + 24, IPA + 24, c + 24, 8, 1, VMID);
  expect("write", VA2 + 32, IPA + 32, c + 32, 8, 1, VMID);
  expect_tlbi("va", VA2, 0, 1, VMID, ASID);
  expect("table", (u64)leaf, (u64)leaf, (u64)leaf, 8, 2, 0);
  expect_tlbi("ipa", 0, IPA, 2, VMID, 0);
  expect_tlbi("vmid-stage1", 0, 0, 2, VMID, 0);
  expect("table", (u64)leaf, (u64)leaf, (u64)leaf, 8, 2, 0);
  expect_tlbi("vmid", 0, 0, 2, VMID, 0);
  expect_tlbi("all", 0, 0, 2, 0, 0);
}

int main(void) {
  el1_run(stage1, &probe.el1);
  stage2();
  trap_log_print("trace", &probe.el1.log);
  check_summary();
  return 0;
}
