// The generic timers from EL2: conditions far in the past and far in the future, so that no result depends on speed.
#include "../lib/timer.h"

#include "../lib/check.h"
#include "../lib/digest.h"
#include "../lib/gic.h"
#include "../lib/print.h"

static struct trap_log log;
static volatile u64 interrupts[1024];

#define CONDITION (TIMER_ENABLE | TIMER_IMASK | TIMER_ISTATUS)

// One accessor set for each timer; all have the same three registers.
struct timer {
  const char *name;
  unsigned intid;
  u64 (*get_ctl)(void), (*get_cval)(void), (*get_tval)(void), (*count)(void);
  void (*set_ctl)(u64), (*set_cval)(u64), (*set_tval)(u64);
};
#define TIMER_ACCESSORS(name, ctl, cval, tval)                   \
  static u64 name##_get_ctl(void) { return READ_SYSREG(ctl); }   \
  static u64 name##_get_cval(void) { return READ_SYSREG(cval); } \
  static u64 name##_get_tval(void) { return READ_SYSREG(tval); } \
  static void name##_set_ctl(u64 value) {                        \
    WRITE_SYSREG(ctl, value);                                    \
    isb();                                                       \
  }                                                              \
  static void name##_set_cval(u64 value) {                       \
    WRITE_SYSREG(cval, value);                                   \
    isb();                                                       \
  }                                                              \
  static void name##_set_tval(u64 value) {                       \
    WRITE_SYSREG(tval, value);                                   \
    isb();                                                       \
  }
#define TIMER_ROW(t, id, counter)                                                                        \
  {                                                                                                      \
    .name = #t, .intid = id, .get_ctl = t##_get_ctl, .get_cval = t##_get_cval, .get_tval = t##_get_tval, \
    .count = counter, .set_ctl = t##_set_ctl, .set_cval = t##_set_cval, .set_tval = t##_set_tval         \
  }
TIMER_ACCESSORS(cntp, cntp_ctl_el0, cntp_cval_el0, cntp_tval_el0)
TIMER_ACCESSORS(cntv, cntv_ctl_el0, cntv_cval_el0, cntv_tval_el0)
TIMER_ACCESSORS(cnthp, cnthp_ctl_el2, cnthp_cval_el2, cnthp_tval_el2)

static const struct timer timers[] = {
    TIMER_ROW(cntp, INTID_CNTP, physical_count),
    TIMER_ROW(cntv, INTID_CNTV, virtual_count),
    TIMER_ROW(cnthp, INTID_CNTHP, physical_count),
};

// Called by el2_vectors.
void el2_exception(struct trap_frame *frame, unsigned vector) {
  trap_log_add(&log, frame, vector);
  if (VECTOR_SLOT(vector) != SLOT_IRQ) panic("vector %u ESR 0x%lx ELR 0x%lx", vector, frame->esr, frame->elr);
  const u32 iar = mmio_read32(GICC_IAR);
  ++interrupts[iar & INTID_MASK];
  for (unsigned i = 0; i < ARRAY_SIZE(timers); ++i) {
    if (timers[i].intid == (iar & INTID_MASK)) timers[i].set_ctl(0);
  }
  mmio_write32(GICC_EOIR, iar);
}

// A level-sensitive interrupt is pending while its line is high.
static bool is_pending(const struct timer *timer) { return (mmio_read32(GICD_ISPENDR) >> timer->intid) & 1; }

