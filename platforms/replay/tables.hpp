// The translation tables of a replay, made while it goes: a page is mapped when it is accessed for the first time.
// Pages come one after another in memory, in the order of first use.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "memory/ram.hpp"
#include "platforms/replay/config.hpp"
#include "platforms/tables/guest_memory.hpp"
#include "platforms/tables/page_tables.hpp"
#include "platforms/tables/physical_memory.hpp"
#include "vmsa/controls.hpp"
#include "vmsa/descriptor_port.hpp"

namespace tw::replay {

/// What the address spaces of a VM share: stage 2, and the upper range of VAs, which is global.
struct Machine {
  std::unique_ptr<tables::PageTables> stage2;  ///< none: stage 2 is off
  std::unique_ptr<tables::GuestMemory> guest;
  std::unique_ptr<tables::PageTables> upper;  ///< by TTBR1; none: stage 1 is off
};

/// One address space, as the registers of EL1&0 select it.
struct Space {
  vmsa::Controls controls;
  Machine* machine = nullptr;
  std::unique_ptr<tables::PageTables> lower;  ///< by TTBR0; none: stage 1 is off
};

class Tables final : public vmsa::DescriptorPort {
 public:
  /// `guest_tables`: where the tables of stage 1 begin in a VM, and what map() takes.
  explicit Tables(const Config& config, Ipa guest_tables = tables::GuestMemory::kBase);
  ~Tables() override;

  /// Of the address space `asid` of the VM `vmid`; of the host, where `guest` is false, without stage 2.
  Space& space(bool guest, Vmid vmid, Asid asid);
  /// `va` (an IPA with stage 2 alone) can be translated from now on, if any table can hold it.
  void map(Space& space, u64 va);
  /// Leaves of all tables: pages and blocks that were accessed.
  u64 leaves() const { return leaves_; }
  u64 spaces() const { return spaces_.size(); }
  /// Where the tables are that are in no VM.
  tables::PhysicalMemory& memory() { return memory_; }

  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override;
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override;

 private:
  /// A VM without stage 2 is not told from the host by anything but its VMID.
  struct VmName {
    bool stage2;
    Vmid vmid;
    auto operator<=>(const VmName&) const = default;
  };
  Machine& machine(const VmName& name, vmsa::Controls& controls, bool stage1);
  /// Where stage-1 tables and the pages that they lead to are.
  tables::TableMemory& memory_of(Machine& machine);

  const Config config_;
  const Ipa guest_tables_;
  tables::TableFormat format1_, format2_;
  memory::Ram ram_;
  tables::PhysicalMemory memory_;
  std::map<VmName, Machine> machines_;
  std::map<std::pair<VmName, Asid>, Space> spaces_;
  u64 leaves_ = 0;
};

}  // namespace tw::replay
