// An MMU with translation tables of its own, for trapwalk/mmu.py: one access after another, each waits for the one
// before. Tables are those of a replay (platforms/replay/tables), but mapped as the user says.
#include "mmu/mmu.hpp"

#include <array>
#include <memory>

#include "arrays.hpp"
#include "base/bits.hpp"
#include "configuration.hpp"
#include "errors.hpp"
#include "exclusive.hpp"
#include "platforms/replay/tables.hpp"
#include "rooms.hpp"
#include "vmsa.hpp"

namespace tw::python {
namespace {

namespace py = pybind11;

/// What an access comes to; a fault has no address. A row of the array that Python gets.
struct Answer {
  u64 pa = 0, ipa = 0;
  u32 cycles = 0;
  u16 fetches = 0;
  u8 fault = 0;  ///< vmsa::FaultType
  u8 stage = 0;  ///< of the fault
  i8 level = -1;
  u8 page_bits = 0;
};

// Descriptor bits that take a right away (DDI 0487, D8.3, D8.4).
constexpr u64 kReadOnly = u64{1} << 7;                     ///< AP[2]
constexpr u64 kStage2Writable = u64{1} << 7;               ///< S2AP[1]
constexpr u64 kNoExecution = u64{1} << 54 | u64{1} << 53;  ///< UXN, PXN
constexpr u64 kStage2NoExecution = u64{1} << 54;           ///< XN[1]
constexpr u64 kNotGlobal = u64{1} << 11;
constexpr unsigned kVaBits = 48;

class PythonMmu final : private vmsa::DescriptorPort {
 public:
  struct Rights {
    bool writable, executable;
  };

  PythonMmu(const mmu::Config& config, const replay::Config& tables)
      : config_(tables),
        tables_(tables, replay::first_of_guest_tables(tables)),
        ledger_(0),
        mmu_(config, *this, ledger_) {}

  /// Of stage 1: `outputs` are IPAs where there is a stage 2. Leaf by leaf.
  void map(const py::array& inputs, const py::array& outputs, u16 vmid, u16 asid, const Rights& rights) {
    const Exclusive::Use use(exclusive_);
    translated("Error", [&] {
      replay::Space& space = space_of(vmid, asid);
      for_mappings(inputs, outputs, [&](u64 va, u64 to) {
        u64 descriptor = page_tables(space, va).leaf_descriptor(to);
        if (!rights.writable) descriptor |= kReadOnly;
        if (!rights.executable) descriptor |= kNoExecution;
        if (is_upper(va)) descriptor &= ~kNotGlobal;
        put(space, va, descriptor);
      });
    });
  }
  void map_stage2(const py::array& inputs, const py::array& outputs, u16 vmid, const Rights& rights) {
    const Exclusive::Use use(exclusive_);
    translated("Error", [&] {
      tables::PageTables& stage2 = *space_of(vmid, 0).machine->stage2;
      for_mappings(inputs, outputs, [&](u64 ipa, u64 pa) {
        u64 descriptor = stage2.leaf_descriptor(pa);
        if (!rights.writable) descriptor &= ~kStage2Writable;
        if (!rights.executable) descriptor |= kStage2NoExecution;
        tables_.memory().write(stage2.leaf_address(ipa), descriptor);
      });
    });
  }
  void unmap(const py::array& inputs, u16 vmid, u16 asid) {
    const Exclusive::Use use(exclusive_);
    translated("Error", [&] {
      replay::Space& space = space_of(vmid, asid);
      for_addresses(inputs, [&](u64 va) { put(space, va, 0); });
    });
  }
  void unmap_stage2(const py::array& inputs, u16 vmid) {
    const Exclusive::Use use(exclusive_);
    translated("Error", [&] {
      tables::PageTables& stage2 = *space_of(vmid, 0).machine->stage2;
      for_addresses(inputs, [&](u64 ipa) { tables_.memory().write(stage2.leaf_address(ipa), 0); });
    });
  }

