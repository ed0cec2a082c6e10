// Stage-2 faults that a hypervisor answers by changing the tables and letting the guest try again.
#include "../lib/print.h"
#include "benchmarks.h"

#define PAGES 32
#define CODE_PAGES 4

// --- demand paging: the first access to a page, by load, store or instruction fetch

static u64 guest_touch(struct guest *guest) {
  guest_map(guest, ARENA_IPA, ARENA_IPA, ARENA_SIZE, 2, S1_NORMAL);
  u64 good = 0;
  for (unsigned i = 0; i < PAGES; ++i) {
    volatile u64 *word = (volatile u64 *)(ARENA_IPA + i * PAGE_SIZE);
    if (i % 2) *word = i;
    good += *word == (i % 2 ? i : 0x100 + i);
    good += *word == (i % 2 ? i : 0x100 + i);
  }
  for (unsigned i = PAGES; i < PAGES + CODE_PAGES; ++i) {
    ((void (*)(void))(ARENA_IPA + i * PAGE_SIZE))();
    ++good;
  }
  return good;
}

void bench_demand_paging(const char *name) {
  struct vcpu *vcpu = boot_one(guest_touch);
  u8 *arena = (u8 *)vcpu->vm->arena;
  for (unsigned i = 0; i < PAGES; ++i) *(u64 *)(arena + i * PAGE_SIZE) = 0x100 + i;
  for (unsigned i = PAGES; i < PAGES + CODE_PAGES; ++i) {
    u32 *code = (u32 *)(arena + i * PAGE_SIZE);
    *code = 0xd65f03c0;  // RET
    asm volatile("dc cvau, %0; dsb ish; ic ivau, %0; dsb ish; isb" ::"r"(code) : "memory");
  }
  vcpu_run(vcpu);
  expect(name, "data_aborts", PAGES, vcpu->log.by_ec[EC_DABT_LOWER]);
  expect(name, "instruction_aborts", CODE_PAGES, vcpu->log.by_ec[EC_IABT_LOWER]);
  finish(name, vcpu, 2 * PAGES + CODE_PAGES);
}

// --- dirty logging: pages are read-only at stage 2 until written

static u64 guest_dirty(struct guest *guest) {
  guest_map(guest, ARENA_IPA, ARENA_IPA, ARENA_SIZE, 2, S1_NORMAL | S1_PXN | S1_UXN);
  u64 sum = 0;
  for (unsigned round = 0; round < 2; ++round) {
    for (unsigned i = 0; i < PAGES; ++i) {
      volatile u64 *word = (volatile u64 *)(ARENA_IPA + i * PAGE_SIZE + 8 * i);
      sum += *word;
      *word = 1;
    }
  }
  return sum;
}

static u64 dirty;

// HPFAR_EL2 is UNKNOWN for a permission fault: AT gives the IPA (stage 1 alone).
static bool log_dirty(struct vcpu *vcpu, unsigned ec) {
  if (ec != EC_DABT_LOWER || FSC_TYPE(ISS_FSC(vcpu->frame.esr)) != FSC_PERMISSION) return false;
  const u64 par_of_guest = READ_SYSREG(par_el1);
  asm volatile("at s1e1r, %0; isb" ::"r"(vcpu->frame.far) : "memory");
  const u64 ipa = READ_SYSREG(par_el1) & 0x0000fffffffff000ull;
  WRITE_SYSREG(par_el1, par_of_guest);
  *tables_entry(&vcpu->vm->stage2, ipa, 3) |= S2_WRITE;
  tlb_flush_ipa(ipa);
  ++dirty;
  return true;
}

void bench_dirty_logging(const char *name) {
  struct vcpu *vcpu = boot_one(guest_dirty);
  for (unsigned i = 0; i < PAGES * PAGE_SIZE / 8; ++i) ((u64 *)vcpu->vm->arena)[i] = 0;
  tables_map(&vcpu->vm->stage2, ARENA_IPA, vcpu->vm->arena, PAGES * PAGE_SIZE, 3, S2_NORMAL | S2_READ);
  dirty = 0;
  vcpu->on_trap = log_dirty;
  vcpu_run(vcpu);
  expect(name, "traps", PAGES, vcpu->log.by_ec[EC_DABT_LOWER]);
  expect(name, "dirty_pages", PAGES, dirty);
  finish(name, vcpu, PAGES);  // 0 in the first round, 1 in the second
}

