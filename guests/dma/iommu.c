#include "iommu.h"

#include "../lib/print.h"
#include "../lib/tables.h"

#define CR0 0x20
#define CR0ACK 0x24
#define CR1 0x28
#define CR2 0x2c
#define STRTAB_BASE 0x80
#define STRTAB_BASE_CFG 0x88
#define CMDQ_BASE 0x90
#define CMDQ_PROD 0x98
#define CMDQ_CONS 0x9c
#define EVENTQ_BASE 0xa0
#define EVENTQ_PROD 0x100a8
#define EVENTQ_CONS 0x100ac

#define CR0_SMMUEN 1u
#define CR0_EVENTQEN 4u
#define CR0_CMDQEN 8u
#define CR1_CACHED 0xd75u  // tables and queues: inner shareable, write-back

#define STREAM_BITS 8  // PCI bus 0
#define QUEUE_BITS 7
#define QUEUE_ENTRIES (1u << QUEUE_BITS)
#define QUEUE_WRAP (2 * QUEUE_ENTRIES - 1)
#define CMDQ_ERROR (0x7fu << 24)

#define STE_VALID 1ull
#define STE_CONFIG(config) ((u64)(config) << 1)
#define STE_INCOMING_SHAREABILITY (1ull << 44)  // SHCFG
#define STE_TABLES_CACHED (0x1full << 2)        // S1CIR, S1COR: write-back; S1CSH below
#define STE_S2_AA64 BIT(51)
#define STE_S2_RECORD BIT(58)
#define CD_VALID BIT(31)
#define CD_NO_TTB1 BIT(30)
#define CD_AA64 BIT(41)
#define CD_RECORD BIT(45)
#define CD_ABORT BIT(46)

enum opcode {
  CMD_CFGI_STE = 0x03,
  CMD_CFGI_ALL = 0x04,
  CMD_TLBI_NH_ASID = 0x11,
  CMD_TLBI_NH_VA = 0x12,
  CMD_TLBI_S12_VMALL = 0x28,
  CMD_TLBI_S2_IPA = 0x2a,
  CMD_TLBI_NSNH_ALL = 0x30,
  CMD_SYNC = 0x46,
};
#define ALL_STREAMS 31u
#define LEAF 1ull

static struct { u64 words[8]; } stream_table[1 << STREAM_BITS] __attribute__((aligned(64 << STREAM_BITS)));
static u64 commands[QUEUE_ENTRIES][2] __attribute__((aligned(16 * QUEUE_ENTRIES)));
static u64 events[QUEUE_ENTRIES][4] __attribute__((aligned(32 * QUEUE_ENTRIES)));
static u32 produced;
static u64 issued;

static u32 read32(unsigned offset) { return mmio_read32(SMMU_BASE + offset); }
static void write32(unsigned offset, u32 value) { mmio_write32(SMMU_BASE + offset, value); }
static void write64(unsigned offset, u64 value) {
  asm volatile("str %0, [%1]" ::"r"(value), "r"(SMMU_BASE + offset) : "memory");
}

static void command(u64 first, u64 second) {
  while (((produced ^ read32(CMDQ_CONS)) & QUEUE_WRAP) == QUEUE_ENTRIES) {
  }
  u64 *entry = commands[produced & (QUEUE_ENTRIES - 1)];
  entry[0] = first;
  entry[1] = second;
  dsb();
  produced = (produced + 1) & QUEUE_WRAP;
  ++issued;
  write32(CMDQ_PROD, produced);
}

void iommu_invalidate_va(u64 va, u64 asid, u64 vmid) { command(CMD_TLBI_NH_VA | vmid << 32 | asid << 48, va | LEAF); }
void iommu_invalidate_asid(u64 asid, u64 vmid) { command(CMD_TLBI_NH_ASID | vmid << 32 | asid << 48, 0); }
void iommu_invalidate_ipa(u64 ipa, u64 vmid) { command(CMD_TLBI_S2_IPA | vmid << 32, ipa | LEAF); }
void iommu_invalidate_vm(u64 vmid) { command(CMD_TLBI_S12_VMALL | vmid << 32, 0); }

void iommu_sync(void) {
  command(CMD_SYNC, 0);
  u32 consumed;
  while (((consumed = read32(CMDQ_CONS)) & QUEUE_WRAP) != produced) {
    if (consumed & CMDQ_ERROR) panic("the SMMU refuses a command: CONS 0x%x", consumed);
  }
}

void iommu_configure(unsigned id, const struct stream *stream) {
  u64 *ste = stream_table[id].words;
  u64 *cd = stream->context;
  ste[0] = 0;
  dsb();
  const unsigned config =
      stream->bypass ? 4 : stream->stage1 + 2 * stream->stage2 + (stream->stage1 || stream->stage2 ? 4 : 0);
  if (stream->stage1) {
    cd[0] = (TCR_EL1_4K & 0x3fff) | 2ull << 32 | CD_NO_TTB1 | CD_VALID | CD_AA64 | CD_RECORD | CD_ABORT |
            stream->asid << 48;
    cd[1] = stream->table1;
    cd[3] = MAIR_VALUE;
  }
  ste[1] = STE_INCOMING_SHAREABILITY | STE_TABLES_CACHED | 3ull << 6;
  ste[2] = stream->vmid | (stream->stage2 ? (VTCR_4K & 0x7ffff) << 32 | STE_S2_AA64 | STE_S2_RECORD : 0);
  ste[3] = stream->stage2 ? stream->table2 : 0;
  dsb();
  ste[0] = STE_VALID | STE_CONFIG(config) | (stream->stage1 ? (u64)cd : 0);
  dsb();
  command(CMD_CFGI_STE | (u64)id << 32, LEAF);
  command(CMD_TLBI_NSNH_ALL, 0);
  iommu_sync();
}

u64 iommu_commands(void) { return issued; }
bool iommu_take_events(void) {
  const u32 recorded = read32(EVENTQ_PROD);
  const bool any = ((recorded ^ read32(EVENTQ_CONS)) & QUEUE_WRAP) != 0;
  write32(EVENTQ_CONS, recorded);
  return any;
}

static void enable(u32 bits) {
  write32(CR0, bits);
  while (read32(CR0ACK) != bits) {
  }
}

void iommu_init(void) {
  enable(0);
  write32(CR1, CR1_CACHED);
  write32(CR2, 0);
  for (unsigned id = 0; id < ARRAY_SIZE(stream_table); ++id) stream_table[id].words[0] = STE_VALID | STE_CONFIG(0);
  write64(STRTAB_BASE, (u64)stream_table);
  write32(STRTAB_BASE_CFG, STREAM_BITS);
  write64(CMDQ_BASE, (u64)commands | QUEUE_BITS);
  write32(CMDQ_PROD, produced = 0);
  write32(CMDQ_CONS, 0);
  write64(EVENTQ_BASE, (u64)events | QUEUE_BITS);
  write32(EVENTQ_PROD, 0);
  write32(EVENTQ_CONS, 0);
  dsb();
  enable(CR0_CMDQEN);
  command(CMD_CFGI_ALL, ALL_STREAMS);
  command(CMD_TLBI_NSNH_ALL, 0);
  iommu_sync();
  enable(CR0_CMDQEN | CR0_EVENTQEN);
  enable(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
}
