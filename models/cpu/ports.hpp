// What a CPU core needs from the rest of the platform. platforms/ joins these to the MMU, the interconnect, the timers
// and the firmware; in unit tests a few lines of fake do.
#pragma once

#include <string_view>

#include "arm/gic_registers.hpp"
#include "arm/timer_registers.hpp"
#include "base/types.hpp"
#include "cost/latency.hpp"
#include "cost/spans.hpp"
#include "vmsa/translation.hpp"

namespace tw::cpu {

/// Totals of what the modelled TLBs and the walker did, for the performance monitors; they only grow.
struct MmuEvents {
  u64 l1i_lookups = 0, l1i_refills = 0;
  u64 l1d_lookups = 0, l1d_refills = 0;
  u64 l2_lookups = 0, l2_refills = 0;
  u64 instruction_walks = 0, data_walks = 0;
};

/// Translation.
class MmuPort {
 public:
  virtual ~MmuPort() = default;
  /// An access that comes at `now`; what it waits for beyond a first-level hit is added to `latency`.
  virtual vmsa::Translation translate(const vmsa::Access& access, const vmsa::Controls& controls, u64 now,
                                      cost::Latency& latency) = 0;
  /// The same outcome without time, statistics or a change of any TLB, for services of the platform.
  virtual vmsa::Translation peek(const vmsa::Access& access, const vmsa::Controls& controls) const = 0;
  /// TLBI at `now`. `broadcast` reaches every core of the inner-shareable domain. The core need not wait.
  virtual void invalidate(const vmsa::Invalidate& what, u64 now) = 0;
  /// DSB at `now`: when this core's TLBIs are complete.
  virtual u64 invalidations_done(u64 now) = 0;
  virtual MmuEvents events() const = 0;
};

/// Who looks at what software does to translation tables, in timed fidelity.
class TablePort {
 public:
  virtual ~TablePort() = default;
  /// Memory at `pa` has become `value`: `size` bytes, 8 at most, not across a doubleword.
  virtual void written(Pa pa, u64 value, unsigned size, u64 now) = 0;
  virtual void data_synchronised() = 0;     ///< DSB
  virtual void context_synchronised() = 0;  ///< ISB, exception entry, exception return
};

/// Who is told of accesses one by one, in program order, while it observes a core (Cpu::observe). Of those that fault
/// nothing is told.
class AccessPort {
 public:
  virtual ~AccessPort() = default;
  struct Access {
    Va va{};
    Ipa ipa{};  ///< the PA where no stage 2 is in force
    Pa pa{};
    u32 bytes = 0;  ///< all in one 4 KB page
    bool write = false;
  };
  virtual void accessed(const Access& data) = 0;
  /// An instruction is about to be executed; what it accesses comes next.
  virtual void fetched(const Access& instruction) = 0;
  /// What comes may be of another EL, VMID or ASID.
  virtual void context_changed() = 0;
};

/// One access on the bus, 1..8 bytes, not crossing an 8-byte boundary.
struct BusAccess {
  Pa pa{};
  u8 size = 8;
  bool write = false;
  bool fetch = false;
  bool timed = true;  ///< false: the caches answer for its time, or nobody asks
  u64 value = 0;
  Security security = Security::NonSecure;
  El el = El::El1;
  bool guest = false;
  Vmid vmid{};
  Asid asid{};
};

struct BusResult {
  bool ok = true;  ///< false: decode error or slave error, a synchronous external abort
  u64 value = 0;
  u64 cycles = 0;  ///< core clock cycles that the access took
  cost::ServedBy served_by = cost::ServedBy::Memory;
};

/// Totals of what the modelled caches did for one core, for the performance monitors; they only grow.
struct CacheEvents {
  u64 l1i_accesses = 0, l1i_refills = 0;
  u64 l1d_accesses = 0, l1d_refills = 0, l1d_write_backs = 0;
  u64 l2_accesses = 0, l2_refills = 0, l2_write_backs = 0;
  u64 l3_accesses = 0, l3_refills = 0;
};

/// Time of cacheable accesses and of cache maintenance, in timed fidelity: data go by host pointer or by the bus.
class CachePort {
 public:
  virtual ~CachePort() = default;
  enum class Kind : u8 { Load, Store, Fetch, Prefetch, PrefetchStore, Zero };
  struct Access {
    Pa pa{};
    u64 now = 0;  ///< when it begins
    u64 pc = 0;   ///< for prefetchers
    u8 size = 8;
    Kind kind = Kind::Load;
    Security security = Security::NonSecure;
    bool guest = false;
    Vmid vmid{};
  };
  /// Most accesses: true for a first-level hit that takes nothing beyond, which is done with it. False: nothing has
  /// happened, and access() must follow. `now` in the core's cycles, `size` in bytes; all comes in the host's
  /// registers.
  virtual bool hits(Pa pa, u64 now, unsigned size, Kind kind, Security security) = 0;
  /// Adds what it takes beyond a first-level hit. It may cross cache lines, but no page. A fetch is of 64 bytes.
  virtual void access(const Access& access, cost::Latency& latency) = 0;

