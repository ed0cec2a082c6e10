// Every row's name against Capstone: random members of the row disassemble to the row's mnemonic, or to an alias that
// the manual defines for it. So a pattern cannot sit under the wrong name.
#include <capstone.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "cpu/isa/encoding.hpp"
#include "diff/generator.hpp"

namespace tw::diff {
namespace {

/// The aliases of the manual by the mnemonic of the row.
const std::map<std::string, std::vector<std::string>>& aliases() {
  static const std::map<std::string, std::vector<std::string>> kAliases = {
      {"add", {"mov"}},
      {"adds", {"cmn"}},
      {"sub", {"neg"}},
      {"subs", {"cmp", "negs"}},
      {"ands", {"tst"}},
      {"orr", {"mov"}},
      {"orn", {"mvn"}},
      {"sbc", {"ngc"}},
      {"sbcs", {"ngcs"}},
      {"movn", {"mov"}},
      {"movz", {"mov"}},
      {"sbfm", {"asr", "sbfiz", "sbfx", "sxtb", "sxth", "sxtw"}},
      {"bfm", {"bfi", "bfxil", "bfc"}},
      {"ubfm", {"lsl", "lsr", "ubfiz", "ubfx", "uxtb", "uxth"}},
      {"extr", {"ror"}},
      {"csinc", {"cinc", "cset"}},
      {"csinv", {"cinv", "csetm"}},
      {"csneg", {"cneg"}},
      {"madd", {"mul"}},
      {"msub", {"mneg"}},
      {"smaddl", {"smull"}},
      {"smsubl", {"smnegl"}},
      {"umaddl", {"umull"}},
      {"umsubl", {"umnegl"}},
      {"lslv", {"lsl"}},
      {"lsrv", {"lsr"}},
      {"asrv", {"asr"}},
      {"rorv", {"ror"}},
      {"not", {"mvn"}},
      {"dup", {"mov"}},
      {"ins", {"mov"}},
      {"umov", {"mov"}},
      {"sshll", {"sxtl"}},
      {"sshll2", {"sxtl2"}},
      {"ushll", {"uxtl"}},
      {"ushll2", {"uxtl2"}},
      {"hint", {"nop", "yield", "wfe", "wfi", "sev", "sevl", "esb", "psb", "csdb"}},
      {"sys", {"at", "dc", "ic", "tlbi"}},
  };
  return kAliases;
}

/// Rows that Capstone 4.0.2 cannot vouch for.
struct Unknown {
  std::string_view row;
  std::string_view reason;
};
constexpr Unknown kUnknown[] = {
    {"UDF", "disassembles as data"},
    {"DCPS1", "never allocated here: Debug state only"},
    {"DCPS2", "never allocated here: Debug state only"},
    {"DCPS3", "never allocated here: Debug state only"},
    {"DRPS", "never allocated here: Debug state only"},
};

/// Capstone 4.0.2 knows Armv8.0 with CRC32; a newer one makes this stale.
bool is_before_its_time(const cpu::Encoding& row) {
  using enum cpu::Feature;
  constexpr cpu::Feature kLater[] = {Lse,   Rcpc,    Lor,   Fp16,   Rdm,   DotProd, Pauth, Fhm, Fcma,
                                     Jscvt, Frintts, FlagM, FlagM2, Rcpc2, Sha512,  Sha3,  Sm3, Sm4};
  return std::ranges::find(kLater, row.feature) != std::end(kLater);
}

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text) result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

/// "CLREX, DSB, DMB, ISB" and "ADD (immediate)": the mnemonics of the row.
std::vector<std::string> mnemonics_of(const cpu::Encoding& row) {
  std::vector<std::string> result;
  std::string_view rest = row.name.substr(0, row.name.find(" ("));
  while (true) {
    const std::size_t comma = rest.find(", ");
    result.push_back(lower(rest.substr(0, comma)));
    if (comma == std::string_view::npos) return result;
    rest.remove_prefix(comma + 2);
  }
}

class Disassembler final {
 public:
  Disassembler() { EXPECT_EQ(cs_open(CS_ARCH_ARM64, CS_MODE_ARM, &handle_), CS_ERR_OK); }
  ~Disassembler() { cs_close(&handle_); }
  Disassembler(const Disassembler&) = delete;
  Disassembler& operator=(const Disassembler&) = delete;
  /// Empty when Capstone does not know the word.
  std::string mnemonic(u32 insn) {
    cs_insn* found = nullptr;
    const std::size_t count = cs_disasm(handle_, reinterpret_cast<const u8*>(&insn), sizeof insn, 0, 1, &found);
    if (count == 0) return "";
    const std::string text = found->mnemonic;
    cs_free(found, count);
    return text;
  }

 private:
  csh handle_ = 0;
};

bool fits(const std::string& shown, const std::string& base) {
  if (shown == base || (base == "b.cond" && shown.starts_with("b."))) return true;
  const auto found = aliases().find(base);
  return found != aliases().end() && std::ranges::find(found->second, shown) != found->second.end();
}

TEST(Names, AreCapstonesMnemonics) {
  Disassembler capstone;
  std::mt19937 random(3);
  for (const auto& group : cpu::a64_groups()) {
    for (const cpu::Encoding& row : group) {
      if (row.cost == cost::Cause::FpSimd && !row.overrides) continue;  // whole spaces, not instructions
      const auto* unknown = std::ranges::find(kUnknown, row.name, &Unknown::row);
      const std::vector<std::string> bases = mnemonics_of(row);
      unsigned known = 0, wrong = 0;
      for (unsigned sample = 0; sample < 2000 && wrong < 3; ++sample) {
        const u32 insn = row.pattern.value | (static_cast<u32>(random()) & ~row.pattern.mask);
        cpu::Op op{};
        op.insn = insn;
        if (cpu::find_a64(insn) != &row || is_unpredictable(insn) || row.select(op) == nullptr) continue;
        const std::string shown = capstone.mnemonic(insn);
        if (shown.empty()) continue;
        ++known;
        if (std::ranges::any_of(bases, [&](const std::string& base) { return fits(shown, base); })) continue;
        ++wrong;
        EXPECT_TRUE(unknown != std::end(kUnknown)) << row.name << " 0x" << std::hex << insn << " is " << shown;
      }
      if (is_before_its_time(row)) {
        EXPECT_EQ(known, 0u) << row.name << " is known to this Capstone: compare it";
      } else if (unknown == std::end(kUnknown)) {
        EXPECT_GT(known, 0u) << row.name << " is unknown to Capstone: list it";
      } else {
        EXPECT_TRUE(known == 0 || wrong > 0) << row.name << " need not be listed any more";
      }
    }
  }
}

}  // namespace
}  // namespace tw::diff
