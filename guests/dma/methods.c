// Ways of a virtual machine's DMA to memory, and what each costs: one transfer of a page from the VM's memory to a PCIe
// endpoint, with whatever has to be done before and after it.
//
//   bypass     nobody translates: the VM's addresses are physical, and nothing is protected
//   bounce     the hypervisor owns the device: a hypercall a transfer, which copies the page and runs the device
//   hypercall  the VM owns the device, the hypervisor its stage 2: a hypercall to map a page, one to unmap it
//   kernel     no hypervisor: EL1 maps and unmaps in stage 1
//   shared     stage 1 alone, the tables of the process itself: a user's driver, which maps nothing
//   stage2     the device shares the VM's stage 2: nothing to map
//   nested     the VM maps and unmaps in its own stage 1; invalidations are hypercalls; stage 2 is the hypervisor's
//
// Unmapping is strict (invalidated and waited for, each time), deferred (once every BATCH times) or never followed by
// an invalidation. Between unmapping and invalidation the device may still use the old translation: the window that
// `window:` lines look into.
#include "../lib/check.h"
#include "../lib/measure.h"
#include "../lib/print.h"
#include "../lib/tables.h"
#include "../smmu/pci.h"
#include "../validation/vm.h"
#include "iommu.h"

#ifndef TRANSFERS
#define TRANSFERS 64
#endif
#define BATCH 16
#define PAGES 32
#define STREAM_OF(edu) ((edu)->slot << 3)
#define ASID 1

enum method { BYPASS, BOUNCE, HYPERCALL, KERNEL, SHARED, STAGE2, NESTED };
enum unmapping { STRICT, DEFERRED, NEVER };
enum call { CALL_BOUNCE, CALL_MAP, CALL_UNMAP, CALL_INVALIDATE_PAGE, CALL_INVALIDATE_ALL };

struct row {
  const char *name;
  enum method method;
  bool maps;              // each transfer
  unsigned stage2_level;  // of the VM; 0: no hypervisor
  unsigned calls;         // hypercalls a transfer, with strict unmapping
};
static const struct row rows[] = {
    {"bypass", BYPASS, false, 3, 0}, {"bounce", BOUNCE, false, 3, 1}, {"hypercall", HYPERCALL, true, 3, 2},
    {"kernel", KERNEL, true, 0, 0},  {"shared", SHARED, false, 0, 0}, {"stage2", STAGE2, false, 3, 0},
    {"nested", NESTED, true, 3, 1},
};
static const char *const unmappings[] = {"strict", "deferred", "never"};

// At the begin of the VM's heap.
struct job {
  struct edu edu;
  enum method method;
  enum unmapping unmapping;
  struct tables tables;  // stage 1 of the device, of KERNEL and NESTED
  u64 transfers, done, mapping, transferring, unmapping_cycles;
  enum edu_result window;
};
#define CONTEXT_AT 0x8000u
#define TABLES_AT 0x10000u
#define TABLES_SIZE 0x10000u
#define PAGES_AT 0x20000u

static struct edu endpoint;
static struct tables device_tables;  // stage 2 of the device, of HYPERCALL
static u8 device_pool[16 * PAGE_SIZE] __attribute__((aligned(4096)));
static u8 bounce[PAGE_SIZE] __attribute__((aligned(4096)));
static enum unmapping unmapping;
static u64 hypercalls, since_invalidation;

void el2_exception(struct trap_frame *frame, unsigned vector) {
  panic("vector %u ESR 0x%lx ELR 0x%lx FAR 0x%lx", vector, frame->esr, frame->elr, frame->far);
}

// --- EL2

static u64 hypervisor(u64 call, u64 page, u64 last) {
  ++hypercalls;
  switch ((enum call)call) {
    case CALL_BOUNCE:
      __builtin_memcpy(bounce, (const void *)page, PAGE_SIZE);
      return edu_fetch(&endpoint, (u64)bounce, 0, PAGE_SIZE);
    case CALL_MAP:
      tables_map(&device_tables, page, page, PAGE_SIZE, 3, S2_NORMAL | S2_READ | S2_WRITE);
      dsb();
      break;
    case CALL_UNMAP:
      *tables_entry(&device_tables, page, 3) = 0;
      dsb();
      if (unmapping == STRICT) {
        iommu_invalidate_ipa(page, vm_id());
        iommu_sync();
      } else if (unmapping == DEFERRED && ++since_invalidation == BATCH) {
        since_invalidation = 0;
        iommu_invalidate_vm(vm_id());
        iommu_sync();
      }
      break;
    case CALL_INVALIDATE_PAGE:
      iommu_invalidate_va(page, last, vm_id());
      iommu_sync();
      break;
    case CALL_INVALIDATE_ALL:
      iommu_invalidate_asid(last, vm_id());
      iommu_sync();
      break;
  }
  return 0;
}

