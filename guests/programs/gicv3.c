// GICv3 from EL2: distributor, redistributors, ICC by polling with PSTATE.I set and as IRQ and FIQ; SGIs by affinity
// (core 1 need not run: its redistributor shows what is pending); list registers and ICV from EL1; every trap of
// ICH_HCR_EL2; maintenance interrupts; LPIs through the ITS.
#include "../lib/gicv3.h"

#include "../lib/check.h"
#include "../lib/digest.h"
#include "../lib/print.h"

#define SPI 100u  // nothing is wired to it
#define IDLE_PRIORITY 0xffu
#define GICR_TYPER_COMPARED 0xffffffff00ffff11ull  // affinity, Processor_Number, Last, PLPIS

static struct trap_log log;
static volatile u32 taken_intid, taken_slot;

// Called by el2_vectors.
void el2_exception(struct trap_frame *frame, unsigned vector) {
  trap_log_add(&log, frame, vector);
  if (VECTOR_SLOT(vector) == SLOT_SYNC) panic("ESR 0x%lx ELR 0x%lx FAR 0x%lx", frame->esr, frame->elr, frame->far);
  taken_slot = VECTOR_SLOT(vector);
  if (taken_slot == SLOT_FIQ) {
    taken_intid = READ_SYSREG(ICC_IAR0_EL1);
    WRITE_SYSREG(ICC_EOIR0_EL1, taken_intid);
  } else {
    taken_intid = READ_SYSREG(ICC_IAR1_EL1);
    WRITE_SYSREG(ICC_EOIR1_EL1, taken_intid);
  }
}

static u64 mmio_read64(u64 address) {
  u64 value;
  asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}
static void mmio_write64(u64 address, u64 value) { asm volatile("str %0, [%1]" ::"r"(value), "r"(address) : "memory"); }
static void write_byte(u64 address, u8 value) { asm volatile("strb %w0, [%1]" ::"r"(value), "r"(address) : "memory"); }

// ---- physical interrupts -------------------------------------------------------------------------------------------

// The place of INTID `id` in an array that begins at `gicd`: SGIs and PPIs are core 0's redistributor's.
static u64 array_of(u64 gicd, unsigned id) { return id < 32 ? GICR_ARRAY(0, gicd) : gicd; }
static u64 word_of(u64 gicd, unsigned id) { return array_of(gicd, id) + 4 * (id / 32); }
static void set(u64 gicd, unsigned id) { mmio_write32(word_of(gicd, id), 1u << id % 32); }
static bool is_set(u64 gicd, unsigned id) { return mmio_read32(word_of(gicd, id)) >> id % 32 & 1; }
static void set_group(unsigned id, unsigned group) {
  const u64 word = word_of(GICD3_IGROUPR, id);
  mmio_write32(word, (mmio_read32(word) & ~(1u << id % 32)) | group << id % 32);
}
static void enable(unsigned id, unsigned group, u8 priority) {
  set_group(id, group);
  write_byte(array_of(GICD3_IPRIORITYR, id) + id, priority);
  set(GICD3_ISENABLER, id);
}
static void sync_barrier(void) {
  dsb();
  isb();
}
// To core `aff0` of cluster 0.0.0.
static u64 sgi(unsigned id, unsigned aff0) { return (u64)id << 24 | 1u << aff0; }
static void send(unsigned id) {
  WRITE_SYSREG(ICC_SGI1R_EL1, sgi(id, 0));
  sync_barrier();
}
static u64 acknowledge(void) {
  const u64 id = READ_SYSREG(ICC_IAR1_EL1);
  dsb();
  return id;
}
static void end(u64 id) {
  WRITE_SYSREG(ICC_EOIR1_EL1, id);
  sync_barrier();
}
static u64 running(void) { return READ_SYSREG(ICC_RPR_EL1); }

static void start(void) {
  mmio_write32(GICD3_CTLR, GICD3_CTLR_ARE | GICD3_CTLR_GROUP0 | GICD3_CTLR_GROUP1);
  for (unsigned cpu = 0; cpu < 2; ++cpu) mmio_write32(GICR_BASE(cpu) + GICR_WAKER, 0);
  WRITE_SYSREG(ICC_SRE_EL2, 0xf);
  WRITE_SYSREG(ICC_PMR_EL1, 0xff);
  WRITE_SYSREG(ICC_IGRPEN0_EL1, 1);
  WRITE_SYSREG(ICC_IGRPEN1_EL1, 1);
  isb();
}

