#include "iommu.h"

#include "../lib/print.h"
#include "../lib/tables.h"
#include "../smmu/smmu.h"

#define STREAM_BITS 8  // PCI bus 0
#define QUEUE_BITS 7
#define QUEUE_ENTRIES (1u << QUEUE_BITS)
#define QUEUE_WRAP (2 * QUEUE_ENTRIES - 1)

static struct ste stream_table[1 << STREAM_BITS] __attribute__((aligned(64 << STREAM_BITS)));
static u64 commands[QUEUE_ENTRIES][2] __attribute__((aligned(16 * QUEUE_ENTRIES)));
static struct event events[QUEUE_ENTRIES] __attribute__((aligned(32 * QUEUE_ENTRIES)));
static u32 produced;
static u64 issued;

static void command(u64 first, u64 second) {
  while (((produced ^ smmu_read(SMMU_CMDQ_CONS)) & QUEUE_WRAP) == QUEUE_ENTRIES) {
  }
  u64 *entry = commands[produced & (QUEUE_ENTRIES - 1)];
  entry[0] = first;
  entry[1] = second;
  dsb();
  produced = (produced + 1) & QUEUE_WRAP;
  ++issued;
  smmu_write(SMMU_CMDQ_PROD, produced);
}

void iommu_invalidate_va(u64 va, u64 asid, u64 vmid) {
  command(CMD_TLBI_NH_VA | CMD_VMID(vmid) | CMD_ASID(asid), va | CMD_LEAF);
}
void iommu_invalidate_asid(u64 asid, u64 vmid) { command(CMD_TLBI_NH_ASID | CMD_VMID(vmid) | CMD_ASID(asid), 0); }
void iommu_invalidate_ipa(u64 ipa, u64 vmid) { command(CMD_TLBI_S2_IPA | CMD_VMID(vmid), ipa | CMD_LEAF); }
void iommu_invalidate_vm(u64 vmid) { command(CMD_TLBI_S12_VMALL | CMD_VMID(vmid), 0); }

void iommu_sync(void) {
  command(CMD_SYNC, 0);
  u32 consumed;
  while (((consumed = smmu_read(SMMU_CMDQ_CONS)) & QUEUE_WRAP) != produced) {
    if (CMDQ_CONS_ERR(consumed)) panic("command error %u", CMDQ_CONS_ERR(consumed));
  }
}

static unsigned config_of(const struct stream *stream) {
  if (stream->bypass) return STE_BYPASS;
  if (stream->stage1) return stream->stage2 ? STE_NESTED : STE_S1;
  return stream->stage2 ? STE_S2 : STE_ABORT;
}

void iommu_configure(unsigned id, const struct stream *stream) {
  u64 *ste = stream_table[id].word;
  u64 *cd = stream->context;
  ste[0] = 0;
  dsb();
  if (stream->stage1) {
    cd[0] = CD0_T0SZ(25) | CD0_WRITE_BACK | CD0_EPD1 | CD0_V | CD0_IPS(2) | CD0_AA64 | CD0_R | CD0_A |
            CD0_ASID(stream->asid);
    cd[1] = stream->table1;
    cd[3] = MAIR_VALUE;
  }
  ste[1] = STE1_SHCFG_INCOMING | STE1_S1_WRITE_BACK;
  ste[2] = STE2_S2VMID(stream->vmid);
  ste[3] = 0;
  if (stream->stage2) {
    ste[2] |= STE2_S2T0SZ(25) | STE2_S2SL0(1) | STE2_S2_WRITE_BACK | STE2_S2PS(2) | STE2_S2AA64 | STE2_S2R;
    ste[3] = stream->table2;
  }
  dsb();
  ste[0] = STE0_V | STE0_CONFIG(config_of(stream)) | (stream->stage1 ? (u64)cd : 0);
  dsb();
  command(CMD_CFGI_STE | CMD_SID(id), CMD_LEAF);
  command(CMD_TLBI_NSNH_ALL, 0);
  iommu_sync();
}

u64 iommu_commands(void) { return issued; }

bool iommu_take_events(void) {
  const u32 recorded = smmu_read1(SMMU_EVENTQ_PROD);
  const bool any = ((recorded ^ smmu_read1(SMMU_EVENTQ_CONS)) & QUEUE_WRAP) != 0;
  smmu_write1(SMMU_EVENTQ_CONS, recorded);
  return any;
}

void iommu_init(void) {
  smmu_init();
  for (unsigned id = 0; id < ARRAY_SIZE(stream_table); ++id) {
    stream_table[id].word[0] = STE0_V | STE0_CONFIG(STE_ABORT);
  }
  smmu_write64(SMMU_STRTAB_BASE, (u64)stream_table);
  smmu_write(SMMU_STRTAB_BASE_CFG, STREAM_BITS);
  smmu_set_cr0(0);
  smmu_command_queue((u64)commands, QUEUE_BITS);
  smmu_event_queue((u64)events, QUEUE_BITS);
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN);
  produced = 0;
  smmu_invalidate_all();
  produced = smmu_read(SMMU_CMDQ_PROD);
  smmu_set_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
}
