// The A64 instruction groups, in the order of the manual's encoding index (Arm ARM C4.1). One .cpp a group; the
// decoder, the differential fuzzer and the tables test see them through a64_groups().
#pragma once

#include <span>

#include "cpu/isa/encoding.hpp"

namespace tw::cpu::a64 {

// ---- data processing, immediate (C4.1: op0 = 100x)
std::span<const Encoding> pc_relative_encodings();        ///< pc_relative.cpp: ADR, ADRP
std::span<const Encoding> add_sub_immediate_encodings();  ///< add_sub_immediate.cpp
std::span<const Encoding> logical_immediate_encodings();  ///< logical_immediate.cpp
std::span<const Encoding> move_wide_encodings();          ///< move_wide.cpp: MOVN, MOVZ, MOVK
std::span<const Encoding> bitfield_encodings();           ///< bitfield.cpp: SBFM, BFM, UBFM, EXTR

// ---- branches, exception generation, system (op0 = 101x)
std::span<const Encoding> branch_encodings();                ///< branches.cpp
std::span<const Encoding> exception_generation_encodings();  ///< exception_generation.cpp: SVC … DCPS, ERET, DRPS
std::span<const Encoding> system_encodings();                ///< system.cpp: MSR, MRS, SYS, hints, barriers

// ---- loads and stores (op0 = x1x0)
std::span<const Encoding> loads_stores_encodings();     ///< loads_stores.cpp: all single-register forms, PRFM
std::span<const Encoding> load_store_pair_encodings();  ///< load_store_pair.cpp
std::span<const Encoding> exclusives_encodings();       ///< exclusives.cpp: exclusive, acquire, release
std::span<const Encoding> atomics_encodings();          ///< atomics.cpp: LSE and CAS
std::span<const Encoding> pauth_encodings();            ///< pauth.cpp: FEAT_PAuth, of all three spaces

// ---- data processing, register (op0 = x101)
std::span<const Encoding> logical_register_encodings();   ///< logical_register.cpp
std::span<const Encoding> add_sub_register_encodings();   ///< add_sub_register.cpp: shifted, extended, with carry
std::span<const Encoding> conditional_encodings();        ///< conditional.cpp: CCMN, CCMP, CSEL …
std::span<const Encoding> one_source_encodings();         ///< one_source.cpp: RBIT, REV, CLZ, CLS
std::span<const Encoding> two_source_encodings();         ///< two_source.cpp: division, variable shifts, CRC32
std::span<const Encoding> flag_manipulation_encodings();  ///< flag_manipulation.cpp: RMIF, SETF8, CFINV …
std::span<const Encoding> multiply_encodings();           ///< multiply.cpp: three sources

// ---- scalar floating point (op0 = x111)
std::span<const Encoding> fp_arithmetic_encodings();  ///< fp_arithmetic.cpp: one to three sources, FRINT
std::span<const Encoding> fp_compare_encodings();     ///< fp_compare.cpp: FCMP, FCCMP, FCSEL
std::span<const Encoding> fp_convert_encodings();     ///< fp_convert.cpp: FCVT, SCVTF, UCVTF, FCVTNS …
std::span<const Encoding> fp_move_encodings();        ///< fp_move.cpp: FMOV

// ---- floating point and Advanced SIMD (op0 = x111, and loads and stores with V = 1)
std::span<const Encoding> fp_simd_encodings();            ///< fp_simd_access.cpp: access traps
std::span<const Encoding> simd_loads_stores_encodings();  ///< simd_loads_stores.cpp: one register and pairs
std::span<const Encoding> simd_structures_encodings();    ///< simd_structures.cpp: LD1 … LD4, ST1 … ST4

std::span<const Encoding> simd_three_same_encodings();
std::span<const Encoding> simd_two_register_encodings();
std::span<const Encoding> simd_long_encodings();
std::span<const Encoding> simd_shift_immediate_encodings();
std::span<const Encoding> simd_copy_encodings();
std::span<const Encoding> simd_permute_encodings();
std::span<const Encoding> simd_crypto_encodings();
std::span<const Encoding> simd_three_extra_encodings();
std::span<const Encoding> simd_complex_encodings();
std::span<const Encoding> simd_crypto_later_encodings();

std::span<const Encoding> simd_fp_three_same_encodings();
std::span<const Encoding> simd_fp_two_register_encodings();
std::span<const Encoding> simd_fp_convert_encodings();

}  // namespace tw::cpu::a64