static void identification(void) {
  check_hex("sre", 7, READ_SYSREG(ICC_SRE_EL1));
  check_hex("one_security_state", GICD3_CTLR_ARE | BIT(6) | 3, mmio_read32(GICD3_CTLR));
  check_divergent("spis", 8, 7, mmio_read32(GICD3_TYPER) & 0x1f);  // 288 INTIDs
  check("lpis", 1, mmio_read32(GICD3_TYPER) >> 17 & 1);
  check_hex("redistributor.0", 0x0000000000000001, mmio_read64(GICR_BASE(0) + GICR_TYPER) & GICR_TYPER_COMPARED);
  check_hex("redistributor.1", 0x0000000100000111, mmio_read64(GICR_BASE(1) + GICR_TYPER) & GICR_TYPER_COMPARED);
  check("list_registers", 4, (READ_SYSREG(ICH_VTR_EL2) & 0x1f) + 1);
  check("priority_bits", 5, (READ_SYSREG(ICC_CTLR_EL1) >> 8 & 7) + 1);
  check("spurious_when_idle", INTID_SPURIOUS, acknowledge());
  check_hex("idle_priority", IDLE_PRIORITY, running());
}

static void priorities(void) {
  static const u8 priority[] = {0x60, 0x40, 0x20, 0x80, 0x40};  // of SGI 1 and on
  static const u32 order[] = {3, 2, 5, 1, 4};                   // equal priorities: the lower INTID first
  for (unsigned i = 0; i < ARRAY_SIZE(priority); ++i) enable(i + 1, 1, priority[i]);
  for (unsigned i = 0; i < ARRAY_SIZE(priority); ++i) send(i + 1);
  for (unsigned i = 0; i < ARRAY_SIZE(order); ++i) {
    check("highest_pending", order[i], READ_SYSREG(ICC_HPPIR1_EL1));
    check("order", order[i], acknowledge());
    check_hex("running_priority", priority[order[i] - 1], running());
    end(order[i]);
  }
  WRITE_SYSREG(ICC_PMR_EL1, 0x80);
  send(4);
  check("masked_at_equal_priority", INTID_SPURIOUS, acknowledge());
  check("masked_stays_pending", 1, is_set(GICD3_ISPENDR, 4));
  WRITE_SYSREG(ICC_PMR_EL1, 0xff);
  check("unmasked", 4, acknowledge());
  end(4);
}

static void preemption(void) {
  enable(1, 1, 0x80);
  enable(2, 1, 0x40);
  enable(3, 1, 0xa0);
  send(1);
  check("first", 1, acknowledge());
  send(3);
  check("lower_does_not_preempt", INTID_SPURIOUS, acknowledge());
  send(2);
  check("higher_preempts", 2, acknowledge());
  check_hex("nested_running_priority", 0x40, running());
  end(2);
  check_hex("dropped_running_priority", 0x80, running());
  end(1);
  check("then_the_lower", 3, acknowledge());
  end(3);
  // Group 1's binary point 7: the group priority is bit [7] alone.
  WRITE_SYSREG(ICC_BPR1_EL1, 7);
  enable(1, 1, 0xa0);
  enable(2, 1, 0x80);
  enable(3, 1, 0x40);
  send(1);
  check("bpr.first", 1, acknowledge());
  send(2);
  check("bpr.same_group_does_not_preempt", INTID_SPURIOUS, acknowledge());
  send(3);
  check("bpr.other_group_preempts", 3, acknowledge());
  end(3);
  end(1);
  check("bpr.then", 2, acknowledge());
  end(2);
  WRITE_SYSREG(ICC_BPR1_EL1, 0);
  check("bpr.smallest", 3, READ_SYSREG(ICC_BPR1_EL1));
  WRITE_SYSREG(ICC_BPR0_EL1, 0);
  check("bpr0.smallest", 2, READ_SYSREG(ICC_BPR0_EL1));
  WRITE_SYSREG(ICC_CTLR_EL1, ICC_CTLR_CBPR);
  check("bpr.common", 3, READ_SYSREG(ICC_BPR1_EL1));
  WRITE_SYSREG(ICC_CTLR_EL1, 0);
}

