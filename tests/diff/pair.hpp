// What the differential tests share: their settings, and our core and the oracle on equal memory.
#pragma once

#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "cpu/isa/features.hpp"
#include "diff/generator.hpp"
#include "diff/oracle.hpp"
#include "support/cpu_rig.hpp"

namespace tw::diff {

inline constexpr u64 kDefaultInstructions = 120'000;
inline constexpr unsigned kMaximumReports = 10;
inline constexpr u32 kClrex = 0xd503305f;

inline u64 from_environment(const char* name, u64 otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::strtoull(text, nullptr, 0) : otherwise;
}

inline u64 seed() {
  static const u64 kSeed = from_environment("TW_SEED", 20261122);
  return kSeed;
}

inline u64 instructions() {
  static const u64 kInstructions = from_environment("TW_DIFF_INSTRUCTIONS", kDefaultInstructions);
  return kInstructions;
}

inline bool test_model_has(cpu::Feature feature) {
  return cpu::has_feature(test::test_model("cortex-a57", true), feature);
}

/// Our core and the oracle on equal memory.
class Pair final {
 public:
  explicit Pair(u64 code_bytes, Oracle::Model model = Oracle::Model::Max)
      : rig(El::El1, {}, test::test_model("cortex-a57", true), Layout::bytes_for(code_bytes)),
        theirs_(rig.bus.size_bytes() + cpu::kPageBytes),
        oracle(model, Layout::kBase, theirs(Layout::kBase), rig.bus.size_bytes()) {}

  u8* theirs(u64 pa) {
    const auto start = reinterpret_cast<std::uintptr_t>(theirs_.data());
    const auto aligned = (start + cpu::kPageBytes - 1) & ~(cpu::kPageBytes - 1);
    return theirs_.data() + (aligned - start) + (pa - Layout::kBase);
  }

  void write_code(u64 at, u32 insn) {
    rig.poke<u32>(at, insn);
    std::memcpy(theirs(at), &insn, sizeof insn);
  }

  void fill_data(Generator& random) {
    for (u64 offset = 0; offset < Layout::kDataBytes; offset += 8) {
      const u64 value = random.bits();
      rig.poke<u64>(Layout::kBase + offset, value);
      std::memcpy(theirs(Layout::kBase + offset), &value, sizeof value);
    }
  }

  bool data_equal() { return std::memcmp(rig.bus.host(Layout::kBase), theirs(Layout::kBase), Layout::kDataBytes) == 0; }
  /// Where the data differs first; then makes it equal again.
  std::string data_difference() {
    std::ostringstream text;
    for (u64 pa = Layout::kBase; pa < Layout::kBase + Layout::kDataBytes; ++pa) {
      if (*rig.bus.host(pa) == *theirs(pa)) continue;
      text << "  memory at 0x" << std::hex << pa << ": " << unsigned{*rig.bus.host(pa)} << ", oracle "
           << unsigned{*theirs(pa)} << '\n';
      break;
    }
    std::memcpy(rig.bus.host(Layout::kBase), theirs(Layout::kBase), Layout::kDataBytes);
    return text.str();
  }

  void set_ours(const State& state) {
    cpu::Cpu& core = rig.core;
    for (unsigned i = 0; i < 31; ++i) core.x[i] = state.x[i];
    core.x[cpu::kSp] = state.sp;
    core.flags.set_nzcv(state.nzcv);
    core.pc = state.pc;
  }
  State ours() const {
    State state;
    for (unsigned i = 0; i < 31; ++i) state.x[i] = rig.core.x[i];
    state.sp = rig.core.x[cpu::kSp];
    state.nzcv = rig.core.flags.nzcv();
    state.pc = rig.core.pc;
    return state;
  }

  test::CpuRig rig;

 private:
  std::vector<u8> theirs_;

 public:
  Oracle oracle;
};

inline std::string describe(const State& before, const State& ours, const State& theirs) {
  std::ostringstream text;
  text << std::hex;
  const auto line = [&](const std::string& name, u64 was, u64 a, u64 b) {
    if (a != b) text << "  " << name << ": " << a << ", oracle " << b << ", before " << was << '\n';
  };
  for (unsigned i = 0; i < 31; ++i) line("x" + std::to_string(i), before.x[i], ours.x[i], theirs.x[i]);
  line("sp", before.sp, ours.sp, theirs.sp);
  line("pc", before.pc, ours.pc, theirs.pc);
  line("nzcv", before.nzcv, ours.nzcv, theirs.nzcv);
  return text.str();
}

inline std::string hex(u32 insn) {
  std::ostringstream text;
  text << "0x" << std::hex << insn;
  return text.str();
}

}  // namespace tw::diff
