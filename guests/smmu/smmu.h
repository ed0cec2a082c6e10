// SMMUv3 (IHI 0070) at `virt`'s address: registers, queues, commands, STEs and CDs as words. The names are the
// manual's.
#pragma once
#include "pci.h"

#define SMMU_BASE 0x09050000ull
#define SMMU_PAGE1 (SMMU_BASE + 0x10000)
#define SMMU_IDR0 0x00
#define IDR0_S2P BIT(0)
#define IDR0_S1P BIT(1)
#define IDR0_HTTU(idr0) ((idr0) >> 6 & 3)  // 1: Access flag, 2: dirty state too
#define IDR0_HYP BIT(9)
#define IDR0_ATS BIT(10)
#define IDR0_PRI BIT(16)
#define IDR0_MSI BIT(13)
#define IDR0_LITTLE_ENDIAN(idr0) (((idr0) >> 21 & 3) == 2)
#define IDR0_STALL_MODEL(idr0) ((idr0) >> 24 & 3)  // 0: stall and terminate, 1: terminate only, 2: stall only
#define IDR0_TERM_MODEL BIT(26)
#define SMMU_IDR1 0x04
#define IDR1_SIDSIZE(idr1) ((idr1)&0x3f)
#define IDR1_SSIDSIZE(idr1) ((idr1) >> 6 & 0x1f)
#define SMMU_IDR5 0x14
#define IDR5_OAS(idr5) ((idr5)&7)
#define SMMU_CR0 0x20
#define SMMU_CR0ACK 0x24
#define CR0_SMMUEN BIT(0)
#define CR0_PRIQEN BIT(1)
#define CR0_EVENTQEN BIT(2)
#define CR0_CMDQEN BIT(3)
#define CR0_ATSCHK BIT(4)
#define SMMU_CR1 0x28
#define CR1_WRITE_BACK 0xd75u  // inner shareable, write-back, queues and tables alike
#define SMMU_CR2 0x2c
#define CR2_RECINVSID BIT(1)
#define CR2_PTM BIT(2)
#define SMMU_GBPA 0x44
#define GBPA_ABORT BIT(20)
#define GBPA_UPDATE BIT(31)
#define SMMU_IRQ_CTRL 0x50
#define IRQ_CTRL_GERROR BIT(0)
#define IRQ_CTRL_PRIQ BIT(1)
#define IRQ_CTRL_EVENTQ BIT(2)
#define SMMU_GERROR 0x60
#define SMMU_GERRORN 0x64
#define GERROR_CMDQ BIT(0)
#define GERROR_EVENTQ_ABT BIT(2)
#define GERROR_PRIQ_ABT BIT(3)
#define GERROR_MSI_CMDQ_ABT BIT(4)
#define GERROR_MSI_EVENTQ_ABT BIT(5)
#define SMMU_GERROR_IRQ_CFG0 0x68  // 64-bit address; data and attributes behind it
#define SMMU_STRTAB_BASE 0x80
#define SMMU_STRTAB_BASE_CFG 0x88
#define STRTAB_TWO_LEVEL (1u << 16)
#define STRTAB_SPLIT(split) ((u32)(split) << 6)
#define SMMU_CMDQ_BASE 0x90
#define SMMU_CMDQ_PROD 0x98
#define SMMU_CMDQ_CONS 0x9c
#define CMDQ_CONS_ERR(cons) ((cons) >> 24 & 0x7f)
enum command_error { CERROR_NONE = 0, CERROR_ILL = 1, CERROR_ABT = 2, CERROR_ATC_INV_SYNC = 3 };
#define SMMU_EVENTQ_BASE 0xa0
#define SMMU_EVENTQ_PROD 0xa8  // of page 1
#define SMMU_EVENTQ_CONS 0xac  // of page 1
#define SMMU_EVENTQ_IRQ_CFG0 0xb0
#define SMMU_PRIQ_BASE 0xc0
#define SMMU_PRIQ_PROD 0xc8  // of page 1
#define SMMU_PRIQ_CONS 0xcc  // of page 1
#define QUEUE_OVERFLOW BIT(31)
#define QUEUE_RA BIT(62)

// The wired interrupts, as `virt` wires them.
enum smmu_intid { INTID_EVENTQ = 32 + 74, INTID_PRIQ, INTID_CMD_SYNC, INTID_GERROR };

static inline u32 smmu_read(unsigned offset) { return mmio_read32(SMMU_BASE + offset); }
static inline void smmu_write(unsigned offset, u32 value) { mmio_write32(SMMU_BASE + offset, value); }
static inline void smmu_write64(unsigned offset, u64 value) { mmio_write64(SMMU_BASE + offset, value); }
static inline u32 smmu_read1(unsigned offset) { return mmio_read32(SMMU_PAGE1 + offset); }
static inline void smmu_write1(unsigned offset, u32 value) { mmio_write32(SMMU_PAGE1 + offset, value); }

