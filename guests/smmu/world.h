// Two VMs in memory and the tables between an endpoint and them. VM A has the endpoint; VM B is the neighbour, of which
// no DMA of A's may ever change a byte. Where there is a second endpoint, it is B's (neighbour.c).
//
// All addresses of one thing have the same low 30 bits, so that blocks of every size map it: VA 0x1040000000 +, IPA
// k << 30 +, PA 0x40000000 +. Each thing of A is in an IPA region of 1 GB of its own, so that one stage-2 descriptor of
// any level maps it alone.
#pragma once
#include "record.h"

// What A has, each a page; and the region of its IPA.
enum thing { S1_LEVEL1 = 1, S1_LEVEL2, S1_LEVEL3, CD_PAGE, DATA_PAGE, L2_CD_PAGE, THINGS };
u64 pa_of(enum thing thing);
u64 ipa_of(enum thing thing);
#define VA_BASE 0x1040000000ull
u64 va_of_data(void);
// B's memory: what lies there counts the words.
u64 pa_of_neighbour(void);
// IPS and S2PS: 42 bits. QEMU asks for an S2PS that covers S2T0SZ.
#define ADDRESS_SIZE 3
// No memory, within these bits.
#define NOWHERE 0x900000000ull
// Beyond them, within the output address size.
#define TOO_BIG (1ull << 43)

#define SECRET 0x5ec2e700u
#define A_ASID 0x42
#define A_VMID 0x11
#define B_VMID 0x12

extern struct edu world_edu;
u32 world_sid(void);
// The STE of the endpoint, in whichever stream table is in use; its CD.
struct ste *world_ste(void);
struct cd *world_cd(void);
// Descriptors: of stage 1 on the way to the data, of stage 2 on the way to an IPA.
u64 *s1_entry(unsigned level);
u64 *s2_entry(u64 ipa, unsigned level);
u64 s2_root(void);

// PCIe, the endpoint, the SMMU; panics when one is not there.
void world_init(void);
// Memory, tables, STE and CD as they are when nothing is wrong, with the SMMU on.
void world_reset(enum ste_config config);
// From now on the stream table has two levels. There is no way back: QEMU does not know it.
void world_two_level(unsigned split);
u64 *world_l1std(void);
// The input address that leads to the data.
u64 good_input(enum ste_config config);

#define KEPT_EVENTS 4
// One access of four bytes and what came of it.
struct outcome {
  enum edu_result result;
  unsigned events;
  struct event event[KEPT_EVENTS];
};
// The access that `record` describes: address, direction, SubstreamID, privilege. `attributes` are more of
// EDU_ATTRIBUTES.
struct outcome world_access(const struct record *access, u32 attributes);
void world_start(const struct record *access, u32 attributes);
// The records that are there, of a transfer that is over.
struct outcome world_outcome(void);
// Whether the endpoint and the SMMU have SubstreamIDs; stalls; ATS; PRI.
bool world_has_substreams(void);
bool world_has_stalls(void);
bool world_has_ats(void);
bool world_has_pri(void);

// Makes the access that `expected` describes and compares: exactly this record (none for NO_EVENT), an abort, the data
// and the neighbour unharmed, nothing leaked, and the next good transfer works. Prints the verdict with the record.
void expect_fault(const char *name, enum ste_config config, struct record expected);
// The access succeeds, without an event; a write arrives at the data, a read brings the secret.
void expect_success(const char *name, enum ste_config config, u64 address, bool write);
void expect_success_of(const char *name, enum ste_config config, struct record access);
// What follows is tried on some SMMUs only: a verdict begins with ONLY in the place of PASS, and is not compared.
void world_only_here(bool on);
// The endpoint's cached translations.
void world_forget_cached(void);
// `name` cannot be tried on this SMMU.
void unsupported(const char *name);
// The event queue holds nothing but `expected`; verdict and record are printed.
void expect_record(const char *name, struct record expected, const struct outcome *outcome, unsigned problems);
// Bits of `problems`.
enum problem {
  DATA_CHANGED = 1,
  NEIGHBOUR_CHANGED = 2,
  LEAKED = 4,
  NOT_RECOVERED = 8,
  NO_ABORT = 16,
  WRONG_STATE = 32
};
unsigned world_problems(void);
// The endpoint's buffer forgets the secret: an access that is aborted leaves there what was. After world_reset(config).
void world_wipe(enum ste_config config);

void configuration_faults(void);
void two_level_faults(void);
void translation_faults(void);
void table_formats(void);
void table_updates(void);
void queue_faults(void);
void smmu_messages(void);
void priorities(void);
void neighbours(void);
void substream_faults(void);
void stalled_faults(void);
void translation_requests(void);
void page_requests(void);