static void split_end_of_interrupt(void) {
  WRITE_SYSREG(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
  enable(1, 1, 0x80);
  send(1);
  check("split.acknowledge", 1, acknowledge());
  check("split.active", 1, is_set(GICD3_ISACTIVER, 1));
  end(1);
  check_hex("split.dropped", IDLE_PRIORITY, running());
  check("split.still_active", 1, is_set(GICD3_ISACTIVER, 1));
  send(1);
  check("split.active_is_not_given_again", INTID_SPURIOUS, acknowledge());
  WRITE_SYSREG(ICC_DIR_EL1, 1);
  sync_barrier();
  check("split.deactivated", 1, acknowledge());
  end(1);
  WRITE_SYSREG(ICC_DIR_EL1, 1);
  sync_barrier();
  check("split.inactive", 0, is_set(GICD3_ISACTIVER, 1));
  WRITE_SYSREG(ICC_CTLR_EL1, 0);
}

static void groups(void) {
  enable(5, 0, 0x40);
  send(5);
  check("group.sgi1r_sends_no_group_0", INTID_SPURIOUS, READ_SYSREG(ICC_HPPIR0_EL1));
  WRITE_SYSREG(ICC_SGI0R_EL1, sgi(5, 0));
  sync_barrier();
  check("group.not_by_iar1", INTID_SPURIOUS, acknowledge());
  check("group.by_iar0", 5, READ_SYSREG(ICC_IAR0_EL1));
  WRITE_SYSREG(ICC_EOIR1_EL1, 5);
  check_hex("group.not_ended_by_eoir1", 0x40, running());
  WRITE_SYSREG(ICC_EOIR0_EL1, 5);
  check_hex("group.ended", IDLE_PRIORITY, running());
}

static void shared_peripheral(void) {
  mmio_write64(GICD3_IROUTER(SPI), 0);
  mmio_write32(GICD3_ICFGR + 4 * (SPI / 16), 2u << (2 * (SPI % 16)));  // edge
  set_group(SPI, 1);
  set(GICD3_ISPENDR, SPI);
  check("spi.disabled", INTID_SPURIOUS, acknowledge());
  check("spi.pending", 1, is_set(GICD3_ISPENDR, SPI));
  set(GICD3_ICPENDR, SPI);
  enable(SPI, 1, 0x80);
  check("spi.cleared", INTID_SPURIOUS, acknowledge());
  set(GICD3_ISPENDR, SPI);
  check("spi.taken", SPI, acknowledge());
  check("spi.no_longer_pending", 0, is_set(GICD3_ISPENDR, SPI));
  check("spi.active", 1, is_set(GICD3_ISACTIVER, SPI));
  end(SPI);
  check("spi.inactive", 0, is_set(GICD3_ISACTIVER, SPI));
  mmio_write64(GICD3_IROUTER(SPI), 1);
  set(GICD3_ISPENDR, SPI);
  check("spi.elsewhere", INTID_SPURIOUS, acknowledge());
  mmio_write64(GICD3_IROUTER(SPI), 0);
  check("spi.back", SPI, acknowledge());
  end(SPI);
  set(GICD3_ICENABLER, SPI);
}

static u32 pending_at_core_1(void) { return mmio_read32(GICR_ARRAY(1, GICD3_ISPENDR)) & 0xffff; }

static void affinity(void) {
  mmio_write32(GICR_ARRAY(1, GICD3_IGROUPR), 0xffffffff);
  WRITE_SYSREG(ICC_SGI1R_EL1, sgi(6, 1));
  sync_barrier();
  check_hex("affinity.list", BIT(6), pending_at_core_1());
  WRITE_SYSREG(ICC_SGI1R_EL1, sgi(7, 1) | BIT(16));  // Aff1 = 1: nobody
  WRITE_SYSREG(ICC_SGI1R_EL1, sgi(8, 1) | BIT(32));  // Aff2 = 1
  WRITE_SYSREG(ICC_SGI1R_EL1, sgi(9, 1) | BIT(48));  // Aff3 = 1
  WRITE_SYSREG(ICC_SGI0R_EL1, sgi(10, 1));           // configured in the other group
  sync_barrier();
  check_hex("affinity.others", BIT(6), pending_at_core_1());
  WRITE_SYSREG(ICC_SGI1R_EL1, (u64)11 << 24 | BIT(40));  // IRM: all but this one
  sync_barrier();
  check_hex("affinity.all_others", BIT(6) | BIT(11), pending_at_core_1());
  check("affinity.not_self", 0, is_set(GICD3_ISPENDR, 11));
  mmio_write32(GICR_ARRAY(1, GICD3_ICPENDR), 0xffff);
  check_hex("affinity.cleared", 0, pending_at_core_1());
}

static void as_exceptions(void) {
  enable(4, 1, 0x80);
  enable(5, 0, 0x80);
  asm volatile("msr daifclr, #3" ::: "memory");
  send(4);
  for (u32 tries = 0; taken_intid != 4 && tries < 100000; ++tries) isb();
  check("irq.intid", 4, taken_intid);
  check("irq.slot", SLOT_IRQ, taken_slot);
  WRITE_SYSREG(ICC_SGI0R_EL1, sgi(5, 0));
  for (u32 tries = 0; taken_intid != 5 && tries < 100000; ++tries) isb();
  check("fiq.intid", 5, taken_intid);
  check("fiq.slot", SLOT_FIQ, taken_slot);
  asm volatile("msr daifset, #3" ::: "memory");
}

// ---- EL1: one instruction at a time --------------------------------------------------------------------------------

#define MRS_X0 0xd5380000u  // op0 3, op1 0
#define MSR_X0 0xd5180000u
#define HVC_0 0xd4000002u
#define ENCODING(crn, crm, op2) ((u32)(crn) << 12 | (u32)(crm) << 8 | (u32)(op2) << 5)
#define EL1_PMR ENCODING(4, 6, 0)
#define EL1_IAR0 ENCODING(12, 8, 0)
#define EL1_IAR1 ENCODING(12, 12, 0)
#define EL1_EOIR1 ENCODING(12, 12, 1)
#define EL1_HPPIR1 ENCODING(12, 12, 2)
#define EL1_CTLR ENCODING(12, 12, 4)
#define EL1_DIR ENCODING(12, 11, 1)
#define EL1_RPR ENCODING(12, 11, 3)
#define EL1_IGRPEN0 ENCODING(12, 12, 6)
#define EL1_IGRPEN1 ENCODING(12, 12, 7)
#define EL1_ISR ENCODING(12, 1, 0)

static u32 el1_code[2] __attribute__((aligned(64)));

// Runs one instruction at EL1, MMU off, with x0; true when it was executed and not trapped.
static bool at_el1(u32 instruction, u64 *x0) {
  struct trap_frame frame = {.elr = (u64)el1_code, .spsr = SPSR_EL1H | SPSR_DAIF};
  frame.x[0] = *x0;
  el1_code[0] = instruction;
  el1_code[1] = HVC_0;
  asm volatile("dc cvau, %0; dsb ish; ic ivau, %0; dsb ish; isb" ::"r"(el1_code) : "memory");
  const unsigned vector = enter_lower_el(&frame);
  trap_log_add(&log, &frame, vector);
  *x0 = frame.x[0];
  return ESR_EC(frame.esr) == EC_HVC64;
}
static u64 el1_read(u32 encoding) {
  u64 value = 0xdead;
  if (!at_el1(MRS_X0 | encoding, &value)) panic("trapped: %x", encoding);
  return value;
}
static void el1_write(u32 encoding, u64 value) {
  if (!at_el1(MSR_X0 | encoding, &value)) panic("trapped: %x", encoding);
}

static bool maintenance(void) {
  sync_barrier();
  return is_set(GICD3_ISPENDR, INTID_MAINTENANCE);
}
static u64 lr0_state(void) { return LR3_STATE(READ_SYSREG(ICH_LR0_EL2)); }

static void list_registers(void) {
  WRITE_SYSREG(hcr_el2, HCR_RW | HCR_IMO | HCR_FMO);
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_RES1);
  WRITE_SYSREG(ICH_HCR_EL2, ICH_HCR_EN);
  WRITE_SYSREG(ICH_VMCR_EL2, 0xf8ull << 24);
  isb();
  el1_write(EL1_IGRPEN1, 1);
  el1_write(EL1_IGRPEN0, 1);
  check_hex("lr.vmcr", 0xf84c000b, READ_SYSREG(ICH_VMCR_EL2));
  check("lr.none", INTID_SPURIOUS, el1_read(EL1_IAR1));
  WRITE_SYSREG(ICH_LR0_EL2, LR3_PENDING | LR3_GROUP1 | LR3_PRIORITY(0x80) | 40);
  WRITE_SYSREG(ICH_LR1_EL2, LR3_PENDING | LR3_PRIORITY(0x90) | 41);
  check_hex("lr.isr", BIT(7), el1_read(EL1_ISR));
  check("lr.hppir1", 40, el1_read(EL1_HPPIR1));
  check("lr.other_group", INTID_SPURIOUS, el1_read(EL1_IAR0));
  check("lr.iar1", 40, el1_read(EL1_IAR1));
  check("lr.active", 2, lr0_state());
  check_hex("lr.rpr", 0x80, el1_read(EL1_RPR));
  check_hex("lr.apr", BIT(16), READ_SYSREG(ICH_AP1R0_EL2));
  check_hex("lr.elrsr", 0xc, READ_SYSREG(ICH_ELRSR_EL2));
  el1_write(EL1_EOIR1, 40);
  check("lr.invalid", 0, lr0_state());
  check_hex("lr.isr.fiq", BIT(6), el1_read(EL1_ISR));
  check("lr.iar0", 41, el1_read(EL1_IAR0));
  el1_write(ENCODING(12, 8, 1), 41);
  check_hex("lr.all_empty", 0xf, READ_SYSREG(ICH_ELRSR_EL2));
  el1_write(EL1_PMR, 0x80);
  WRITE_SYSREG(ICH_LR0_EL2, LR3_PENDING | LR3_GROUP1 | LR3_PRIORITY(0x80) | 40);
  check("lr.masked", INTID_SPURIOUS, el1_read(EL1_IAR1));
  el1_write(EL1_PMR, 0xff);
  el1_write(EL1_CTLR, ICC_CTLR_EOIMODE);
  check("lr.split", 40, el1_read(EL1_IAR1));
  el1_write(EL1_EOIR1, 40);
  check("lr.split.active", 2, lr0_state());
  el1_write(EL1_DIR, 40);
  check("lr.split.invalid", 0, lr0_state());
  el1_write(EL1_CTLR, 0);
}

