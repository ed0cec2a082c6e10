#include "cpu/isa/a64/pointer_authentication.hpp"

#include <algorithm>
#include <bit>

#include "arm/control_bits.hpp"
#include "arm/sysreg.hpp"
#include "arm/trap_rules.hpp"
#include "base/bits.hpp"
#include "cpu/isa/a64/branch_address.hpp"
#include "cpu/system/traps.hpp"

namespace tw::cpu {

u64 PointerCodes::compute(u64 pointer, u64 modifier, const a64::PointerKey& key) {
  const u64 hash = (pointer ^ std::rotl(modifier, 23) ^ key.low) * 0x9E37'79B9'7F4A'7C15;
  Entry& entry = entries_[hash >> 56];
  if (!entry.valid || entry.pointer != pointer || entry.modifier != modifier || entry.key != key) {
    entry = {pointer, modifier, key, a64::qarma5(pointer, modifier, key), true};
  }
  return entry.code;
}

namespace a64 {
namespace {

using namespace arm;

struct KeyRegisters {
  SysReg low, high;
  u64 enable;  ///< SCTLR_ELx
};
constexpr KeyRegisters kKeys[] = {
    {SysReg::APIAKeyLo_EL1, SysReg::APIAKeyHi_EL1, sctlr::EnIA},
    {SysReg::APIBKeyLo_EL1, SysReg::APIBKeyHi_EL1, sctlr::EnIB},
    {SysReg::APDAKeyLo_EL1, SysReg::APDAKeyHi_EL1, sctlr::EnDA},
    {SysReg::APDBKeyLo_EL1, SysReg::APDBKeyHi_EL1, sctlr::EnDB},
};
constexpr const KeyRegisters& registers_of(AddressKey key) { return kKeys[static_cast<unsigned>(key)]; }
constexpr bool is_data(AddressKey key) { return key >= AddressKey::DA; }
constexpr bool is_b(AddressKey key) { return (static_cast<unsigned>(key) & 1) != 0; }

const vmsa::Stage1Registers& regime_of(const Cpu& cpu) {
  const El el = cpu.pstate.el;
  return el <= El::El1 ? cpu.controls.el1 : el == El::El2 ? cpu.controls.el2 : cpu.controls.el3;
}

u64 compute(Cpu& cpu, u64 pointer, u64 modifier, SysReg low, SysReg high) {
  if (!cpu.pointer_codes) cpu.pointer_codes = std::make_unique<PointerCodes>();
  return cpu.pointer_codes->compute(pointer, modifier, {cpu.reg(high), cpu.reg(low)});
}
u64 compute(Cpu& cpu, u64 pointer, u64 modifier, AddressKey key) {
  return compute(cpu, pointer, modifier, registers_of(key).low, registers_of(key).high);
}

/// CalculateBottomPACBit: the number of address bits of the half that `upper` chooses. T0SZ and T1SZ out of range are
/// brought into it (CONSTRAINED UNPREDICTABLE; as QEMU).
unsigned address_bits(const Cpu& cpu, bool upper) {
  const u64 tcr = regime_of(cpu).tcr;
  const u64 size = upper && cpu.pstate.el <= El::El1 ? bits<21, 16>(tcr) : bits<5, 0>(tcr);
  return 64 - static_cast<unsigned>(std::clamp(size, u64{16}, u64{39}));
}

/// The bits of a code: from the address's up to 54, and the top byte where it is not a tag.
u64 code_bits(unsigned bottom, bool tagged) {
  return (low_mask(55) & ~low_mask(bottom)) | (tagged ? 0 : ~low_mask(56));
}

/// `pointer` with its extension bits, from the address's up, copies of `upper`; a tag stays.
u64 extended(u64 pointer, unsigned bottom, bool tagged, bool upper) {
  const u64 extension = low_mask(tagged ? 56 : 64) & ~low_mask(bottom);
  return upper ? pointer | extension : pointer & ~extension;
}

}  // namespace

u64 add_code(Cpu& cpu, u64 pointer, u64 modifier, AddressKey key) {
  const El el = cpu.pstate.el;
  const bool instruction = !is_data(key);
  const bool tagged = top_byte_ignored(cpu, pointer, el, instruction);
  // Where a regime has two halves, bit 55 chooses if either of them has tags.
  const bool either =
      el <= El::El1 ? top_byte_ignored(cpu, 0, el, instruction) || top_byte_ignored(cpu, u64{1} << 55, el, instruction)
                    : tagged;
  const bool upper = either ? bit<55>(pointer) : bit<63>(pointer);
  const unsigned bottom = address_bits(cpu, upper);
  u64 code = compute(cpu, extended(pointer, bottom, tagged, upper), modifier, key);
  const u64 extension = low_mask(tagged ? 56 : 64) & ~low_mask(bottom);
  const u64 present = pointer & extension;
  if (present != 0 && present != extension) code ^= u64{1} << (tagged ? 54 : 62);  // so that it will not authenticate
  const u64 field = code_bits(bottom, tagged);
  const u64 base = pointer & ~field & ~(u64{1} << 55);
  return base | (code & field) | u64{upper} << 55;
}

u64 authenticate(Cpu& cpu, u64 pointer, u64 modifier, AddressKey key) {
  const bool upper = bit<55>(pointer);
  const bool tagged = top_byte_ignored(cpu, pointer, cpu.pstate.el, !is_data(key));
  const unsigned bottom = address_bits(cpu, upper);
  const u64 original = extended(pointer, bottom, tagged, upper);
  const u64 code = compute(cpu, original, modifier, key);
  if (((code ^ pointer) & code_bits(bottom, tagged)) == 0) return original;
  return insert_bits(original, tagged ? 53 : 61, 2, is_b(key) ? 0b10 : 0b01);
}

u64 strip_code(const Cpu& cpu, u64 pointer, bool data) {
  const bool upper = bit<55>(pointer);
  return extended(pointer, address_bits(cpu, upper), top_byte_ignored(cpu, pointer, cpu.pstate.el, !data), upper);
}

u64 generic_code(Cpu& cpu, u64 value, u64 modifier) {
  return compute(cpu, value, modifier, SysReg::APGAKeyLo_EL1, SysReg::APGAKeyHi_EL1) & ~low_mask(32);
}

bool key_enabled(const Cpu& cpu, AddressKey key) { return (regime_of(cpu).sctlr & registers_of(key).enable) != 0; }

const Op* trap_pointer_authentication(Cpu& cpu, const Op* op) {
  if (cpu.pstate.el == El::El3) return nullptr;
  if (const TrapRule* rule = find_trap(cpu, kTraps.pointer_authentication, kOnAny)) {
    return take_trap(cpu, op, *rule, 0, "pointer authentication");
  }
  return nullptr;
}

}  // namespace a64
}  // namespace tw::cpu
