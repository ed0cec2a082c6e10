// The structures that software writes for an SMMU, with encodings of their own: not those of the code under test
// (IHI 0070, 5.1 - 5.4).
#pragma once

#include <array>
#include <initializer_list>

#include "base/types.hpp"

namespace tw::test {

/// A field of a structure by its first bit, as the manual numbers them.
struct Field {
  unsigned at;
  unsigned width;
};
struct Setting {
  Field field;
  u64 value;
};

/// An STE or a CD, built field by field.
struct Structure {
  std::array<u64, 8> words{};

  Structure() = default;
  Structure(std::initializer_list<Setting> settings) {
    for (const Setting& setting : settings) set(setting.field, setting.value);
  }
  Structure& set(Field field, u64 value) {
    u64& word = words[field.at / 64];
    const unsigned shift = field.at % 64;
    const u64 mask = (field.width == 64 ? ~u64{0} : (u64{1} << field.width) - 1) << shift;
    word = (word & ~mask) | ((value << shift) & mask);
    return *this;
  }
  /// A copy with other values.
  Structure with(std::initializer_list<Setting> settings) const {
    Structure copy = *this;
    for (const Setting& setting : settings) copy.set(setting.field, setting.value);
    return copy;
  }
  /// An address in a field that holds all but its low bits.
  Structure& address(Field field, u64 value) { return set(field, value >> (field.at % 64)); }
  u64 get(Field field) const {
    const u64 mask = field.width == 64 ? ~u64{0} : (u64{1} << field.width) - 1;
    return (words[field.at / 64] >> (field.at % 64)) & mask;
  }
};
using Ste = Structure;
using Cd = Structure;

namespace ste {
inline constexpr Field kV{0, 1}, kConfig{1, 3}, kS1Fmt{4, 2}, kS1ContextPtr{6, 50}, kS1CDMax{59, 5};
inline constexpr Field kS1DSS{64, 2}, kS1CIR{66, 2}, kS1COR{68, 2}, kS1CSH{70, 2}, kDRE{76, 1}, kCONT{77, 4},
    kDCP{81, 1}, kPPAR{82, 1}, kMEV{83, 1}, kS2FWB{89, 1}, kS1MPAM{90, 1}, kS1STALLD{91, 1}, kEATS{92, 2}, kSTRW{94, 2};
inline constexpr Field kMemAttr{96, 4}, kMTCFG{100, 1}, kALLOCCFG{101, 4}, kSHCFG{108, 2}, kNSCFG{110, 2},
    kPRIVCFG{112, 2}, kINSTCFG{114, 2};
inline constexpr Field kS2VMID{128, 16}, kS2T0SZ{160, 6}, kS2SL0{166, 2}, kS2IR0{168, 2}, kS2OR0{170, 2},
    kS2SH0{172, 2}, kS2TG{174, 2}, kS2PS{176, 3}, kS2AA64{179, 1}, kS2ENDI{180, 1}, kS2AFFD{181, 1}, kS2PTW{182, 1},
    kS2HD{183, 1}, kS2HA{184, 1}, kS2S{185, 1}, kS2R{186, 1};
inline constexpr Field kS2TTB{196, 48};
// Values of Config, STRW and S1DSS.
inline constexpr u64 kAbort = 0b000, kBypass = 0b100, kStage1 = 0b101, kStage2 = 0b110, kNested = 0b111;
inline constexpr u64 kEl1 = 0b00, kEl2 = 0b10;
inline constexpr u64 kTerminate = 0b00, kBypassStage1 = 0b01, kSubstream0 = 0b10;
}  // namespace ste

namespace cd {
inline constexpr Field kT0SZ{0, 6}, kTG0{6, 2}, kIR0{8, 2}, kOR0{10, 2}, kSH0{12, 2}, kEPD0{14, 1}, kENDI{15, 1},
    kT1SZ{16, 6}, kTG1{22, 2}, kIR1{24, 2}, kOR1{26, 2}, kSH1{28, 2}, kEPD1{30, 1}, kV{31, 1}, kIPS{32, 3},
    kAFFD{35, 1}, kWXN{36, 1}, kUWXN{37, 1}, kTBI0{38, 1}, kTBI1{39, 1}, kPAN{40, 1}, kAA64{41, 1}, kHD{42, 1},
    kHA{43, 1}, kS{44, 1}, kR{45, 1}, kA{46, 1}, kASET{47, 1}, kASID{48, 16};
inline constexpr Field kHAD0{65, 1}, kTTB0{68, 48}, kHAD1{129, 1}, kTTB1{132, 48}, kMAIR{192, 64};
}  // namespace cd

/// L1STD: Span and L2Ptr. L1CD: V and L2Ptr.
constexpr u64 l1std(u64 table, u64 span) { return table | span; }
constexpr u64 l1cd(u64 table, bool valid = true) { return table | (valid ? 1 : 0); }

/// Encodings of a granule in S2TG and TG0, and in TG1.
constexpr u64 granule_field(unsigned page_bits) { return page_bits == 12 ? 0 : page_bits == 14 ? 2 : 1; }
constexpr u64 upper_granule_field(unsigned page_bits) { return page_bits == 12 ? 2 : page_bits == 14 ? 1 : 3; }

/// Where a stage-1 walk of so many bits begins.
constexpr int start_level(unsigned page_bits, unsigned input_bits) {
  int level = 3;
  for (unsigned bits = page_bits + (page_bits - 3); bits < input_bits; bits += page_bits - 3) --level;
  return level;
}

}  // namespace tw::test