  /// DC by address or by set and way: how far, and whether the line stays.
  enum class Clean : u8 { ToCoherency, ToUnification, ToCoherencyAndInvalidate, InvalidateOnly };
  virtual void clean(Clean what, const Access& line, cost::Latency& latency) = 0;
  virtual void clean_set_way(Clean what, u64 operand, u64 now, cost::Latency& latency) = 0;
  virtual void invalidate_instructions(const Access& line, cost::Latency& latency) = 0;
  virtual void invalidate_all_instructions(bool all_cores, cost::Latency& latency) = 0;
  virtual CacheEvents events() const = 0;
};

class BusPort {
 public:
  virtual ~BusPort() = default;
  virtual BusResult access(const BusAccess& access) = 0;
  /// Host address of the 4 KB page that holds `page` when it is plain memory that may be read (written) directly in
  /// this security state, else nullptr. Stays valid until the platform calls Cpu::flush_host_pages().
  virtual u8* host_page(Pa page, bool write, Security security) = 0;
};

/// The generic timers of this core. `now` is the core's local time in its own cycles.
class TimerPort {
 public:
  virtual ~TimerPort() = default;
  virtual u64 read(arm::TimerRegister reg) = 0;
  virtual void write(arm::TimerRegister reg, u64 value) = 0;
};

/// The CPU interface of a GIC with system registers.
class GicPort {
 public:
  virtual ~GicPort() = default;
  /// May drive this core's interrupt inputs, all three.
  virtual u64 read(arm::GicRegister reg, const arm::GicAccess& access) = 0;
  virtual void write(arm::GicRegister reg, u64 value, const arm::GicAccess& access) = 0;
  /// Where the core executes now: after a reset, and when it enters or leaves EL3.
  virtual void world(arm::GicWorld world) = 0;
};

struct Cpu;

/// What happens outside one core on its behalf: firmware calls, events, stop requests.
class SystemPort {
 public:
  virtual ~SystemPort() = default;
  /// PSCI or SMCCC call (x0..x7 in and out), when the platform serves `conduit`. False: not served, the call is
  /// UNDEFINED or traps as the architecture says.
  enum class Conduit : u8 { Hvc, Smc };
  virtual bool firmware_call(Cpu& cpu, Conduit conduit) = 0;
  /// Arm semihosting (HLT #0xF000). False: semihosting is off.
  virtual bool semihosting_call(Cpu& cpu) = 0;
  /// SEV: sets the event register of every core.
  virtual void send_event() = 0;
  /// The level of the PMU's overflow interrupt. The core is between two instructions.
  virtual void performance_interrupt(Cpu& cpu, bool level) = 0;
  /// An encoding that no row has was executed; listed at the end of a run.
  virtual void unimplemented_encoding(u32 insn, Va pc) = 0;
};

}  // namespace tw::cpu
