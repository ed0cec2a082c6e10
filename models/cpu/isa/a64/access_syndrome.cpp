#include "cpu/isa/a64/access_syndrome.hpp"

#include "base/bits.hpp"
#include "cpu/isa/encoding.hpp"

namespace tw::cpu {
namespace {

/// How a row's SAS, SSE and SF are read off the encoding.
enum class Fields : u8 {
  SizeOpc,         ///< size [31:30], opc [23:22]: load/store register, all forms
  Literal,         ///< opc [31:30]: W, X, or SW
  Ordered,         ///< size [31:30], never sign-extending: acquire, release
  OrderedSizeOpc,  ///< both
};

struct SyndromeRow {
  Pattern pattern;
  Fields fields;
};

// The forms with a valid syndrome. Exclusives, pairs, atomics, writeback, SIMD and DC ZVA are absent on purpose.
constexpr SyndromeRow kForms[] = {
    {"zz 111 0 01 oo iiiiiiiiiiii nnnnn ttttt", Fields::SizeOpc},           // unsigned immediate
    {"zz 111 0 00 oo 0 iiiiiiiii 00 nnnnn ttttt", Fields::SizeOpc},         // unscaled
    {"zz 111 0 00 oo 0 iiiiiiiii 10 nnnnn ttttt", Fields::SizeOpc},         // unprivileged
    {"zz 111 0 00 oo 1 mmmmm ppp S 10 nnnnn ttttt", Fields::SizeOpc},       // register offset
    {"zz 011 0 00 iiiiiiiiiiiiiiiiiii ttttt", Fields::Literal},             // LDR, LDRSW (literal)
    {"zz 001000 1 L 0 sssss o uuuuu nnnnn ttttt", Fields::Ordered},         // LDAR, STLR, LDLAR, STLLR
    {"zz 111 0 00 1 0 1 11111 1 100 00 nnnnn ttttt", Fields::Ordered},      // LDAPR
    {"zz 011 0 01 oo 0 iiiiiiiii 00 nnnnn ttttt", Fields::OrderedSizeOpc},  // LDAPUR, STLUR
};

}  // namespace

u32 isv_syndrome(u32 insn) {
  for (const SyndromeRow& form : kForms) {
    if (!form.pattern.matches(insn)) continue;
    u32 size = static_cast<u32>(bits<31, 30>(insn));
    bool sign = false, wide = size == 3, ordered = false;
    switch (form.fields) {
      case Fields::OrderedSizeOpc:
      case Fields::SizeOpc: {
        ordered = form.fields == Fields::OrderedSizeOpc;
        const u64 opc = bits<23, 22>(insn);
        if (opc >= 2 && (size == 3 || (size == 2 && opc == 3))) return 0;  // PRFM; unallocated
        sign = opc >= 2;
        if (sign) wide = opc == 2;
        break;
      }
      case Fields::Literal:
        if (size == 3) return 0;  // PRFM
        sign = size == 2;
        wide = size != 0;
        size = size == 1 ? 3 : 2;
        break;
      case Fields::Ordered:
        ordered = true;
        break;
    }
    return u32{1} << 24 | size << 22 | u32{sign} << 21 | (insn & 31) << 16 | u32{wide} << 15 | u32{ordered} << 14;
  }
  return 0;
}

}  // namespace tw::cpu
