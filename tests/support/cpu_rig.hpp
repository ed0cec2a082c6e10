// One core with flat memory and fakes around it, for unit and differential tests: identity translation to Normal
// memory, no devices unless a test installs some, no interrupts.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "arm/cpu_model.hpp"
#include "arm/sysreg.hpp"
#include "cpu/code_cache.hpp"
#include "cpu/cpu.hpp"
#include "cpu/exceptions.hpp"

namespace tw::test {

/// Every address translates to itself, as Normal write-back memory, with all permissions; `faults` may object.
class IdentityMmu final : public cpu::MmuPort {
 public:
  vmsa::Translation translate(const vmsa::Access& access, const vmsa::Controls& controls, u64,
                              cost::Latency&) override {
    ++translations;
    last_secure = controls.secure;
    return peek(access, controls);
  }
  vmsa::Translation peek(const vmsa::Access& access, const vmsa::Controls&) const override {
    vmsa::Translation result;
    if (fault) result.fault = fault(access);
    result.pa = Pa{access.va.value};
    result.ipa = Ipa{access.va.value};
    result.readable = result.writable = result.executable = true;
    result.attributes = attributes;
    return result;
  }
  void invalidate(const vmsa::Invalidate& what, u64) override { invalidations.push_back(what); }
  u64 invalidations_done(u64 now) override { return now + maintenance_cycles; }
  cpu::MmuEvents events() const override { return counts; }

  std::function<vmsa::Fault(const vmsa::Access&)> fault;  ///< when set: asked for each translation
  vmsa::Attributes attributes{.type = vmsa::MemoryType::Normal,
                              .mair = 0xFF,
                              .shareability = 3,
                              .inner_cacheable = true,
                              .outer_cacheable = true};
  std::vector<vmsa::Invalidate> invalidations;
  u64 maintenance_cycles = 0;  ///< that a DSB waits for them
  u64 translations = 0;
  cpu::MmuEvents counts;     ///< what a PMU sees
  bool last_secure = false;  ///< the security state that the last translation was asked for
};

/// Plain memory at [base, base + size); everything else goes to `device`, or is an external abort without one.
class FlatBus final : public cpu::BusPort {
 public:
  FlatBus(u64 base, u64 size) : base_(base), bytes_(size + cpu::kPageBytes) {}

  cpu::BusResult access(const cpu::BusAccess& access) override {
    accesses.push_back(access);
    if (!contains(access.pa.value, access.size)) return device ? device(access) : cpu::BusResult{.ok = false};
    cpu::BusResult result;
    u8* const at = host(access.pa.value);
    if (access.write) {
      std::memcpy(at, &access.value, access.size);
    } else {
      std::memcpy(&result.value, at, access.size);
    }
    return result;
  }

  u8* host_page(Pa page, bool, Security) override {
    return direct && contains(page.value, cpu::kPageBytes) ? host(page.value) : nullptr;
  }

  bool contains(u64 pa, u64 size) const {
    return pa >= base_ && size <= size_bytes() && pa - base_ <= size_bytes() - size;
  }
  u64 base() const { return base_; }
  u64 size_bytes() const { return bytes_.size() - cpu::kPageBytes; }
  /// Host address of `pa`; pages are page-aligned, so that the memory can be shared with another emulator.
  u8* host(u64 pa) {
    const auto start = reinterpret_cast<std::uintptr_t>(bytes_.data());
    const auto aligned = (start + cpu::kPageBytes - 1) & ~(cpu::kPageBytes - 1);
    return bytes_.data() + (aligned - start) + (pa - base_);
  }

  bool direct = true;  ///< host pointers are given out
  std::function<cpu::BusResult(const cpu::BusAccess&)> device;
  std::vector<cpu::BusAccess> accesses;