// --- S1PTW: the guest's own level-3 tables lie on pages that stage 2 does not map yet

#define WALK_REGIONS 8
#define WALK_VA(i) (ARENA_IPA + ((i) + 1) * 2 * MEGABYTE)

static u64 guest_walk(struct guest *guest) {
  u64 good = 0;
  for (unsigned i = 0; i < WALK_REGIONS; ++i) {
    *tables_entry(&guest->stage1, WALK_VA(i), 2) = (ARENA_IPA + i * PAGE_SIZE) | 3;
  }
  asm volatile("dsb ishst; isb" ::: "memory");
  for (unsigned i = 0; i < WALK_REGIONS; ++i) good += *(volatile u64 *)(WALK_VA(i) + 0x123 * 8) == 0x5a5a + i;
  return good;
}

static u64 walk_faults;

static bool count_s1ptw(struct vcpu *vcpu, unsigned ec) {
  walk_faults += ec == EC_DABT_LOWER && (vcpu->frame.esr & ISS_S1PTW);
  return false;
}

// The guest's table i is page i of the arena, in memory only; page WALK_REGIONS + i is what it leads to.
static struct vcpu *boot_walker(void) {
  struct vcpu *vcpu = boot_one(guest_walk);
  u8 *arena = (u8 *)vcpu->vm->arena;
  for (unsigned i = 0; i < WALK_REGIONS; ++i) {
    const u64 data = (WALK_REGIONS + i) * PAGE_SIZE;
    *(u64 *)(arena + i * PAGE_SIZE) = leaf_descriptor(ARENA_IPA + data, 3, S1_NORMAL | S1_PXN | S1_UXN);
    *(u64 *)(arena + data + 0x123 * 8) = 0x5a5a + i;
    tables_map(&vcpu->vm->stage2, ARENA_IPA + data, (u64)arena + data, PAGE_SIZE, 3, S2_NORMAL | S2_READ | S2_WRITE);
  }
  walk_faults = 0;
  return vcpu;
}

void bench_s1ptw(const char *name) {
  struct vcpu *vcpu = boot_walker();
  vcpu->on_trap = count_s1ptw;
  vcpu_run(vcpu);
  expect(name, "traps", WALK_REGIONS, vcpu->log.by_ec[EC_DABT_LOWER]);
  expect(name, "s1ptw", WALK_REGIONS, walk_faults);
  finish(name, vcpu, WALK_REGIONS);
}

// --- HCR_EL2.PTW: a stage-1 table in what stage 2 calls Device memory is a permission fault

static bool make_table_normal(struct vcpu *vcpu, unsigned ec) {
  const u64 esr = vcpu->frame.esr;
  if (ec != EC_DABT_LOWER || !(esr & ISS_S1PTW) || FSC_TYPE(ISS_FSC(esr)) != FSC_PERMISSION) return false;
  const u64 page = fault_ipa(vcpu) & ~(PAGE_SIZE - 1);
  u64 *leaf = tables_entry(&vcpu->vm->stage2, page, 3);
  *leaf = 0;  // break before make: the memory type changes
  tlb_flush_ipa(page);
  *leaf = leaf_descriptor(vm_physical(vcpu->vm, page), 3, S2_NORMAL | S2_READ | S2_WRITE);
  asm volatile("dsb ishst; isb" ::: "memory");
  ++walk_faults;
  return true;
}

void bench_ptw(const char *name) {
  struct vcpu *vcpu = boot_walker();
  tables_map(&vcpu->vm->stage2, ARENA_IPA, vcpu->vm->arena, WALK_REGIONS * PAGE_SIZE, 3,
             S2_DEVICE | S2_READ | S2_WRITE);
  vcpu->hcr |= HCR_PTW;
  vcpu->on_trap = make_table_normal;
  vcpu_run(vcpu);
  expect(name, "traps", WALK_REGIONS, vcpu->log.by_ec[EC_DABT_LOWER]);
  expect(name, "ptw", WALK_REGIONS, walk_faults);
  finish(name, vcpu, WALK_REGIONS);
}
