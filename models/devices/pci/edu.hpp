// An endpoint that does DMA on command. Its first registers are those of QEMU's educational device (docs/specs/edu), so
// that one program runs on both; beyond them it says how a transfer ended, and sends requests as PCI Express has them:
// with a PASID, already translated, translated by its own cache (ATS), pages asked for (PRI).
#pragma once

#include <array>

#include "devices/pci/ats.hpp"
#include "devices/pci/endpoint_ports.hpp"
#include "devices/pci/function.hpp"

namespace tw::devices::pci {

struct EduSettings {
  u64 dma_mask = 0x0FFF'FFFF;  ///< of addresses in memory; QEMU's default
  AtsSettings ats;
  u64 max_payload = 256;  ///< bytes of a memory request at most: a power of two, 4096 at most
};

/// How a transfer ended: DMA_RESULT.
enum class TransferResult : u8 {
  Done = 0,
  UnsupportedRequest = 1,      ///< completion of a memory request
  CompleterAbort = 2,          ///< the same
  NoAccess = 3,                ///< a translation without the right that is needed
  TranslationUnsupported = 4,  ///< completion of a translation request: unsupported request
  TranslationAborted = 5,      ///< completer abort
  PageRefused = 6,             ///< a page request's response was no success
  Impossible = 7,              ///< nothing was sent: outside the buffer, no bus master, a capability is off
};

/// DMA_ATTRIBUTES: what the requests of a transfer are like.
struct TransferAttributes {
  static constexpr u32 kPasid = 1 << 0;        ///< with DMA_PASID
  static constexpr u32 kPrivileged = 1 << 1;   ///< of the PASID prefix
  static constexpr u32 kExecute = 1 << 2;      ///< of the PASID prefix
  static constexpr u32 kTranslate = 1 << 3;    ///< by ATS first, then AT = Translated
  static constexpr u32 kTranslated = 1 << 4;   ///< AT = Translated with the address as it is: a liar
  static constexpr u32 kAskForPages = 1 << 5;  ///< a translation without access is followed by a page request
  static constexpr u32 kNoData = 1 << 6;       ///< no memory request: translation or page request alone
  static constexpr u32 kMayStall = 1 << 7;     ///< not PCIe: an SMMU may stall the requests
  static constexpr u32 kNoWait = 1 << 8;       ///< a page request's response is not waited for
  static constexpr u32 kAll = 0x1FF;
};

/// What gives the device its time.
class EduTime {
 public:
  virtual ~EduTime() = default;
  /// Call Edu::transfer() soon, in a thread; Edu::compute_factorial().
  virtual void transfer_asked() = 0;
  virtual void factorial_asked() = 0;
  /// Called in transfer(): back after some message from the root complex arrived. False: none will ever come.
  virtual bool wait_for_message() = 0;
  virtual void message_arrived() = 0;
};

class Edu final : public Function, public AtsFunction {
 public:
  static constexpr u64 kBarBytes = u64{1} << 20;
  static constexpr u64 kBuffer = 0x40000, kBufferBytes = 4096;

  struct Surroundings {
    MemoryPort& memory;
    EduTime& time;
    BusMaster& messages;  ///< for MSIs
    TranslationAgent* agent = nullptr;
  };
  Edu(const EduSettings& settings, const Surroundings& around);

  /// The DMA that was commanded. Calls of the memory port may take time; registers can be accessed meanwhile.
  void transfer();
  void compute_factorial();
  /// Once, before the simulation starts; nullptr: translation requests are unsupported.
  void set_agent(TranslationAgent* agent) { ats_.set_agent(agent); }

  void write_config(u16 offset, unsigned bytes, u32 value) override;
  void invalidate(const InvalidateRequest& request) override;
  void respond(const PageResponse& response) override;
  static std::span<const RegisterRow<Edu>> rows();

 private:
  MmioResult access_device(unsigned bar, const MmioAccess& access) override;
  void reset_device() override;
  void raise(u32 reason);
  void acknowledge(u32 reasons);
  void command(u64 value);
  bool running() const { return (command_ & 1) != 0; }
  TransferResult move();
  TransferResult send(u64 address, std::span<u8> data, bool to_memory);
  TransferResult translate(MemoryRequest& request, bool write);
  TransferResult ask_for_page(const MemoryRequest& request, bool write);
  std::optional<PasidPrefix> prefix() const;
  bool may_send() const;
  bool attribute(u32 bit) const { return (attributes_ & bit) != 0; }

  const EduSettings settings_;
  MemoryPort& memory_;
  EduTime& time_;
  Ats ats_;
  std::array<u8, kBufferBytes> buffer_{};
  u32 liveness_ = 0, factorial_ = 0, status_ = 0, interrupts_ = 0;
  u64 source_ = 0, destination_ = 0, count_ = 0, command_ = 0;
  u32 attributes_ = 0, pasid_ = 0;
  TransferResult result_ = TransferResult::Done;
  u64 moved_ = 0;  ///< bytes of the last transfer
};

}  // namespace tw::devices::pci
