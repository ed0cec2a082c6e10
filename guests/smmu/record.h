// Event records as the specification has them (IHI 0070, 7.3), for comparison with what the SMMU wrote.
#pragma once
#include "smmu.h"

enum event_type {
  NO_EVENT = 0x00,
  F_UUT = 0x01,
  C_BAD_STREAMID = 0x02,
  F_STE_FETCH = 0x03,
  C_BAD_STE = 0x04,
  F_BAD_ATS_TREQ = 0x05,
  F_STREAM_DISABLED = 0x06,
  F_TRANSL_FORBIDDEN = 0x07,
  C_BAD_SUBSTREAMID = 0x08,
  F_CD_FETCH = 0x09,
  C_BAD_CD = 0x0a,
  F_WALK_EABT = 0x0b,
  F_TRANSLATION = 0x10,
  F_ADDR_SIZE = 0x11,
  F_ACCESS = 0x12,
  F_PERMISSION = 0x13,
};
enum event_class { CLASS_CD = 0, CLASS_TT = 1, CLASS_IN = 2 };

// What a record says. Fields that its type does not have are not looked at.
struct record {
  enum event_type type;
  bool s2;
  enum event_class class;
  u64 ipa;    // of stage 2's faults
  u64 fetch;  // FetchAddr
  bool table_write;
  bool stall;
  // The access.
  u32 sid;
  bool has_ssid;
  u32 ssid;
  u64 input;
  bool write, privileged, instruction;
};

// The four words, and which of their bits the specification defines for such a record.
struct event record_words(const struct record *record);
struct event record_mask(const struct record *record);
