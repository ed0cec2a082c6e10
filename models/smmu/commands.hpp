// Commands (IHI 0070, chapter 4), as rows, and the queue that feeds them, in simulated time: a doorbell, the fetch, one
// command after the other, CMDQ_CONS.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string_view>

#include "base/bits.hpp"
#include "smmu/interrupts.hpp"
#include "smmu/maintenance.hpp"
#include "smmu/queue.hpp"
#include "smmu/stalls.hpp"

namespace tw::smmu {

/// The 16 bytes of a command; fields by the names of chapter 4.
struct Command {
  std::array<u64, 2> words{};

  u8 opcode() const { return static_cast<u8>(words[0]); }
  bool secure_stream() const { return bit<10>(words[0]); }  ///< SSec
  bool has_substream() const { return bit<11>(words[0]); }  ///< SSV
  u32 substream() const { return static_cast<u32>(bits<31, 12>(words[0])); }
  StreamId stream() const { return StreamId{static_cast<u32>(words[0] >> 32)}; }
  u64 address() const { return words[1] & ~low_mask(12); }
  bool leaf() const { return bit<0>(words[1]); }
  // CMD_TLBI_*
  Vmid vmid() const { return Vmid{static_cast<u16>(words[0] >> 32)}; }
  Asid asid() const { return Asid{static_cast<u16>(words[0] >> 48)}; }
  unsigned num() const { return static_cast<unsigned>(bits<16, 12>(words[0])); }
  unsigned scale() const { return static_cast<unsigned>(bits<24, 20>(words[0])); }
  unsigned level() const { return static_cast<unsigned>(bits<9, 8>(words[1])); }      ///< TTL
  unsigned granule() const { return static_cast<unsigned>(bits<11, 10>(words[1])); }  ///< TG
  // CMD_PREFETCH_ADDR
  unsigned prefetch_size() const { return static_cast<unsigned>(bits<4, 0>(words[1])); }
  unsigned prefetch_stride() const { return static_cast<unsigned>(bits<9, 5>(words[1])); }
  // CMD_CFGI_STE_RANGE, CMD_ATC_INV
  u8 range() const { return static_cast<u8>(bits<4, 0>(words[1])); }
  bool global() const { return bit<9>(words[0]); }
  unsigned size() const { return static_cast<unsigned>(bits<5, 0>(words[1])); }
  // CMD_PRI_RESP, CMD_RESUME
  u16 group() const { return static_cast<u16>(bits<8, 0>(words[1])); }
  unsigned response() const { return static_cast<unsigned>(bits<13, 12>(words[1])); }
  bool retry() const { return bit<12>(words[0]); }  ///< Ac
  bool abort() const { return bit<13>(words[0]); }  ///< Ab
  u16 stag() const { return static_cast<u16>(words[1]); }
  // CMD_SYNC
  unsigned signal() const { return static_cast<unsigned>(bits<13, 12>(words[0])); }  ///< CS
  MessageState message() const {
    return {.address = bits<51, 2>(words[1]) << 2,
            .data = static_cast<u32>(words[0] >> 32),
            .attributes = static_cast<u32>(bits<27, 24>(words[0]) | bits<23, 22>(words[0]) << 4)};
  }
};

/// What an SMMU must have for a command to exist.
enum class Needs : u8 { Nothing, Stage1, Stage2, Hyp, Ats, Pri, Stall, Mpam, SecureStage2 };
/// Whose command queue takes it.
enum class Queues : u8 { All, Secure };

class CommandQueue;

struct CommandRow {
  u8 opcode;
  std::string_view name;
  Queues queues;
  Needs needs;
  bool has_ssec;
  /// What else makes it CERROR_ILL; null: nothing.
  bool (*malformed)(const Config& config, const Command& command);
  /// At `now`; returns when the next command may begin. Null for CMD_SYNC, which is the queue's own.
  u64 (*run)(CommandQueue& queue, const Command& command, u64 now);
};
/// Sorted by opcode.
std::span<const CommandRow> commands();
const CommandRow* find_command(u8 opcode);

/// CMDQ_CONS.ERR.
enum class CommandError : u8 { None = 0, Illegal = 1, Abort = 2, AtcInvalidateSync = 3 };

class CommandQueue final {
 public:
  /// `non_secure`: CR0.VMW and CR2.E2H of Non-secure state, which commands of either queue obey.
  CommandQueue(const Config& config, State& state, const State& non_secure, MemoryPort& memory, SignalPort& signals,
               EndpointPort& endpoints, Maintenance& maintenance, Interrupts& interrupts, Stalls& stalls,
               Statistics& statistics, Security security);

  /// There may be something to do: CMDQ_PROD, CR0 or GERRORN were written.
  void ring(u64 now);
  /// All that is due at `now`; asks for more by SignalPort::work_at().
  void work(u64 now);
  /// The endpoint has done AtcInvalidate `tag`.
  void atc_invalidated(u32 tag, u64 now);
  void reset();

 private:
  friend struct CommandEffects;

  enum class Phase : u8 {
    Idle,
    Fetch,     ///< the command at CMDQ_CONS is read at `due_`
    Finish,    ///< it is consumed at `due_`
    SyncWait,  ///< a CMD_SYNC that waits for ATC invalidations, the first of which times out at `due_`
    SyncDone,  ///< a CMD_SYNC that is consumed, and signals, at `due_`
  };

  bool may_run() const;
  void step();
  void fetch();
  MemoryReply read(unsigned entries);
  void sync();
  void sync_done();
  void consume();
  void next(u64 now);
  void fail(CommandError error, u64 now);
  bool legal(const CommandRow& row) const;
  void schedule(Phase phase, u64 due);
  void idle();

  const Config& config_;
  State& state_;
  const State& non_secure_;
  MemoryPort& memory_;
  SignalPort& signals_;
  EndpointPort& endpoints_;
  Maintenance& maintenance_;
  Interrupts& interrupts_;
  Stalls& stalls_;
  Statistics& statistics_;
  Security security_;
  Queue queue_;

  Phase phase_ = Phase::Idle;
  u64 due_ = 0;
  /// Commands that came with the one before them. None after an error: software may have changed them.
  static constexpr unsigned kAtOnce = 4;
  std::array<Command, kAtOnce> fetched_;
  unsigned fetched_count_ = 0, fetched_next_ = 0;
  // The command that is under way.
  Command command_;
  u64 began_ = 0;
  u64 message_arrived_ = 0;              ///< of the last CMD_SYNC that sent one
  u64 sync_began_ = 0, sync_ready_ = 0;  ///< CMD_SYNC: when its wait began, and when all but ATCs are done
  /// ATC invalidations that endpoints have not done: when they time out, by tag.
  std::map<u32, u64> outstanding_;
  static constexpr u32 kTagStep = 2;  ///< odd tags are of the Secure queue
  u32 next_tag_;
};

}  // namespace tw::smmu
