// GICv2 (IHI 0048B): distributor, CPU interface, hypervisor interface, list registers; at `virt`'s addresses.
#pragma once
#include "arch.h"

#define GICD_BASE 0x08000000ull
#define GICC_BASE 0x08010000ull
#define GICH_BASE 0x08030000ull
#define GICV_BASE 0x08040000ull
#define GICC_SIZE 0x2000ull

#define GICD_CTLR (GICD_BASE + 0x000)
#define GICD_TYPER (GICD_BASE + 0x004)
#define GICD_IGROUPR (GICD_BASE + 0x080)
#define GICD_ISENABLER (GICD_BASE + 0x100)
#define GICD_ICENABLER (GICD_BASE + 0x180)
#define GICD_ISPENDR (GICD_BASE + 0x200)
#define GICD_ICPENDR (GICD_BASE + 0x280)
#define GICD_ISACTIVER (GICD_BASE + 0x300)
#define GICD_ICACTIVER (GICD_BASE + 0x380)
#define GICD_IPRIORITYR (GICD_BASE + 0x400)
#define GICD_ITARGETSR (GICD_BASE + 0x800)
#define GICD_ICFGR (GICD_BASE + 0xc00)
#define GICD_SGIR (GICD_BASE + 0xf00)
#define SGIR_TO_SELF (2u << 24)
#define SGIR_TO_CPU(n) (1u << (16 + (n)))

#define GICC_CTLR (GICC_BASE + 0x00)
#define GICC_PMR (GICC_BASE + 0x04)
#define GICC_BPR (GICC_BASE + 0x08)
#define GICC_IAR (GICC_BASE + 0x0c)
#define GICC_EOIR (GICC_BASE + 0x10)
#define GICC_RPR (GICC_BASE + 0x14)
#define GICC_HPPIR (GICC_BASE + 0x18)
#define GICC_AIAR (GICC_BASE + 0x20)
#define GICC_AEOIR (GICC_BASE + 0x24)
#define GICC_DIR (GICC_BASE + 0x1000)
#define GICC_CTLR_GROUP0 BIT(0)
#define GICC_CTLR_GROUP1 BIT(1)
#define GICC_CTLR_FIQEN BIT(3)
#define GICC_CTLR_EOIMODE BIT(9)
#define INTID_MASK 0x3ffu
#define INTID_SPURIOUS 1023u

#define GICH_HCR (GICH_BASE + 0x00)
#define GICH_VTR (GICH_BASE + 0x04)
#define GICH_VMCR (GICH_BASE + 0x08)
#define GICH_MISR (GICH_BASE + 0x10)
#define GICH_EISR0 (GICH_BASE + 0x20)
#define GICH_ELRSR0 (GICH_BASE + 0x30)
#define GICH_APR (GICH_BASE + 0xf0)
#define GICH_LR(n) (GICH_BASE + 0x100 + 4 * (n))
#define GICH_HCR_EN BIT(0)
#define GICH_HCR_UIE BIT(1)
#define GICH_HCR_LRENPIE BIT(2)
#define GICH_HCR_NPIE BIT(3)
#define GICH_HCR_VGRP0EIE BIT(4)
#define GICH_HCR_EOICOUNT(hcr) ((unsigned)(hcr) >> 27)
#define GICH_MISR_EOI BIT(0)
#define GICH_MISR_U BIT(1)
#define GICH_MISR_LRENP BIT(2)
#define GICH_MISR_NP BIT(3)
#define GICH_MISR_VGRP0E BIT(4)

#define LR_VIRTUAL_ID(id) ((u32)(id))
#define LR_PHYSICAL_ID(id) ((u32)(id) << 10)
#define LR_SOURCE_CPU(n) ((u32)(n) << 10)
#define LR_EOI BIT(19)
#define LR_PRIORITY(p) ((u32)((p) >> 3) << 23)
#define LR_PENDING BIT(28)
#define LR_ACTIVE BIT(29)
#define LR_GROUP1 BIT(30)
#define LR_HW BIT(31)
#define LR_STATE(lr) (((lr) >> 28) & 3)
#define LR_COUNT 4  // of `virt`'s GICv2

// Private peripheral interrupts of `virt`
#define INTID_MAINTENANCE 25u
#define INTID_CNTHP 26u
#define INTID_CNTV 27u
#define INTID_CNTP 30u

// Distributor and CPU interface on, every priority let through; `ctlr` adds bits to GICC_CTLR.
void gic_init(u32 ctlr);
void gic_enable(unsigned intid, u8 priority);
void gic_disable(unsigned intid);
void gic_set_priority(unsigned intid, u8 priority);
