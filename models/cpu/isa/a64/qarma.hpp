// The QARMA block cipher as pointer authentication uses it.
#pragma once

#include "base/types.hpp"

namespace tw::cpu::a64 {

/// APxKeyHi_EL1 and APxKeyLo_EL1: w0 and k0 of the cipher.
struct PointerKey {
  u64 high = 0;
  u64 low = 0;
  bool operator==(const PointerKey&) const = default;
};

/// QARMA-64 with S-box sigma 2 and five rounds forwards and backwards (QARMA5): R. Avanzi, "The QARMA Block Cipher
/// Family", IACR ToSC 2017(1); ComputePAC of the manual. `tweak` is the modifier.
u64 qarma5(u64 plaintext, u64 tweak, const PointerKey& key);

}  // namespace tw::cpu::a64