  py::array_t<Answer> translate(const py::array& addresses, const py::array& kinds, const py::array& vmids,
                                const py::array& asids, u8 el) {
    const Exclusive::Use use(exclusive_);
    const std::span<const u64> vas = span_of<u64>(addresses);
    const Column<u8> kind(span_of<u8>(kinds));
    const Column<u16> vmid(span_of<u16>(vmids)), asid(span_of<u16>(asids));
    el_ = static_cast<El>(el);
    space_ = nullptr;
    return translated("Error", [&] {
      return array_of<Answer>(vas.size(), [&](std::size_t n) {
        enter(vmid[n], asid[n]);
        return translate_one(vas[n], static_cast<trace::Kind>(kind[n]));
      });
    });
  }

  void invalidate(u8 scope, u64 address, u64 bytes, u16 asid, u16 vmid) {
    const Exclusive::Use use(exclusive_);
    const u64 done = mmu_.invalidate(invalidate_of(scope, address, bytes, asid, vmid, true), ledger_.elapsed());
    ledger_.charge(cost::Cause::TlbMaintenance, done - ledger_.elapsed());
  }
  void clear_statistics() {
    const Exclusive::Use use(exclusive_);
    mmu_.clear_statistics();
  }
  py::dict statistics() {
    const Exclusive::Use use(exclusive_);
    const mmu::MmuStatistics counted = mmu_.statistics();
    py::dict dict;
    dict["l1i"] = dict_of(counted.l1i);
    dict["l1d"] = dict_of(counted.l1d);
    dict["l1s"] = dict_of(counted.l1s);
    dict["l2"] = dict_of(counted.l2);
    dict["ipa"] = dict_of(counted.ipa);
    dict["walk_cache"] = dict_of(counted.walk_cache);
    dict["walk_cache2"] = dict_of(counted.walk_cache2);
    dict["walks"] = counted.walks;
    dict["walk_faults"] = counted.walk_faults;
    dict["descriptor_fetches"] = counted.descriptor_fetches;
    dict["prefetches"] = counted.prefetches;
    dict["vmid_flushes"] = counted.vmid_flushes;
    dict["asid_flushes"] = counted.asid_flushes;
    dict["cycles"] = ledger_.elapsed();
    return dict;
  }

 private:
  static constexpr unsigned kPageBits = 12;
  static constexpr u64 kShortcuts = 512;
  /// A hit of the first level that is remembered, as a replay does it.
  struct Shortcut {
    u64 page = 0;
    const replay::Space* space = nullptr;
    El el = El::El0;
    vmsa::ResidenceHandle handle;
    Answer answer;  ///< of the page's first byte
  };

  static bool is_upper(u64 va) { return va >> 63 != 0; }
  replay::Space& space_of(u16 vmid, u16 asid) { return tables_.space(true, Vmid{vmid}, Asid{asid}); }
  tables::PageTables& page_tables(replay::Space& space, u64 va) {
    return is_upper(va) ? *space.machine->upper : *space.lower;
  }
  void put(replay::Space& space, u64 va, u64 descriptor) {
    const u64 at = page_tables(space, va).leaf_address(va & low_mask(kVaBits));
    if (space.machine->guest) {
      space.machine->guest->write(at, descriptor);
    } else {
      tables_.memory().write(at, descriptor);
    }
  }