static void hardware_link(void) {
  mmio_write64(GICD3_IROUTER(SPI), 0);
  set(GICD3_ISACTIVER, SPI);
  WRITE_SYSREG(ICH_LR0_EL2, LR3_PENDING | LR3_HW | LR3_GROUP1 | LR3_PRIORITY(0x80) | LR3_PHYSICAL_ID(SPI) | 50);
  check("hw.iar1", 50, el1_read(EL1_IAR1));
  check("hw.active", 1, is_set(GICD3_ISACTIVER, SPI));
  el1_write(EL1_EOIR1, 50);
  check("hw.deactivated", 0, is_set(GICD3_ISACTIVER, SPI));
}

static void maintenance_interrupts(void) {
  check("maintenance.idle", 0, maintenance());
  WRITE_SYSREG(ICH_LR0_EL2, LR3_PENDING | LR3_GROUP1 | LR3_EOI | LR3_PRIORITY(0x80) | 40);
  el1_read(EL1_IAR1);
  check("maintenance.before_eoi", 0, maintenance());
  el1_write(EL1_EOIR1, 40);
  check_hex("maintenance.eoi", ICH_MISR_EOI, READ_SYSREG(ICH_MISR_EL2));
  check_hex("maintenance.eisr", 1, READ_SYSREG(ICH_EISR_EL2));
  check_hex("maintenance.eoi.elrsr", 0xe, READ_SYSREG(ICH_ELRSR_EL2));
  check("maintenance.eoi.ppi", 1, maintenance());
  WRITE_SYSREG(ICH_LR0_EL2, 0);
  check("maintenance.eoi.gone", 0, maintenance());

  static const struct {
    const char *name;
    u64 enable;
    u64 misr;
  } causes[] = {
      {"maintenance.underflow", ICH_HCR_UIE, BIT(1)},
      {"maintenance.no_pending", ICH_HCR_NPIE, BIT(3)},
      {"maintenance.group_0_enabled", ICH_HCR_VGRP0EIE, BIT(4)},
      {"maintenance.group_0_disabled", ICH_HCR_VGRP0DIE, 0},
      {"maintenance.group_1_enabled", ICH_HCR_VGRP1EIE, BIT(6)},
      {"maintenance.group_1_disabled", ICH_HCR_VGRP1DIE, 0},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(causes); ++i) {
    WRITE_SYSREG(ICH_HCR_EL2, ICH_HCR_EN | causes[i].enable);
    check_hex(causes[i].name, causes[i].misr, READ_SYSREG(ICH_MISR_EL2));
    check("maintenance.ppi", causes[i].misr != 0, maintenance());
  }
  WRITE_SYSREG(ICH_HCR_EL2, ICH_HCR_UIE);
  check("maintenance.disabled", 0, maintenance());
  // An EOI without a list register.
  WRITE_SYSREG(ICH_HCR_EL2, ICH_HCR_EN | ICH_HCR_LRENPIE);
  WRITE_SYSREG(ICH_AP1R0_EL2, BIT(16));
  check("maintenance.lrenp.before", 0, maintenance());
  el1_write(EL1_EOIR1, 60);
  check("maintenance.eoicount", 1, ICH_HCR_EOICOUNT(READ_SYSREG(ICH_HCR_EL2)));
  check_hex("maintenance.lrenp", BIT(2), READ_SYSREG(ICH_MISR_EL2));
  check("maintenance.lrenp.ppi", 1, maintenance());
  WRITE_SYSREG(ICH_HCR_EL2, ICH_HCR_EN);
  check("maintenance.end", 0, maintenance());
}

