#include "platforms/replay/tables.hpp"

#include <algorithm>
#include <optional>

#include "base/bits.hpp"

namespace tw::replay {
namespace {

constexpr unsigned kVaBits = 48;
constexpr unsigned kPaBits = 48;
constexpr const char* kMemoryKey = "replay.memory";

// DDI 0487, D17.2: fields of the registers.
constexpr u64 kMairWriteBack = 0xFF;          // attribute 0
constexpr u64 kSctlr = 1 | 1 << 2 | 1 << 12;  // M, C, I
constexpr u64 kSctlrOff = 1 << 2 | 1 << 12;
constexpr u64 kTcrCacheable = u64{1} << 8 | u64{1} << 24;         // IRGN0, IRGN1
constexpr u64 kTcrSizes = u64{5} << 32 | u64{1} << 36;            // IPS: 48 bits; AS: ASIDs of 16 bits
constexpr u64 kVtcr = u64{1} << 8 | u64{5} << 16 | u64{1} << 19;  // IRGN0; PS: 48 bits; VS: VMIDs of 16 bits
constexpr u64 kHcrVm = 1;
constexpr u64 kReadOnly = u64{1} << 7;    // AP[2]
constexpr u64 kNotGlobal = u64{1} << 11;  // nG
constexpr unsigned kIdentifier = 48;      // ASID in TTBRn_EL1, VMID in VTTBR_EL2

u64 tg0(u64 granule) { return granule == 4096 ? 0 : granule == 16384 ? 2 : 1; }
u64 tg1(u64 granule) { return granule == 4096 ? 2 : granule == 16384 ? 1 : 3; }
/// VTCR_EL2.SL0 (D8.2.2): counted from another level for granules above 4 KB.
u64 sl0(const tables::TableFormat& format) {
  return static_cast<u64>((format.granule == 4096 ? 2 : 3) - format.start_level());
}

Ipa base_of_guest(const Config& config) {
  return config.mapping == "own" ? first_of_guest_tables(config) : tables::GuestMemory::kBase;
}

/// The upper range or the lower one; nothing: an address of neither.
std::optional<bool> upper_range(u64 va) {
  const u64 top = va >> kVaBits;
  if (top == 0) return false;
  if (top == low_mask(64 - kVaBits)) return true;
  return std::nullopt;
}

/// Puts `descriptor` where a leaf is.
Change put(tables::TableMemory& memory, u64 at, u64 descriptor) {
  const u64 before = memory.read(at);
  if (before == descriptor) return {};
  memory.write(at, descriptor);
  return {.is_new = before == 0, .moved = before != 0};
}

}  // namespace

Tables::Tables(const Config& config, std::optional<Ipa> guest_tables)
    : config_(config),
      guest_tables_(guest_tables.value_or(base_of_guest(config))),
      format1_{.granule = config.granule, .leaf = config.walked_leaf(), .input_bits = kVaBits},
      format2_{.stage2 = true,
               .granule = config.granule2,
               .leaf = config.leaf2,
               .input_bits = static_cast<unsigned>(config.ipa_bits)},
      ram_(config.memory, kMemoryKey),
      memory_(ram_, kBase, kMemoryKey) {}

Tables::~Tables() = default;

Space& Tables::space(bool guest, Vmid vmid, Asid asid) {
  // Natively there is no host beside the VMs.
  const VmName name{guest && config_.paging != "native", guest ? vmid : Vmid{}};
  const auto [found, is_new] = spaces_.try_emplace({name, asid});
  Space& space = found->second;
  if (!is_new) return space;
  const bool stage2 = name.guest && config_.has_stage2();
  const bool stage1 = !stage2 || config_.has_stage1();
  vmsa::Controls& controls = space.controls;
  controls.features.pa_bits = kPaBits;
  controls.features.vmid16 = true;
  controls.el1.mair = kMairWriteBack;
  controls.el1.sctlr = stage1 ? kSctlr : kSctlrOff;
  controls.vtcr = kVtcr;
  controls.vttbr = u64{name.vmid.value} << kIdentifier;
  space.guest = name.guest;
  space.shadowed = name.guest && config_.paging == "shadow";
  space.machine = &machine(name, controls, stage1, stage2);
  if (!stage1) return space;
  space.lower = std::make_unique<tables::PageTables>(format1_, memory_of(*space.machine));
  constexpr u64 kSize = 64 - kVaBits;
  controls.el1.tcr =
      kTcrSizes | kTcrCacheable | kSize | kSize << 16 | tg0(config_.granule) << 14 | tg1(config_.granule) << 30;
  controls.el1.ttbr0 = space.lower->root() | u64{asid.value} << kIdentifier;
  controls.el1.ttbr1 = space.machine->upper->root();
  return space;
}

Machine& Tables::machine(const VmName& name, vmsa::Controls& controls, bool stage1, bool stage2) {
  const auto [found, is_new] = machines_.try_emplace(name);
  Machine& machine = found->second;
  if (is_new && stage2) {
    machine.stage2 = std::make_unique<tables::PageTables>(format2_, memory_);
    machine.guest = std::make_unique<tables::GuestMemory>(*machine.stage2, memory_, guest_tables_);
  }
  if (is_new && stage1) machine.upper = std::make_unique<tables::PageTables>(format1_, memory_of(machine));
  if (!stage2) return machine;
  controls.hcr = kHcrVm;
  controls.vtcr |= (64 - format2_.input_bits) | sl0(format2_) << 6 | tg0(config_.granule2) << 14;
  controls.vttbr |= machine.stage2->root();
  return machine;
}

tables::TableMemory& Tables::memory_of(Machine& machine) {
  if (machine.guest) return *machine.guest;
  return memory_;
}

Change Tables::map_stage2(Machine& machine, u64 ipa, const Place* place) {
  // What lies above is the guest's tables'.
  const u64 end = place != nullptr ? guest_tables_.value : u64{1} << config_.ipa_bits;
  if (ipa >= end || (place != nullptr && ((ipa ^ place->pa.value) & (config_.leaf2 - 1)) != 0)) return {};
  const u64 at = machine.stage2->leaf_address(ipa);
  if (place != nullptr)
    return put(memory_, at, machine.stage2->leaf_descriptor(place->pa.align_down(config_.leaf2).value));
  if (memory_.read(at) != 0) return {};
  memory_.write(at, machine.stage2->leaf_descriptor(memory_.take(config_.leaf2, config_.leaf2).value));
  return {.is_new = true};
}

Change Tables::map_guest_leaf(GuestLeaves& leaves, u64 offset, const Place* place) {
  const auto [found, is_new] = leaves.try_emplace(offset / config_.leaf);
  u64& output = found->second;
  if (place == nullptr) {
    if (is_new) output = memory_.take(config_.leaf, std::max(config_.leaf, config_.leaf2)).value;
    return {.is_new = is_new};
  }
  const u64 before = std::exchange(output, place->pa.align_down(config_.leaf).value);
  return {.is_new = is_new, .moved = !is_new && before != output};
}

Change Tables::map(Space& space, u64 va, const Place* place) {
  Machine& machine = *space.machine;
  Change change;
  if (!space.lower) {
    change = map_stage2(machine, va, place);
    leaves_ += change.is_new;
    change.stage2_moved = change.moved;
    return change;
  }
  const std::optional<bool> upper = upper_range(va);
  if (!upper) return {};
  const u64 offset = va & low_mask(kVaBits);
  if (space.shadowed) {
    change = map_guest_leaf(*upper ? machine.upper_leaves : space.lower_leaves, offset, place);
    leaves_ += change.is_new;
    if (change.moved) drop(space, va, 1);
    return change;
  }
  tables::PageTables& tables = *upper ? *machine.upper : *space.lower;
  const auto descriptor = [&](u64 page) {
    return *upper ? tables.leaf_descriptor(page) & ~kNotGlobal : tables.leaf_descriptor(page);
  };
  tables::TableMemory& memory = memory_of(machine);
  const u64 at = tables.leaf_address(offset);
  if (place == nullptr) {
    if (memory.read(at) != 0) return {};
    const u64 page = machine.guest ? machine.guest->take(config_.leaf, config_.leaf).value
                                   : memory_.take(format1_.leaf, format1_.leaf).value;
    memory.write(at, descriptor(page));
    ++leaves_;
    return {.is_new = true};
  }
  const u64 output = machine.guest ? place->ipa.value : place->pa.value;
  if (((output ^ va) & (config_.granule - 1)) != 0) return {};
  change = put(memory, at, descriptor(output & ~(config_.granule - 1)));
  leaves_ += change.is_new;
  if (machine.guest) {
    const Change stage2 = map_stage2(machine, place->ipa.value, place);
    change.stage2_moved = stage2.moved;
  }
  return change;
}

bool Tables::fill(Space& space, u64 va, bool writable) {
  const std::optional<bool> upper = upper_range(va);
  if (!upper) return false;
  const u64 offset = va & low_mask(kVaBits);
  const GuestLeaves& leaves = *upper ? space.machine->upper_leaves : space.lower_leaves;
  const auto leaf = leaves.find(offset / config_.leaf);
  if (leaf == leaves.end()) return false;
  tables::PageTables& tables = *upper ? *space.machine->upper : *space.lower;
  const u64 inside = offset % config_.leaf & ~(format1_.leaf - 1);
  u64 descriptor = tables.leaf_descriptor(leaf->second + inside);
  if (*upper) descriptor &= ~kNotGlobal;
  if (!writable) descriptor |= kReadOnly;
  memory_.write(tables.leaf_address(offset), descriptor);
  return true;
}

void Tables::drop(Vmid vmid, std::optional<Asid> asid, u64 va, u64 bytes) {
  const bool global = upper_range(va).value_or(false);  // one table of all spaces
  for (auto& [name, space] : spaces_) {
    if (!space.shadowed || name.first.vmid != vmid || (!global && asid && name.second != *asid)) continue;
    drop(space, va, bytes);
    if (global) return;
  }
}

void Tables::drop(Space& space, u64 va, u64 bytes) {
  const u64 last = va + std::min(std::max(bytes, u64{1}) - 1, ~va);
  for (u64 at = va & ~(format1_.leaf - 1);; at += format1_.leaf) {
    const std::optional<bool> upper = upper_range(at);
    const u64 offset = at & low_mask(kVaBits);
    if (upper && (*upper ? space.machine->upper_leaves : space.lower_leaves).contains(offset / config_.leaf)) {
      memory_.write((*upper ? *space.machine->upper : *space.lower).leaf_address(offset), 0);
    }
    if (last - at < format1_.leaf) return;
  }
}

vmsa::DescriptorReply Tables::fetch(const vmsa::DescriptorRequest& request) {
  stage1_fetches_ += request.stage == 1;
  vmsa::DescriptorReply reply;
  reply.ok = ram_.read(request.address.value - kBase.value, sizeof reply.value, reply.value);
  if (caches_ != nullptr && reply.ok) {
    caches_->fetch(request, reply);
  } else {
    reply.cycles = config_.descriptor_cycles;
  }
  return reply;
}

/// Nothing manages the Access flag or dirty state here.
vmsa::DescriptorReply Tables::update(const vmsa::DescriptorRequest&, u64, u64) { return {.ok = true, .atomic = false}; }

}  // namespace tw::replay
