// The operands that the pipeline models wait for, against two oracles: Capstone's lists of registers, and what
// executing an instruction shows. Execution knows nothing of names: registers that are no sources are replaced by
// others, and the outcome must not change; a source that is replaced must change it for some member of the encoding's
// row.
#include <capstone.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <iostream>
#include <map>
#include <set>

#include "arm/sysreg.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "cpu/pipeline/operands.hpp"
#include "cpu/system/state.hpp"
#include "diff/fp_operands.hpp"
#include "diff/fp_state.hpp"

namespace tw::diff {
namespace {

namespace reg = cpu::reg;
using cpu::OpTiming;
using Registers = std::bitset<reg::kCount>;

Registers sources_of(const OpTiming& timing) {
  Registers result;
  for (const u8 one : timing.source) result.set(one);
  for (unsigned i = 0; i < timing.list_count && timing.is(cpu::kOpReadsList); ++i) result.set(timing.list_register(i));
  return result.reset(reg::kNone);
}

Registers destinations_of(const OpTiming& timing) {
  Registers result;
  for (const u8 one : timing.destination) result.set(one);
  for (unsigned i = 0; i < timing.list_count && timing.is(cpu::kOpWritesList); ++i) result.set(timing.list_register(i));
  return result.reset(reg::kSink);
}

std::string register_name(unsigned which) {
  if (which < reg::kSp) return "x" + std::to_string(which);
  if (which == reg::kSp) return "sp";
  return which == reg::kNzcv ? "nzcv" : "v" + std::to_string(which - reg::kV0);
}

std::string text(const Registers& registers) {
  std::string result;
  for (unsigned i = 0; i < reg::kCount; ++i) {
    if (registers[i]) result += (result.empty() ? "" : " ") + register_name(i);
  }
  return result.empty() ? "nothing" : result;
}

// ---- by execution --------------------------------------------------------------------------------------------------

struct Machine {
  State x;
  FpState fp;
};

class Execution : public testing::Test {
 protected:
  Execution() : pair_(0x1000), random_(seed() + 31) {
    pair_.fill_data(random_);
    allow_fp(pair_);
    cpu::Cpu& core = pair_.rig.core;
    // Pointers are signed: every key enabled, and different.
    core.reg(arm::SysReg::SCTLR_EL1) |= u64{1} << 31 | u64{1} << 30 | u64{1} << 27 | u64{1} << 13;
    cpu::update_controls(core);
    core.reg(arm::SysReg::HCR_EL2) |= u64{3} << 40;
    core.reg(arm::SysReg::TCR_EL1) = 16 | u64{16} << 16;
  }

  u64 value_of(const Machine& machine, unsigned which, unsigned half = 0) const {
    if (which < reg::kSp) return machine.x.x[which];
    if (which == reg::kSp) return machine.x.sp;
    if (which == reg::kNzcv) return machine.x.nzcv;
    return machine.fp.v[which - reg::kV0][half];
  }
  bool equal(const Machine& a, const Machine& b, unsigned which) const {
    return value_of(a, which) == value_of(b, which) && value_of(a, which, 1) == value_of(b, which, 1);
  }
  /// Takes register `which` of `machine` from `other`.
  static void copy(Machine& machine, const Machine& other, unsigned which) {
    if (which < reg::kSp) {
      machine.x.x[which] = other.x.x[which];
    } else if (which == reg::kSp) {
      machine.x.sp = other.x.sp;
    } else if (which == reg::kNzcv) {
      machine.x.nzcv = other.x.nzcv;
    } else {
      machine.fp.v[which - reg::kV0] = other.fp.v[which - reg::kV0];
    }
  }

