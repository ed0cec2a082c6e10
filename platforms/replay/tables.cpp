#include "platforms/replay/tables.hpp"

#include "base/bits.hpp"

namespace tw::replay {
namespace {

constexpr Pa kBase{u64{1} << 30};  ///< of memory
constexpr unsigned kVaBits = 48;
constexpr unsigned kPaBits = 48;

// DDI 0487, D17.2: fields of the registers.
constexpr u64 kMairWriteBack = 0xFF;          // attribute 0
constexpr u64 kSctlr = 1 | 1 << 2 | 1 << 12;  // M, C, I
constexpr u64 kSctlrOff = 1 << 2 | 1 << 12;
constexpr u64 kTcrCacheable = u64{1} << 8 | u64{1} << 24;         // IRGN0, IRGN1
constexpr u64 kTcrSizes = u64{5} << 32 | u64{1} << 36;            // IPS: 48 bits; AS: ASIDs of 16 bits
constexpr u64 kVtcr = u64{1} << 8 | u64{5} << 16 | u64{1} << 19;  // IRGN0; PS: 48 bits; VS: VMIDs of 16 bits
constexpr u64 kHcrVm = 1;
constexpr u64 kNotGlobal = u64{1} << 11;  // nG
constexpr unsigned kIdentifier = 48;      // ASID in TTBRn_EL1, VMID in VTTBR_EL2

u64 tg0(u64 granule) { return granule == 4096 ? 0 : granule == 16384 ? 2 : 1; }
u64 tg1(u64 granule) { return granule == 4096 ? 2 : granule == 16384 ? 1 : 3; }
/// VTCR_EL2.SL0 (D8.2.2): counted from another level for granules above 4 KB.
u64 sl0(const tables::TableFormat& format) {
  return static_cast<u64>((format.granule == 4096 ? 2 : 3) - format.start_level());
}

}  // namespace

Tables::Tables(const Config& config, Ipa guest_tables)
    : config_(config),
      guest_tables_(guest_tables),
      format1_{.granule = config.granule, .leaf = config.leaf, .input_bits = kVaBits},
      format2_{.stage2 = true,
               .granule = config.granule2,
               .leaf = config.leaf2,
               .input_bits = static_cast<unsigned>(config.ipa_bits)},
      ram_(config.memory),
      memory_(ram_, kBase) {}

Tables::~Tables() = default;

Space& Tables::space(bool guest, Vmid vmid, Asid asid) {
  const VmName name{guest && config_.has_stage2(), guest ? vmid : Vmid{}};
  const auto [found, is_new] = spaces_.try_emplace({name, asid});
  Space& space = found->second;
  if (!is_new) return space;
  const bool stage1 = !name.stage2 || config_.has_stage1();
  vmsa::Controls& controls = space.controls;
  controls.features.pa_bits = kPaBits;
  controls.features.vmid16 = true;
  controls.el1.mair = kMairWriteBack;
  controls.el1.sctlr = stage1 ? kSctlr : kSctlrOff;
  controls.vtcr = kVtcr;
  controls.vttbr = u64{name.vmid.value} << kIdentifier;
  space.machine = &machine(name, controls, stage1);
  if (!stage1) return space;
  space.lower = std::make_unique<tables::PageTables>(format1_, memory_of(*space.machine));
  constexpr u64 kSize = 64 - kVaBits;
  controls.el1.tcr =
      kTcrSizes | kTcrCacheable | kSize | kSize << 16 | tg0(config_.granule) << 14 | tg1(config_.granule) << 30;
  controls.el1.ttbr0 = space.lower->root() | u64{asid.value} << kIdentifier;
  controls.el1.ttbr1 = space.machine->upper->root();
  return space;
}

Machine& Tables::machine(const VmName& name, vmsa::Controls& controls, bool stage1) {
  const auto [found, is_new] = machines_.try_emplace(name);
  Machine& machine = found->second;
  if (is_new && name.stage2) {
    machine.stage2 = std::make_unique<tables::PageTables>(format2_, memory_);
    machine.guest = std::make_unique<tables::GuestMemory>(*machine.stage2, memory_, guest_tables_);
  }
  if (is_new && stage1) machine.upper = std::make_unique<tables::PageTables>(format1_, memory_of(machine));
  if (!name.stage2) return machine;
  controls.hcr = kHcrVm;
  controls.vtcr |= (64 - format2_.input_bits) | sl0(format2_) << 6 | tg0(config_.granule2) << 14;
  controls.vttbr |= machine.stage2->root();
  return machine;
}

tables::TableMemory& Tables::memory_of(Machine& machine) {
  if (machine.guest) return *machine.guest;
  return memory_;
}

void Tables::map(Space& space, u64 va) {
  Machine& machine = *space.machine;
  if (!space.lower) {
    if ((va >> config_.ipa_bits) != 0) return;
    const u64 at = machine.stage2->leaf_address(va);
    if (memory_.read(at) != 0) return;
    memory_.write(at, machine.stage2->leaf_descriptor(memory_.take(config_.leaf2, config_.leaf2).value));
    ++leaves_;
    return;
  }
  const u64 top = va >> kVaBits;
  if (top != 0 && top != low_mask(64 - kVaBits)) return;
  tables::PageTables& tables = top == 0 ? *space.lower : *machine.upper;
  tables::TableMemory& memory = memory_of(machine);
  const u64 at = tables.leaf_address(va & low_mask(kVaBits));
  if (memory.read(at) != 0) return;
  const u64 page = machine.guest ? machine.guest->take(config_.leaf, config_.leaf).value
                                 : memory_.take(config_.leaf, config_.leaf).value;
  const u64 descriptor = tables.leaf_descriptor(page);
  memory.write(at, top == 0 ? descriptor : descriptor & ~kNotGlobal);
  ++leaves_;
}

vmsa::DescriptorReply Tables::fetch(const vmsa::DescriptorRequest& request) {
  vmsa::DescriptorReply reply;
  reply.ok = ram_.read(request.address.value - kBase.value, sizeof reply.value, reply.value);
  reply.cycles = config_.descriptor_cycles;
  return reply;
}

/// Nothing manages the Access flag or dirty state here.
vmsa::DescriptorReply Tables::update(const vmsa::DescriptorRequest&, u64, u64) { return {.ok = true, .atomic = false}; }

}  // namespace tw::replay