// Every ICC register that EL1 can reach, by the group of registers that traps together.
enum kind { COMMON, DEACTIVATE, GROUP0, GROUP1, SGI };
enum { R = 1, W = 2 };
static const struct {
  u32 encoding;
  u8 kind, has;
} registers[] = {
    {ENCODING(4, 6, 0), COMMON, R | W},   {ENCODING(12, 8, 0), GROUP0, R},      {ENCODING(12, 8, 1), GROUP0, W},
    {ENCODING(12, 8, 2), GROUP0, R},      {ENCODING(12, 8, 3), GROUP0, R | W},  {ENCODING(12, 8, 4), GROUP0, R | W},
    {ENCODING(12, 9, 0), GROUP1, R | W},  {ENCODING(12, 11, 1), DEACTIVATE, W}, {ENCODING(12, 11, 3), COMMON, R},
    {ENCODING(12, 11, 5), SGI, W},        {ENCODING(12, 11, 6), SGI, W},        {ENCODING(12, 11, 7), SGI, W},
    {ENCODING(12, 12, 0), GROUP1, R},     {ENCODING(12, 12, 1), GROUP1, W},     {ENCODING(12, 12, 2), GROUP1, R},
    {ENCODING(12, 12, 3), GROUP1, R | W}, {ENCODING(12, 12, 4), COMMON, R | W}, {ENCODING(12, 12, 6), GROUP0, R | W},
    {ENCODING(12, 12, 7), GROUP1, R | W},
};

