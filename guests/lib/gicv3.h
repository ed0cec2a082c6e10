// GICv3 (IHI 0069): distributor, redistributors, ITS at `virt`'s addresses; CPU interface and hypervisor control.
#pragma once
#include "arch.h"

#define GICD3_BASE 0x08000000ull
#define GICD3_CTLR (GICD3_BASE + 0x000)
#define GICD3_TYPER (GICD3_BASE + 0x004)
#define GICD3_IGROUPR (GICD3_BASE + 0x080)
#define GICD3_ISENABLER (GICD3_BASE + 0x100)
#define GICD3_ICENABLER (GICD3_BASE + 0x180)
#define GICD3_ISPENDR (GICD3_BASE + 0x200)
#define GICD3_ICPENDR (GICD3_BASE + 0x280)
#define GICD3_ISACTIVER (GICD3_BASE + 0x300)
#define GICD3_ICACTIVER (GICD3_BASE + 0x380)
#define GICD3_IPRIORITYR (GICD3_BASE + 0x400)
#define GICD3_ICFGR (GICD3_BASE + 0xc00)
#define GICD3_IROUTER(intid) (GICD3_BASE + 0x6000 + 8 * (intid))
#define GICD3_CTLR_GROUP0 BIT(0)
#define GICD3_CTLR_GROUP1 BIT(1)
#define GICD3_CTLR_ARE BIT(4)

#define GICR_BASE(cpu) (0x080a0000ull + 0x20000 * (cpu))
#define GICR_CTLR 0x0000
#define GICR_TYPER 0x0008
#define GICR_WAKER 0x0014
#define GICR_PROPBASER 0x0070
#define GICR_PENDBASER 0x0078
#define GICR_SGI 0x10000  // offset of the frame with the arrays of SGIs and PPIs; they lie as in GICD
#define GICR_ARRAY(cpu, gicd) (GICR_BASE(cpu) + GICR_SGI + ((gicd)-GICD3_BASE))

#define GITS_BASE 0x08080000ull
#define GITS_CTLR (GITS_BASE + 0x0000)
#define GITS_TYPER (GITS_BASE + 0x0008)
#define GITS_CBASER (GITS_BASE + 0x0080)
#define GITS_CWRITER (GITS_BASE + 0x0088)
#define GITS_CREADR (GITS_BASE + 0x0090)
#define GITS_BASER(n) (GITS_BASE + 0x0100 + 8 * (n))
#define GITS_TRANSLATER (GITS_BASE + 0x10040)
#define GITS_VALID BIT(63)

#define ICC_CTLR_EOIMODE BIT(1)
#define ICC_CTLR_CBPR BIT(0)

#define ICH_HCR_EN BIT(0)
#define ICH_HCR_UIE BIT(1)
#define ICH_HCR_LRENPIE BIT(2)
#define ICH_HCR_NPIE BIT(3)
#define ICH_HCR_VGRP0EIE BIT(4)
#define ICH_HCR_VGRP0DIE BIT(5)
#define ICH_HCR_VGRP1EIE BIT(6)
#define ICH_HCR_VGRP1DIE BIT(7)
#define ICH_HCR_TC BIT(10)
#define ICH_HCR_TALL0 BIT(11)
#define ICH_HCR_TALL1 BIT(12)
#define ICH_HCR_TSEI BIT(13)
#define ICH_HCR_TDIR BIT(14)
#define ICH_HCR_EOICOUNT(hcr) ((hcr) >> 27 & 0x1f)
#define ICH_MISR_EOI BIT(0)

#define LR3_PENDING BIT(62)
#define LR3_ACTIVE BIT(63)
#define LR3_HW BIT(61)
#define LR3_GROUP1 BIT(60)
#define LR3_EOI BIT(41)
#define LR3_PRIORITY(p) ((u64)(p) << 48)
#define LR3_PHYSICAL_ID(id) ((u64)(id) << 32)
#define LR3_STATE(lr) ((lr) >> 62)

#define INTID_SPURIOUS 1023u
#define INTID_MAINTENANCE 25u
#define FIRST_LPI 8192u
