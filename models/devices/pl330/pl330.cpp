#include "devices/pl330/pl330.hpp"

#include <algorithm>

namespace tw::devices::pl330 {

namespace {

/// Touches nothing but its thread's loop counters and program counter.
bool is_private(const Instruction& instruction) {
  const Opcode opcode = instruction.row->opcode;
  return opcode == Opcode::Nop || opcode == Opcode::Loop || opcode == Opcode::LoopEnd;
}

/// The earlier of the two.
void earliest(std::optional<u64>& result, u64 at) { result = result ? std::min(*result, at) : at; }

}  // namespace

Pl330::Pl330(const Config& config, const CyclePort& clock, Wires wires)
    : config_(config),
      clock_(clock),
      wires_(std::move(wires)),
      channels_(config.channels, Channel(static_cast<u32>(config.mfifo_depth * config.data_width / 8))),
      peripherals_(config.peripherals),
      cache_(static_cast<unsigned>(config.cache_lines), static_cast<u32>(config.cache_line_bytes)),
      flights_(config.read_capacity + config.write_capacity + 1) {
  reset();
}

/// Not while transactions are on the bus: their ends would find nobody.
void Pl330::reset() {
  threads_.fill({});
  for (unsigned n = 0; n < kMostThreads; ++n) forget_work(n);
  interrupt_enable_ = events_ = interrupts_ = 0;
  watchdog_interrupt_only_ = lock_up_interrupt_ = lock_up_told_ = false;
  debug_.reset();
  for (Peripheral& peripheral : peripherals_) peripheral.requests.clear();
  Thread& manager = threads_[kManager];
  manager.non_secure = config_.manager_nonsecure;
  if (config_.boot_from_pc) {
    manager.pc = static_cast<u32>(config_.boot_address);
    manager.state = ThreadState::Executing;
  }
  drive();
}

void Pl330::advance() {
  const u64 now = clock_.cycle();
  for (std::optional<u64> at = next(); at && *at <= now; at = next()) step(std::max(*at, now_));
  now_ = std::max(now_, now);
}

std::optional<u64> Pl330::next() const {
  std::optional<u64> at;
  for (const Flight& flight : flights_) {
    if (flight.state == Flight::State::Finished && is_oldest(flight)) earliest(at, flight.end);
  }
  bool wants_slot = debug_.has_value();
  for (unsigned n = 0; n < kMostThreads && !wants_slot; ++n) wants_slot = runnable(n);
  if (wants_slot) earliest(at, std::max(now_, next_slot_));
  if (!read_queue_.empty() && on_bus(Transaction::Kind::Read) < config_.read_capacity) {
    earliest(at, std::max(now_, next_read_));
  }
  if (ready_write() && on_bus(Transaction::Kind::Write) < config_.write_capacity) {
    earliest(at, std::max(now_, next_write_));
  }
  if (locked_up_since_ && !lock_up_told_) earliest(at, *locked_up_since_ + config_.watchdog);
  return at;
}

void Pl330::step(u64 at) {
  now_ = at;
  while (Flight* flight = due_flight()) complete(*flight);
  if (next_slot_ <= now_) {
    if (debug_) {
      next_slot_ = now_ + config_.instruction_interval;
      execute_debug();
    } else {
      run_slot();
    }
  }
  issue();
  watch();
  drive();
}

bool Pl330::runnable(unsigned n) const {
  const Thread& thread = threads_[n];
  return thread.executes() && !thread.fetching && !pipeline_waits_ && thread.stalled_at != changes_;
}

/// The manager has its turn before each channel; the channels go round (DDI 0424, chapter 2).
void Pl330::run_slot() {
  const auto took_slot = [this](unsigned n) {
    if (!runnable(n) || !run(n)) return false;
    next_slot_ = std::max(next_slot_, now_ + config_.instruction_interval);
    last_was_manager_ = n == kManager;
    if (n != kManager) last_channel_ = n;
    return true;
  };
  if (!last_was_manager_ && took_slot(kManager)) return;
  const auto count = static_cast<unsigned>(channels_.size());
  for (unsigned i = 1; i <= count; ++i) {
    if (took_slot((last_channel_ + i) % count)) return;
  }
  if (last_was_manager_) took_slot(kManager);
}

/// False: the thread has to wait, and the slot is another's.
bool Pl330::run(unsigned n) {
  Thread& thread = threads_[n];
  if (!fetched_[n].complete() && !fetch(n)) return is_faulting(thread);
  const Instruction instruction = fetched_[n].instruction;
  const u8 who = n == kManager ? kByManager : kByChannel;
  thread.waits_to_load = false;
  const Outcome outcome = (instruction.row->by & who) == 0 ? abort(n, fault::kUndefined) : execute(n, instruction);
  count(n, outcome);
  switch (outcome) {
    case Outcome::Next:
      resume(n);
      run_ahead(n);
      break;
    case Outcome::Jumped:
      fetched_[n] = {};
      thread.state = ThreadState::Executing;
      changed();
      run_ahead(n);
      break;
    case Outcome::Stall:
      thread.stalled_at = changes_;
      return false;
    case Outcome::Waits:
    case Outcome::Stopped:
      changed();
      break;
  }
  return true;
}

/// One that stalls comes again, and one that faults was not executed.
void Pl330::count(unsigned n, Outcome outcome) {
  if (outcome != Outcome::Stall && !is_faulting(threads_[n])) ++statistics_[n].instructions;
}

/// A thread that is alone, and does nothing that anybody else could see, is executed ahead of time: one that loops for
/// ever costs the host little. What DBGCMD then brings comes after that.
void Pl330::run_ahead(unsigned n) {
  const u64 limit = now_ + config_.run_ahead;
  Thread& thread = threads_[n];
  if (config_.run_ahead == 0 || debug_ || !read_queue_.empty() || !write_queue_.empty() || n == kManager) return;
  for (unsigned other = 0; other < kMostThreads; ++other) {
    if (other != n && threads_[other].executes()) return;
  }
  for (const Flight& flight : flights_) {
    if (flight.state != Flight::State::Free) return;
  }
  next_slot_ = now_ + config_.instruction_interval;
  while (next_slot_ < limit) {
    Fetched fetched;
    if (read_cache(n, fetched) || !fetched.complete() || !is_private(fetched.instruction)) return;
    const Outcome outcome = execute(n, fetched.instruction);
    count(n, outcome);
    if (outcome == Outcome::Next) thread.pc += fetched.bytes;
    next_slot_ += config_.instruction_interval;
  }
}

/// Goes on with `fetched` as far as the cache has its bytes, or up to an undefined one; the address of a byte that it
/// has not.
std::optional<u32> Pl330::read_cache(unsigned n, Fetched& fetched) const {
  Instruction& instruction = fetched.instruction;
  do {
    const u32 address = threads_[n].pc + fetched.bytes;
    const std::optional<u8> byte = cache_.find(n, address);
    if (!byte) return address;
    instruction.code[fetched.bytes++] = *byte;
    if (fetched.bytes == 1) instruction.row = find_instruction(*byte);
  } while (instruction.row != nullptr && !fetched.complete());
  return {};
}

/// False: a line is missing, or the thread faults.
bool Pl330::fetch(unsigned n) {
  Fetched& fetched = fetched_[n];
  if (const std::optional<u32> missing = read_cache(n, fetched)) {
    start_fetch(n, *missing);
    return false;
  }
  if (!fetched.complete()) {
    abort(n, fault::kUndefined);
    return false;
  }
  return true;
}

/// One line at a time: a second miss holds up the pipeline (DDI 0424, chapter 2). Instructions are fetched as
/// privileged instruction accesses of the thread's security state.
void Pl330::start_fetch(unsigned n, u32 address) {
  if (fetcher_) {
    pipeline_waits_ = true;
    return;
  }
  Thread& thread = threads_[n];
  thread.state = ThreadState::CacheMiss;
  thread.fetching = true;
  fetcher_ = n;
  if (n != kManager) ++channels_[n].transactions;
  Flight& flight = free_flight();
  flight.transaction.kind = Transaction::Kind::Fetch;
  flight.transaction.thread = n;
  flight.transaction.address = Iova{cache_.line_of(address)};
  flight.transaction.bytes = cache_.line_bytes();
  flight.transaction.beat_bytes = 0;
  flight.transaction.privileged = flight.transaction.instruction = true;
  flight.transaction.secure = !thread.non_secure;
  flight.transaction.cache = 0;
  flight.beats = std::max(1u, cache_.line_bytes() / bus_bytes());
  flight.ends_instruction = false;
  flight.acknowledge.reset();
}

/// Behind its instruction.
void Pl330::resume(unsigned n) {
  Thread& thread = threads_[n];
  thread.pc += fetched_[n].bytes;
  thread.state = ThreadState::Executing;
  fetched_[n] = {};
  changed();
}

void Pl330::drive() {
  const u32 moved = interrupts_ ^ interrupts_told_;
  interrupts_told_ = interrupts_;
  for (unsigned event = 0; wires_.interrupt && event < config_.events; ++event) {
    if (bit_at(moved, event)) wires_.interrupt(event, bit_at(interrupts_, event));
  }
  const bool level = lock_up_interrupt_ ||
                     std::any_of(threads_.begin(), threads_.end(), [](const Thread& t) { return is_faulting(t); });
  if (level == abort_told_) return;
  abort_told_ = level;
  if (wires_.abort) wires_.abort(level);
}

}  // namespace tw::devices::pl330
