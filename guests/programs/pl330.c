// The PL330: copies on all channels at once, interrupts, events between channels, each kind of fault that a program can
// cause, DMAKILL. `trapwalk run --device pl330`; QEMU's `virt` has none.
#include "../dma/pl330.h"

#include "../lib/check.h"
#include "../lib/gic.h"
#include "../lib/print.h"

#define NOWHERE 0x0d000000u  // of the map: nothing answers
#define BYTES 0x8000u

static u8 source[BYTES] __attribute__((aligned(4096)));
static u8 target[PL330_CHANNELS][BYTES] __attribute__((aligned(4096)));
static u8 code[PL330_CHANNELS][256] __attribute__((aligned(256)));

void el2_exception(struct trap_frame *frame, unsigned vector) {
  panic("vector %u ESR 0x%lx ELR 0x%lx FAR 0x%lx", vector, frame->esr, frame->elr, frame->far);
}

static bool pending(unsigned intid) { return mmio_read32(GICD_ISPENDR + 4 * (intid / 32)) >> intid % 32 & 1; }
static struct pl330_program program_of(unsigned channel) { return (struct pl330_program){code[channel], 0}; }
static u64 differences(const u8 *a, const u8 *b, u64 bytes) {
  u64 count = 0;
  for (u64 i = 0; i < bytes; ++i) count += a[i] != b[i];
  return count;
}

static void identification(void) {
  u32 id = 0;
  for (unsigned n = 0; n < 4; ++n) id |= pl330_read(PL330_PERIPH_ID(n)) << 8 * n;
  check_hex("identification", 0x41330, id & 0xfffff);
  check("channels", PL330_CHANNELS, (pl330_read(PL330_CR0) >> 4 & 7) + 1);
}

// Lengths with and without a rest.
static void copy(void) {
  const u32 lengths[] = {8, 120, 128, 136, 4096, BYTES - 8, BYTES};
  for (unsigned i = 0; i < ARRAY_SIZE(lengths); ++i) {
    struct pl330_program program = program_of(0);
    for (u64 at = 0; at < BYTES; ++at) target[0][at] = 0;
    pl330_copy_program(&program, (u64)target[0], (u64)source, lengths[i]);
    PL330_END(&program);
    pl330_go(0, program.code);
    check("copy.state", PL330_STOPPED, pl330_wait(0, PL330_STOPPED));
    check("copy.differences", 0, differences(source, target[0], lengths[i]));
    check("copy.behind", 0, lengths[i] < BYTES ? target[0][lengths[i]] : 0);
  }
}

static void all_channels(void) {
  pl330_write(PL330_INTEN, 0xff);
  for (unsigned n = 0; n < PL330_CHANNELS; ++n) {
    struct pl330_program program = program_of(n);
    for (u64 at = 0; at < BYTES; ++at) target[n][at] = 0;
    pl330_copy_program(&program, (u64)target[n], (u64)source, BYTES);
    PL330_SEND_EVENT(&program, n);
    PL330_END(&program);
    pl330_go(n, program.code);
  }
  for (unsigned n = 0; n < PL330_CHANNELS; ++n) {
    check("all.state", PL330_STOPPED, pl330_wait(n, PL330_STOPPED));
    check("all.differences", 0, differences(source, target[n], BYTES));
    check("all.interrupt", 1, pending(PL330_INTID(n)));
  }
  check_hex("all.intmis", 0xff, pl330_read(PL330_INTMIS));
  pl330_write(PL330_INTCLR, 0x0f);
  check_hex("all.intclr", 0xf0, pl330_read(PL330_INTMIS));
  check("all.cleared", 0, pending(PL330_INTID(0)));
  check("all.not_cleared", 1, pending(PL330_INTID(4)));
  pl330_write(PL330_INTCLR, 0xff);
  pl330_write(PL330_INTEN, 0);
}

static void zeroes(void) {
  struct pl330_program program = program_of(0);
  for (u64 at = 0; at < 256; ++at) target[0][at] = 1;
  PL330_MOVE_DESTINATION(&program, (u64)target[0] + 64);
  PL330_MOVE_CONTROL(&program, PL330_BURSTS(2, 8));
  PL330_STORE_ZERO(&program);
  PL330_END(&program);
  pl330_go(0, program.code);
  pl330_wait(0, PL330_STOPPED);
  u64 sum = 0;
  for (u64 at = 0; at < 256; ++at) sum += target[0][at];
  check("zeroes", 256 - 32, sum);
}

