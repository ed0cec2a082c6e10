// The PL330 (DMA-330, DDI 0424) of `trapwalk run --device pl330`: an assembler of its microcode, and its registers.
#pragma once
#include "../lib/arch.h"

#define PL330_BASE 0x0c000000ull
#define PL330_CHANNELS 8
#define PL330_ABORT_INTID (32 + 112)
#define PL330_INTID(event) (32 + 113 + (event))

#define PL330_INTEN 0x020
#define PL330_INT_EVENT_RIS 0x024
#define PL330_INTMIS 0x028
#define PL330_INTCLR 0x02c
#define PL330_FSRD 0x030
#define PL330_FSRC 0x034
#define PL330_FTRD 0x038
#define PL330_FTR(n) (0x040 + 4 * (n))
#define PL330_CSR(n) (0x100 + 8 * (n))
#define PL330_CPC(n) (0x104 + 8 * (n))
#define PL330_SAR(n) (0x400 + 32 * (n))
#define PL330_DAR(n) (0x404 + 32 * (n))
#define PL330_DBGSTATUS 0xd00
#define PL330_DBGCMD 0xd04
#define PL330_DBGINST0 0xd08
#define PL330_DBGINST1 0xd0c
#define PL330_CR0 0xe00
#define PL330_PERIPH_ID(n) (0xfe0 + 4 * (n))

// CSRn.channel_status
#define PL330_STOPPED 0
#define PL330_WAITING_FOR_EVENT 4
#define PL330_FAULTING 15
// FTRn
#define PL330_UNDEFINED BIT(0)
#define PL330_OPERAND_INVALID BIT(1)
#define PL330_SECURE_TRANSFER BIT(7)
#define PL330_DATA_UNAVAILABLE BIT(13)
#define PL330_FETCH_ERROR BIT(16)
#define PL330_WRITE_ERROR BIT(17)
#define PL330_READ_ERROR BIT(18)

// CCRn for equal, incrementing, Non-secure bursts of `beats` x 2^`log2` bytes.
#define PL330_BURSTS(log2, beats) ((1u | (log2) << 1 | ((beats)-1) << 4 | 2u << 8) * (1u + (1u << 14)))

// Microcode under construction: it is where `code` points, below 4 GB.
struct pl330_program {
  u8 *code;
  unsigned bytes;
};
void pl330_emit(struct pl330_program *program, unsigned count, u64 bytes);
#define PL330_MOVE_SOURCE(p, value) pl330_emit(p, 6, 0xbc | (u64)(u32)(value) << 16)
#define PL330_MOVE_CONTROL(p, value) pl330_emit(p, 6, 0x01bc | (u64)(u32)(value) << 16)
#define PL330_MOVE_DESTINATION(p, value) pl330_emit(p, 6, 0x02bc | (u64)(u32)(value) << 16)
#define PL330_LOAD(p) pl330_emit(p, 1, 0x04)
#define PL330_STORE(p) pl330_emit(p, 1, 0x08)
#define PL330_STORE_ZERO(p) pl330_emit(p, 1, 0x0c)
#define PL330_READ_BARRIER(p) pl330_emit(p, 1, 0x12)
#define PL330_WRITE_BARRIER(p) pl330_emit(p, 1, 0x13)
#define PL330_LOOP(p, counter, count) pl330_emit(p, 2, 0x20 | (counter) << 1 | ((count)-1) << 8)
#define PL330_LOOP_END(p, counter, back) pl330_emit(p, 2, 0x38 | (counter) << 2 | (back) << 8)
#define PL330_LOOP_FOREVER(p, back) pl330_emit(p, 2, 0x2c | (back) << 8)
#define PL330_SEND_EVENT(p, event) pl330_emit(p, 2, 0x34 | (event) << 11)
#define PL330_WAIT_EVENT(p, event) pl330_emit(p, 2, 0x36 | (event) << 11)
#define PL330_END(p) pl330_emit(p, 1, 0x00)

static inline u32 pl330_read(u32 offset) { return mmio_read32(PL330_BASE + offset); }
static inline void pl330_write(u32 offset, u32 value) { mmio_write32(PL330_BASE + offset, value); }
static inline unsigned pl330_state(unsigned channel) { return pl330_read(PL330_CSR(channel)) & 15; }
// By the debug registers: a channel starts at `pc`, an event is sent, a channel (the manager: PL330_CHANNELS) is
// killed.
void pl330_go(unsigned channel, const u8 *pc);
void pl330_send_event(unsigned event);
void pl330_kill(unsigned thread);
// Waits until the channel is in `state`, or gives up; what it is in.
unsigned pl330_wait(unsigned channel, unsigned state);
// The program that copies `bytes`, a multiple of 8 and at most 4 MB, in bursts of up to 128.
void pl330_copy_program(struct pl330_program *program, u64 to, u64 from, u64 bytes);