  void enter(u16 vmid, u16 asid) {
    if (space_ != nullptr && vmid == vmid_.value && asid == asid_.value) return;
    space_ = &space_of(vmid, asid);
    vmid_ = Vmid{vmid};
    asid_ = Asid{asid};
    const bool stage2 = space_->controls.stage2_enabled();
    ledger_.set_context({el_, stage2, stage2 ? vmid_ : Vmid{}});
  }
  Answer translate_one(u64 va, trace::Kind kind) {
    const u64 page = va >> kPageBits;
    Shortcut& shortcut = shortcuts_[static_cast<unsigned>(kind)][page % kShortcuts];
    ledger_.charge(cost::Cause::Instruction, config_.access_cycles);
    if (shortcut.page == page && shortcut.space == space_ && shortcut.el == el_ && shortcut.handle.valid()) [[likely]] {
      shortcut.handle.touch();
      Answer answer = shortcut.answer;
      answer.pa |= va & low_mask(kPageBits);
      answer.ipa |= va & low_mask(kPageBits);
      return answer;
    }
    return look_up(va, kind, shortcut);
  }
  Answer look_up(u64 va, trace::Kind kind, Shortcut& shortcut) {
    vmsa::Access access;
    access.va = Va{va};
    access.kind = kind == trace::Kind::Fetch ? vmsa::AccessKind::Fetch : vmsa::AccessKind::Data;
    access.read = kind != trace::Kind::Write;
    access.write = kind == trace::Kind::Write;
    access.privileged = el_ != El::El0;
    access.el = el_;
    cost::Latency latency;
    const u64 fetched = fetches_;
    const vmsa::Translation result = mmu_.translate(access, space_->controls, ledger_.elapsed(), latency);
    ledger_.charge(latency);
    Answer answer;
    answer.cycles = static_cast<u32>(latency.total());
    answer.fetches = static_cast<u16>(fetches_ - fetched);
    answer.fault = static_cast<u8>(result.fault.type);
    if (!result.ok()) {
      answer.stage = result.fault.stage;
      answer.level = result.fault.level;
      answer.ipa = result.fault.stage == 2 ? result.fault.ipa.value : 0;
      return answer;
    }
    answer.pa = result.pa.value;
    answer.ipa = result.ipa.value;
    answer.page_bits = result.page_bits;
    if (config_.shortcuts) {
      shortcut = {page_of(va), space_, el_, result.residence, answer};
      shortcut.answer.cycles = 0;
      shortcut.answer.fetches = 0;
      shortcut.answer.pa &= ~low_mask(kPageBits);
      shortcut.answer.ipa &= ~low_mask(kPageBits);
    }
    return answer;
  }
  static u64 page_of(u64 va) { return va >> kPageBits; }

  // vmsa::DescriptorPort
  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override {
    ++fetches_;
    return tables_.fetch(request);
  }
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override {
    return tables_.update(request, expected, desired);
  }

  const replay::Config config_;
  replay::Tables tables_;
  cost::CoreLedger ledger_;
  mmu::Mmu mmu_;
  u64 fetches_ = 0;
  replay::Space* space_ = nullptr;
  El el_ = El::El0;
  Vmid vmid_{};
  Asid asid_{};
  std::array<std::array<Shortcut, kShortcuts>, trace::kAccessKinds> shortcuts_;
  Exclusive exclusive_;
};

}  // namespace

void add_mmu(py::module_& module) {
  PYBIND11_NUMPY_DTYPE(Answer, pa, ipa, cycles, fetches, fault, stage, level, page_bits);
  module.attr("answer_dtype") = py::dtype::of<Answer>();
  py::class_<PythonMmu>(module, "Mmu")
      .def(py::init([](const Configuration& configuration) {
        return translated("ConfigError", [&] {
          return std::make_unique<PythonMmu>(configuration.platform().mmu, configuration.replay());
        });
      }))
      .def("map",
           [](PythonMmu& mmu, const py::array& from, const py::array& to, u16 vmid, u16 asid, bool writable,
              bool executable) {
             mmu.map(from, to, vmid, asid, {writable, executable});
           })
      .def("map_stage2",
           [](PythonMmu& mmu, const py::array& from, const py::array& to, u16 vmid, bool writable, bool executable) {
             mmu.map_stage2(from, to, vmid, {writable, executable});
           })
      .def("unmap", &PythonMmu::unmap)
      .def("unmap_stage2", &PythonMmu::unmap_stage2)
      .def("translate", &PythonMmu::translate)
      .def("invalidate", &PythonMmu::invalidate)
      .def("clear_statistics", &PythonMmu::clear_statistics)
      .def("statistics", &PythonMmu::statistics);
  module.def("first_of_tables", [](const Configuration& configuration) {
    return replay::first_of_guest_tables(configuration.replay()).value;
  });
}

}  // namespace tw::python