// --- EL1

static u8 *page_of(struct job *job, u64 transfer) { return (u8 *)job + PAGES_AT + PAGE_SIZE * (transfer % PAGES); }

static void map(struct job *job, u64 page) {
  if (job->method == HYPERCALL) {
    vm_hypercall(CALL_MAP, page, 0);
  } else {
    tables_map(&job->tables, page, page, PAGE_SIZE, 3, S1_NORMAL | S1_NG | S1_PXN | S1_UXN | S1_EL0);
    dsb();
  }
}

static void invalidate(struct job *job, bool all, u64 page) {
  if (job->method == NESTED) {
    vm_hypercall(all ? CALL_INVALIDATE_ALL : CALL_INVALIDATE_PAGE, page, ASID);
    return;
  }
  if (all) {
    iommu_invalidate_asid(ASID, 0);
  } else {
    iommu_invalidate_va(page, ASID, 0);
  }
  iommu_sync();
}

static void unmap(struct job *job, u64 page) {
  if (job->method == HYPERCALL) {
    vm_hypercall(CALL_UNMAP, page, 0);
    return;
  }
  *tables_entry(&job->tables, page, 3) = 0;
  dsb();
  if (job->unmapping == STRICT) invalidate(job, false, page);
  if (job->unmapping == DEFERRED && job->transfers % BATCH == 0) invalidate(job, true, 0);
}

static void transfer(struct job *job, bool maps) {
  const u64 page = (u64)page_of(job, job->transfers++);
  const u64 begun = cycles_now();
  if (maps) map(job, page);
  const u64 mapped = cycles_now();
  const u64 result =
      job->method == BOUNCE ? vm_hypercall(CALL_BOUNCE, page, 0) : (u64)edu_fetch(&job->edu, page, 0, PAGE_SIZE);
  const u64 moved = cycles_now();
  if (maps) unmap(job, page);
  const u64 ended = cycles_now();
  job->done += result == EDU_DONE;
  job->mapping += mapped - begun;
  job->transferring += moved - mapped;
  job->unmapping_cycles += ended - moved;
}

static u64 vm_main(struct vm_result *result) {
  struct job *job = (struct job *)result->heap;
  const bool maps = result->argument;
  if (job->method == KERNEL || job->method == NESTED) {
    for (u64 n = 0; n < PAGES; ++n) {  // the tables above the pages stay
      map(job, (u64)page_of(job, n));
      *tables_entry(&job->tables, (u64)page_of(job, n), 3) = 0;
    }
  }
  // Pages, CPU TLB and caches once before the measurement; the device's path is cold with each new mapping anyway.
  for (u64 n = 0; n < PAGES; ++n) __builtin_memset(page_of(job, n), (int)(n + 1), PAGE_SIZE);
  for (u64 n = 0; n < BATCH; ++n) transfer(job, maps);
  job->done = job->mapping = job->transferring = job->unmapping_cycles = 0;
  for (u64 n = 0; n < TRANSFERS; ++n) transfer(job, maps);
  if (maps) {
    transfer(job, true);
    job->window = edu_fetch(&job->edu, (u64)page_of(job, job->transfers - 1), 0, PAGE_SIZE);
    transfer(job, true);  // whatever the endpoint has after a refusal
    job->done -= 2;
  }
  result->value = page_of(job, job->transfers - 1)[0];
  return 0;
}

// --- EL2