// Channel 1 works when channel 0 and then software say so.
static void events(void) {
  struct pl330_program first = program_of(0), second = program_of(1);
  PL330_SEND_EVENT(&first, 3);
  PL330_END(&first);
  PL330_MOVE_SOURCE(&second, 1);
  PL330_WAIT_EVENT(&second, 3);
  PL330_MOVE_SOURCE(&second, 2);
  PL330_WAIT_EVENT(&second, 4);
  PL330_MOVE_SOURCE(&second, 3);
  PL330_END(&second);
  pl330_go(1, second.code);
  check("events.waiting", PL330_WAITING_FOR_EVENT, pl330_wait(1, PL330_WAITING_FOR_EVENT));
  check("events.which", 3, pl330_read(PL330_CSR(1)) >> 4 & 31);
  pl330_go(0, first.code);
  pl330_wait(0, PL330_STOPPED);
  pl330_wait(1, PL330_WAITING_FOR_EVENT);
  check("events.first", 2, pl330_read(PL330_SAR(1)));
  pl330_send_event(4);
  check("events.end", PL330_STOPPED, pl330_wait(1, PL330_STOPPED));
  check("events.second", 3, pl330_read(PL330_SAR(1)));
}

static void faults_with(const char *name, struct pl330_program *program, u32 fault, bool precise, u32 offset) {
  pl330_go(2, program->code);
  check(name, PL330_FAULTING, pl330_wait(2, PL330_FAULTING));
  check_hex(name, fault, pl330_read(PL330_FTR(2)));
  check_hex(name, 1 << 2, pl330_read(PL330_FSRC));
  if (precise) check(name, (u64)program->code + offset, pl330_read(PL330_CPC(2)));
  check(name, 1, pending(PL330_ABORT_INTID));
  pl330_kill(2);
  check(name, PL330_STOPPED, pl330_wait(2, PL330_STOPPED));
  check(name, 0, pending(PL330_ABORT_INTID));
}

static void faults(void) {
  struct pl330_program program = program_of(2);
  pl330_emit(&program, 1, 0xff);
  faults_with("fault.undefined", &program, PL330_UNDEFINED, true, 0);

  program = program_of(2);
  PL330_READ_BARRIER(&program);
  PL330_SEND_EVENT(&program, 31);
  faults_with("fault.operand", &program, PL330_OPERAND_INVALID, true, 1);

  program = program_of(2);
  PL330_MOVE_CONTROL(&program, PL330_BURSTS(3, 1) & ~(2u << 22));
  faults_with("fault.secure_write", &program, PL330_SECURE_TRANSFER, true, 0);

  program = program_of(2);
  PL330_STORE(&program);
  faults_with("fault.no_data", &program, PL330_DATA_UNAVAILABLE, true, 0);

  program = (struct pl330_program){(u8 *)(u64)NOWHERE, 0};
  faults_with("fault.fetch", &program, PL330_FETCH_ERROR, true, 0);

  program = program_of(2);
  pl330_copy_program(&program, (u64)target[2], NOWHERE, 256);
  PL330_END(&program);
  faults_with("fault.read", &program, PL330_READ_ERROR, false, 0);

  program = program_of(2);
  pl330_copy_program(&program, NOWHERE, (u64)source, 256);
  PL330_END(&program);
  faults_with("fault.write", &program, PL330_WRITE_ERROR, false, 0);
}

// A program without an end runs beside this one, until it is killed.
static void forever(void) {
  struct pl330_program program = program_of(6);
  PL330_LOOP_FOREVER(&program, 0);
  pl330_go(6, program.code);
  u64 rounds = 0;
  for (unsigned i = 0; i < 1000; ++i) rounds += pl330_state(6) != PL330_STOPPED;
  check("forever.runs", 1000, rounds);
  pl330_kill(6);
  check("forever.killed", PL330_STOPPED, pl330_wait(6, PL330_STOPPED));
}

int main(void) {
  gic_init(0);
  for (u64 i = 0; i < BYTES; ++i) source[i] = (u8)(i * 7 + i / 256 + 1);
  identification();
  copy();
  all_channels();
  zeroes();
  events();
  faults();
  forever();
  check_summary();
  return 0;
}