  Machine random_machine(u32 insn) {
    Machine machine;
    machine.x = random_.state(Layout::kCode);
    machine.x.sp = Layout::kDataMiddle + random_.below(64) * 16;
    random_.prepare(insn, machine.x);
    for (auto& v : machine.fp.v) {
      switch (random_.below(4)) {
        case 3:
          break;
        case 0:
          v = fp_lanes(random_, 2u << random_.below(3));
          break;
        case 1:
          v = {random_.bits(), random_.bits()};
          break;
        default:  // small bytes: indices of look-ups, shift counts
          v = {random_.bits() & 0x1F1F'1F1F'1F1F'1F1F, random_.bits() & 0x1F1F'1F1F'1F1F'1F1F};
      }
    }
    if (random_.chance(4)) machine.fp.v[field_of(insn, 16)] = machine.fp.v[field_of(insn, 5)];
    return machine;
  }

  /// What `insn` makes of `machine`, and of the memory, which is as before afterwards.
  struct Outcome {
    Machine machine;
    u64 memory_at = 0;             ///< where it changed first …
    std::array<u8, 128> memory{};  ///< … and what is there: no instruction stores more than 64 bytes
    u64 exceptions;
  };
  Outcome run(u32 insn, const Machine& machine, bool stores) {
    cpu::Cpu& core = pair_.rig.core;
    pair_.rig.poke<u32>(Layout::kCode, insn);
    pair_.set_ours(machine.x);
    for (unsigned i = 0; i < 32; ++i) core.v[i] = {machine.fp.v[i][0], machine.fp.v[i][1]};
    cpu::set_el_and_sp(core, El::El1, true);
    core.x[cpu::kSp] = machine.x.sp;
    if (needs_of(insn).store_exclusive) reserve(insn, machine);
    Outcome outcome{.machine = machine, .exceptions = core.exceptions};
    pair_.rig.step();
    outcome.exceptions = core.exceptions - outcome.exceptions;
    outcome.machine.x = pair_.ours();
    for (unsigned i = 0; i < 32; ++i) outcome.machine.fp.v[i] = {core.v[i].d[0], core.v[i].d[1]};
    if (stores && !pair_.data_equal()) {
      u8* const data = pair_.rig.bus.host(Layout::kBase);
      const auto first = std::mismatch(data, data + Layout::kDataBytes, pair_.theirs(Layout::kBase)).first - data;
      outcome.memory_at = Layout::kBase + static_cast<u64>(first);
      std::memcpy(outcome.memory.data(), data + first, outcome.memory.size());
      std::memcpy(data + first, pair_.theirs(outcome.memory_at), outcome.memory.size());
    }
    return outcome;
  }

  /// As behind a load exclusive of what the store exclusive `insn` will write.
  void reserve(u32 insn, const Machine& machine) {
    cpu::ExclusiveMonitor& monitor = pair_.rig.core.monitor;
    const unsigned rn = field_of(insn, 5);
    const bool pair = (insn >> 21) & 1;
    monitor.valid = true;
    monitor.va = monitor.pa = rn == 31 ? machine.x.sp : machine.x.x[rn];
    monitor.size = static_cast<u8>((pair ? 2u : 1u) << (insn >> 30));
    std::memcpy(monitor.value, pair_.rig.bus.host(monitor.pa), monitor.size);
  }

