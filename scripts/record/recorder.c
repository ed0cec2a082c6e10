/* A plugin of QEMU's (docs/devel/tcg-plugins.rst of its 7.2) for AArch64 guests of one core: what they execute, as a file.
 *
 *   format=champsim   an instruction a record of ChampSim's (platforms/importers/champsim.hpp); for qemu-aarch64.
 *                     Registers are those of branches only, by which ChampSim tells their kinds: 26 the PC, 25 flags,
 *                     6 the SP, 1 another.
 *   format=physical   a data access a line, "R ADDRESS SIZE" or "W ADDRESS SIZE", hexadecimal physical addresses of
 *                     RAM; for qemu-system-aarch64. gem5_packets.py makes packets of them.
 *   out=FILE          where to
 *   skip=N limit=N    instructions before the first that is recorded; how many are
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parts of version 1 of the interface that are used; Debian has no package with its header. */
typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
enum { kNoRegisters = 0, kReadsAndWrites = 3 };
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb*));
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn*, void (*)(unsigned, void*), int, void*);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn*,
                                             void (*)(unsigned, qemu_plugin_meminfo_t, uint64_t, void*), int, int,
                                             void*);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void*), void*);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
extern struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
extern const void* qemu_plugin_insn_data(const struct qemu_plugin_insn*);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn*);
extern unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
extern bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
extern struct qemu_plugin_hwaddr* qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t, uint64_t);
extern bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr*);
extern uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr*);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { kDestinations = 2, kSources = 4, kPc = 26, kFlags = 25, kSp = 6, kOther = 1 };

struct Record { /* of ChampSim's */
  uint64_t ip;
  uint8_t is_branch, taken, destination_registers[kDestinations], source_registers[kSources];
  uint64_t destinations[kDestinations], sources[kSources];
};
_Static_assert(sizeof(struct Record) == 64, "the layout of the format");

struct Instruction { /* as it is translated; they stay until the end */
  uint64_t address;
  uint32_t word;
};

static FILE* out;
static bool physical;
static uint64_t skip, limit = UINT64_MAX, executed, dropped;
static struct Record now;
static bool pending;

static bool recording(void) { return executed > skip && executed - skip <= limit; }

static void emit(uint64_t next) {
  if (!pending) return;
  pending = false;
  now.taken = now.is_branch && next != now.ip + 4;
  fwrite(&now, sizeof now, 1, out);
}

/* Branches of A64 (Arm ARM, C4.1.65): registers as ChampSim expects them of a jump, a conditional one, a call, a return
 * and indirect ones. */
static void branch(uint32_t word) {
  const bool immediate = (word & 0x7C000000) == 0x14000000; /* B, BL */
  const bool conditional = (word & 0xFF000010) == 0x54000000;
  const bool compare = (word & 0x7C000000) == 0x34000000; /* CBZ, CBNZ, TBZ, TBNZ */
  const bool indirect = (word & 0xFE000000) == 0xD6000000;
  now.is_branch = immediate || conditional || compare || indirect;
  if (!now.is_branch) return;
  const bool returns = indirect && ((word >> 21) & 0xF) == 2,
             call = (immediate && word >> 31) || (indirect && ((word >> 21) & 0xF) == 1);
  uint8_t* source = now.source_registers;
  now.destination_registers[0] = kPc;
  if (!returns) *source++ = kPc;
  if (call || returns) {
    now.destination_registers[1] = kSp;
    *source++ = kSp;
  }
  if (conditional || compare) *source++ = kFlags;
  if (indirect && !returns) *source++ = kOther;
}

static void on_instruction(unsigned cpu, void* data) {
  const struct Instruction* const instruction = data;
  (void)cpu;
  if (!physical) emit(instruction->address);
  ++executed;
  if (!recording() || physical) return;
  memset(&now, 0, sizeof now);
  now.ip = instruction->address;
  branch(instruction->word);
  pending = true;
}

static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void* data) {
  (void)cpu;
  (void)data;
  if (!recording()) return;
  const bool store = qemu_plugin_mem_is_store(info);
  if (physical) {
    const struct qemu_plugin_hwaddr* const where = qemu_plugin_get_hwaddr(info, address);
    if (!where || qemu_plugin_hwaddr_is_io(where)) return;
    fprintf(out, "%c %" PRIx64 " %x\n", store ? 'W' : 'R', qemu_plugin_hwaddr_phys_addr(where),
            1u << qemu_plugin_mem_size_shift(info));
    return;
  }
  uint64_t* const places = store ? now.destinations : now.sources;
  const unsigned count = store ? kDestinations : kSources;
  for (unsigned n = 0; n < count; ++n) {
    if (places[n] == address) return;
    if (places[n] != 0) continue;
    places[n] = address;
    return;
  }
  ++dropped;
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  const size_t count = qemu_plugin_tb_n_insns(block);
  for (size_t n = 0; n < count; ++n) {
    struct qemu_plugin_insn* const instruction = qemu_plugin_tb_get_insn(block, n);
    struct Instruction* const kept = malloc(sizeof *kept);
    if (!kept) abort();
    kept->address = qemu_plugin_insn_vaddr(instruction);
    memcpy(&kept->word, qemu_plugin_insn_data(instruction), sizeof kept->word);
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_instruction, kNoRegisters, kept);
    qemu_plugin_register_vcpu_mem_cb(instruction, on_access, kNoRegisters, kReadsAndWrites, NULL);
  }
}

static void at_end(qemu_plugin_id_t id, void* data) {
  (void)id;
  (void)data;
  if (!physical) emit(now.ip + 4);
  if (fclose(out) != 0) perror("recorder");
  fprintf(stderr, "recorder: %" PRIu64 " instructions executed, %" PRIu64 " accesses that no record had place for\n",
          executed, dropped);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const void* info, int argc,
                                                               char** argv) {
  (void)info;
  const char* file = NULL;
  for (int n = 0; n < argc; ++n) {
    if (strncmp(argv[n], "out=", 4) == 0)
      file = argv[n] + 4;
    else if (strcmp(argv[n], "format=physical") == 0)
      physical = true;
    else if (strcmp(argv[n], "format=champsim") == 0)
      physical = false;
    else if (strncmp(argv[n], "skip=", 5) == 0)
      skip = strtoull(argv[n] + 5, NULL, 10);
    else if (strncmp(argv[n], "limit=", 6) == 0)
      limit = strtoull(argv[n] + 6, NULL, 10);
    else
      return fprintf(stderr, "recorder: no option %s\n", argv[n]), -1;
  }
  out = file ? fopen(file, "wb") : NULL;
  if (!out) return perror("recorder: out"), -1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, at_end, NULL);
  return 0;
}