static void traps(void) {
  static const struct {
    const char *name;
    u64 bit;
    u32 kinds;  // that trap, beside SGI registers, which HCR_EL2.IMO and FMO trap
  } settings[] = {
      {"none", 0, 0},
      {"TC", ICH_HCR_TC, BIT(COMMON) | BIT(DEACTIVATE)},
      {"TALL0", ICH_HCR_TALL0, BIT(GROUP0)},
      {"TALL1", ICH_HCR_TALL1, BIT(GROUP1)},
      {"TSEI", ICH_HCR_TSEI, 0},
      {"TDIR", ICH_HCR_TDIR, BIT(DEACTIVATE)},
  };
  for (unsigned s = 0; s < ARRAY_SIZE(settings); ++s) {
    u64 expected = 0, got = 0;
    WRITE_SYSREG(ICH_HCR_EL2, ICH_HCR_EN | settings[s].bit);
    isb();
    for (unsigned i = 0; i < ARRAY_SIZE(registers); ++i) {
      for (unsigned write = 0; write < 2; ++write) {
        if (!(registers[i].has & (write ? W : R))) continue;
        u64 x0 = 0;
        const bool trapped = !at_el1((write ? MSR_X0 : MRS_X0) | registers[i].encoding, &x0);
        const bool traps = registers[i].kind == SGI || (settings[s].kinds >> registers[i].kind & 1);
        expected |= (u64)traps << (2 * i + write);
        got |= (u64)trapped << (2 * i + write);
      }
    }
    print("traps by ICH_HCR_EL2.%s\n", settings[s].name);
    check_hex("traps", expected, got);
  }
  WRITE_SYSREG(ICH_HCR_EL2, 0);
}

