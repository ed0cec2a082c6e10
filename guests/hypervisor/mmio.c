// Emulated devices, and the access that reached them: from the syndrome when ISV says it is there, from the
// instruction itself when not (writeback and pair forms: DDI 0487, ESR_ELx, "ISS encoding for a Data Abort").
#include "../lib/print.h"
#include "hypervisor.h"

// --- devices: a read or write of `size` bytes at `offset`

static u64 scratch_read(struct vcpu *vcpu, u64 offset, unsigned size) {
  const u8 *bytes = (const u8 *)vcpu->vm->scratch;
  u64 value = 0;
  for (unsigned i = 0; i < size; ++i) value |= (u64)bytes[(offset + i) % sizeof(vcpu->vm->scratch)] << (8 * i);
  return value;
}

static void scratch_write(struct vcpu *vcpu, u64 offset, unsigned size, u64 value) {
  u8 *bytes = (u8 *)vcpu->vm->scratch;
  for (unsigned i = 0; i < size; ++i) bytes[(offset + i) % sizeof(vcpu->vm->scratch)] = (u8)(value >> (8 * i));
}

// UARTDR collects a line; UARTFR says "never full".
static u64 uart_read(struct vcpu *vcpu, u64 offset, unsigned size) {
  (void)vcpu, (void)offset, (void)size;
  return 0;
}

static void uart_write(struct vcpu *vcpu, u64 offset, unsigned size, u64 value) {
  (void)size;
  struct vm *vm = vcpu->vm;
  if (offset == 0 && vm->console_length < sizeof(vm->console) - 1) {
    vm->console[vm->console_length++] = (char)value;
    vm->console[vm->console_length] = 0;
  }
}

static u64 gicd_read(struct vcpu *vcpu, u64 offset, unsigned size) {
  (void)size;
  switch (GICD_BASE + offset) {
    case GICD_TYPER:
      return (VCPU_COUNT - 1) << 5;
    case GICD_ISENABLER:
      return vcpu->vm->gicd_enabled;
    default:
      return 0;
  }
}

static void gicd_write(struct vcpu *vcpu, u64 offset, unsigned size, u64 value) {
  (void)size;
  switch (GICD_BASE + offset) {
    case GICD_ISENABLER:
      vcpu->vm->gicd_enabled |= (u32)value;
      break;
    case GICD_SGIR:  // CPUTargetList at [23:16], SGIINTID at [3:0]
      for (unsigned target = 0; target < VCPU_COUNT; ++target) {
        if (!((value >> (16 + target)) & 1)) continue;
        vgic_inject(&vcpu->vm->vcpus[target],
                    (u32)LR_PENDING | LR_PRIORITY(0x80) | LR_SOURCE_CPU(vcpu->id) | LR_VIRTUAL_ID(value & 0xf));
      }
      break;
    default:
      break;
  }
}

static const struct device {
  u64 base, size;
  u64 (*read)(struct vcpu *vcpu, u64 offset, unsigned size);
  void (*write)(struct vcpu *vcpu, u64 offset, unsigned size, u64 value);
} devices[] = {
    {GICD_BASE, 0x1000, gicd_read, gicd_write},
    {UART_IPA, 0x1000, uart_read, uart_write},
    {SCRATCH_IPA, 0x1000, scratch_read, scratch_write},
};

// --- accesses

struct access {
  bool write, sign_extend, wide;  // wide: a 64-bit register
  unsigned size;                  // bytes
  unsigned rt;
};

static void perform(struct vcpu *vcpu, const struct device *device, u64 offset, struct access a) {
  if (a.write) {
    u64 value = vcpu_register(vcpu, a.rt);
    if (a.size < 8) value &= BIT(8 * a.size) - 1;
    device->write(vcpu, offset, a.size, value);
    return;
  }
  u64 value = device->read(vcpu, offset, a.size);
  if (a.sign_extend) {
    const unsigned shift = 64 - 8 * a.size;
    value = (u64)((s64)(value << shift) >> shift);
    if (!a.wide) value = (u32)value;
  }
  vcpu_set_register(vcpu, a.rt, value);
}

