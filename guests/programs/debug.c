// Self-hosted debug: EL1 steps EL0 and itself, and sets breakpoints and watchpoints (DDI 0487, D2).
#include "../lib/check.h"
#include "../lib/el1.h"
#include "../lib/print.h"
#include "../lib/tables.h"

#define EC_BREAKPOINT_LOWER 0x30
#define EC_BREAKPOINT_SAME 0x31
#define EC_STEP_LOWER 0x32
#define EC_STEP_SAME 0x33
#define EC_WATCHPOINT_LOWER 0x34
#define EC_WATCHPOINT_SAME 0x35
#define MDSCR_SS BIT(0)
#define MDSCR_KDE BIT(13)
#define MDSCR_MDE BIT(15)
#define SPSR_SS BIT(21)
#define CALL_STEP 0x51  // SVC immediate: from here on, EL0 is stepped
#define CALL_PLAIN 7    // a call that was stepped: SPSR.SS is left as it is, so that the next step is pending at once
#define CALL_DONE 0xe0

static u64 data[512] __attribute__((aligned(4096)));

// What the handler does and what it has seen.
static struct {
  struct el1_context el1;
  u64 steps;   // step exceptions
  u64 others;  // exceptions that are neither steps nor the calls above
  u64 last_esr, last_far, last_elr;
  bool stepping;  // go on stepping after each exception
  u64 last_step;  // of `steps`: the one after which stepping ends, 0: none
} debug;

static void handler(struct el1_context *context, struct trap_frame *frame, unsigned vector) {
  (void)context;
  const unsigned ec = ESR_EC(frame->esr);
  if (ec == EC_SVC64 && ESR_ISS(frame->esr) == CALL_DONE && VECTOR_FROM_LOWER(vector)) {
    debug.stepping = false;
    WRITE_SYSREG(mdscr_el1, 0);
    frame->elr = (u64)el0_return;
    frame->spsr = SPSR_EL1H | SPSR_DAIF;
    return;
  }
  if (ec == EC_SVC64 && ESR_ISS(frame->esr) == CALL_STEP) {
    debug.stepping = true;
    WRITE_SYSREG(mdscr_el1, READ_SYSREG(mdscr_el1) | MDSCR_SS);
  } else if (ec == EC_STEP_LOWER || ec == EC_STEP_SAME) {
    if (++debug.steps == debug.last_step) {
      debug.stepping = false;
      WRITE_SYSREG(mdscr_el1, 0);
    }
  } else {
    ++debug.others;
    debug.last_esr = frame->esr;
    debug.last_far = frame->far;
    debug.last_elr = frame->elr;
    if (ec != EC_SVC64) frame->elr += 4;
  }
  if (debug.stepping && frame->esr != ((u64)EC_SVC64 << 26 | ESR_IL | CALL_PLAIN)) frame->spsr |= SPSR_SS;
}

static u64 take_steps(void) {
  const u64 steps = debug.steps;
  debug.steps = 0;
  return steps;
}
// What was compared here must not show in the flags of a later SPSR.
static void expect_divergent(const char *name, u64 architecture, u64 qemu, u64 got) {
  check_divergent(name, architecture, qemu, got);
  asm volatile("msr nzcv, xzr" ::: "cc", "memory");
}
static u64 take_others(void) {
  const u64 others = debug.others;
  debug.others = 0;
  return others;
}

