// What the pipeline models tell instructions apart by: classes finer than cost::Cause, about as fine as the tables of
// the "Software Optimization Guide" of Arm's cores. A core's latencies are rows by these classes.
#pragma once

#include <string_view>

#include "base/types.hpp"
#include "cost/causes.hpp"

namespace tw::cpu {

/// The kind of execution pipe that an instruction needs.
#define TW_PIPES(X)                                                                            \
  X(Integer, "integer", "single-cycle integer")                                                \
  X(MultiCycle, "multi-cycle", "integer shifts with arithmetic, multiplies, CRC …")            \
  X(Branch, "branch", "branches")                                                              \
  X(Load, "load", "loads, prefetches, and what reads and writes memory")                       \
  X(Store, "store", "stores")                                                                  \
  X(Fp, "fp", "either FP and Advanced SIMD pipe")                                              \
  X(Fp0, "fp-0", "the FP and Advanced SIMD pipe with the divider, multiplier or cryptography") \
  X(Fp1, "fp-1", "the FP and Advanced SIMD pipe with the shifter or the reductions")           \
  X(System, "system", "system registers, barriers, maintenance")

enum class Pipe : u8 {
#define TW_ENUMERATOR(name, text, what) name,
  TW_PIPES(TW_ENUMERATOR)
#undef TW_ENUMERATOR
};

inline constexpr std::string_view kPipeNames[] = {
#define TW_ROW(name, text, what) text,
    TW_PIPES(TW_ROW)
#undef TW_ROW
};
#undef TW_PIPES
inline constexpr unsigned kPipeCount = sizeof(kPipeNames) / sizeof(kPipeNames[0]);
constexpr std::string_view name(Pipe pipe) { return kPipeNames[static_cast<unsigned>(pipe)]; }

// One row a class: enumerator, name in parameters and reports, the cause it is charged to, its pipe, what it is.
#define TW_TIMING_CLASSES(X)                                                                                        \
  X(Alu, "alu", Integer, Integer, "add, subtract, logical, ADR, whether they set flags or not")                     \
  X(AluShiftLeft, "alu-shift-left", Integer, Integer, "add and subtract with an operand shifted left by 1 to 4")    \
  X(AluShift, "alu-shift", Integer, MultiCycle, "add and subtract with an operand shifted otherwise")               \
  X(AluExtend, "alu-extend", Integer, MultiCycle, "add and subtract with an extended operand")                      \
  X(LogicalShift, "logical-shift", Integer, Integer, "logical with a shifted operand")                              \
  X(MoveWide, "move-wide", Integer, Integer, "MOVZ, MOVN, MOVK")                                                    \
  X(Select, "select", Integer, Integer, "conditional select and compare, moves of flags")                           \
  X(ShiftImmediate, "shift-immediate", Integer, Integer, "SBFM, UBFM: shifts, extensions, fields")                  \
  X(BitfieldInsert, "bitfield-insert", Integer, MultiCycle, "BFM")                                                  \
  X(Extract, "extract", Integer, MultiCycle, "EXTR of two registers")                                               \
  X(ShiftVariable, "shift-variable", Integer, Integer, "LSLV, LSRV, ASRV, RORV")                                    \
  X(Reverse, "reverse", Integer, Integer, "CLZ, CLS, RBIT, REV")                                                    \
  X(Crc, "crc", Integer, MultiCycle, "CRC32, CRC32C")                                                               \
  X(PointerCode, "pointer-code", Integer, MultiCycle, "PAC, AUT, XPAC, PACGA")                                      \
  X(Multiply32, "multiply-32", Multiply, MultiCycle, "MADD, MSUB of W registers")                                   \
  X(Multiply64, "multiply-64", Multiply, MultiCycle, "MADD, MSUB of X registers")                                   \
  X(MultiplyLong, "multiply-long", Multiply, MultiCycle, "SMADDL, UMADDL …: 32 by 32 to 64 bits")                   \
  X(MultiplyHigh, "multiply-high", Multiply, MultiCycle, "SMULH, UMULH")                                            \
  X(Divide32, "divide-32", Divide, MultiCycle, "SDIV, UDIV of W registers")                                         \
  X(Divide64, "divide-64", Divide, MultiCycle, "SDIV, UDIV of X registers")                                         \
  X(BranchDirect, "branch-direct", Branch, Branch, "B")                                                             \
  X(BranchConditional, "branch-conditional", Branch, Branch, "B.cond, CBZ, TBZ …")                                  \
  X(BranchIndirect, "branch-indirect", Branch, Branch, "BR, BRAA …")                                                \
  X(Call, "call", Branch, Branch, "BL")                                                                             \
  X(CallIndirect, "call-indirect", Branch, Branch, "BLR, BLRAA …")                                                  \
  X(Return, "return", Branch, Branch, "RET, RETAA …")                                                               \
  X(Load, "load", Load, Load, "one general register")                                                               \
  X(LoadOffset, "load-offset", Load, Load, "… with a register as offset")                                           \
  X(LoadPair, "load-pair", Load, Load, "two general registers")                                                     \
  X(LoadFp, "load-fp", Load, Load, "one FP or SIMD register")                                                       \
  X(LoadFpOffset, "load-fp-offset", Load, Load, "… with a register as offset")                                      \
  X(LoadFpPair, "load-fp-pair", Load, Load, "two S or D registers")                                                 \
  X(LoadFpPairQuad, "load-fp-pair-quad", Load, Load, "two Q registers")                                             \
  X(LoadMultiple, "load-multiple", Load, Load, "LD1 of one to four whole registers")                                \
  X(LoadReplicate, "load-replicate", Load, Load, "LD1R to LD4R")                                                    \
  X(LoadLane, "load-lane", Load, Load, "LD1 to LD4 of one lane")                                                    \
  X(LoadStructure, "load-structure", Load, Load, "LD2 to LD4: interleaved")                                         \
  X(Store, "store", Store, Store, "one general register")                                                           \
  X(StoreOffset, "store-offset", Store, Store, "… with a register as offset")                                       \
  X(StorePair, "store-pair", Store, Store, "two general registers")                                                 \
  X(StoreFp, "store-fp", Store, Store, "one FP or SIMD register of up to 64 bits")                                  \
  X(StoreFpQuad, "store-fp-quad", Store, Store, "one Q register")                                                   \
  X(StoreFpOffset, "store-fp-offset", Store, Store, "one FP or SIMD register, with a register as offset")           \
  X(StoreFpPair, "store-fp-pair", Store, Store, "two S or D registers")                                             \
  X(StoreFpPairQuad, "store-fp-pair-quad", Store, Store, "two Q registers")                                         \
  X(StoreMultiple, "store-multiple", Store, Store, "ST1 of one to four whole registers")                            \
  X(StoreLane, "store-lane", Store, Store, "ST1 to ST4 of one lane")                                                \
  X(StoreStructure, "store-structure", Store, Store, "ST2 to ST4: interleaved")                                     \
  X(LoadAcquire, "load-acquire", Exclusive, Load, "LDAR, LDAPR, LDLAR")                                             \
  X(LoadExclusive, "load-exclusive", Exclusive, Load, "LDXR, LDXP, acquire or not")                                 \
  X(StoreRelease, "store-release", Exclusive, Store, "STLR, STLLR")                                                 \
  X(StoreExclusive, "store-exclusive", Exclusive, Store, "STXR, STXP, release or not")                              \
  X(AtomicLoad, "atomic-load", Atomic, Load, "LDADD …, SWP: the old value comes back")                              \
  X(AtomicStore, "atomic-store", Atomic, Load, "STADD …: no value comes back")                                      \
  X(AtomicCompare, "atomic-compare", Atomic, Load, "CAS, CASP")                                                     \
  X(FpMove, "fp-move", FpSimd, Fp, "FMOV between registers and of immediates, FABS, FNEG, FCSEL")                   \
  X(FpAdd, "fp-add", FpSimd, Fp, "add, subtract, absolute difference; scalar and vector")                           \
  X(FpMinMax, "fp-min-max", FpSimd, Fp, "minimum, maximum")                                                         \
  X(FpMultiply, "fp-multiply", FpSimd, Fp, "multiply")                                                              \
  X(FpFused, "fp-fused", FpSimd, Fp, "fused multiply-accumulate, steps")                                            \
  X(FpDivide32, "fp-divide-32", FpSimd, Fp0, "divide, half and single precision")                                   \
  X(FpDivide64, "fp-divide-64", FpSimd, Fp0, "divide, double precision")                                            \
  X(FpRoot32, "fp-root-32", FpSimd, Fp0, "square root, half and single precision")                                  \
  X(FpRoot64, "fp-root-64", FpSimd, Fp0, "square root, double precision")                                           \
  X(FpCompare, "fp-compare", FpSimd, Fp, "to NZCV, or a mask a lane")                                               \
  X(FpConvert, "fp-convert", FpSimd, Fp0, "between precisions, integers and fixed point within V registers; FRINT") \
  X(FpEstimate, "fp-estimate", FpSimd, Fp0, "reciprocal estimates")                                                 \
  X(FpToGeneral, "fp-to-general", FpSimd, Fp, "V to X: FMOV, UMOV, SMOV, FCVTZS")                                   \
  X(FpFromGeneral, "fp-from-general", FpSimd, Fp, "X to V: FMOV, DUP, INS, SCVTF")                                  \
  X(SimdAlu, "simd-alu", FpSimd, Fp,                                                                                \
    "integer add, subtract, widening or not, logical, compare, minimum, maximum, immediates")                       \
  X(SimdComplex, "simd-complex", FpSimd, Fp, "integer with saturation, halving, narrowing, pairs, accumulation")    \
  X(SimdShift, "simd-shift", FpSimd, Fp1, "shifts, inserting, widening, narrowing")                                 \
  X(SimdShiftComplex, "simd-shift-complex", FpSimd, Fp1, "shifts with rounding, saturation, accumulation")          \
  X(SimdMultiply, "simd-multiply", FpSimd, Fp0, "integer multiply and multiply-accumulate, dot products")           \
  X(SimdReduce, "simd-reduce", FpSimd, Fp1, "across lanes")                                                         \
  X(SimdPermute, "simd-permute", FpSimd, Fp, "DUP, INS, EXT, ZIP, UZP, TRN, REV, counts")                           \
  X(SimdTable, "simd-table", FpSimd, Fp, "TBL, TBX")                                                                \
  X(CryptoAes, "crypto-aes", FpSimd, Fp0, "AESE, AESD, AESMC, AESIMC")                                              \
  X(CryptoSha, "crypto-sha", FpSimd, Fp0, "SHA1, SHA256 and later, SM3, SM4")                                       \
  X(PolynomialLong, "polynomial-long", FpSimd, Fp0, "PMULL")                                                        \
  X(FpSimdUnknown, "fp-simd-unknown", FpSimd, Fp, "the FP and SIMD space without a row: trapped or UNDEFINED")      \
  X(MrsFast, "mrs-fast", SystemRegister, System, "MRS of what the core keeps at hand: flags, thread pointers …")    \
  X(Mrs, "mrs", SystemRegister, System, "MRS of other registers; SYSL")                                             \
  X(MrsContext, "mrs-context", ContextRegister, System, "MRS of a lower EL's context")                              \
  X(MrsGic, "mrs-gic", SystemRegister, System, "MRS of the GIC's CPU interface")                                    \
  X(MsrFast, "msr-fast", SystemRegister, System, "MSR of what the core keeps at hand; MSR (immediate)")             \
  X(Msr, "msr", SystemRegister, System, "MSR of other registers; SYS that is not maintenance")                      \
  X(MsrContext, "msr-context", ContextRegister, System, "MSR of a lower EL's context")                              \
  X(MsrGic, "msr-gic", SystemRegister, System, "MSR of the GIC's CPU interface")                                    \
  X(AddressTranslation, "address-translation", SystemRegister, System, "AT")                                        \
  X(Isb, "isb", Barrier, System, "ISB")                                                                             \
  X(Dsb, "dsb", Barrier, System, "DSB")                                                                             \
  X(Dmb, "dmb", Barrier, System, "DMB")                                                                             \
  X(Clrex, "clrex", Barrier, System, "CLREX")                                                                       \
  X(CacheMaintenance, "cache-maintenance", CacheMaintenance, System, "DC, IC")                                      \
  X(TlbMaintenance, "tlb-maintenance", TlbMaintenance, System, "TLBI")                                              \
  X(Hint, "hint", Hint, Integer, "NOP, YIELD, SEV and hints without effect")                                        \
  X(Wait, "wait", Hint, System, "WFE, WFI, ESB")                                                                    \
  X(Prefetch, "prefetch", Hint, Load, "PRFM, PRFUM")                                                                \
  X(ExceptionGenerating, "exception-generating", ExceptionEntry, System, "SVC, HVC, SMC, BRK, HLT, DCPS")           \
  X(ExceptionReturn, "exception-return", ExceptionReturn, System, "ERET, DRPS")                                     \
  X(Undefined, "undefined", Integer, Integer, "without an encoding row; UDF")

enum class TimingClass : u8 {
#define TW_ENUMERATOR(name, text, cause, pipe, what) name,
  TW_TIMING_CLASSES(TW_ENUMERATOR)
#undef TW_ENUMERATOR
};

struct TimingClassRow {
  std::string_view name;
  cost::Cause cause;
  Pipe pipe;
  std::string_view what;
};

inline constexpr TimingClassRow kTimingClasses[] = {
#define TW_ROW(name, text, cause, pipe, what) {text, cost::Cause::cause, Pipe::pipe, what},
    TW_TIMING_CLASSES(TW_ROW)
#undef TW_ROW
};
#undef TW_TIMING_CLASSES

inline constexpr unsigned kTimingClassCount = sizeof(kTimingClasses) / sizeof(kTimingClasses[0]);
constexpr const TimingClassRow& row_of(TimingClass timing) { return kTimingClasses[static_cast<unsigned>(timing)]; }
constexpr std::string_view name(TimingClass timing) { return row_of(timing).name; }

}  // namespace tw::cpu
