// Arm ARM C4.1: "Advanced SIMD load/store multiple structures" and "single structure", with and without post-index. The
// registers are a list. A lane that is loaded leaves the rest of its register, which so is a source too.
#include "cpu/pipeline/operand_rows.hpp"

namespace tw::cpu {

std::span<const OperandRow> structure_operands() {
  using namespace rows;
  constexpr u16 kLoad = kOpLoad | kOpWritesList, kStore = kOpStore | kOpReadsList;
  constexpr u16 kLane = kLoad | kOpReadsList;

// Without and with post-index (Rm = 31: by the size of the access). `L` is bit 22.
#define TW_FORMS(bits, L, rest, timing, flags, count)                                               \
  {"0q 00110" bits "0" L rest " nnnnn ttttt", Class::timing, {RnSp}, {}, flags, count}, {           \
    "0q 00110" bits "1" L rest " nnnnn ttttt", Class::timing, {RnSp, Rm}, {None, None, None, RnSp}, \
        (flags) | kOpEarlyBase, count                                                               \
  }
#define TW_MULTIPLE(opcode, kind, count)                                 \
  TW_FORMS("0", "1", "0 mmmmm " opcode " zz", Load##kind, kLoad, count), \
      TW_FORMS("0", "0", "0 mmmmm " opcode " zz", Store##kind, kStore, count)
// `R` is bit 21, `odd` bit 13: together the number of registers.
#define TW_SINGLE(R, odd, count)                                             \
  TW_FORMS("1", "1", R " mmmmm 11" odd " xxx", LoadReplicate, kLoad, count), \
      TW_FORMS("1", "1", R " mmmmm xx" odd " xxx", LoadLane, kLane, count),  \
      TW_FORMS("1", "0", R " mmmmm xx" odd " xxx", StoreLane, kStore, count)

  static constexpr OperandRow kRows[] = {
      TW_MULTIPLE("0111", Multiple, 1),
      TW_MULTIPLE("1010", Multiple, 2),
      TW_MULTIPLE("0110", Multiple, 3),
      TW_MULTIPLE("0010", Multiple, 4),
      TW_MULTIPLE("1000", Structure, 2),
      TW_MULTIPLE("0100", Structure, 3),
      TW_MULTIPLE("0000", Structure, 4),
      TW_SINGLE("0", "0", 1),
      TW_SINGLE("1", "0", 2),
      TW_SINGLE("0", "1", 3),
      TW_SINGLE("1", "1", 4),
  };
#undef TW_FORMS
#undef TW_MULTIPLE
#undef TW_SINGLE
  return kRows;
}

}  // namespace tw::cpu
