// A random walk through the registers of a GICv3: distributor, redistributor, ICC and ICH from EL2, ICV from EL1. After
// each step everything that can be read is folded into a digest; QEMU must come to the same one. Steps that the
// architecture leaves open are not taken: ends of interrupts are nested, binary points change while nothing is active.
#include "../lib/gicv3.h"

#include "../lib/check.h"
#include "../lib/digest.h"
#include "../lib/print.h"

#ifndef STEPS
#define STEPS 6000
#endif
#ifndef SEED
#define SEED 20261127
#endif
#define BLOCK 1000  // steps a line of output
#define SGIS 8u
#define FIRST_SPI 96u  // nothing is wired to these
#define SPIS 8u
#define SPI_WORD (4 * (FIRST_SPI / 32))
#define LIST_REGISTERS 4u
#define DEPTH 32u

static u64 state = SEED, digest = DIGEST_START;

static u32 dice(u32 sides) {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return (u32)(state >> 33) % sides;
}

void el2_exception(struct trap_frame *frame, unsigned vector) {
  panic("vector %u ESR 0x%lx ELR 0x%lx FAR 0x%lx", vector, frame->esr, frame->elr, frame->far);
}

static void sync_barrier(void) {
  dsb();
  isb();
}
static void write_byte(u64 address, u8 value) { asm volatile("strb %w0, [%1]" ::"r"(value), "r"(address) : "memory"); }
static void write_double(u64 address, u64 value) { asm volatile("str %0, [%1]" ::"r"(value), "r"(address) : "memory"); }

// What is active, by the register that it was acknowledged through.
struct active {
  u16 id;
  u8 group;
};
struct stack {
  struct active entries[DEPTH];
  u32 depth;
  u32 taken;  // ever
};
static struct stack running, virtually_running;
// Priority dropped, not yet deactivated.
static u16 dropped[DEPTH];
static u32 dropped_count;
static bool split;

static void push(struct stack *stack, u32 id, u32 group) {
  if (id >= 1020) return;
  if (stack->depth == DEPTH) panic("too deep");
  ++stack->taken;
  stack->entries[stack->depth++] = (struct active){(u16)id, (u8)group};
}

// ---- the physical side ---------------------------------------------------------------------------------------------

static u64 array_at(u64 gicd, bool spi) { return spi ? gicd + SPI_WORD : GICR_ARRAY(0, gicd); }

static void distributor_step(void) {
  static const u64 arrays[] = {GICD3_ISENABLER, GICD3_ISENABLER, GICD3_ICENABLER, GICD3_ISPENDR,
                               GICD3_ISPENDR,   GICD3_ISPENDR,   GICD3_ISPENDR,   GICD3_ICPENDR};
  const bool spi = dice(2);
  const u32 bit = 1u << dice(SGIS);
  switch (dice(8)) {
    case 0: {
      const u32 id = dice(SGIS);
      write_byte((spi ? GICD3_IPRIORITYR + FIRST_SPI : GICR_ARRAY(0, GICD3_IPRIORITYR)) + id, (u8)(dice(32) << 3));
      break;
    }
    case 1:
      mmio_write32(array_at(GICD3_IGROUPR, spi), dice(256));
      break;
    case 2:
      write_double(GICD3_IROUTER(FIRST_SPI + dice(SPIS)), dice(4) == 0);
      break;
    default:
      mmio_write32(array_at(arrays[dice(ARRAY_SIZE(arrays))], spi), bit);
  }
}

static void interface_step(void) {
  switch (dice(8)) {
    case 0:
      WRITE_SYSREG(ICC_PMR_EL1, dice(8) ? 0xff : dice(256));
      break;
    case 1:
      if (running.depth || dropped_count) break;
      WRITE_SYSREG(ICC_BPR0_EL1, dice(8));
      WRITE_SYSREG(ICC_BPR1_EL1, dice(8));
      split = dice(2);
      WRITE_SYSREG(ICC_CTLR_EL1, dice(2) | (u64)split << 1);
      break;
    case 2:
      WRITE_SYSREG(ICC_SGI1R_EL1, (u64)dice(SGIS) << 24 | 1u << dice(2));
      break;
    case 3:
      WRITE_SYSREG(ICC_SGI0R_EL1, (u64)dice(SGIS) << 24 | 1);
      break;
    case 4:
      if (running.depth < DEPTH) {
        const u32 id = (u32)READ_SYSREG(ICC_IAR0_EL1);
        digest = digest_fold(digest, id);
        push(&running, id, 0);
      }
      break;
    case 5:
      if (running.depth < DEPTH) {
        const u32 id = (u32)READ_SYSREG(ICC_IAR1_EL1);
        digest = digest_fold(digest, id);
        push(&running, id, 1);
      }
      break;
    case 6:
      if (running.depth == 0 || dropped_count == DEPTH) break;
      {
        const struct active last = running.entries[--running.depth];
        if (last.group) {
          WRITE_SYSREG(ICC_EOIR1_EL1, last.id);
        } else {
          WRITE_SYSREG(ICC_EOIR0_EL1, last.id);
        }
        if (split) dropped[dropped_count++] = last.id;
      }
      break;
    default:
      if (dropped_count) WRITE_SYSREG(ICC_DIR_EL1, dropped[--dropped_count]);
  }
}

