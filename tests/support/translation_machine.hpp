// A set of translation registers with sensible values and the tables they point to: what most translation tests start
// from.
#pragma once

#include <memory>
#include <optional>

#include "support/page_tables.hpp"
#include "vmsa/controls.hpp"
#include "vmsa/translation.hpp"

namespace tw::test {

/// MAIR of the tests. 0 Normal Write-Back, 1 Normal Non-cacheable, 2 Device-nGnRE, 3 Device-nGnRnE, 4 Write-Through,
/// 5 Device-GRE.
inline constexpr u64 kMair = 0x0000'0C'AA'00'04'44'FF;
inline constexpr unsigned kWb = 0, kNc = 1, kDeviceNGnRE = 2, kDeviceNGnRnE = 3, kWt = 4, kDeviceGRE = 5;

struct Shape {
  unsigned page_bits = 12;
  unsigned input_bits = 48;
  int start = 0;
};

/// TG0/TG1 encodings of a granule.
constexpr u64 tg0(unsigned page_bits) { return page_bits == 12 ? 0 : page_bits == 14 ? 2 : 1; }
constexpr u64 tg1(unsigned page_bits) { return page_bits == 12 ? 2 : page_bits == 14 ? 1 : 3; }

struct TranslationMachine {
  TestMemory memory;
  vmsa::Controls controls;
  std::unique_ptr<TableTree> lower, upper, stage2, hyp;

  explicit TranslationMachine(unsigned pa_bits = 44) {
    controls.features.pa_bits = static_cast<u8>(pa_bits);
    controls.features.vmid16 = true;
    for (vmsa::Stage1Registers* registers : {&controls.el1, &controls.el2, &controls.el3}) {
      registers->mair = kMair;
      registers->sctlr = (u64{1} << 2) | (u64{1} << 12);  // C, I
    }
    controls.el1.tcr = u64{5} << 32;  // IPS 48 bits
  }
  /// TTBR0 and TTBR1 of EL1&0, stage 1 on.
  void with_stage1(Shape shape = {}, u64 displacement = 0) {
    lower = std::make_unique<TableTree>(memory, shape.page_bits, shape.input_bits, shape.start, displacement);
    upper = std::make_unique<TableTree>(memory, shape.page_bits, shape.input_bits, shape.start, displacement);
    const u64 txsz = 64 - shape.input_bits;
    controls.el1.tcr |= txsz | txsz << 16 | tg0(shape.page_bits) << 14 | tg1(shape.page_bits) << 30;
    controls.el1.tcr |= u64{1} << 8 | u64{1} << 24;  // IRGN0, IRGN1
    controls.el1.ttbr0 = lower->root();
    controls.el1.ttbr1 = upper->root();
    controls.el1.sctlr |= 1;
  }
  void with_stage2(Shape shape = {12, 40, 1}, u16 vmid = 1) {
    stage2 = std::make_unique<TableTree>(memory, shape.page_bits, shape.input_bits, shape.start);
    const u64 sl0 = static_cast<u64>((shape.page_bits == 12 ? 2 : 3) - shape.start);
    controls.vtcr = (64 - shape.input_bits) | sl0 << 6 | tg0(shape.page_bits) << 14 | u64{5} << 16 | u64{1} << 8;
    controls.vttbr = stage2->root() | u64{vmid} << 48;
    controls.hcr |= 1;
  }
  /// EL2's or EL3's single table.
  void with_single(vmsa::Regime regime, Shape shape = {}) {
    hyp = std::make_unique<TableTree>(memory, shape.page_bits, shape.input_bits, shape.start);
    vmsa::Stage1Registers& registers = regime == vmsa::Regime::El2 ? controls.el2 : controls.el3;
    registers.tcr = (64 - shape.input_bits) | tg0(shape.page_bits) << 14 | u64{5} << 16;
    registers.ttbr0 = hyp->root();
    registers.sctlr |= 1;
  }
  /// Identity stage 2 under every stage-1 table made so far.
  void map_tables_in_stage2(int level = 3, u64 attributes = s2::kPlain, u64 displacement = 0) {
    for (const TableTree* tree : {lower.get(), upper.get()}) {
      for (u64 table : tree->tables) stage2->map(table, table + displacement, level, attributes);
    }
  }
};

inline vmsa::Access access_to(u64 va) {
  vmsa::Access access;
  access.va = Va{va};
  return access;
}
inline vmsa::Access load(u64 va, bool privileged = true) {
  vmsa::Access access = access_to(va);
  access.privileged = privileged;
  return access;
}
inline vmsa::Access store(u64 va, bool privileged = true) {
  vmsa::Access access = load(va, privileged);
  access.read = false;
  access.write = true;
  return access;
}
inline vmsa::Access atomic(u64 va, bool privileged = true) {
  vmsa::Access access = load(va, privileged);
  access.write = true;
  return access;
}
inline vmsa::Access fetch(u64 va, bool privileged = true) {
  vmsa::Access access = load(va, privileged);
  access.kind = vmsa::AccessKind::Fetch;
  return access;
}
inline vmsa::Access in(vmsa::Regime regime, vmsa::Access access) {
  access.regime = regime;
  return access;
}

}  // namespace tw::test
