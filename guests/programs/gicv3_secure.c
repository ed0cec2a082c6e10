// Two Security states of a GICv3, from EL3: what Secure and Non-secure EL1 see of registers and interrupts, and whether
// an interrupt comes as IRQ or FIQ. There is no EL2.
#include "../lib/gicv3.h"

#include "../lib/check.h"
#include "../lib/print.h"

#define SCR_NS BIT(0)
#define SCR_IRQ BIT(1)
#define SCR_FIQ BIT(2)
#define SCR_RW BIT(10)
#define SCR_RES1 (3ull << 4)
#define SMC_0 0xd4000003u
#define LOAD 0xb9400000u     // LDR W0, [X0]
#define STORE 0xb9000001u    // STR W1, [X0]
#define MRS_ISR 0xd538c100u  // MRS X0, ISR_EL1
#define MRS_PMR 0xd5384600u  // ICC_*_EL1
#define MSR_PMR 0xd5184600u
#define MRS_RPR 0xd538cb60u
#define MRS_IAR1 0xd538cc00u
#define MSR_EOIR1 0xd518cc20u
#define MRS_HPPIR1 0xd538cc40u
#define MRS_BPR1 0xd538cc60u
#define MSR_BPR1 0xd518cc60u
#define MRS_CTLR 0xd538cc80u
#define MSR_CTLR 0xd518cc80u
#define MRS_IGRPEN1 0xd538cce0u
#define MSR_SGI1R 0xd518cba0u
#define MSR_ASGI1R 0xd518cbc0u
#define ISR_IRQ BIT(7)
#define ISR_FIQ BIT(6)

#define FIRST_SPI 96u  // 96 Group 0, 97 Secure Group 1, 98 Non-secure Group 1
#define SPI_WORD (4 * (FIRST_SPI / 32))

void el3_enter(u64 x[2], u64 elr, u64 spsr);

static u32 code[2] __attribute__((aligned(64)));
static u64 scr;  // its IRQ and FIQ bits

static u64 at_el1(u64 world, u32 instruction, u64 x0, u64 x1) {
  u64 x[2] = {x0, x1};
  code[0] = instruction;
  code[1] = SMC_0;
  asm volatile("dc cvau, %0; dsb ish; ic ivau, %0; dsb ish; isb" ::"r"(code) : "memory");
  WRITE_SYSREG(scr_el3, SCR_RES1 | SCR_RW | scr | world);
  isb();
  el3_enter(x, (u64)code, SPSR_EL1H | SPSR_DAIF);
  const u64 esr = READ_SYSREG(esr_el3);
  if (ESR_EC(esr) != EC_SMC64) panic("ESR_EL3 0x%lx", esr);
  WRITE_SYSREG(scr_el3, SCR_RES1 | SCR_RW | scr);
  isb();
  return x[0];
}
static u64 secure(u32 instruction, u64 x0) { return at_el1(0, instruction, x0, 0); }
static u64 non_secure(u32 instruction, u64 x0) { return at_el1(SCR_NS, instruction, x0, 0); }
static u64 ns_load(u64 address) { return non_secure(LOAD, address); }
static void ns_store(u64 address, u32 value) { at_el1(SCR_NS, STORE, address, value); }
static void pend(u32 spi) { mmio_write32(GICD3_ISPENDR + SPI_WORD, 1u << spi % 32); }
static void unpend(void) { mmio_write32(GICD3_ICPENDR + SPI_WORD, 7); }

