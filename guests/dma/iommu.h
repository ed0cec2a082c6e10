// The SMMU as a kernel or a hypervisor drives it, over smmu/smmu.h: one linear stream table, one CD a stream. Commands
// are what is measured here, so CMDQ_PROD is not read back, and only CMDQ_CONS is polled, as in real drivers.
#pragma once
#include "../lib/arch.h"

// What a stream's STE and CD say. Tables are of 4 KB pages and 39 bits, as lib/tables.h builds them.
struct stream {
  bool bypass;
  bool stage1, stage2;  // neither, and no bypass: every transaction is aborted
  u64 table1, asid;
  u64 *context;  // 64 bytes for the CD, aligned: with both stages in the memory of who owns stage 1
  u64 table2, vmid;
};

// Queues and stream table; every stream aborts.
void iommu_init(void);
void iommu_configure(unsigned id, const struct stream *stream);

// Commands go into the queue; iommu_sync() returns when all are done.
void iommu_invalidate_va(u64 va, u64 asid, u64 vmid);
void iommu_invalidate_asid(u64 asid, u64 vmid);
void iommu_invalidate_ipa(u64 ipa, u64 vmid);
void iommu_invalidate_vm(u64 vmid);
void iommu_sync(void);

u64 iommu_commands(void);      // issued so far, CMD_SYNC included
bool iommu_take_events(void);  // empties the event queue; whether there was anything