static struct access from_syndrome(u64 esr) {
  return (struct access){.write = esr & ISS_WNR,
                         .sign_extend = esr & ISS_SSE,
                         .wide = esr & ISS_SF,
                         .size = 1u << ISS_SAS(esr),
                         .rt = ISS_SRT(esr)};
}

// The guest's PC translated by the CPU itself; PAR_EL1 belongs to the guest.
static u32 read_instruction(const struct vcpu *vcpu) {
  const u64 par_of_guest = READ_SYSREG(par_el1);
  asm volatile("at s12e1r, %0; isb" ::"r"(vcpu->frame.elr) : "memory");
  const u64 par = READ_SYSREG(par_el1);
  WRITE_SYSREG(par_el1, par_of_guest);
  if (par & 1) panic("cannot read the instruction at 0x%lx: PAR 0x%lx", vcpu->frame.elr, par);
  return *(const volatile u32 *)((par & 0x0000fffffffff000ull) | (vcpu->frame.elr & 0xfff));
}

static s64 signed_field(u32 instruction, unsigned low, unsigned width) {
  return (s64)((u64)instruction << (64 - low - width)) >> (64 - width);
}

// Base register: 31 is SP, which for a guest at EL1h is SP_EL1.
static u64 read_base(const struct vcpu *vcpu, unsigned rn) {
  return rn == 31 ? READ_SYSREG(sp_el1) : vcpu->frame.x[rn];
}
static void write_base(struct vcpu *vcpu, unsigned rn, u64 value) {
  if (rn == 31) {
    WRITE_SYSREG(sp_el1, value);
  } else {
    vcpu->frame.x[rn] = value;
  }
}

// DDI 0487, C4.1 "Loads and Stores": integer pairs, and the pre- and post-indexed forms of single registers.
static bool from_instruction(struct vcpu *vcpu, const struct device *device, u64 offset) {
  const u32 i = read_instruction(vcpu);
  const unsigned rt = i & 31, rn = (i >> 5) & 31;
  u64 base = read_base(vcpu, rn);
  if ((i & 0x3c000000) == 0x28000000) {  // LDP, STP, LDPSW: opc [31:30], index form [24:23], L [22], imm7 [21:15]
    const unsigned opc = i >> 30, form = (i >> 23) & 3;
    struct access a = {.write = !(i & BIT(22)), .sign_extend = opc == 1, .wide = opc != 0, .size = opc == 2 ? 8 : 4};
    a.rt = rt;
    perform(vcpu, device, offset, a);
    a.rt = (i >> 10) & 31;
    perform(vcpu, device, offset + a.size, a);
    if (form & 1) write_base(vcpu, rn, base + (u64)(signed_field(i, 15, 7) * (s64)a.size));
    return true;
  }
  if ((i & 0x3f200400) == 0x38000400) {  // pre-, post-indexed: size [31:30], opc [23:22], imm9 [20:12]
    const unsigned opc = (i >> 22) & 3;
    const struct access a = {
        .write = opc == 0, .sign_extend = opc >= 2, .wide = opc == 2, .size = 1u << (i >> 30), .rt = rt};
    perform(vcpu, device, offset, a);
    write_base(vcpu, rn, base + (u64)signed_field(i, 12, 9));
    return true;
  }
  return false;
}

bool mmio_emulate(struct vcpu *vcpu, u64 ipa) {
  for (unsigned i = 0; i < ARRAY_SIZE(devices); ++i) {
    const u64 offset = ipa - devices[i].base;
    if (offset >= devices[i].size) continue;
    if (vcpu->frame.esr & ISS_ISV) {
      perform(vcpu, &devices[i], offset, from_syndrome(vcpu->frame.esr));
    } else if (!from_instruction(vcpu, &devices[i], offset)) {
      return false;
    }
    vcpu_skip_instruction(vcpu);
    return true;
  }
  return false;
}
