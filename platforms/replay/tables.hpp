// The translation tables of a replay, made while it goes: a page is mapped when it is accessed for the first time, one
// after another in memory, or where the trace has it. Under a shadow, what is walked is filled when it is missed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "memory/ram.hpp"
#include "platforms/replay/caches.hpp"
#include "platforms/replay/config.hpp"
#include "platforms/tables/guest_memory.hpp"
#include "platforms/tables/page_tables.hpp"
#include "platforms/tables/physical_memory.hpp"
#include "vmsa/controls.hpp"
#include "vmsa/descriptor_port.hpp"

namespace tw::replay {

/// The guest's own leaves under a shadow, which nothing walks: output by leaf number.
using GuestLeaves = std::unordered_map<u64, u64>;

struct Space;

/// What the address spaces of a VM share: stage 2, and the upper range of VAs, which is global.
struct Machine {
  std::unique_ptr<tables::PageTables> stage2;  ///< none: stage 2 is off
  std::unique_ptr<tables::GuestMemory> guest;
  std::unique_ptr<tables::PageTables> upper;  ///< by TTBR1; none: stage 1 is off
  GuestLeaves upper_leaves;
  const Space* loaded = nullptr;  ///< that ran last
};

/// One address space, as the registers of EL1&0 select it.
struct Space {
  vmsa::Controls controls;
  Machine* machine = nullptr;
  std::unique_ptr<tables::PageTables> lower;  ///< by TTBR0; none: stage 1 is off
  GuestLeaves lower_leaves;
  bool guest = false;
  bool shadowed = false;
};

/// Where the trace has what is accessed.
struct Place {
  Ipa ipa{};
  Pa pa{};
};

/// What came of it that a page is accessed.
struct Change {
  bool is_new = false;  ///< a leaf of stage 1 (of stage 2 alone) for the first time
  bool moved = false;   ///< it leads to elsewhere now
  bool stage2_moved = false;
};

/// Where tables of stage 1 lie in a VM whose other IPAs are somebody else's to say: above all of them, in the last
/// quarter.
inline Ipa first_of_guest_tables(const Config& config) { return Ipa{u64{3} << (config.ipa_bits - 2)}; }

class Tables final : public vmsa::DescriptorPort {
 public:
  /// `guest_tables`: where the tables of stage 1 begin in a VM, and what map() takes of its IPAs. Without it where virt
  /// has memory, or above what a trace has.
  explicit Tables(const Config& config, std::optional<Ipa> guest_tables = {});
  ~Tables() override;

  /// Of the address space `asid` of the VM `vmid`; of the host, where `guest` is false, without stage 2.
  Space& space(bool guest, Vmid vmid, Asid asid);
  /// `va` (an IPA with stage 2 alone) can be translated from now on, if any table can hold it; in a shadowed space,
  /// once it is filled. `place` is told with replay.mapping=own.
  Change map(Space& space, u64 va, const Place* place);

  // ---- shadowed spaces
  /// The shadow's leaf around `va`, from the guest's; false: the guest has none.
  bool fill(Space& space, u64 va, bool writable);
  /// Leaves of the VM's shadows in [va, va + bytes) are no more; those around `va` at least. Of all address spaces
  /// without `asid`.
  void drop(Vmid vmid, std::optional<Asid> asid, u64 va, u64 bytes);

  /// Leaves of all tables that a guest or host has: pages and blocks that were accessed.
  u64 leaves() const { return leaves_; }
  u64 spaces() const { return spaces_.size(); }
  /// From now on descriptors come through `caches`, which must outlive this.
  void use(Caches& caches) { caches_ = &caches; }
  /// Of stage 1; each walk of it has one at least.
  u64 stage1_fetches() const { return stage1_fetches_; }
  /// Where the tables are that are in no VM: in `ram()`, which begins at kBase.
  tables::PhysicalMemory& memory() { return memory_; }
  memory::Ram& ram() { return ram_; }
  static constexpr Pa kBase{u64{1} << 30};

  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override;
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override;

 private:
  /// A VM without stage 2 is not told from the host by anything but its VMID.
  struct VmName {
    bool guest;
    Vmid vmid;
    auto operator<=>(const VmName&) const = default;
  };
  Machine& machine(const VmName& name, vmsa::Controls& controls, bool stage1, bool stage2);
  /// Where stage-1 tables and the pages that they lead to are.
  tables::TableMemory& memory_of(Machine& machine);
  void drop(Space& space, u64 va, u64 bytes);
  Change map_stage2(Machine& machine, u64 ipa, const Place* place);
  Change map_guest_leaf(GuestLeaves& leaves, u64 offset, const Place* place);

  const Config config_;
  const Ipa guest_tables_;
  tables::TableFormat format1_, format2_;
  memory::Ram ram_;
  tables::PhysicalMemory memory_;
  std::map<VmName, Machine> machines_;
  std::map<std::pair<VmName, Asid>, Space> spaces_;
  u64 leaves_ = 0, stage1_fetches_ = 0;
  Caches* caches_ = nullptr;
};

}  // namespace tw::replay