static void conditions(const struct timer *t) {
  print("%s\n", t->name);
  t->set_ctl(0);
  t->set_cval(0);
  check("disabled.line", 0, is_pending(t));
  t->set_ctl(TIMER_ENABLE | TIMER_IMASK);
  check_hex("past.masked.ctl", CONDITION, t->get_ctl() & CONDITION);
  check("past.masked.line", 0, is_pending(t));
  t->set_ctl(TIMER_ENABLE);
  check_hex("past.ctl", TIMER_ENABLE | TIMER_ISTATUS, t->get_ctl() & CONDITION);
  check("past.line", 1, is_pending(t));
  t->set_cval(~0ull);
  check_hex("future.ctl", TIMER_ENABLE, t->get_ctl() & CONDITION);
  check("future.line", 0, is_pending(t));
  t->set_tval(0xffffffff);  // -1: just passed
  check_hex("tval_minus_one.ctl", TIMER_ENABLE | TIMER_ISTATUS, t->get_ctl() & CONDITION);
  t->set_tval(0x7fffffff);  // the farthest that TVAL reaches
  check_hex("tval_max.ctl", TIMER_ENABLE, t->get_ctl() & CONDITION);
  const u64 now = t->count();
  check("tval_max.cval", 1, t->get_cval() - now <= 0x7fffffff && t->get_cval() > now);
  check("tval_max.tval", 1, t->get_tval() <= 0x7fffffff);
  t->set_cval(t->count() + (5ull << 32));  // TVAL shows the low 32 bits of the distance
  check("tval_is_32_bits", 0, t->get_tval() >> 32);
  t->set_ctl(0);
}

// The timer is set to strike soon; the CPU waits with interrupts open.
static void interrupt(const struct timer *t) {
  gic_enable(t->intid, 0x80);
  const u64 before = interrupts[t->intid];
  asm volatile("msr daifclr, #2" ::: "memory");
  t->set_tval(1000);
  t->set_ctl(TIMER_ENABLE);
  const u64 deadline = physical_count() + 5 * READ_SYSREG(cntfrq_el0);
  while (interrupts[t->intid] == before && physical_count() < deadline) {
  }
  asm volatile("msr daifset, #2" ::: "memory");
  check(t->name, 1, interrupts[t->intid] - before);
  gic_disable(t->intid);
}

// WFI ends when the interrupt is pending, masked or not.
static void wait_for_interrupt(const struct timer *t) {
  gic_enable(t->intid, 0x80);
  t->set_tval(1000);
  t->set_ctl(TIMER_ENABLE);
  while (!(t->get_ctl() & TIMER_ISTATUS)) wfi();
  check("wfi.line", 1, is_pending(t));
  t->set_ctl(0);
  gic_disable(t->intid);
}

static void virtual_offset(void) {
  WRITE_SYSREG(cntvoff_el2, 0);
  u64 physical = physical_count();
  check("offset_zero", 1, virtual_count() - physical < READ_SYSREG(cntfrq_el0));
  WRITE_SYSREG(cntvoff_el2, 1ull << 40);
  physical = physical_count();
  check("offset", 1, virtual_count() + (1ull << 40) - physical < READ_SYSREG(cntfrq_el0));
  // The virtual count has wrapped to close below 2^64, so a comparison with 1 << 50 holds.
  WRITE_SYSREG(cntv_cval_el0, 1ull << 50);
  WRITE_SYSREG(cntv_ctl_el0, TIMER_ENABLE | TIMER_IMASK);
  isb();
  check_hex("offset_beyond_count.ctl", CONDITION, READ_SYSREG(cntv_ctl_el0));
  WRITE_SYSREG(cntvoff_el2, 0);
  isb();
  check_hex("offset_back.ctl", TIMER_ENABLE | TIMER_IMASK, READ_SYSREG(cntv_ctl_el0));
  WRITE_SYSREG(cntv_ctl_el0, 0);
}

int main(void) {
  trap_log_clear(&log);
  gic_init(0);
  WRITE_SYSREG(hcr_el2, HCR_RW | HCR_IMO | HCR_FMO);
  isb();
  check("frequency_is_set", 1, READ_SYSREG(cntfrq_el0) != 0);
  const u64 first = physical_count();
  while (physical_count() == first) {
  }
  virtual_offset();
  for (unsigned i = 0; i < ARRAY_SIZE(timers); ++i) {
    conditions(&timers[i]);
    interrupt(&timers[i]);
    wait_for_interrupt(&timers[i]);
  }
  trap_log_print("timers", &log);
  check_summary();
  return 0;
}