// ---- LPIs and the ITS ----------------------------------------------------------------------------------------------

#define EVENT_BITS 4
static u8 properties[0x10000] __attribute__((aligned(0x10000)));
static u8 pending[2][0x10000] __attribute__((aligned(0x10000)));
static u8 devices[0x10000] __attribute__((aligned(0x10000)));
static u8 collections[0x10000] __attribute__((aligned(0x10000)));
static u8 itt[0x1000] __attribute__((aligned(0x1000)));
static u64 queue[0x1000 / 8] __attribute__((aligned(0x10000)));

static void command(u64 a, u64 b, u64 c, u64 d) {
  u64 at = mmio_read64(GITS_CWRITER);
  queue[at / 8] = a;
  queue[at / 8 + 1] = b;
  queue[at / 8 + 2] = c;
  queue[at / 8 + 3] = d;
  at = (at + 32) % sizeof(queue);
  dsb();
  mmio_write64(GITS_CWRITER, at);
  for (u32 tries = 0; mmio_read64(GITS_CREADR) != at; ++tries) {
    if (tries == 100000) panic("command 0x%lx does not end", a);
  }
}
static void mapd(u32 device, bool valid) {
  command(0x08 | (u64)device << 32, EVENT_BITS - 1, (u64)itt | (valid ? GITS_VALID : 0), 0);
}
static void mapc(u16 collection, u64 cpu) { command(0x09, 0, GITS_VALID | cpu << 16 | collection, 0); }
static void mapti(u32 device, u32 event, u32 intid, u16 collection) {
  command(0x0a | (u64)device << 32, event | (u64)intid << 32, collection, 0);
}
static void event_command(u8 opcode, u32 device, u32 event) { command(opcode | (u64)device << 32, event, 0, 0); }
static void movi(u32 device, u32 event, u16 collection) { command(0x01 | (u64)device << 32, event, collection, 0); }
static void movall(u64 from, u64 to) { command(0x0e, 0, from << 16, to << 16); }
static void property(u32 intid, u8 value) {
  ((volatile u8 *)properties)[intid - FIRST_LPI] = value;
  dsb();
}