static void fold_physical(void) {
  const u64 values[] = {
      READ_SYSREG(ICC_HPPIR0_EL1),
      READ_SYSREG(ICC_HPPIR1_EL1),
      READ_SYSREG(ICC_RPR_EL1),
      READ_SYSREG(ICC_PMR_EL1),
      READ_SYSREG(ICC_BPR0_EL1),
      READ_SYSREG(ICC_BPR1_EL1),
      READ_SYSREG(ICC_CTLR_EL1) & 3,
      READ_SYSREG(ICC_AP0R0_EL1),
      READ_SYSREG(ICC_AP1R0_EL1),
      READ_SYSREG(isr_el1),
      mmio_read32(GICD3_ISPENDR + SPI_WORD),
      mmio_read32(GICD3_ISACTIVER + SPI_WORD),
      mmio_read32(GICR_ARRAY(0, GICD3_ISPENDR)) & 0xffff,
      mmio_read32(GICR_ARRAY(0, GICD3_ISACTIVER)),
      mmio_read32(GICR_ARRAY(1, GICD3_ISPENDR)) & 0xffff,
  };
  for (u32 i = 0; i < ARRAY_SIZE(values); ++i) digest = digest_fold(digest, values[i]);
}

// ---- the virtual side ----------------------------------------------------------------------------------------------

#define MRS_X0 0xd5380000u  // op0 3, op1 0
#define MSR_X0 0xd5180000u
#define HVC_0 0xd4000002u
#define ENCODING(crn, crm, op2) ((u32)(crn) << 12 | (u32)(crm) << 8 | (u32)(op2) << 5)

static u32 el1_code[2] __attribute__((aligned(64)));

static u64 at_el1(u32 instruction, u64 x0) {
  struct trap_frame frame = {.elr = (u64)el1_code, .spsr = SPSR_EL1H | SPSR_DAIF};
  frame.x[0] = x0;
  el1_code[0] = instruction;
  el1_code[1] = HVC_0;
  asm volatile("dc cvau, %0; dsb ish; ic ivau, %0; dsb ish; isb" ::"r"(el1_code) : "memory");
  const unsigned vector = enter_lower_el(&frame);
  if (VECTOR_SLOT(vector) != SLOT_SYNC || ESR_EC(frame.esr) != EC_HVC64)
    panic("vector %u ESR 0x%lx", vector, frame.esr);
  return frame.x[0];
}

static u64 read_lr(u32 n) {
  switch (n) {
    case 0:
      return READ_SYSREG(ICH_LR0_EL2);
    case 1:
      return READ_SYSREG(ICH_LR1_EL2);
    case 2:
      return READ_SYSREG(ICH_LR2_EL2);
    default:
      return READ_SYSREG(ICH_LR3_EL2);
  }
}
static void write_lr(u32 n, u64 value) {
  switch (n) {
    case 0:
      WRITE_SYSREG(ICH_LR0_EL2, value);
      break;
    case 1:
      WRITE_SYSREG(ICH_LR1_EL2, value);
      break;
    case 2:
      WRITE_SYSREG(ICH_LR2_EL2, value);
      break;
    default:
      WRITE_SYSREG(ICH_LR3_EL2, value);
  }
}

