// Arm CoreLink DMA-330 (PL330), DDI 0424: a DMA controller whose channels execute microcode from memory.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "base/mmio.hpp"
#include "devices/pl330/instruction_cache.hpp"
#include "devices/pl330/ports.hpp"
#include "devices/pl330/statistics.hpp"
#include "devices/pl330/thread.hpp"

namespace tw::devices::pl330 {

/// Has no process of its own. Whoever owns it calls advance() when next() says so, carries out the transactions of
/// take() in whatever time the bus needs, and tells of their ends by finished(). None of these is called from inside
/// another, so an access may come in while transactions are on the bus: even one that the DMAC itself makes.
class Pl330 final : public MmioTarget {
 public:
  static constexpr u64 kFrameBytes = 0x1000;

  Pl330(const Config& config, const CyclePort& clock, Wires wires);

  MmioResult access(const MmioAccess& access) override;
  static std::span<const RegisterRow<Pl330>> rows();
  void reset();

  /// Does all that is due up to the clock's present cycle.
  void advance();
  /// The cycle of the next thing to do; none while all threads wait for the bus or for software.
  std::optional<u64> next() const;

  struct Ticket {
    unsigned id;
    Transaction* transaction;  ///< stays as it is until finished(id)
  };
  bool has_transactions() const;
  /// The next transaction for the bus, if there is one.
  std::optional<Ticket> take();
  /// A transaction of take() is over (in cycle `at`, now or later) and has read its data; `ok` is an OKAY response.
  void finished(unsigned id, bool ok, u64 at);

  /// A peripheral makes a request. False: there are Peripheral::kDepth before it.
  bool request(unsigned peripheral, PeripheralRequest request);

  const Config& config() const { return config_; }
  const Statistics& statistics() const { return statistics_; }
  void clear_statistics() { statistics_ = {}; }

 private:
  enum class Outcome : u8 {
    Next,    ///< go on behind the instruction
    Jumped,  ///< pc is set
    Stall,   ///< try again when something has changed
    Waits,   ///< until resume()
    Stopped  ///< the thread ended, faulted, was killed
  };
  /// The instruction at a thread's pc, as far as its bytes have been read: it may be in two lines, and the first be
  /// gone when the second comes.
  struct Fetched {
    Instruction instruction;
    unsigned bytes = 0;
    bool complete() const { return instruction.row != nullptr && bytes == instruction.row->bytes; }
  };
  struct Flight {
    enum class State : u8 { Free, Queued, OnBus, Finished };
    State state = State::Free;
    Transaction transaction;
    u64 sequence = 0;
    u64 issued = 0, end = 0;
    unsigned beats = 0;
    bool ok = true;
    bool ends_instruction = false;
    std::optional<unsigned> acknowledge;
    bool acknowledge_burst = false;
  };

  // pl330.cpp: time and arbitration
  void step(u64 at);
  void run_slot();
  bool runnable(unsigned n) const;
  bool run(unsigned n);
  void run_ahead(unsigned n);
  bool fetch(unsigned n);
  std::optional<u32> read_cache(unsigned n, Fetched& fetched) const;
  void start_fetch(unsigned n, u32 address);
  void resume(unsigned n);
  void count(unsigned n, Outcome outcome);
  void changed() { ++changes_; }
  void drive();

  // control.cpp
  Outcome execute(unsigned n, const Instruction& instruction);
  Outcome go(const Instruction& instruction);
  Outcome end(unsigned n);
  Outcome loop_end(unsigned n, const Instruction& instruction);
  Outcome send_event(unsigned n, unsigned event);
  Outcome wait_for_event(unsigned n, const Instruction& instruction);
  Outcome wait_for_peripheral(unsigned n, const Instruction& instruction);
  Outcome flush_peripheral(unsigned n, const Instruction& instruction);
  Outcome check_event(unsigned n, unsigned event);
  Outcome check_peripheral(unsigned n, unsigned peripheral);
  bool see_request(Channel& channel, unsigned peripheral);

  // data.cpp
  Outcome move(unsigned n, const Instruction& instruction);
  Outcome set_control(unsigned n, u32 word);
  Outcome set_source(unsigned n, u32 address);
  Outcome set_destination(unsigned n, u32 address);
  Outcome drain(unsigned n, bool writes_too);
  Outcome load(unsigned n, const Instruction& instruction, std::optional<unsigned> peripheral);
  Outcome store(unsigned n, const Instruction& instruction, std::optional<unsigned> peripheral);
  Outcome store_zeroes(unsigned n);
  Outcome barrier(unsigned n, unsigned outstanding);
  static bool applies(const Channel& channel, const Instruction& instruction);
  u32 entries_used() const;

  // bus.cpp
  void issue();
  void issue_part(QueueEntry& entry, Transaction::Kind kind);
  std::optional<std::size_t> ready_write() const;
  Flight& free_flight();
  unsigned on_bus(Transaction::Kind kind) const;
  bool is_oldest(const Flight& flight) const;
  Flight* due_flight();
  void complete(Flight& flight);
  void count(const Flight& flight);

  // faults.cpp
  Outcome abort(unsigned n, u32 bits);
  void kill(unsigned n);
  void forget_work(unsigned n);
  void settle(unsigned n);
  void release_lock(unsigned n);
  void watch();
  bool locked_up() const;
  static bool is_faulting(const Thread& thread);

  // debug.cpp, registers.cpp
  void command_debug(const MmioAccess& access);
  void execute_debug();
  bool hides(const MmioAccess& access, unsigned thread) const;
  u32 event_mask(const MmioAccess& access) const;
  u32 bus_bytes() const { return static_cast<u32>(config_.data_width / 8); }

  const Config config_;
  const CyclePort& clock_;
  Wires wires_;

  std::array<Thread, kMostThreads> threads_{};
  std::array<Fetched, kMostThreads> fetched_{};
  std::vector<Channel> channels_;
  std::vector<Peripheral> peripherals_;
  InstructionCache cache_;
  std::deque<QueueEntry> read_queue_, write_queue_;
  std::vector<Flight> flights_;
  u64 sequence_ = 0;

  u64 now_ = 0;                                   ///< what was due up to here is done
  u64 next_slot_ = 0;                             ///< when the next instruction may be executed
  u64 next_read_ = 0, next_write_ = 0;            ///< when the next request may go out
  u64 read_data_free_ = 0, write_data_free_ = 0;  ///< when the data channels are
  u64 changes_ = 1;
  unsigned last_channel_ = 0;
  bool last_was_manager_ = false;
  std::optional<unsigned> fetcher_;  ///< the thread whose line is on its way
  bool pipeline_waits_ = false;      ///< another one needs a line too
  std::optional<unsigned> lock_;     ///< the owner of the load-lock
  std::optional<u64> locked_up_since_;
  bool lock_up_told_ = false;
  bool lock_up_interrupt_ = false;

  u32 interrupt_enable_ = 0;  ///< INTEN
  u32 events_ = 0;            ///< signalled, and no thread has waited for them
  u32 interrupts_ = 0;        ///< irq[n] HIGH
  bool watchdog_interrupt_only_ = false;
  u32 debug_words_[2] = {};  ///< DBGINST0, DBGINST1
  struct DebugCommand {
    unsigned thread;
    Instruction instruction;
  };
  std::optional<DebugCommand> debug_;
  bool debugging_ = false;  ///< the instruction that is being executed came from DBGCMD

  u32 interrupts_told_ = 0;
  bool abort_told_ = false;

  Statistics statistics_{};
};

}  // namespace tw::devices::pl330
