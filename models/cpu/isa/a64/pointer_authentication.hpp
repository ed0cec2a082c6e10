// FEAT_PAuth: adding, checking and removing pointer authentication codes (AddPAC, Auth, Strip of the manual's shared
// pseudocode), and when instructions that do so are trapped or do nothing.
#pragma once

#include <array>

#include "cpu/cpu.hpp"
#include "cpu/isa/a64/qarma.hpp"

namespace tw::cpu {

/// The codes computed last: a function's entry and its return compute the same one. Never visible.
class PointerCodes final {
 public:
  /// ComputePAC.
  u64 compute(u64 pointer, u64 modifier, const a64::PointerKey& key);

 private:
  struct Entry {
    u64 pointer = 0, modifier = 0;
    a64::PointerKey key;
    u64 code = 0;
    bool valid = false;
  };
  std::array<Entry, 256> entries_;
};

namespace a64 {

/// The keys of addresses, in the order of the encodings' low bits: instruction and data, A and B.
enum class AddressKey : u8 { IA, IB, DA, DB };

/// `pointer` with a code, or with its code removed when that is right and made non-canonical when it is wrong. Where
/// SCTLR_ELx does not enable the key, both return `pointer`. `trapped`: see trap_of_pointer_authentication.
u64 add_code(Cpu& cpu, u64 pointer, u64 modifier, AddressKey key);
u64 authenticate(Cpu& cpu, u64 pointer, u64 modifier, AddressKey key);
/// XPACI, XPACD.
u64 strip_code(const Cpu& cpu, u64 pointer, bool data);

/// PACGA.
u64 generic_code(Cpu& cpu, u64 value, u64 modifier);

/// Whether SCTLR_ELx of the present regime enables `key`. Without it instructions that use it do nothing.
bool key_enabled(const Cpu& cpu, AddressKey key);
/// Takes the trap of HCR_EL2.API or SCR_EL3.API if there is one: what the handler must return. nullptr: go on.
const Op* trap_pointer_authentication(Cpu& cpu, const Op* op);

}  // namespace a64
}  // namespace tw::cpu