// List register n holds INTID 40 + n, so that no two hold the same.
static void virtual_step(void) {
  const u32 n = dice(LIST_REGISTERS);
  switch (dice(8)) {
    case 0:
    case 1:
      if (LR3_STATE(read_lr(n)) < 2) {
        write_lr(n, (u64)(dice(4) != 0) << 62 | (u64)dice(2) << 60 | (u64)dice(2) << 41 | LR3_PRIORITY(dice(32) << 3) |
                        (40 + n));
      }
      break;
    case 2:
      WRITE_SYSREG(ICH_HCR_EL2, ICH_HCR_EN | dice(256));
      break;
    case 3:
      at_el1(MSR_X0 | ENCODING(4, 6, 0), dice(8) ? 0xf8 : dice(32) << 3);
      break;
    case 4:
      if (virtually_running.depth) break;
      at_el1(MSR_X0 | ENCODING(12, 8, 3), dice(8));
      at_el1(MSR_X0 | ENCODING(12, 12, 3), dice(8));
      at_el1(MSR_X0 | ENCODING(12, 12, 4), dice(2));
      break;
    case 5: {
      const u32 group = dice(2);
      const u64 id = at_el1(MRS_X0 | (group ? ENCODING(12, 12, 0) : ENCODING(12, 8, 0)), 0);
      digest = digest_fold(digest, id);
      push(&virtually_running, (u32)id, group);
      break;
    }
    default:
      if (virtually_running.depth == 0) break;
      {
        const struct active last = virtually_running.entries[--virtually_running.depth];
        at_el1(MSR_X0 | (last.group ? ENCODING(12, 12, 1) : ENCODING(12, 8, 1)), last.id);
      }
  }
}

static void fold_virtual(void) {
  const u64 values[] = {
      READ_SYSREG(ICH_HCR_EL2),   READ_SYSREG(ICH_VMCR_EL2),  READ_SYSREG(ICH_MISR_EL2),  READ_SYSREG(ICH_EISR_EL2),
      READ_SYSREG(ICH_ELRSR_EL2), READ_SYSREG(ICH_AP0R0_EL2), READ_SYSREG(ICH_AP1R0_EL2),
  };
  for (u32 i = 0; i < ARRAY_SIZE(values); ++i) digest = digest_fold(digest, values[i]);
  for (u32 n = 0; n < LIST_REGISTERS; ++n) digest = digest_fold(digest, read_lr(n));
  digest = digest_fold(digest, at_el1(MRS_X0 | ENCODING(12, 1, 0), 0));   // ISR_EL1
  digest = digest_fold(digest, at_el1(MRS_X0 | ENCODING(12, 8, 2), 0));   // ICV_HPPIR0_EL1
  digest = digest_fold(digest, at_el1(MRS_X0 | ENCODING(12, 12, 2), 0));  // ICV_HPPIR1_EL1
  digest = digest_fold(digest, at_el1(MRS_X0 | ENCODING(12, 11, 3), 0));  // ICV_RPR_EL1
}

static void start(void) {
  mmio_write32(GICD3_CTLR, GICD3_CTLR_ARE | GICD3_CTLR_GROUP0 | GICD3_CTLR_GROUP1);
  for (unsigned cpu = 0; cpu < 2; ++cpu) mmio_write32(GICR_BASE(cpu) + GICR_WAKER, 0);
  mmio_write32(GICR_ARRAY(1, GICD3_IGROUPR), 0xffffffff);
  mmio_write32(GICD3_ICFGR + FIRST_SPI / 4, 0xaaaaaaaa);  // edge
  WRITE_SYSREG(ICC_SRE_EL2, 0xf);
  WRITE_SYSREG(ICC_PMR_EL1, 0xff);
  WRITE_SYSREG(ICC_IGRPEN0_EL1, 1);
  WRITE_SYSREG(ICC_IGRPEN1_EL1, 1);
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_RES1);
  sync_barrier();
}

// The physical side alone, then the virtual side alone: a physical interrupt would end the visits to EL1.
static void walk(const char *name, void (*step)(void), void (*fold)(void)) {
  for (u32 done = 0; done < STEPS; ++done) {
    step();
    sync_barrier();
    fold();
#ifdef EVERY_STEP
    print("%u 0x%lx\n", done, digest);
#endif
    if ((done + 1) % BLOCK == 0) print("digest: %s %u 0x%lx\n", name, done + 1, digest);
  }
}

static void physical_step(void) {
  if (dice(2)) {
    interface_step();
  } else {
    distributor_step();
  }
}

int main(void) {
  WRITE_SYSREG(hcr_el2, HCR_RW | HCR_IMO | HCR_FMO);
  isb();
  start();
  walk("physical", physical_step, fold_physical);
  WRITE_SYSREG(ICC_IGRPEN0_EL1, 0);
  WRITE_SYSREG(ICC_IGRPEN1_EL1, 0);
  WRITE_SYSREG(ICH_HCR_EL2, ICH_HCR_EN);
  WRITE_SYSREG(ICH_VMCR_EL2, 0xf8ull << 24 | 3);
  sync_barrier();
  walk("virtual", virtual_step, fold_virtual);
  // The walk got somewhere.
  check("physical.many_taken", 1, running.taken > STEPS / 50);
  check("virtual.many_taken", 1, virtually_running.taken > STEPS / 50);
  check_summary();
  return 0;
}
