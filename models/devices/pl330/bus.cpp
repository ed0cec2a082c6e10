// From the queues to the bus, and back.
#include <algorithm>

#include "devices/pl330/pl330.hpp"

namespace tw::devices::pl330 {

namespace {

constexpr u32 kBoundary = 4096;  ///< no AXI burst crosses it; the DMAC makes two of one

}  // namespace

unsigned Pl330::on_bus(Transaction::Kind kind) const {
  return static_cast<unsigned>(std::count_if(flights_.begin(), flights_.end(), [kind](const Flight& flight) {
    return flight.state != Flight::State::Free && flight.transaction.kind == kind;
  }));
}

/// There is always one: one fetch, and as many reads and writes as the bus may have outstanding.
Pl330::Flight& Pl330::free_flight() {
  const auto found = std::find_if(flights_.begin(), flights_.end(),
                                  [](const Flight& flight) { return flight.state == Flight::State::Free; });
  Flight& flight = *found;
  flight.state = Flight::State::Queued;
  flight.sequence = ++sequence_;
  flight.issued = now_;
  flight.ok = true;
  return flight;
}

/// The first store whose data are there, and before which there is none of its channel.
std::optional<std::size_t> Pl330::ready_write() const {
  u32 passed = 0;
  for (std::size_t i = 0; i < write_queue_.size(); ++i) {
    const QueueEntry& entry = write_queue_[i];
    if (bit_at(passed, entry.channel)) continue;
    if (entry.zeroes || channels_[entry.channel].stream.has_arrived(entry.position + entry.bytes)) return i;
    passed |= 1u << entry.channel;
  }
  return {};
}

void Pl330::issue() {
  if (next_read_ <= now_ && !read_queue_.empty() && on_bus(Transaction::Kind::Read) < config_.read_capacity) {
    QueueEntry& entry = read_queue_.front();
    issue_part(entry, Transaction::Kind::Read);
    if (entry.issued == entry.bytes) read_queue_.pop_front();
    next_read_ = now_ + config_.request_interval;
    changed();
  }
  if (next_write_ <= now_ && on_bus(Transaction::Kind::Write) < config_.write_capacity) {
    const std::optional<std::size_t> ready = ready_write();
    if (!ready) return;
    QueueEntry& entry = write_queue_[*ready];
    issue_part(entry, Transaction::Kind::Write);
    if (entry.issued == entry.bytes) write_queue_.erase(write_queue_.begin() + static_cast<long>(*ready));
    next_write_ = now_ + config_.request_interval;
    changed();
  }
}

/// Up to the boundary, or all that is left.
void Pl330::issue_part(QueueEntry& entry, Transaction::Kind kind) {
  Channel& channel = channels_[entry.channel];
  const BurstControl& burst = entry.burst;
  const u32 address = burst.increment ? entry.address + entry.issued : entry.address;
  const u32 left = entry.bytes - entry.issued;
  const u32 bytes = burst.increment ? std::min(left, kBoundary - address % kBoundary) : left;
  const u32 offset = address % burst.beat_bytes;

  Flight& flight = free_flight();
  Transaction& transaction = flight.transaction;
  transaction.kind = kind;
  transaction.thread = entry.channel;
  transaction.address = Iova{address};
  transaction.bytes = bytes;
  transaction.beat_bytes = burst.increment ? 0 : burst.beat_bytes - offset;
  transaction.privileged = burst.privileged;
  transaction.secure = !burst.non_secure;
  transaction.instruction = burst.instruction;
  transaction.cache = burst.cache;
  flight.beats = burst.increment ? (offset + bytes + burst.beat_bytes - 1) / burst.beat_bytes : burst.beats;

  if (kind == Transaction::Kind::Write) {
    const std::span<u8> data = transaction.payload();
    if (entry.zeroes) {
      std::fill(data.begin(), data.end(), u8{0});
    } else {
      channel.stream.leave(entry.position + entry.issued, data);
    }
    // Whole groups; what is left over stays as it is.
    for (u32 group = 0; entry.swap_bytes > 1 && group + entry.swap_bytes <= bytes; group += entry.swap_bytes) {
      std::reverse(data.begin() + group, data.begin() + group + entry.swap_bytes);
    }
  }
  entry.issued += bytes;
  flight.ends_instruction = entry.issued == entry.bytes;
  flight.acknowledge = flight.ends_instruction ? entry.acknowledge : std::nullopt;
  flight.acknowledge_burst = entry.acknowledge_burst;
  ++channel.transactions;
}

bool Pl330::has_transactions() const {
  return std::any_of(flights_.begin(), flights_.end(),
                     [](const Flight& flight) { return flight.state == Flight::State::Queued; });
}

std::optional<Pl330::Ticket> Pl330::take() {
  Flight* first = nullptr;
  for (Flight& flight : flights_) {
    if (flight.state != Flight::State::Queued) continue;
    if (first == nullptr || flight.sequence < first->sequence) first = &flight;
  }
  if (first == nullptr) return {};
  first->state = Flight::State::OnBus;
  return Ticket{static_cast<unsigned>(first - flights_.data()), &first->transaction};
}

/// The data channel carries one beat at a time, and all transactions share it.
void Pl330::finished(unsigned id, bool ok, u64 at) {
  advance();
  Flight& flight = flights_.at(id);
  const bool write = flight.transaction.kind == Transaction::Kind::Write;
  u64& free = write ? write_data_free_ : read_data_free_;
  const u64 beats_end = std::max(free, flight.issued) + flight.beats * config_.beat_interval;
  free = write ? beats_end : std::max(at, beats_end);
  flight.end = std::max({at, beats_end, now_});
  flight.ok = ok;
  flight.state = Flight::State::Finished;
}

/// Those of one AXI ID and direction end in order.
bool Pl330::is_oldest(const Flight& flight) const {
  return std::none_of(flights_.begin(), flights_.end(), [&flight](const Flight& other) {
    return other.state != Flight::State::Free && other.sequence < flight.sequence &&
           other.transaction.thread == flight.transaction.thread && other.transaction.kind == flight.transaction.kind;
  });
}

Pl330::Flight* Pl330::due_flight() {
  Flight* first = nullptr;
  for (Flight& flight : flights_) {
    if (flight.state != Flight::State::Finished || flight.end > now_ || !is_oldest(flight)) continue;
    if (first == nullptr || flight.sequence < first->sequence) first = &flight;
  }
  return first;
}

void Pl330::count(const Flight& flight) {
  const Transaction& transaction = flight.transaction;
  ThreadStatistics& thread = statistics_[transaction.thread];
  if (transaction.kind == Transaction::Kind::Fetch) {
    ++thread.fetches;
    return;
  }
  BurstStatistics& bursts = transaction.kind == Transaction::Kind::Write ? thread.writes : thread.reads;
  ++bursts.count;
  if (flight.ok) bursts.bytes += transaction.bytes;
  bursts.cycles += flight.end - flight.issued;
}

/// What comes for a channel that is being stopped is dropped.
void Pl330::complete(Flight& flight) {
  const unsigned n = flight.transaction.thread;
  Thread& thread = threads_[n];
  flight.state = Flight::State::Free;
  count(flight);
  changed();
  if (n != kManager) --channels_[n].transactions;
  if (flight.transaction.kind == Transaction::Kind::Fetch) {
    fetcher_.reset();
    pipeline_waits_ = false;
    thread.fetching = false;
    if (thread.state == ThreadState::CacheMiss) {
      if (flight.ok) {
        cache_.fill(n, static_cast<u32>(flight.transaction.address.value), flight.transaction.payload());
        thread.state = ThreadState::Executing;
      } else {
        abort(n, fault::kFetch);
      }
    }
  } else if (thread.state != ThreadState::Killing && thread.state != ThreadState::FaultingCompleting) {
    Channel& channel = channels_[n];
    const bool write = flight.transaction.kind == Transaction::Kind::Write;
    if (!flight.ok) {
      abort(n, write ? fault::kWrite : fault::kRead);
    } else {
      if (!write) channel.stream.arrive(flight.transaction.payload());
      if (flight.ends_instruction) --(write ? channel.writes : channel.reads);
      if (flight.acknowledge && wires_.acknowledge) wires_.acknowledge(*flight.acknowledge, flight.acknowledge_burst);
    }
  }
  if (n != kManager) settle(n);
}

}  // namespace tw::devices::pl330