static void distributor(void) {
  check_hex("ctlr.secure", 0x30, mmio_read32(GICD3_CTLR));
  check_hex("ctlr.non_secure", 0x10, ns_load(GICD3_CTLR));
  ns_store(GICD3_CTLR, ~0u);
  check_hex("ctlr.enable_group_1", 0x32, mmio_read32(GICD3_CTLR));
  mmio_write32(GICD3_CTLR, 0x37);
  check_hex("ctlr.all", 0x37, mmio_read32(GICD3_CTLR));
  check_hex("ctlr.non_secure.all", 0x12, ns_load(GICD3_CTLR));
  check("typer.security", 1, mmio_read32(GICD3_TYPER) >> 10 & 1);
  mmio_write32(GICD3_IGROUPR + SPI_WORD, 4);
  mmio_write32(GICD3_BASE + 0xd00 + SPI_WORD, 2);
  mmio_write32(GICD3_IPRIORITYR + FIRST_SPI, 0xc04040);
  mmio_write32(GICD3_ICFGR + FIRST_SPI / 4, 0x2a);  // edge
  mmio_write32(GICD3_ISENABLER + SPI_WORD, 7);
  check_hex("non_secure.groups", 0, ns_load(GICD3_IGROUPR + SPI_WORD));
  check_hex("non_secure.modifiers", 0, ns_load(GICD3_BASE + 0xd00 + SPI_WORD));
  check_hex("non_secure.enabled", 4, ns_load(GICD3_ISENABLER + SPI_WORD));
  check_hex("non_secure.priorities", 0x800000, ns_load(GICD3_IPRIORITYR + FIRST_SPI));
  ns_store(GICD3_IPRIORITYR + FIRST_SPI, 0xe0e0e0);
  check_hex("secure.priorities", 0xf04040, mmio_read32(GICD3_IPRIORITYR + FIRST_SPI));
  mmio_write32(GICD3_IPRIORITYR + FIRST_SPI, 0xc04040);
  ns_store(GICD3_ICENABLER + SPI_WORD, 3);
  check_hex("secure.enabled", 7, mmio_read32(GICD3_ISENABLER + SPI_WORD));
}

static void cpu_interface(void) {
  WRITE_SYSREG(ICC_SRE_EL3, 0xf);
  isb();
  WRITE_SYSREG(ICC_PMR_EL1, 0xff);
  WRITE_SYSREG(ICC_IGRPEN0_EL1, 1);
  WRITE_SYSREG(ICC_IGRPEN1_EL3, 3);
  isb();
  check("igrpen1.secure", 1, secure(MRS_IGRPEN1, 0));
  check("igrpen1.non_secure", 1, non_secure(MRS_IGRPEN1, 0));
  secure(MSR_BPR1, 0);
  non_secure(MSR_BPR1, 0);
  check("bpr1.secure", 2, secure(MRS_BPR1, 0));
  check("bpr1.non_secure", 3, non_secure(MRS_BPR1, 0));
  non_secure(MSR_CTLR, 3);
  check("ctlr.non_secure.eoimode_only", 2, non_secure(MRS_CTLR, 0) & 3);
  check("ctlr.secure.untouched", 0, secure(MRS_CTLR, 0) & 3);
  non_secure(MSR_CTLR, 0);
  WRITE_SYSREG(ICC_CTLR_EL3, 2);  // CBPR_EL1NS
  isb();
  check("ctlr.common", 1, non_secure(MRS_CTLR, 0) & 3);
  check("bpr1.common", 3, non_secure(MRS_BPR1, 0));
  WRITE_SYSREG(ICC_CTLR_EL3, 0);
  isb();
}

static void priority_mask(void) {
  scr = SCR_FIQ;
  WRITE_SYSREG(ICC_PMR_EL1, 0x60);
  check_hex("pmr.hidden", 0, non_secure(MRS_PMR, 0));
  non_secure(MSR_PMR, 0xf0);
  check_hex("pmr.not_its", 0x60, READ_SYSREG(ICC_PMR_EL1));
  WRITE_SYSREG(ICC_PMR_EL1, 0x80);
  non_secure(MSR_PMR, 0xe0);
  check_hex("pmr.upper_half", 0xf0, READ_SYSREG(ICC_PMR_EL1));
  check_hex("pmr.shifted", 0xe0, non_secure(MRS_PMR, 0));
  scr = 0;
  check_hex("pmr.plain", 0xf0, non_secure(MRS_PMR, 0));
  WRITE_SYSREG(ICC_PMR_EL1, 0xff);
  isb();
}