static void configure(const struct row *row, struct job *job) {
  struct stream stream = {
      .context = (u64 *)((u8 *)job + CONTEXT_AT), .asid = ASID, .vmid = row->stage2_level ? vm_id() : 0};
  switch (row->method) {
    case BYPASS:
    case BOUNCE:
      stream.bypass = true;
      break;
    case HYPERCALL:
      tables_init(&device_tables, (u64)device_pool, sizeof(device_pool), 0, 12, 1);
      stream.stage2 = true;
      stream.table2 = device_tables.root;
      break;
    case SHARED:
      stream.stage1 = true;
      stream.table1 = vm_stage1_root();
      break;
    case KERNEL:
    case NESTED:
      tables_init(&job->tables, (u64)job + TABLES_AT, TABLES_SIZE, 0, 12, 1);
      stream.stage1 = true;
      stream.table1 = job->tables.root;
      break;
    case STAGE2:
      break;
  }
  if (row->method == STAGE2 || row->method == NESTED) {
    stream.stage2 = true;
    stream.table2 = vm_stage2_root();
  }
  dsb();
  iommu_configure(STREAM_OF(&endpoint), &stream);
}

static u64 invalidations(const struct row *row, enum unmapping how) {
  return !row->maps || how == NEVER ? 0 : how == STRICT ? TRANSFERS : TRANSFERS / BATCH;
}

// What the last transfer has left in the endpoint.
static u64 device_data(void) {
  iommu_configure(STREAM_OF(&endpoint), &(struct stream){.bypass = true});
  edu_store(&endpoint, (u64)bounce, 0, PAGE_SIZE);
  u64 sum = 0;
  for (unsigned n = 0; n < PAGE_SIZE; ++n) sum += bounce[n];
  return sum;
}
static void measure(const struct row *row, enum unmapping how) {
  const char *mode = row->maps ? unmappings[how] : "static";
  vm_make(3, row->stage2_level);
  vm_map_device(endpoint.base & ~(2 * MEGABYTE - 1), 2 * MEGABYTE);
  vm_map_device(UART_BASE, 2 * MEGABYTE);  // and the SMMU, for EL1 without a hypervisor
  if (!row->stage2_level) vm_map(0x40200000, 2 * MEGABYTE, 2, 0);
  struct job *job = (struct job *)vm_heap();
  *job = (struct job){.edu = endpoint, .method = row->method, .unmapping = unmapping = how};
  if (row->method == SHARED) vm_map_user((u64)job, PAGES_AT + PAGES * PAGE_SIZE);
  configure(row, job);
  vm_on_hypercall(hypervisor);
  vm_set_argument(row->maps);
  hypercalls = since_invalidation = 0;
  const u64 commands = iommu_commands();
  iommu_take_events();
  const struct vm_result *result = vm_run(vm_main);

  const u64 commands_used = iommu_commands() - commands;
  const u64 rounds = BATCH + TRANSFERS + (row->maps ? 2 : 0);
  print("# %s\n", name_of("dma", row->name, mode));
  check("transfers", TRANSFERS, job->done);
  check("data", PAGE_SIZE * result->value, device_data());
  u64 calls = row->calls * rounds;
  u64 expected_commands = 2 * (invalidations(row, how) * rounds / TRANSFERS);
  if (row->method == NESTED) calls = expected_commands / 2;
  check("hypercalls", calls, hypercalls);
  check("commands", expected_commands, commands_used);
  if (row->maps) {
    const bool recorded = iommu_take_events();
    const bool open = job->edu.extended ? job->window == EDU_DONE : !recorded;
    print("window: %s %s\n", name_of("dma", row->name, mode), open ? "open" : "closed");
    if (how == STRICT) {
      check("closed", 0, open);
      check("recorded", 1, recorded);
    }
  }
  measure_print(name_of("dma", row->name, mode), job->mapping + job->transferring + job->unmapping_cycles, TRANSFERS);
  if (row->maps) {
    measure_print(name_of("dma_map", row->name, mode), job->mapping, TRANSFERS);
    measure_print(name_of("dma_unmap", row->name, mode), job->unmapping_cycles, TRANSFERS);
  }
}

int main(void) {
  measure_init();
  pci_init();
  WRITE_SYSREG(cnthctl_el2, CNTHCTL_EL1PCTEN | CNTHCTL_EL1PCEN);
  if (!edu_find(&endpoint, 0)) panic("no endpoint: --device edu");
  iommu_init();
  for (unsigned n = 0; n < ARRAY_SIZE(rows); ++n) {
    for (unsigned how = STRICT; how <= (rows[n].maps ? NEVER : STRICT); ++how) measure(&rows[n], (enum unmapping)how);
  }
  check_summary();
  return 0;
}
