// The Armv8-A facts that every guest program uses: register access, control bits, exception classes.
// Names and values are those of the Arm Architecture Reference Manual (DDI 0487), D17 "System register descriptions".
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define BIT(n) (1ull << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define READ_SYSREG(name)                                    \
  ({                                                         \
    u64 value_;                                              \
    asm volatile("mrs %0, " #name : "=r"(value_)::"memory"); \
    value_;                                                  \
  })
#define WRITE_SYSREG(name, value) asm volatile("msr " #name ", %0" ::"r"((u64)(value)) : "memory")

static inline void isb(void) { asm volatile("isb" ::: "memory"); }
static inline void dsb(void) { asm volatile("dsb sy" ::: "memory"); }
static inline void wfi(void) { asm volatile("wfi" ::: "memory"); }

static inline u32 mmio_read32(u64 address) {
  u32 value;
  asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}
static inline void mmio_write32(u64 address, u32 value) {
  asm volatile("str %w0, [%1]" ::"r"(value), "r"(address) : "memory");
}

// The map of QEMU's `virt` machine with a GICv2.
#define UART_BASE 0x09000000ull
#define RAM_BASE 0x40000000ull
#define PAGE_SIZE 0x1000ull
#define MEGABYTE 0x100000ull

// HCR_EL2
#define HCR_VM BIT(0)
#define HCR_SWIO BIT(1)
#define HCR_PTW BIT(2)
#define HCR_FMO BIT(3)
#define HCR_IMO BIT(4)
#define HCR_AMO BIT(5)
#define HCR_VF BIT(6)
#define HCR_VI BIT(7)
#define HCR_VSE BIT(8)
#define HCR_TWI BIT(13)
#define HCR_TWE BIT(14)
#define HCR_TID0 BIT(15)
#define HCR_TID1 BIT(16)
#define HCR_TID2 BIT(17)
#define HCR_TID3 BIT(18)
#define HCR_TSC BIT(19)
#define HCR_TIDCP BIT(20)
#define HCR_TACR BIT(21)
#define HCR_TSW BIT(22)
#define HCR_TPC BIT(23)
#define HCR_TPU BIT(24)
#define HCR_TTLB BIT(25)
#define HCR_TVM BIT(26)
#define HCR_TGE BIT(27)
#define HCR_TDZ BIT(28)
#define HCR_TRVM BIT(30)
#define HCR_RW BIT(31)

#define CPTR_RES1 0x33ffull
#define CPTR_TFP BIT(10)
#define MDCR_TPM BIT(6)
#define MDCR_TDA BIT(9)
#define CNTHCTL_EL1PCTEN BIT(0)
#define CNTHCTL_EL1PCEN BIT(1)
#define CPACR_FPEN (3ull << 20)

// SCTLR_EL1 and SCTLR_EL2
#define SCTLR_M BIT(0)
#define SCTLR_A BIT(1)
#define SCTLR_C BIT(2)
#define SCTLR_SA BIT(3)
#define SCTLR_SA0 BIT(4)
#define SCTLR_UMA BIT(9)
#define SCTLR_I BIT(12)
#define SCTLR_DZE BIT(14)
#define SCTLR_UCT BIT(15)
#define SCTLR_NTWI BIT(16)
#define SCTLR_NTWE BIT(18)
#define SCTLR_WXN BIT(19)
#define SCTLR_UCI BIT(26)
#define SCTLR_EL1_RES1 (BIT(29) | BIT(28) | BIT(23) | BIT(22) | BIT(20) | BIT(11))
#define SCTLR_EL2_RES1 (BIT(29) | BIT(28) | BIT(23) | BIT(22) | BIT(18) | BIT(16) | BIT(11) | BIT(5) | BIT(4))

// SPSR_ELx
#define SPSR_EL0T 0x0ull
#define SPSR_EL1T 0x4ull
#define SPSR_EL1H 0x5ull
#define SPSR_EL2H 0x9ull
#define SPSR_MODE 0x1full
#define SPSR_F BIT(6)
#define SPSR_I BIT(7)
#define SPSR_A BIT(8)
#define SPSR_D BIT(9)
#define SPSR_DAIF (SPSR_D | SPSR_A | SPSR_I | SPSR_F)
#define SPSR_IL BIT(20)

// ESR_ELx.EC
enum exception_class {
  EC_UNKNOWN = 0x00,
  EC_WFX = 0x01,
  EC_FP_ACCESS = 0x07,
  EC_ILLEGAL_STATE = 0x0e,
  EC_SVC64 = 0x15,
  EC_HVC64 = 0x16,
  EC_SMC64 = 0x17,
  EC_SYSREG = 0x18,
  EC_IABT_LOWER = 0x20,
  EC_IABT_SAME = 0x21,
  EC_PC_ALIGNMENT = 0x22,
  EC_DABT_LOWER = 0x24,
  EC_DABT_SAME = 0x25,
  EC_SP_ALIGNMENT = 0x26,
  EC_SERROR = 0x2f,
  EC_BRK64 = 0x3c,
};
#define ESR_EC(esr) ((unsigned)((esr) >> 26) & 0x3f)
#define ESR_IL BIT(25)
#define ESR_ISS(esr) ((esr)&0x1ffffff)

// The ISS of a Data Abort (and, for FSC and S1PTW, of an Instruction Abort)
#define ISS_FSC(iss) ((iss)&0x3f)
#define ISS_WNR BIT(6)
#define ISS_S1PTW BIT(7)
#define ISS_CM BIT(8)
#define ISS_AR BIT(14)
#define ISS_SF BIT(15)
#define ISS_SRT(iss) ((unsigned)((iss) >> 16) & 0x1f)
#define ISS_SSE BIT(21)
#define ISS_SAS(iss) ((unsigned)((iss) >> 22) & 3)
#define ISS_ISV BIT(24)

// Fault status codes; the level is the low two bits
#define FSC_ADDRESS_SIZE 0x00
#define FSC_TRANSLATION 0x04
#define FSC_ACCESS_FLAG 0x08
#define FSC_PERMISSION 0x0c
#define FSC_EXTERNAL 0x10
#define FSC_ALIGNMENT 0x21
#define FSC_TYPE(fsc) ((fsc)&0x3c)

// Slots of a vector table, in the order of their addresses.
enum vector_slot { SLOT_SYNC = 0, SLOT_IRQ = 1, SLOT_FIQ = 2, SLOT_SERROR = 3 };
#define VECTOR_SLOT(vector) ((vector)&3)
#define VECTOR_FROM_LOWER(vector) ((vector) >= 8)

// What an exception handler saves; vectors.S knows these offsets.
struct trap_frame {
  u64 x[31];
  u64 elr;
  u64 spsr;
  u64 esr;
  u64 far;
  u64 hpfar;  // zero in frames taken at EL1
};
_Static_assert(sizeof(struct trap_frame) == 288, "vectors.S: FRAME_SIZE");

// ERETs to the frame and comes back with the vector number when an exception from a lower EL reaches EL2.
unsigned enter_lower_el(struct trap_frame *frame);

extern char el1_vectors[], el2_vectors[];
extern char image_start[], text_end[];