// Whether IRQ or FIQ, in Secure and in Non-secure EL1; and who may know and take it.
static void interrupts(void) {
  static const u32 in_secure[] = {ISR_FIQ, ISR_IRQ, ISR_FIQ}, in_non_secure[] = {ISR_FIQ, ISR_FIQ, ISR_IRQ};
  static const u32 hppir0[] = {96, 1020, 1021}, hppir1_secure[] = {1023, 97, 1023}, hppir1_ns[] = {1023, 1023, 98};
  static const u32 hppir1_el3[] = {1023, 97, 98};
  for (u32 n = 0; n < 3; ++n) {
    pend(FIRST_SPI + n);
    print("interrupt %u\n", FIRST_SPI + n);
    check_hex("isr.secure", in_secure[n], secure(MRS_ISR, 0));
    check_hex("isr.non_secure", in_non_secure[n], non_secure(MRS_ISR, 0));
    check_hex("isr.el3", ISR_FIQ, READ_SYSREG(isr_el1));
    check("hppir0.el3", hppir0[n], READ_SYSREG(ICC_HPPIR0_EL1));
    check("hppir1.el3", hppir1_el3[n], READ_SYSREG(ICC_HPPIR1_EL1));
    check("hppir1.secure", hppir1_secure[n], secure(MRS_HPPIR1, 0));
    check("hppir1.non_secure", hppir1_ns[n], non_secure(MRS_HPPIR1, 0));
    unpend();
  }
  pend(97);
  check("secure.not_by_non_secure", INTID_SPURIOUS, non_secure(MRS_IAR1, 0));
  check("secure.acknowledge", 97, secure(MRS_IAR1, 0));
  non_secure(MSR_EOIR1, 97);
  check_hex("secure.not_ended_by_non_secure", 0x40, secure(MRS_RPR, 0));
  secure(MSR_EOIR1, 97);
  check_hex("secure.ended", 0xff, secure(MRS_RPR, 0));
  pend(98);
  check("non_secure.acknowledge", 98, non_secure(MRS_IAR1, 0));
  scr = SCR_FIQ;
  check_hex("non_secure.rpr.shifted", 0x80, non_secure(MRS_RPR, 0));
  check_hex("non_secure.rpr", 0xc0, secure(MRS_RPR, 0));
  scr = 0;
  pend(96);
  check("group_0.preempts", 96, READ_SYSREG(ICC_IAR0_EL1));
  WRITE_SYSREG(ICC_EOIR0_EL1, 96);
  non_secure(MSR_EOIR1, 98);
  check_hex("all_ended", 0xff, READ_SYSREG(ICC_RPR_EL1));
}

static u32 sent(void) {
  const u32 pending = mmio_read32(GICR_ARRAY(0, GICD3_ISPENDR)) & 7;
  mmio_write32(GICR_ARRAY(0, GICD3_ICPENDR), 0xffff);
  return pending;
}

// SGI 0 Group 0, SGI 1 Non-secure, SGI 2 Secure Group 1.
static void sgis(void) {
  mmio_write32(GICR_ARRAY(0, GICD3_IGROUPR), 2);
  mmio_write32(GICR_ARRAY(0, GICD3_BASE + 0xd00), 4);
  for (u64 id = 0; id < 3; ++id) WRITE_SYSREG(ICC_SGI0R_EL1, id << 24 | 1);
  isb();
  check_hex("sgi0r", 1, sent());
  for (u64 id = 0; id < 3; ++id) secure(MSR_SGI1R, id << 24 | 1);
  check_hex("sgi1r.secure", 5, sent());
  for (u64 id = 0; id < 3; ++id) secure(MSR_ASGI1R, id << 24 | 1);
  check_hex("asgi1r.secure", 2, sent());
  for (u64 id = 0; id < 3; ++id) non_secure(MSR_SGI1R, id << 24 | 1);
  check_hex("sgi1r.non_secure", 2, sent());
  for (u64 id = 0; id < 3; ++id) non_secure(MSR_ASGI1R, id << 24 | 1);
  check_hex("asgi1r.non_secure", 0, sent());
}

static void one_state(void) {
  mmio_write32(GICD3_CTLR, 0x77);
  check_hex("ds.secure", 0x53, mmio_read32(GICD3_CTLR));
  check_hex("ds.non_secure", 0x53, ns_load(GICD3_CTLR));
  mmio_write32(GICD3_CTLR, 0x13);
  check_hex("ds.stays", 0x53, mmio_read32(GICD3_CTLR));
  check_hex("ds.groups", 4, ns_load(GICD3_IGROUPR + SPI_WORD));
}

int main(void) {
  WRITE_SYSREG(scr_el3, SCR_RES1 | SCR_RW);
  WRITE_SYSREG(sctlr_el1, SCTLR_EL1_RES1);
  mmio_write32(GICR_BASE(0) + GICR_WAKER, 0);
  distributor();
  cpu_interface();
  priority_mask();
  interrupts();
  sgis();
  one_state();
  check_summary();
  return 0;
}
