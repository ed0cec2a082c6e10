// System registers as rows: encoding, lowest ELs, trap rules in the order of the manual's access pseudocode, kind of
// value, reset value and writable bits. One row a register, in sysregs/<class>.hpp; everything else is read off them.
#pragma once

#include <span>
#include <string_view>

#include "arm/sysregs/control.hpp"
#include "arm/sysregs/debug.hpp"
#include "arm/sysregs/exception.hpp"
#include "arm/sysregs/gic.hpp"
#include "arm/sysregs/identification.hpp"
#include "arm/sysregs/implementation_defined.hpp"
#include "arm/sysregs/performance_monitors.hpp"
#include "arm/sysregs/pointer_authentication.hpp"
#include "arm/sysregs/reliability.hpp"
#include "arm/sysregs/timers.hpp"
#include "arm/sysregs/translation.hpp"
#include "arm/sysregs/virtualization_host.hpp"
#include "base/types.hpp"

#define TW_SYSREGS(X)                  \
  TW_SYSREGS_IDENTIFICATION(X)         \
  TW_SYSREGS_CONTROL(X)                \
  TW_SYSREGS_EXCEPTION(X)              \
  TW_SYSREGS_TRANSLATION(X)            \
  TW_SYSREGS_RELIABILITY(X)            \
  TW_SYSREGS_POINTER_AUTHENTICATION(X) \
  TW_SYSREGS_VIRTUALIZATION_HOST(X)    \
  TW_SYSREGS_DEBUG(X)                  \
  TW_SYSREGS_PERFORMANCE_MONITORS(X)   \
  TW_SYSREGS_TIMERS(X)                 \
  TW_SYSREGS_GIC(X)                    \
  TW_SYSREGS_IMPLEMENTATION_DEFINED(X)

namespace tw::arm {

enum class SysReg : u16 {
#define TW_ENUMERATOR(name, ...) name,
  TW_SYSREGS(TW_ENUMERATOR)
#undef TW_ENUMERATOR
};

inline constexpr unsigned kSysRegCount = 0
#define TW_ONE(...) +1
    TW_SYSREGS(TW_ONE)
#undef TW_ONE
    ;

/// op0:op1:CRn:CRm:op2, 2+3+4+4+3 bits, as in bits 20:5 of MRS, MSR and SYS.
struct SysRegEncoding {
  u16 packed = 0;
  constexpr SysRegEncoding() = default;
  constexpr explicit SysRegEncoding(u16 bits_20_5) : packed(bits_20_5) {}
  constexpr SysRegEncoding(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2)
      : packed(static_cast<u16>(op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2)) {}
  constexpr unsigned op0() const { return packed >> 14; }
  constexpr unsigned op1() const { return packed >> 11 & 7; }
  constexpr unsigned crn() const { return packed >> 7 & 15; }
  constexpr unsigned crm() const { return packed >> 3 & 15; }
  constexpr unsigned op2() const { return packed & 7; }
  constexpr auto operator<=>(const SysRegEncoding&) const = default;
};
constexpr SysRegEncoding sysreg_encoding_of(u32 insn) { return SysRegEncoding{static_cast<u16>(insn >> 5)}; }

/// The lowest EL that may read or write; kNever: nobody (write-only, read-only).
inline constexpr u8 kNever = 4;

/// What a row's value is. The flags combine.
enum SysRegFlag : u32 {
  kStored = 0,
  kModel = 1,            ///< constant, from the CPU model
  kComputed = 2,         ///< reading calls the register's value function
  kEffect = 4,           ///< writing calls the register's effect function
  kContext = 8,          ///< EL1&0 (guest) context: at EL2 and above, MRS and MSR of it are world switch
  kTimer = 16,           ///< lives in the timer block
  kInternal = 32,        ///< state without an encoding that software can use
  kSecureTimer = 64,     ///< CNTPS: at EL1 in Secure state only, not at EL2
  kHighestWrites = 128,  ///< written at the highest implemented EL only
  kCortex = 256,         ///< IMPLEMENTATION DEFINED, of models with CpuModel::has_a57_impdef
  kPan = 512,            ///< of models with FEAT_PAN
  kUao = 1024,           ///< of models with FEAT_UAO
  kHighestOnly = 2048,   ///< there when its EL is the highest implemented one
  kNotCurrentSp = 4096,  ///< UNDEFINED while it is the current stack pointer
  kGic = 8192,           ///< lives in the gic block; there when the core has one with system registers
  kMonitor = 1 << 14,    ///< a performance monitor: shows the counters as of now
  kRas = 1 << 15,        ///< of models with FEAT_RAS
  kSsbs = 1 << 16,       ///< of models with FEAT_SSBS and its register
  kVhe = 1 << 17,        ///< of models with FEAT_VHE
  kPauth = 1 << 20,      ///< of models with FEAT_PAuth
  kNonSecure = 1 << 18,  ///< UNDEFINED while the ELs below EL3 are Secure
  kLor = 1 << 19,        ///< of models with FEAT_LOR
};

struct TrapRule;

struct SysRegRow {
  std::string_view name;
  std::string_view read_name, write_name;  ///< "read SCTLR_EL1", "write SCTLR_EL1": statistic keys
  SysRegEncoding encoding;
  u8 lowest_read, lowest_write;
  std::span<const TrapRule> traps;
  u32 flags;
  u64 reset;
  u64 writable;
};

/// All rows, indexed by SysReg.
std::span<const SysRegRow> sysreg_rows();
inline const SysRegRow& row_of(SysReg reg) { return sysreg_rows()[static_cast<unsigned>(reg)]; }
/// The row with this encoding, or nullptr: no such register.
const SysRegRow* find_sysreg(SysRegEncoding encoding);
inline SysReg sysreg_of(const SysRegRow& row) { return static_cast<SysReg>(&row - sysreg_rows().data()); }
/// CRn 11 or 15: reserved for IMPLEMENTATION DEFINED registers and instructions (Arm ARM C5.1.7).
constexpr bool is_implementation_defined(SysRegEncoding e) {
  return (e.op0() == 1 || e.op0() == 3) && (e.crn() == 11 || e.crn() == 15);
}

}  // namespace tw::arm
