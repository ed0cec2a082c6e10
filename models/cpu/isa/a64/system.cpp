// The system group (Arm ARM C4.1.66): hints, barriers, PSTATE, system instructions, system register moves.
#include "cpu/isa/a64/system.hpp"

#include "cpu/isa/a64/groups.hpp"

namespace tw::cpu::a64 {
namespace {

using enum cost::Cause;

constexpr Encoding kRows[] = {
    {"HINT", "1101 0101 0000 0011 0010 mmmm ppp1 1111", Hint, select_hint},
    {"CLREX, DSB, DMB, ISB", "1101 0101 0000 0011 0011 mmmm ppp1 1111", Barrier, select_barrier},
    {"MSR (immediate)", "1101 0101 0000 0ooo 0100 mmmm ppp1 1111", SystemRegister, select_write_immediate},
    {"SYS", "1101 0101 0000 1ooo nnnn mmmm pppt tttt", SystemRegister, select_sys},
    {"SYSL", "1101 0101 0010 1ooo nnnn mmmm pppt tttt", SystemRegister, select_sysl},
    {"MSR (register)", "1101 0101 0001 xooo nnnn mmmm pppt tttt", SystemRegister, select_write_register},
    {"MRS", "1101 0101 0011 xooo nnnn mmmm pppt tttt", SystemRegister, select_read_register},
};

}  // namespace

std::span<const Encoding> system_encodings() { return kRows; }

}  // namespace tw::cpu::a64
