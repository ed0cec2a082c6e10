// What software has programmed: the registers of one security state (IHI 0070, 6.3). registers.cpp writes it, all else
// reads it.
#pragma once

#include "base/types.hpp"

namespace tw::smmu {

/// A circular queue in memory (IHI 0070, 3.5). `prod` and `cons` hold index and wrap bit, as their registers do.
struct QueueState {
  u64 base = 0;  ///< raw: RA/WA, ADDR, LOG2SIZE
  u32 prod = 0;  ///< raw, with OVFLG of the event and PRI queue
  u32 cons = 0;  ///< raw, with ERR of the command queue, OVACKFLG of the others
};

/// An interrupt that may be a message: address, payload, attributes.
struct MessageState {
  u64 address = 0;  ///< 0: the wire
  u32 data = 0;
  u32 attributes = 0;
};

struct State {
  u32 cr0 = 0, cr0_ack = 0, cr1 = 0, cr2 = 0;
  u32 gbpa = 0x1000;  ///< SHCFG = 1, ABORT by configuration
  u32 irq_ctrl = 0, irq_ctrl_ack = 0;
  u32 gerror = 0, gerrorn = 0;
  u64 strtab_base = 0;
  u32 strtab_base_cfg = 0;
  QueueState commands, events, pages;
  MessageState gerror_message, event_message, page_message;

  bool enabled() const { return (cr0_ack & 1) != 0; }  ///< SMMUEN
  bool page_queue_enabled() const { return (cr0_ack & 2) != 0; }
  bool event_queue_enabled() const { return (cr0_ack & 4) != 0; }
  bool ats_check() const { return (cr0_ack & 16) != 0; }
  u32 vmw() const { return (cr0_ack >> 6) & 7; }
  bool e2h() const { return (cr2 & 1) != 0; }
  bool record_invalid_stream() const { return (cr2 & 2) != 0; }  ///< RECINVSID
};

}  // namespace tw::smmu
