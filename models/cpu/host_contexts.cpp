#include "cpu/host_contexts.hpp"

#include "arm/control_bits.hpp"
#include "base/bits.hpp"
#include "vmsa/fields.hpp"

namespace tw::cpu {

namespace {

constexpr u64 kPageMask = 0xFFF;

/// The bits of HCR_EL2 that a translation, or the right to use it, depends on.
constexpr u64 kTranslationBits =
    arm::hcr::VM | arm::hcr::PTW | arm::hcr::DC | arm::hcr::TGE | arm::hcr::RW | arm::hcr::CD | arm::hcr::ID;

bool same(const vmsa::Stage1Registers& a, const vmsa::Stage1Registers& b) {
  return a.sctlr == b.sctlr && a.tcr == b.tcr && a.ttbr0 == b.ttbr0 && a.ttbr1 == b.ttbr1 && a.mair == b.mair;
}

bool same_el1(const vmsa::Controls& a, const vmsa::Controls& b) {
  return same(a.el1, b.el1) && ((a.hcr ^ b.hcr) & kTranslationBits) == 0 && a.vtcr == b.vtcr && a.vttbr == b.vttbr &&
         a.secure == b.secure && a.sif == b.sif;
}

/// Tags hold addresses as the guest wrote them, and a tagged pointer's top byte takes no part in translation (TBI); nor
/// does it in a TLBI.
constexpr u64 kAddress = low_mask(56);

u64 block_bit(u64 va, unsigned block_bits) {
  return u64{1} << (((va & kAddress) >> block_bits) * 0x9E3779B97F4A7C15 >> 58);
}

bool same_block(u64 a, u64 b, u64 block_bits) { return (((a ^ b) & kAddress) >> block_bits) == 0; }

}  // namespace

// ---- one view

void HostView::note(u64 va, unsigned block_bits) {
  dirty = true;
  if (block_bits <= 12) return;
  block_sizes |= u64{1} << block_bits;
  blocks |= block_bit(va, block_bits);
}

void HostView::clear() {
  if (!dirty) return;
  data.fill({});
  fetch.fill({});
  block_sizes = blocks = 0;
  dirty = false;
}

void HostView::forget(u64 va) {
  if (!dirty) return;
  bool in_block = false;
  for (u64 sizes = block_sizes; sizes != 0; sizes &= sizes - 1) {
    in_block |= (blocks & block_bit(va, static_cast<unsigned>(__builtin_ctzll(sizes)))) != 0;
  }
  const auto drop_data = [va](HostEntry& entry) {
    const u64 page = entry.read_tag != HostEntry::kNoTag ? entry.read_tag : entry.write_tag;
    if (same_block(page, va, entry.pa_page & kPageMask)) entry = {};
  };
  const auto drop_fetch = [va](FetchEntry& entry) {
    if (same_block(entry.tag, va, entry.block_bits)) entry = {};
  };
  if (!in_block) {
    drop_data(data_entry(va));
    drop_fetch(fetch_entry(va));
    return;
  }
  for (HostEntry& entry : data) drop_data(entry);
  for (FetchEntry& entry : fetch) drop_fetch(entry);
}

void HostView::protect(u64 pa_page) {
  if (!dirty) return;
  for (HostEntry& entry : data) {
    if ((entry.pa_page & ~kPageMask) == pa_page) entry.write_tag = HostEntry::kNoTag;
  }
}

// ---- all of a core

/// A context of EL1&0.
struct HostContexts::Slot {
  vmsa::Controls controls;
  Vmid vmid;
  Asid asid;
  u64 used = 0;  ///< HostContexts::uses_ when it was last selected
  HostView el0, el1, el1_pan;

  void clear() {
    el0.clear();
    el1.clear();
    el1_pan.clear();
  }
  void forget(u64 va) {
    el0.forget(va);
    el1.forget(va);
    el1_pan.forget(va);
  }
};

HostContexts::HostContexts() : el2_(std::make_unique<HostView>()), el3_(std::make_unique<HostView>()) {
  present_ = &slot_of(controls_);
}

HostContexts::~HostContexts() = default;

bool HostContexts::select(const vmsa::Controls& controls) {
  const bool new_el1 = !same_el1(controls, controls_);
  const bool new_el2 = !same(controls.el2, controls_.el2) || controls.secure != controls_.secure;
  const bool new_el3 = !same(controls.el3, controls_.el3) || controls.sif != controls_.sif;
  if (!new_el1 && !new_el2 && !new_el3) return false;
  controls_ = controls;
  if (new_el1) present_ = &slot_of(controls);
  if (new_el2) el2_->clear();
  if (new_el3) el3_->clear();
  return true;
}

/// The slot of this context; the one that was not selected for the longest time when there is none.
HostContexts::Slot& HostContexts::slot_of(const vmsa::Controls& controls) {
  Slot* oldest = nullptr;
  ++uses_;
  for (std::unique_ptr<Slot>& slot : slots_) {
    if (slot && !same_el1(slot->controls, controls)) {
      if (oldest == nullptr || slot->used < oldest->used) oldest = slot.get();
      continue;
    }
    if (!slot) {
      slot = std::make_unique<Slot>();
      oldest = slot.get();
      break;
    }
    slot->used = uses_;
    return *slot;
  }
  oldest->clear();
  oldest->controls = controls;
  oldest->vmid = vmsa::current_vmid(controls);
  oldest->asid = vmsa::current_asid(controls);
  oldest->used = uses_;
  return *oldest;
}

HostView& HostContexts::view(El el, bool pan) {
  switch (el) {
    case El::El0:
      return present_->el0;
    case El::El1:
      return pan ? present_->el1_pan : present_->el1;
    case El::El2:
      return *el2_;
    case El::El3:
      return *el3_;
  }
  return *el3_;
}

void HostContexts::forget(const vmsa::Invalidate& what) {
  using enum vmsa::InvalidateScope;
  const bool by_va =
      what.scope == VaAsid || what.scope == VaLastAsid || what.scope == VaAllAsid || what.scope == VaLastAllAsid;
  if (what.regime != vmsa::Regime::El10) {
    HostView& view = what.regime == vmsa::Regime::El2 ? *el2_ : *el3_;
    if (by_va) {
      view.forget(what.va.value);
    } else {
      view.clear();
    }
    return;
  }
  for (const std::unique_ptr<Slot>& slot : slots_) {
    if (!slot || slot->controls.secure != what.secure) continue;
    if (what.stage2_in_use && what.scope != All && slot->vmid != what.vmid) continue;
    if (what.scope == AsidAll && ((slot->asid.value ^ what.asid.value) & 0xFF) != 0)
      continue;   // 8 bits do for both sizes
    if (by_va) {  // in every ASID's context: the entry may be global
      slot->forget(what.va.value);
    } else {
      slot->clear();
    }
  }
}

void HostContexts::forget_all() {
  for (const std::unique_ptr<Slot>& slot : slots_) {
    if (slot) slot->clear();
  }
  el2_->clear();
  el3_->clear();
}

void HostContexts::protect(Pa page) {
  for (const std::unique_ptr<Slot>& slot : slots_) {
    if (!slot) continue;
    for (HostView* view : {&slot->el0, &slot->el1, &slot->el1_pan}) view->protect(page.value);
  }
  el2_->protect(page.value);
  el3_->protect(page.value);
}

}  // namespace tw::cpu