// ---- commands (chapter 4): word 0, word 1
#define CMD_CFGI_STE 0x03ull
#define CMD_CFGI_ALL 0x04ull  // word 1: 31
#define CMD_CFGI_CD 0x05ull
#define CMD_TLBI_NH_ASID 0x11ull
#define CMD_TLBI_NH_VA 0x12ull  // word 1: address, leaf
#define CMD_TLBI_EL3_ALL 0x18ull
#define CMD_TLBI_S12_VMALL 0x28ull
#define CMD_TLBI_S2_IPA 0x2aull  // word 1: address, leaf
#define CMD_TLBI_NSNH_ALL 0x30ull
#define CMD_ATC_INV 0x40ull
#define CMD_PRI_RESP 0x41ull
#define CMD_RESUME 0x44ull
#define CMD_STALL_TERM 0x45ull
#define CMD_SYNC 0x46ull
#define CMD_SYNC_IRQ (1ull << 12)
#define CMD_LEAF 1ull
#define CMD_VMID(vmid) ((u64)(vmid) << 32)
#define CMD_ASID(asid) ((u64)(asid) << 48)
#define CMD_SID(sid) ((u64)(sid) << 32)
#define CMD_SSID(ssid) ((u64)(ssid) << 12 | BIT(11))
#define RESUME_RETRY (1ull << 12)
#define RESUME_ABORT (2ull << 12)
#define PRI_RESP_FAILURE (0ull << 12)
#define PRI_RESP_INVALID (1ull << 12)
#define PRI_RESP_SUCCESS (2ull << 12)

#define COMMAND_BITS 6
#define EVENT_BITS 4
#define PRI_BITS 3

struct event {
  u64 word[4];
};
struct page_request {
  u64 word[2];
};

// Queues of these sizes, empty; everything off but the command queue; GBPA as it was.
void smmu_init(void);
// A queue of 2^bits entries at `base`, empty. The caller has switched it off.
void smmu_event_queue(u64 base, unsigned bits);
void smmu_command_queue(u64 base, unsigned bits);
void smmu_page_queue(u64 base, unsigned bits);
u64 smmu_own_event_queue(void);
u64 smmu_own_command_queue(void);
u64 smmu_own_page_queue(void);
// Waits for CR0ACK.
void smmu_set_cr0(u32 bits);
void smmu_set_gbpa(bool abort);
// Puts a command into the queue and rings the doorbell.
void smmu_command(u64 word0, u64 word1);
// CMD_SYNC, and waits until it is consumed; panics on a command error.
void smmu_sync(void);
// Waits until the queue is empty or a command error is there; true: the error.
bool smmu_commands_done(void);
// All configuration and all translations are forgotten.
void smmu_invalidate_all(void);
unsigned smmu_events(void);
bool smmu_next_event(struct event *event);
bool smmu_next_page_request(struct page_request *request);

// ---- STE (5.2): the words that are used
struct ste {
  u64 word[8];
};
#define STE0_V BIT(0)
#define STE0_CONFIG(config) ((u64)(config) << 1)
enum ste_config { STE_ABORT = 0, STE_BYPASS = 4, STE_S1 = 5, STE_S2 = 6, STE_NESTED = 7 };
#define STE0_S1FMT(format) ((u64)(format) << 4)
#define STE0_S1CDMAX(bits) ((u64)(bits) << 59)
#define STE1_S1DSS(dss) ((u64)(dss))
enum s1dss { S1DSS_TERMINATE = 0, S1DSS_BYPASS = 1, S1DSS_SSID0 = 2 };
#define STE1_S1_WRITE_BACK (1ull << 2 | 1ull << 4 | 3ull << 6)
#define STE1_EATS(eats) ((u64)(eats) << 28)
#define STE1_STRW(strw) ((u64)(strw) << 30)
#define STE1_SHCFG_INCOMING (1ull << 44)
#define STE1_PRIVCFG(config) ((u64)(config) << 48)
#define STE1_INSTCFG(config) ((u64)(config) << 50)
#define STE2_S2VMID(vmid) ((u64)(vmid))
#define STE2_S2T0SZ(size) ((u64)(size) << 32)
#define STE2_S2SL0(level) ((u64)(level) << 38)
#define STE2_S2_WRITE_BACK (1ull << 40 | 1ull << 42 | 3ull << 44)
#define STE2_S2TG(granule) ((u64)(granule) << 46)
#define STE2_S2PS(size) ((u64)(size) << 48)
#define STE2_S2AA64 BIT(51)
#define STE2_S2AFFD BIT(53)
#define STE2_S2PTW BIT(54)
#define STE2_S2HD BIT(55)
#define STE2_S2HA BIT(56)
#define STE2_S2S BIT(57)
#define STE2_S2R BIT(58)

// ---- CD (5.4)
struct cd {
  u64 word[8];
};
#define CD0_T0SZ(size) ((u64)(size))
#define CD0_TG0(granule) ((u64)(granule) << 6)
#define CD0_WRITE_BACK (1ull << 8 | 1ull << 10 | 3ull << 12)
#define CD0_EPD0 BIT(14)
#define CD1_T1SZ(size) ((u64)(size) << 16)
#define CD1_TG1(granule) ((u64)(granule) << 22)
#define CD1_WRITE_BACK (1ull << 24 | 1ull << 26 | 3ull << 28)
#define CD0_EPD1 BIT(30)
#define CD0_V BIT(31)
#define CD0_IPS(size) ((u64)(size) << 32)
#define CD0_AFFD BIT(35)
#define CD0_TBI0 BIT(38)
#define CD0_PAN BIT(40)
#define CD0_AA64 BIT(41)
#define CD0_HD BIT(42)
#define CD0_HA BIT(43)
#define CD0_S BIT(44)
#define CD0_R BIT(45)
#define CD0_A BIT(46)
#define CD0_ASET BIT(47)
#define CD0_ASID(asid) ((u64)(asid) << 48)

#define L1STD(address, span) ((address) | (span))
#define L1CD(address) ((address) | 1)