  Pair pair_;
  Generator random_;
};

/// Rows of which execution shows less than there is; each entry must be needed.
struct Unshown {
  std::string_view row;
  std::string_view reason;
};
constexpr Unshown kUnshown[] = {
    {"PRFM (immediate)", "has no effect"},
    {"PRFUM", "has no effect"},
    {"PRFM (register)", "has no effect"},
};
/// Not generated.
constexpr Unshown kNotGenerated[] = {
    {"RETAA", "to X30, which the generator does not set: tests/tables/operands_test.cpp"},
    {"RETAB", "as RETAA"},
};
/// Where Capstone names other registers; each entry must be needed.
constexpr Unshown kNamedOtherwise[] = {
    {"BL", "X30 is implied"},
    {"BLR", "X30 is implied"},
    {"RET", "X30 is left out of RET X30"},
    {"HINT", "X16, X17, X30 and SP of FEAT_PAuth's hints are implied, and not known to Capstone 4"},
    {"SYS", "the operand that an IC or a TLBI does not use is left out"},
};
bool lists(std::span<const Unshown> list, std::string_view row) {
  return std::ranges::find(list, row, &Unshown::row) != list.end();
}

std::vector<const cpu::Encoding*> executable_rows() {
  auto rows = candidate_rows(test_model_has);
  const auto vectors = vector_rows(test_model_has);
  rows.insert(rows.end(), vectors.begin(), vectors.end());
  for (const cpu::Encoding& row : cpu::a64::pauth_encodings()) {
    if (std::ranges::find(rows, &row) == rows.end() && !lists(kNotGenerated, row.name)) rows.push_back(&row);
  }
  return rows;
}

TEST_F(Execution, DependsOnTheSourcesAndChangesTheDestinations) {
  const u64 of_each = std::max<u64>(instructions() / 1200, 50);
  std::cout << "TW_SEED=" << seed() << ", " << of_each << " of each row" << std::endl;
  u64 executed = 0;
  for (const cpu::Encoding* row : executable_rows()) {
    SCOPED_TRACE(row->name);
    const bool stores = row->cost != cost::Cause::Load && row->cost != cost::Cause::Hint;
    std::map<unsigned, bool> source_matters, destination_changes;  // by slot: registers differ from member to member
    for (u64 sample = 0; sample < of_each; ++sample) {
      const u32 insn = random_.instruction(*row);
      ASSERT_NE(insn, 0u);
      const OpTiming timing = cpu::time_of(insn, row);
      const Registers sources = sources_of(timing), destinations = destinations_of(timing);
      const Machine before = random_machine(insn), other = random_machine(insn);
      Machine changed = other;
      for (unsigned i = 0; i < reg::kNone; ++i) {
        if (sources[i]) copy(changed, before, i);
      }
      const Outcome a = run(insn, before, stores), b = run(insn, changed, stores);
      ++executed;
      ASSERT_EQ(a.exceptions, b.exceptions) << hex(insn);
      if (a.exceptions != 0) continue;
      ASSERT_EQ(a.machine.x.pc, b.machine.x.pc) << hex(insn);
      ASSERT_TRUE(a.memory_at == b.memory_at && a.memory == b.memory)
          << hex(insn) << ": what it stores depends on no source";
      for (unsigned i = 0; i < reg::kNone; ++i) {
        if (destinations[i]) {
          ASSERT_TRUE(equal(a.machine, b.machine, i))
              << hex(insn) << ": " << register_name(i) << " depends on more than " << text(sources);
        } else {
          ASSERT_TRUE(equal(a.machine, before, i)) << hex(insn) << " writes " << register_name(i);
        }
      }
      const auto differs = [&](unsigned which) {
        Machine one = before;
        copy(one, other, which);
        const Outcome c = run(insn, one, stores);
        if (c.exceptions != 0 || a.machine.x.pc != c.machine.x.pc || a.memory_at != c.memory_at ||
            a.memory != c.memory) {
          return true;
        };
        for (unsigned i = 0; i < reg::kNone; ++i) {
          if (destinations[i] && !equal(a.machine, c.machine, i)) return true;
        }
        return false;
      };
      for (unsigned slot = 0; slot < cpu::kSourceSlots; ++slot) {
        if (timing.source[slot] == reg::kNone) continue;
        bool& matters = source_matters[slot];
        if (!matters) matters = differs(timing.source[slot]);
      }
      for (unsigned i = 0; i < timing.list_count && timing.is(cpu::kOpReadsList); ++i) {
        bool& matters = source_matters[cpu::kSourceSlots + i];
        if (!matters) matters = differs(timing.list_register(i));
      }
      for (unsigned slot = 0; slot < cpu::kDestinationSlots; ++slot) {
        if (timing.destination[slot] == reg::kSink) continue;
        destination_changes[slot] |= !equal(before, a.machine, timing.destination[slot]);
      }
      for (unsigned i = 0; i < timing.list_count && timing.is(cpu::kOpWritesList); ++i) {
        destination_changes[cpu::kDestinationSlots + i] |= !equal(before, a.machine, timing.list_register(i));
      }
    }
    const bool unshown = lists(kUnshown, row->name);
    for (const auto& [slot, matters] : source_matters) {
      EXPECT_NE(matters, unshown) << "source " << slot << (unshown ? " need not be listed" : " never matters");
    }
    for (const auto& [slot, changes] : destination_changes) {
      EXPECT_TRUE(changes) << "destination " << slot << " never changes";
    }
  }
  std::cout << executed << " instructions" << std::endl;
}

// ---- by Capstone ---------------------------------------------------------------------------------------------------

class Lists final {
 public:
  Lists() {
    EXPECT_EQ(cs_open(CS_ARCH_ARM64, CS_MODE_ARM, &handle_), CS_ERR_OK);
    EXPECT_EQ(cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON), CS_ERR_OK);
  }
  ~Lists() { cs_close(&handle_); }
  Lists(const Lists&) = delete;
  Lists& operator=(const Lists&) = delete;

