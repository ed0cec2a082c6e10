// What the SMMU needs from the platform. Times are cycles of the SMMU's clock.
#pragma once

#include <span>

#include "smmu/maintenance.hpp"
#include "smmu/types.hpp"
#include "vmsa/descriptor_port.hpp"

namespace tw::smmu {

struct MemoryReply {
  bool ok = true;  ///< false: external abort
  u64 cycles = 0;
};

/// Memory as the SMMU sees it: descriptors of translation tables one at a time (vmsa::DescriptorPort), and STEs, CDs,
/// queue entries and MSIs as blocks.
class MemoryPort : public vmsa::DescriptorPort {
 public:
  /// `timed` false: a look of no time that leaves no trace.
  virtual MemoryReply read(Pa at, std::span<u8> into, Security security, u64 now, bool timed = true) = 0;
  virtual MemoryReply write(Pa at, std::span<const u8> from, Security security, u64 now) = 0;
};

/// The wired interrupts, in the order of SPIs on the virt machine. All are edges.
enum class Wire : u8 { EventQueue, PriQueue, CommandSync, GlobalError };
inline constexpr unsigned kWires = 4;

enum class StallVerdict : u8 { Retry, Abort, ReadAsZero };

class SignalPort {
 public:
  virtual ~SignalPort() = default;
  virtual u64 now() const = 0;
  /// Call Smmu::work() at `when`, in the future or now; only the earliest wish counts.
  virtual void work_at(u64 when) = 0;
  virtual void pulse(Wire wire, Security security) = 0;
  /// CMD_SYNC with SEV: wakes all cores from WFE.
  virtual void send_event() = 0;
  /// The stalled transaction `stag` goes on: it comes again, or is terminated.
  virtual void resume(u16 stag, StallVerdict verdict) = 0;
};

/// Who is told what happens to translations, where anybody is.
class ObserverPort {
 public:
  virtual ~ObserverPort() = default;
  /// A transaction of `bytes`, all in one 4 KB page, goes on to memory.
  virtual void translated(const Request& request, const Response& response, u64 bytes) = 0;
  /// A CMD_TLBI_*.
  virtual void invalidated(const vmsa::Invalidate& what) = 0;
  /// A CMD_CFGI_*.
  virtual void invalidated(const ConfigurationInvalidate& what) = 0;
};

/// PCIe endpoints with ATS and PRI.
class EndpointPort {
 public:
  virtual ~EndpointPort() = default;
  /// False: nobody is there, nothing will come back (the SMMU does not wait for it).
  virtual bool invalidate(const AtcInvalidate& what) = 0;
  virtual void respond(const PageResponse& response) = 0;
};

}  // namespace tw::smmu