// Pieces of EL0 code; x2 is the argument.
#define EL0_CODE(name, code)                                                             \
  asm(".pushsection .text; .balign 4; el0_" #name ": " code "; svc #0xe0; .popsection"); \
  extern char el0_##name[];

EL0_CODE(straight, "svc #0x51; nop; mov x0, #1; add x0, x0, #2; nop")
EL0_CODE(branches, "svc #0x51; mov x0, #3; 1: subs x0, x0, #1; b.ne 1b; bl 2f; b 3f; 2: ret; 3: nop")
EL0_CODE(exclusive, "svc #0x51; ldxr x0, [x2]; stxr w1, x0, [x2]; ldaxrb w0, [x2]; clrex")
EL0_CODE(calls, "svc #0x51; nop; svc #7; nop; brk #3; nop")
EL0_CODE(faults, "svc #0x51; ldr x0, [x3]; nop; mrs x0, midr_el1; nop")
EL0_CODE(plain, "nop; el0_plain_target: nop; nop")
EL0_CODE(load, "ldr x0, [x2]")
EL0_CODE(store, "str x0, [x2]")
EL0_CODE(load_byte, "ldrb w0, [x2, #3]")
EL0_CODE(store_half, "strh w0, [x2, #4]")
EL0_CODE(load_pair, "ldp x0, x1, [x2, #-8]")
EL0_CODE(atomic, "1: ldxr x0, [x2]; stxr w1, x0, [x2]")
extern char el0_plain_target[];

static void run(const char *code) { el0_call((u64)code, (u64)data + 0x800, (u64)data); }

static void software_step(void) {
  static const struct {
    const char *name, *code;
    u64 steps, others;
  } cases[] = {
      {"step_straight", el0_straight, 4, 0},   {"step_branches", el0_branches, 11, 0},
      {"step_exclusive", el0_exclusive, 4, 0}, {"step_calls", el0_calls, 4, 2},
      {"step_faults", el0_faults, 2, 2},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(cases); ++i) {
    run(cases[i].code);
    check(cases[i].name, cases[i].steps, take_steps());
    check(cases[i].name, cases[i].others, take_others());
  }
}

// EL1 steps itself: KDE, and PSTATE.D clear in SPSR_EL1.
static u64 steps_of_el1(u64 last_step) {
  debug.stepping = true;
  debug.last_step = last_step;
  WRITE_SYSREG(mdscr_el1, MDSCR_KDE | MDSCR_SS);
  isb();
  asm volatile(
      "adr x9, 1f; msr elr_el1, x9; mov x9, #0x1c5; movk x9, #0x20, lsl #16; msr spsr_el1, x9; eret\n"
      "1: nop; nop; msr daifset, #8; nop" ::
          : "x9", "memory");
  debug.stepping = false;
  WRITE_SYSREG(mdscr_el1, 0);
  isb();
  return take_steps();
}

static void step_of_el1(void) {
  check("step_of_el1", 2, steps_of_el1(2));
  // PSTATE.D masks the step exception that would follow the instruction that sets it (CheckSoftwareStep).
  debug.el1.unlogged = true;
  expect_divergent("step_masked", 2, 3, steps_of_el1(0));
  debug.el1.unlogged = false;
  debug.last_step = 0;
}

#define BCR(pmc) (1 | (pmc) << 1 | 0xf << 5)
#define WCR(pac, lsc, bas, mask) (1 | (pac) << 1 | (lsc) << 3 | (u64)(bas) << 5 | (u64)(mask) << 24)
#define FOR_EL1 1
#define FOR_EL0 2
#define LOADS 1
#define STORES 2

static void breakpoints(void) {
  static const struct {
    const char *name;
    u64 control, mdscr, taken;
  } cases[] = {
      {"breakpoint", BCR(FOR_EL0), MDSCR_MDE, 1},
      {"breakpoint_of_el1", BCR(FOR_EL1), MDSCR_MDE, 0},
      {"breakpoint_off", BCR(FOR_EL0) & ~1, MDSCR_MDE, 0},
      {"breakpoint_without_mde", BCR(FOR_EL0), 0, 0},
  };
  for (unsigned i = 0; i < ARRAY_SIZE(cases); ++i) {
    WRITE_SYSREG(dbgbvr1_el1, (u64)el0_plain_target);
    WRITE_SYSREG(dbgbcr1_el1, cases[i].control);
    WRITE_SYSREG(mdscr_el1, cases[i].mdscr);
    isb();
    run(el0_plain);
    WRITE_SYSREG(dbgbcr1_el1, 0);
    check(cases[i].name, cases[i].taken, take_others());
    if (cases[i].taken) check_hex(cases[i].name, (u64)EC_BREAKPOINT_LOWER << 26 | ESR_IL | 0x22, debug.last_esr);
  }
}

static const struct {
  const char *name, *code;
  u64 value, control, taken, wnr, far;  // the addresses relative to `data`
} watchpoints[] = {
    {"watch_load", el0_load, 0, WCR(FOR_EL0, LOADS, 0xff, 0), 1, 0, 0},
    {"watch_store", el0_store, 0, WCR(FOR_EL0, STORES, 0xff, 0), 1, ISS_WNR, 0},
    {"watch_load_not_store", el0_store, 0, WCR(FOR_EL0, LOADS, 0xff, 0), 0, 0, 0},
    {"watch_store_not_load", el0_load, 0, WCR(FOR_EL0, STORES, 0xff, 0), 0, 0, 0},
    {"watch_el1_only", el0_load, 0, WCR(FOR_EL1, LOADS, 0xff, 0), 0, 0, 0},
    {"watch_another_byte", el0_load_byte, 0, WCR(FOR_EL0, LOADS, 1 << 2, 0), 0, 0, 0},
    {"watch_the_byte", el0_load_byte, 0, WCR(FOR_EL0, LOADS, 1 << 3, 0), 1, 0, 3},
    {"watch_a_word", el0_store_half, 4, WCR(FOR_EL0, STORES, 0x0f, 0), 1, ISS_WNR, 4},
    {"watch_a_range", el0_load, -0x40, WCR(FOR_EL0, LOADS, 0xff, 7), 0, 0, 0},
    {"watch_the_range", el0_load, 0, WCR(FOR_EL0, LOADS, 0xff, 7), 1, 0, 0},
    {"watch_second_of_a_pair", el0_load_pair, 0, WCR(FOR_EL0, LOADS, 0xff, 0), 1, 0, 0},
    {"watch_exclusive", el0_atomic, 0, WCR(FOR_EL0, LOADS, 0xff, 0), 1, 0, 0},
};

static void watch(void) {
  for (unsigned i = 0; i < ARRAY_SIZE(watchpoints); ++i) {
    WRITE_SYSREG(dbgwvr2_el1, (u64)data + 0x80 + watchpoints[i].value);
    WRITE_SYSREG(dbgwcr2_el1, watchpoints[i].control);
    WRITE_SYSREG(mdscr_el1, MDSCR_MDE);
    isb();
    el0_call((u64)watchpoints[i].code, (u64)data + 0x800, (u64)data + 0x80);
    WRITE_SYSREG(dbgwcr2_el1, 0);
    check(watchpoints[i].name, watchpoints[i].taken, take_others());
    if (!watchpoints[i].taken) continue;
    check_hex(watchpoints[i].name, (u64)EC_WATCHPOINT_LOWER << 26 | ESR_IL | watchpoints[i].wnr | 0x22, debug.last_esr);
    check_hex(watchpoints[i].name, (u64)data + 0x80 + watchpoints[i].far, debug.last_far);
  }
}

static void load_unmasked(void) {
  asm volatile("msr daifclr, #8; isb; ldr x9, [%0]; msr daifset, #8" ::"r"(data) : "x9", "memory");
}

// EL1's own watchpoint and breakpoint, with KDE and PSTATE.D clear; and the OS lock, which switches both off.
static void of_el1(void) {
  WRITE_SYSREG(dbgwvr0_el1, (u64)data);
  WRITE_SYSREG(dbgwcr0_el1, WCR(FOR_EL1, LOADS, 0xff, 0));
  WRITE_SYSREG(mdscr_el1, MDSCR_MDE | MDSCR_KDE);
  isb();
  asm volatile("ldr x9, [%0]" ::"r"(data) : "x9", "memory");
  check("watch_of_el1_masked", 0, take_others());
  load_unmasked();
  check("watch_of_el1", 1, take_others());
  check_hex("watch_of_el1", (u64)EC_WATCHPOINT_SAME << 26 | ESR_IL | 0x22, debug.last_esr);
  WRITE_SYSREG(oslar_el1, 1);
  isb();
  debug.el1.unlogged = true;
  load_unmasked();
  debug.el1.unlogged = false;
  expect_divergent("os_lock", 0, 1, take_others());
  WRITE_SYSREG(oslar_el1, 0);
  WRITE_SYSREG(dbgwcr0_el1, 0);
  WRITE_SYSREG(dbgbcr0_el1, BCR(FOR_EL1));
  isb();
  asm volatile("adr x9, 1f; msr dbgbvr0_el1, x9; isb; msr daifclr, #8; nop; 1: nop; msr daifset, #8" ::
                   : "x9", "memory");
  check("breakpoint_of_el1", 1, take_others());
  check_hex("breakpoint_of_el1", (u64)EC_BREAKPOINT_SAME << 26 | ESR_IL | 0x22, debug.last_esr);
  WRITE_SYSREG(dbgbcr0_el1, 0);
  WRITE_SYSREG(mdscr_el1, 0);
  isb();
}

static void program(void) {
  tables_map(el1_tables(), RAM_BASE + 2 * MEGABYTE, RAM_BASE + 2 * MEGABYTE, 2 * MEGABYTE, 2,
             S1_NORMAL | S1_EL0 | S1_PXN | S1_UXN);
  asm volatile("dsb ishst; tlbi vmalle1; dsb ish; isb" ::: "memory");
  WRITE_SYSREG(oslar_el1, 0);
  isb();
  software_step();
  step_of_el1();
  breakpoints();
  watch();
  of_el1();
}

int main(void) {
  debug.el1.handler = handler;
  el1_run(program, &debug.el1);
  trap_log_print("debug", &debug.el1.log);
  check_summary();
  return 0;
}
