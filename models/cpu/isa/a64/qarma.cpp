// QARMA-64 (Avanzi 2017). The state is a 4 x 4 matrix of 4-bit cells; cell 0 is the most significant nibble.
#include "cpu/isa/a64/qarma.hpp"

#include <array>
#include <bit>

namespace tw::cpu::a64 {
namespace {

constexpr unsigned kCells = 16, kRounds = 5;
using Permutation = std::array<u8, kCells>;
using Box = std::array<u8, 16>;

constexpr unsigned position(unsigned cell) { return 60 - 4 * cell; }
constexpr u64 cell_of(u64 state, unsigned cell) { return (state >> position(cell)) & 15; }

template <std::size_t size>
constexpr std::array<u8, size> inverse(const std::array<u8, size>& map) {
  std::array<u8, size> result{};
  for (unsigned i = 0; i < size; ++i) result[map[i]] = static_cast<u8>(i);
  return result;
}

constexpr Box kSigma2 = {11, 6, 8, 15, 12, 0, 9, 14, 3, 7, 4, 5, 13, 2, 1, 10};
constexpr Permutation kTau = {0, 11, 6, 13, 10, 1, 12, 7, 5, 14, 3, 8, 15, 4, 9, 2};    // the state's
constexpr Permutation kTweak = {6, 5, 14, 15, 0, 1, 2, 3, 7, 12, 13, 4, 8, 9, 10, 11};  // h, the tweak's
constexpr u32 kLfsrCells = 1u << 0 | 1u << 1 | 1u << 3 | 1u << 4 | 1u << 8 | 1u << 11 | 1u << 13;

// Digits of pi, and alpha.
constexpr u64 kConstants[kRounds] = {0, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89, 0x452821E638D01377};
constexpr u64 kAlpha = 0xC0AC29B7C97C50DD;

constexpr u64 permute(u64 state, const Permutation& from) {
  u64 result = 0;
  for (unsigned i = 0; i < kCells; ++i) result |= cell_of(state, from[i]) << position(i);
  return result;
}

/// Every cell rotated left by `by`.
constexpr u64 rotate_cells(u64 state, unsigned by) {
  const u64 low = 0x1111'1111'1111'1111 * ((1u << by) - 1);
  return ((state << by) & ~low) | ((state >> (4 - by)) & low);
}

/// The circulant matrix (0, rho, rho^2, rho) on columns: row i of the product from the rows i + 1 to i + 3.
constexpr u64 mix(u64 state) {
  return rotate_cells(std::rotl(state, 16), 1) ^ rotate_cells(std::rotl(state, 32), 2) ^
         rotate_cells(std::rotl(state, 48), 1);
}

constexpr u64 next_tweak(u64 tweak) {
  tweak = permute(tweak, kTweak);
  for (unsigned i = 0; i < kCells; ++i) {
    if (((kLfsrCells >> i) & 1) == 0) continue;
    const u64 cell = cell_of(tweak, i);
    const u64 next = cell >> 1 | ((cell ^ cell >> 1) & 1) << 3;  // omega: one step of a shift register
    tweak ^= (cell ^ next) << position(i);
  }
  return tweak;
}

constexpr Permutation kTauInverse = inverse(kTau);
constexpr Box kSigma2Inverse = inverse(kSigma2);

constexpr u64 diffuse(u64 state) { return mix(permute(state, kTau)); }
constexpr u64 diffuse_back(u64 state) { return permute(mix(state), kTauInverse); }
constexpr u64 reflect(u64 state) { return permute(mix(permute(state, kTau)), kTauInverse); }

/// A linear map behind a substitution of cells, as the sum of what each cell contributes.
class Map final {
 public:
  consteval Map(const Box& box, u64 (*linear)(u64)) {
    for (unsigned cell = 0; cell < kCells; ++cell) {
      for (unsigned value = 0; value < 16; ++value) of_[cell][value] = linear(u64{box[value]} << position(cell));
    }
  }
  constexpr u64 operator()(u64 state) const {
    u64 result = 0;
    for (unsigned cell = 0; cell < kCells; ++cell) result ^= of_[cell][cell_of(state, cell)];
    return result;
  }

 private:
  std::array<std::array<u64, 16>, kCells> of_{};
};

constexpr Box kNone = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr Map kNextTweak(kNone, next_tweak), kDiffuse(kNone, diffuse), kRound(kSigma2, diffuse),
    kReflector(kSigma2, reflect), kRoundBack(kSigma2Inverse, diffuse_back),
    kLast(kSigma2Inverse, [](u64 state) { return state; });

/// The rounds with each substitution joined to the diffusion behind it, which is linear: D(s + k) = D(s) + D(k).
constexpr u64 encrypt(u64 plaintext, u64 tweak, const PointerKey& key) {
  const u64 w0 = key.high, k0 = key.low;
  const u64 w1 = std::rotr(w0, 1) ^ w0 >> 63;  // o(w0)
  u64 tweaks[kRounds + 1] = {tweak};
  for (unsigned i = 0; i < kRounds; ++i) tweaks[i + 1] = kNextTweak(tweaks[i]);
  u64 state = plaintext ^ w0 ^ k0 ^ tweak;
  for (unsigned i = 1; i < kRounds; ++i) state = kRound(state) ^ kDiffuse(k0 ^ tweaks[i] ^ kConstants[i]);
  state = kRound(state) ^ kDiffuse(w1 ^ tweaks[kRounds]);
  state = kReflector(state) ^ permute(k0, kTauInverse);
  state = kRoundBack(state) ^ w0 ^ tweaks[kRounds];
  for (unsigned i = kRounds; i-- > 1;) state = kRoundBack(state) ^ k0 ^ tweaks[i] ^ kConstants[i] ^ kAlpha;
  return kLast(state) ^ k0 ^ tweak ^ kAlpha ^ w1;
}

// The paper's test vector for sigma 2 and r = 5.
static_assert(encrypt(0xFB623599DA6E8127, 0x477D469DEC0B8762, {0x84BE85CE9804E94B, 0xEC2802D4E0A488E9}) ==
              0xC003B93999B33765);

}  // namespace

u64 qarma5(u64 plaintext, u64 tweak, const PointerKey& key) { return encrypt(plaintext, tweak, key); }

}  // namespace tw::cpu::a64
