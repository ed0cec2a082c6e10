// Builds translation tables of either stage, in any granule (DDI 0487, D5.3 "VMSAv8-64 translation table format").
#pragma once
#include "arch.h"

// Stage-1 attributes; MAIR index 0 is Device-nGnRE, index 1 Normal write-back.
#define S1_AF BIT(10)
#define S1_NG BIT(11)
#define S1_NORMAL ((1ull << 2) | (3ull << 8) | S1_AF)
#define S1_DEVICE (S1_AF | S1_PXN | S1_UXN)
#define S1_EL0 BIT(6)        // AP[1]
#define S1_READ_ONLY BIT(7)  // AP[2]
#define S1_PXN BIT(53)
#define S1_UXN BIT(54)
#define S1_EL2_XN BIT(54)
#define MAIR_VALUE 0xff04ull

// Stage-2 attributes
#define S2_AF BIT(10)
#define S2_NORMAL ((0xfull << 2) | (3ull << 8) | S2_AF)
#define S2_DEVICE ((1ull << 2) | S2_AF | S2_XN)
#define S2_READ BIT(6)
#define S2_WRITE BIT(7)
#define S2_XN BIT(54)

// 39-bit input addresses with a 4 KB granule: a walk starts at level 1. 40-bit output addresses.
#define TCR_COMMON(t0sz) ((u64)(t0sz) | (1ull << 8) | (1ull << 10) | (3ull << 12))
#define TCR_EL1_4K (TCR_COMMON(25) | BIT(23) | (2ull << 32))
#define TCR_EL2_4K (TCR_COMMON(25) | BIT(23) | BIT(31) | (2ull << 16))
#define VTCR_4K (TCR_COMMON(25) | (1ull << 6) | BIT(31) | (2ull << 16))

struct tables {
  u64 root;       // address of the first table, as TTBR holds it
  u64 next, end;  // the pool from which tables are taken, as descriptors hold it
  s64 alias;      // added to such an address to get a pointer here
  unsigned granule_shift;
  unsigned start_level;
};

// Takes the root from the pool.
void tables_init(struct tables *tables, u64 pool, u64 pool_size, s64 alias, unsigned granule_shift,
                 unsigned start_level);
// The descriptor that maps `input` at `level`; the tables above it are made as needed.
u64 *tables_entry(struct tables *tables, u64 input, unsigned level);
// Maps [input, input + size) at leaves of `level`.
void tables_map(struct tables *tables, u64 input, u64 output, u64 size, unsigned level, u64 attributes);
u64 leaf_descriptor(u64 output, unsigned level, u64 attributes);

// Maps the first gigabyte as Device and RAM as Normal at EL2, and turns MMU and caches on.
void el2_mmu_on(void);