 private:
  u64 base_;
  std::vector<u8> bytes_;
};

class FakeTimer final : public cpu::TimerPort {
 public:
  u64 read(arm::TimerRegister reg) override { return registers[reg]; }
  void write(arm::TimerRegister reg, u64 value) override { registers[reg] = value; }
  std::map<arm::TimerRegister, u64> registers;
};

class FakeSystem final : public cpu::SystemPort {
 public:
  bool firmware_call(cpu::Cpu& core, Conduit conduit) override { return firmware && firmware(core, conduit); }
  bool semihosting_call(cpu::Cpu& core) override { return semihosting && semihosting(core); }
  void send_event() override { ++events; }
  void performance_interrupt(cpu::Cpu&, bool level) override {
    performance_line = level;
    if (on_performance_interrupt) on_performance_interrupt(level);
  }
  void unimplemented_encoding(u32 insn, Va) override { unimplemented.push_back(insn); }
  std::function<bool(cpu::Cpu&, Conduit)> firmware;
  std::function<bool(cpu::Cpu&)> semihosting;
  u64 events = 0;
  bool performance_line = false;
  std::function<void(bool)> on_performance_interrupt;
  std::vector<u32> unimplemented;
};

/// The model `name`, with every extension that this project has rows for switched on when `all_features`.
inline arm::CpuModel test_model(std::string_view name = "cortex-a57", bool all_features = false) {
  using enum arm::SysReg;
  const arm::CpuModel* found = arm::find_cpu_model(name);
  if (found == nullptr) throw std::invalid_argument("no such CPU model");
  arm::CpuModel model = *found;
  if (all_features) {
    // Those of `max`; the first value counts. Kept for ever: models are copied, and refer to their values.
    static std::map<std::string_view, std::vector<arm::IdValue>> ids;
    std::vector<arm::IdValue>& all = ids[found->name];
    if (all.empty()) {
      const arm::CpuModel& max = *arm::find_cpu_model("max");
      for (const arm::SysReg reg : {ID_AA64ISAR0_EL1, ID_AA64ISAR1_EL1}) all.push_back({reg, max.id(reg)});
      all.push_back({ID_AA64PFR0_EL1, 0x0011'1111});   // FP16
      all.push_back({ID_AA64MMFR1_EL1, 0x0001'0000});  // LO
      all.insert(all.end(), found->ids.begin(), found->ids.end());
    }
    model.ids = all;
    model.features = arm::features_of(model);
  }
  return model;
}

struct CpuRig {
  static constexpr u64 kMemoryBase = 0x4000'0000;
  static constexpr u64 kDefaultSize = 0x20'0000;

  explicit CpuRig(El el = El::El1, const cpu::Config& config = {}, const arm::CpuModel& cpu_model = test_model(),
                  u64 memory_bytes = kDefaultSize)
      : model(cpu_model),
        bus(kMemoryBase, memory_bytes),
        core(0, config, model, mmu, bus, timer, system, code, ledger) {
    core.reset(Va{kMemoryBase});
    cpu::set_el_and_sp(core, el, el != El::El0);
    core.pstate.daif = 0xF;
  }

  /// Writes instruction words and points the PC at them.
  void program(std::initializer_list<u32> words, u64 at = kMemoryBase) {
    u64 address = at;
    for (const u32 word : words) {
      poke<u32>(address, word);
      address += 4;
    }
    core.pc = at;
  }
  void step(unsigned instructions = 1) {
    while (instructions--) core.step();
  }
  /// Executes one instruction word at `at`, as decoded anew.
  void execute(u32 word, u64 at = kMemoryBase) {
    program({word}, at);
    step();
  }

  template <class T>
  T peek(u64 pa) {
    if (!bus.contains(pa, sizeof(T))) throw std::out_of_range("peek");
    T value;
    std::memcpy(&value, bus.host(pa), sizeof(T));
    return value;
  }
  template <class T>
  void poke(u64 pa, T value) {
    if (!bus.contains(pa, sizeof(T))) throw std::out_of_range("poke");
    std::memcpy(bus.host(pa), &value, sizeof(T));
    code.written(Pa{pa}, sizeof(T));
  }

  u64& sp() { return core.x[cpu::kSp]; }
  u64 nzcv() const { return core.flags.nzcv(); }

  const arm::CpuModel model;
  IdentityMmu mmu;
  FlatBus bus;
  FakeTimer timer;
  FakeSystem system;
  cpu::CodeCache code;
  cost::CoreLedger ledger{0};
  cpu::Cpu core;
};

}  // namespace tw::test