  struct Found {
    Registers named;
    std::string text;
  };
  /// False: Capstone does not know the word.
  bool look_up(u32 insn, Found& found) {
    cs_insn* one = nullptr;
    if (cs_disasm(handle_, reinterpret_cast<const u8*>(&insn), sizeof insn, 0, 1, &one) == 0) return false;
    found = {};
    const cs_arm64& detail = one->detail->arm64;
    for (unsigned i = 0; i < detail.op_count; ++i) {
      const cs_arm64_op& operand = detail.operands[i];
      if (operand.type == ARM64_OP_REG) add(found.named, operand.reg);
      if (operand.type == ARM64_OP_MEM) add(found.named, operand.mem.base);
      if (operand.type == ARM64_OP_MEM) add(found.named, operand.mem.index);
    }
    found.text = std::string(one->mnemonic) + ' ' + one->op_str;
    cs_free(one, 1);
    return true;
  }

 private:
  static void add(Registers& registers, unsigned which) {
    const auto in = [which](unsigned first, unsigned count) { return which >= first && which < first + count; };
    if (in(ARM64_REG_X0, 29)) registers.set(which - ARM64_REG_X0);
    if (in(ARM64_REG_W0, 31)) registers.set(which - ARM64_REG_W0);
    if (which == ARM64_REG_X29) registers.set(29);
    if (which == ARM64_REG_X30) registers.set(30);
    if (which == ARM64_REG_SP || which == ARM64_REG_WSP) registers.set(reg::kSp);
    for (const unsigned bank : {ARM64_REG_B0, ARM64_REG_H0, ARM64_REG_S0, ARM64_REG_D0, ARM64_REG_Q0, ARM64_REG_V0}) {
      if (in(bank, 32)) registers.set(reg::kV0 + which - bank);
    }
  }
  csh handle_ = 0;
};

TEST(Operands, AreCapstones) {
  Lists capstone;
  Generator random(seed() + 37);
  const u64 of_each = std::max<u64>(instructions() / 300, 50);
  u64 compared = 0;
  for (const auto& group : cpu::a64_groups()) {
    for (const cpu::Encoding& row : group) {
      if (row.cost == cost::Cause::FpSimd && !row.overrides) continue;
      bool otherwise = false;
      for (u64 sample = 0; sample < of_each && !otherwise; ++sample) {
        const u32 insn = random.instruction(row);
        Lists::Found found;
        if (insn == 0 || !capstone.look_up(insn, found)) continue;
        ++compared;
        const OpTiming timing = cpu::time_of(insn, &row);
        Registers ours = sources_of(timing) | destinations_of(timing);
        ours.reset(reg::kNzcv);  // never named
        if (ours == found.named) continue;
        otherwise = true;
        EXPECT_TRUE(lists(kNamedOtherwise, row.name)) << row.name << ' ' << hex(insn) << " names " << text(ours)
                                                      << ", Capstone " << text(found.named) << " in " << found.text;
      }
      EXPECT_TRUE(otherwise || !lists(kNamedOtherwise, row.name)) << row.name << " need not be listed";
    }
  }
  EXPECT_GT(compared, 100 * of_each);
  std::cout << compared << " compared" << std::endl;
}

}  // namespace
}  // namespace tw::diff
