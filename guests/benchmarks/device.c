// Accesses to an emulated device, a stage-2 translation fault each: forms for which the syndrome describes the access
// (ISV = 1), and forms for which the hypervisor has to read the instruction.
#include "benchmarks.h"

#define ROUNDS 8

#define STORE(form, value) asm volatile(form ::"r"(value), "r"(device) : "memory")
#define LOAD(form)                                               \
  ({                                                             \
    u64 loaded_;                                                 \
    asm volatile(form : "=r"(loaded_) : "r"(device) : "memory"); \
    loaded_;                                                     \
  })

// 20 accesses; the sum of what the loads gave depends on every size and sign extension.
static u64 isv_round(u64 device) {
  u64 sum = 0;
  STORE("str %x0, [%1]", 0x8899aabbccddeeffull);
  sum += LOAD("ldr %x0, [%1]") == 0x8899aabbccddeeffull;
  sum += LOAD("ldr %w0, [%1, #4]") == 0x8899aabb;
  sum += LOAD("ldrsw %x0, [%1, #4]") == 0xffffffff8899aabbull;
  sum += LOAD("ldrh %w0, [%1, #2]") == 0xccdd;
  sum += LOAD("ldrsh %w0, [%1, #2]") == 0xffffccdd;
  sum += LOAD("ldrsh %x0, [%1, #2]") == 0xffffffffffffccddull;
  sum += LOAD("ldrb %w0, [%1, #1]") == 0xee;
  sum += LOAD("ldrsb %w0, [%1, #1]") == 0xffffffee;
  sum += LOAD("ldrsb %x0, [%1, #1]") == 0xffffffffffffffeeull;
  STORE("strb %w0, [%1, #8]", 0x177u);
  STORE("strh %w0, [%1, #10]", 0x15566u);
  STORE("str %w0, [%1, #12]", 0x11223344u);
  sum += LOAD("ldr %x0, [%1, #8]") == 0x1122334455660077ull;
  STORE("stlr %w0, [%1]", 0x01020304u);
  sum += LOAD("ldar %w0, [%1]") == 0x01020304;
  STORE("stur %w0, [%1, #-4]", 0xa5a5a5a5u);
  sum += LOAD("ldur %w0, [%1, #-4]") == 0xa5a5a5a5;
  sum += LOAD("ldtr %w0, [%1]") == 0x01020304;
  asm volatile("str wzr, [%0]" ::"r"(device) : "memory");
  return sum;
}
#define ISV_ACCESSES 20
#define ISV_LOADS 13

static u64 guest_isv(struct guest *guest) {
  (void)guest;
  u64 sum = 0;
  for (unsigned i = 0; i < ROUNDS; ++i) sum += isv_round(SCRATCH_IPA + 16);
  return sum;
}

void bench_mmio_isv(const char *name) {
  struct vcpu *vcpu = boot_one(guest_isv);
  vcpu_run(vcpu);
  expect(name, "traps", ROUNDS * ISV_ACCESSES, vcpu->log.by_ec[EC_DABT_LOWER]);
  finish(name, vcpu, ROUNDS * ISV_LOADS);
}

// Ten accesses without ISV; each writeback is checked through the address that it leaves.
static u64 no_isv_round(u64 device) {
  u64 sum = 0, p = device, a = 0x1111111122222222ull, b = 0x8333333344444444ull;
  asm volatile("str %x1, [%0], #8" : "+r"(p) : "r"(a) : "memory");
  asm volatile("str %w1, [%0, #4]!" : "+r"(p) : "r"(b) : "memory");
  sum += p == device + 12;
  asm volatile("ldr %w0, [%1], #-12" : "=r"(a), "+r"(p)::"memory");
  sum += a == 0x44444444 && p == device;
  asm volatile("ldrsb %x0, [%1, #3]!" : "=&r"(a), "+r"(p)::"memory");
  sum += a == 0x22 && p == device + 3;
  p = device;
  a = 5, b = 0xfffffffffffffff6ull;
  asm volatile("stp %x1, %x2, [%0]" ::"r"(p), "r"(a), "r"(b) : "memory");
  asm volatile("ldp %x0, %x1, [%2], #16" : "=&r"(a), "=&r"(b), "+r"(p)::"memory");
  sum += a == 5 && b == 0xfffffffffffffff6ull && p == device + 16;
  asm volatile("stp %w1, %w2, [%0, #-8]!" : "+r"(p) : "r"(7), "r"(9) : "memory");
  sum += p == device + 8;
  asm volatile("ldp %w0, %w1, [%2]" : "=&r"(a), "=&r"(b) : "r"(p) : "memory");
  sum += a == 7 && b == 9;
  asm volatile("strh %w1, [%0], #2" : "+r"(p) : "r"(0xbeef) : "memory");
  asm volatile("ldrsh %w0, [%1, #-2]!" : "=&r"(a), "+r"(p)::"memory");
  sum += a == 0xffffbeef && p == device + 8;
  return sum;
}
#define NO_ISV_ACCESSES 10
#define NO_ISV_CHECKS 7

static u64 guest_no_isv(struct guest *guest) {
  (void)guest;
  u64 sum = 0;
  for (unsigned i = 0; i < ROUNDS; ++i) sum += no_isv_round(SCRATCH_IPA);
  return sum;
}

static u64 with_syndrome;

static bool count_isv(struct vcpu *vcpu, unsigned ec) {
  with_syndrome += ec == EC_DABT_LOWER && (vcpu->frame.esr & ISS_ISV);
  return false;
}

void bench_mmio_no_isv(const char *name) {
  struct vcpu *vcpu = boot_one(guest_no_isv);
  vcpu->on_trap = count_isv;
  with_syndrome = 0;
  vcpu_run(vcpu);
  expect(name, "traps", ROUNDS * NO_ISV_ACCESSES, vcpu->log.by_ec[EC_DABT_LOWER]);
  expect(name, "with_isv", 0, with_syndrome);
  finish(name, vcpu, ROUNDS * NO_ISV_CHECKS);
}