static void lpis(void) {
  const u32 lpi = FIRST_LPI + 8;
  for (unsigned cpu = 0; cpu < 2; ++cpu) {
    mmio_write64(GICR_BASE(cpu) + GICR_PROPBASER, (u64)properties | 15);
    mmio_write64(GICR_BASE(cpu) + GICR_PENDBASER, (u64)pending[cpu]);
    mmio_write32(GICR_BASE(cpu) + GICR_CTLR, 1);
  }
  check("its.physical", 1, mmio_read64(GITS_TYPER) & 1);
  check("its.devices", 1, mmio_read64(GITS_BASER(0)) >> 56 & 7);
  check("its.collections", 4, mmio_read64(GITS_BASER(1)) >> 56 & 7);
  mmio_write64(GITS_BASER(0), GITS_VALID | (u64)devices | 2 << 8);
  mmio_write64(GITS_BASER(1), GITS_VALID | (u64)collections | 2 << 8);
  mmio_write64(GITS_CBASER, GITS_VALID | (u64)queue);
  mmio_write64(GITS_CWRITER, 0);
  mmio_write32(GITS_CTLR, 1);
  property(lpi, 0xa0 | 1);
  property(lpi + 1, 0x40 | 1);
  mapd(0, true);
  mapc(0, 0);
  mapc(1, 1);
  mapti(0, 0, lpi, 0);
  mapti(0, 1, lpi + 1, 0);
  command(0x05, 0, 0, 0);  // SYNC

  event_command(0x03, 0, 0);  // INT
  check("lpi.pending", lpi, READ_SYSREG(ICC_HPPIR1_EL1));
  event_command(0x03, 0, 1);
  check("lpi.priority", lpi + 1, acknowledge());
  check_hex("lpi.running", 0x40, running());
  check("lpi.lower_waits", INTID_SPURIOUS, acknowledge());
  end(lpi + 1);
  check("lpi.then", lpi, acknowledge());
  event_command(0x03, 0, 0);
  end(lpi);
  check("lpi.again", lpi, acknowledge());
  end(lpi);
  check_hex("lpi.idle", IDLE_PRIORITY, running());

  mmio_write32(GITS_TRANSLATER, 1);  // DeviceID 0: this core is no device
  check("lpi.message", lpi + 1, acknowledge());
  end(lpi + 1);
  mmio_write32(GITS_TRANSLATER, 5);
  check("lpi.unmapped_event", INTID_SPURIOUS, acknowledge());
  mmio_write32(GITS_TRANSLATER, 1u << EVENT_BITS);
  check("lpi.event_out_of_range", INTID_SPURIOUS, acknowledge());

  event_command(0x03, 0, 0);
  event_command(0x04, 0, 0);  // CLEAR
  check("lpi.cleared", INTID_SPURIOUS, acknowledge());
  property(lpi, 0xa0);
  event_command(0x0c, 0, 0);  // INV
  event_command(0x03, 0, 0);
  check("lpi.disabled", INTID_SPURIOUS, acknowledge());
  property(lpi, 0x60 | 1);
  event_command(0x0c, 0, 0);
  check("lpi.enabled", lpi, acknowledge());
  check_hex("lpi.new_priority", 0x60, running());
  end(lpi);

  event_command(0x03, 0, 0);
  movi(0, 0, 1);
  check("lpi.moved_away", INTID_SPURIOUS, acknowledge());
  movi(0, 0, 0);
  check("lpi.moved_back", lpi, acknowledge());
  end(lpi);
  event_command(0x03, 0, 0);
  movall(0, 1);
  check("lpi.all_moved_away", INTID_SPURIOUS, acknowledge());
  movall(1, 0);
  check("lpi.all_moved_back", lpi, acknowledge());
  end(lpi);

  event_command(0x03, 0, 0);
  event_command(0x0f, 0, 0);  // DISCARD
  check("lpi.discarded", INTID_SPURIOUS, acknowledge());
  event_command(0x03, 0, 0);
  check("lpi.unmapped", INTID_SPURIOUS, acknowledge());
  mapd(0, false);
  event_command(0x03, 0, 1);
  check("lpi.device_unmapped", INTID_SPURIOUS, acknowledge());
  command(0xff, 0, 0, 0);
  mapc(7, 9);  // no such core
  check("lpi.queue_goes_on", mmio_read64(GITS_CWRITER), mmio_read64(GITS_CREADR));
}

int main(void) {
  trap_log_clear(&log);
  WRITE_SYSREG(hcr_el2, HCR_RW | HCR_IMO | HCR_FMO);
  isb();
  start();
  identification();
  priorities();
  preemption();
  split_end_of_interrupt();
  groups();
  shared_peripheral();
  affinity();
  as_exceptions();
  list_registers();
  hardware_link();
  maintenance_interrupts();
  traps();
  lpis();
  trap_log_print("gicv3", &log);
  check_summary();
  return 0;
}
