#include "pl330.h"

void pl330_emit(struct pl330_program *program, unsigned count, u64 bytes) {
  for (unsigned i = 0; i < count; ++i) program->code[program->bytes++] = (u8)(bytes >> 8 * i);
}

static void debug(unsigned thread, u64 instruction) {
  const u32 which = thread == PL330_CHANNELS ? 0 : 1u | thread << 8;
  while (pl330_read(PL330_DBGSTATUS) & 1) {
  }
  pl330_write(PL330_DBGINST0, (u32)(instruction << 16) | which);
  pl330_write(PL330_DBGINST1, (u32)(instruction >> 16));
  pl330_write(PL330_DBGCMD, 0);
  while (pl330_read(PL330_DBGSTATUS) & 1) {
  }
}

void pl330_go(unsigned channel, const u8 *pc) {
  dsb();  // the microcode is in memory
  debug(PL330_CHANNELS, 0xa2 | channel << 8 | (u64)(u32)(u64)pc << 16);
}
void pl330_send_event(unsigned event) { debug(PL330_CHANNELS, 0x34 | event << 11); }
void pl330_kill(unsigned thread) { debug(thread, 0x01); }

unsigned pl330_wait(unsigned channel, unsigned state) {
  unsigned now = pl330_state(channel);
  for (unsigned patience = 0; now != state && patience < 100000; ++patience) now = pl330_state(channel);
  dsb();
  return now;
}

// So many bursts of `beats` double words: 256 x `outer` of them, then what is left.
static void bursts(struct pl330_program *program, unsigned beats, u64 count) {
  if (count == 0) return;
  PL330_MOVE_CONTROL(program, PL330_BURSTS(3, beats));
  if (count >= 256) {
    PL330_LOOP(program, 1, count / 256);
    PL330_LOOP(program, 0, 256);
    PL330_LOAD(program);
    PL330_STORE(program);
    PL330_LOOP_END(program, 0, 2);
    PL330_LOOP_END(program, 1, 6);
  }
  if (count % 256 != 0) {
    PL330_LOOP(program, 0, count % 256);
    PL330_LOAD(program);
    PL330_STORE(program);
    PL330_LOOP_END(program, 0, 2);
  }
}

void pl330_copy_program(struct pl330_program *program, u64 to, u64 from, u64 bytes) {
  PL330_MOVE_SOURCE(program, from);
  PL330_MOVE_DESTINATION(program, to);
  bursts(program, 16, bytes / 128);
  bursts(program, (unsigned)(bytes % 128 / 8), bytes % 128 != 0);
  PL330_WRITE_BARRIER(program);
}
