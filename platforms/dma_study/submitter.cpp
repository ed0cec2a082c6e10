#include "platforms/dma_study/submitter.hpp"

#include <algorithm>

#include "devices/traffic/data.hpp"
#include "platforms/dma_study/software_time.hpp"

namespace tw::study {

namespace traffic = devices::traffic;

namespace {

/// Linux, drivers/iommu/arm/arm-smmu-v3: CMDQ_BATCH_ENTRIES.
constexpr std::size_t kBatch = 64;
constexpr u64 kNanosecondsPerMicrosecond = 1000;

constexpr u64 align_up(u64 value, u64 to) { return (value + to - 1) / to * to; }

}  // namespace

Submitter::Submitter(sc_core::sc_module_name name, unsigned number, const Context& context)
    : sc_module(name),
      bus("bus"),
      around_(context),
      config_(context.config),
      space_(context.space),
      ios_(context.config.depth) {
  SC_HAS_PROCESS(Submitter);
  SC_THREAD(run);
  const bool deferred = config_.invalidation == "deferred";
  const u64 slots = config_.depth + (deferred ? config_.flush_entries : 0);
  const u64 bytes = align_up(config_.io_bytes, config_.granule);
  for (u64 n = 0; n <= slots; ++n) {  // one more than addresses: an address comes to another buffer each time
    buffer_at_.push_back(context.memory.take(bytes, config_.granule));
    buffers_.push_back(n);
  }
  for (u64 n = 0; n < slots; ++n) {
    slot_at_.push_back(space_.window.base + (number * slots + n) * bytes);
    slots_.push_back(n);
    if (!is_translated()) continue;
    for (u64 page = 0; page < pages(); ++page) space_.stage1->leaf_address(slot_at_[n].value + page * config_.granule);
  }
  for (u64 n = config_.depth; n > 0; --n) free_.push_back(n - 1);
}

void Submitter::run() {
  wait(around_.begin);
  for (;;) {
    while (may_start()) start_io();
    if (free_.size() == ios_.size()) break;
    wait_for_completion();
    const u64 place = completions_.top().second;
    completions_.pop();
    finish_io(ios_[place]);
    free_.push_back(place);
  }
  around_.done();
}

bool Submitter::may_start() const {
  return around_.statistics.started < config_.ios + around_.traffic.warm_up && !free_.empty() && !slots_.empty();
}

void Submitter::start_io() {
  const u64 place = free_.back();
  free_.pop_back();
  Io& io = ios_[place];
  const u64 number = around_.statistics.started++;
  io.started_ps = now_ps();
  io.slot = slots_.front();
  slots_.pop_front();
  io.buffer = buffers_.front();
  buffers_.pop_front();
  if (is_translated()) {
    spend(config_.map_ns + pages() * config_.pte_ns);
    set_leaves(io, true);
  }
  io.job = {};
  io.job.at = is_translated() ? slot_at_[io.slot] : Iova{buffer_at_[io.buffer].value};
  io.job.bytes = config_.io_bytes;
  io.job.write = number % 100 >= around_.traffic.read_share;
  io.job.stream = space_.window.stream;
  io.job.salt = space_.window.salt + 8 * number;
  io.job.done = [this, place] {
    completions_.emplace(ios_[place].job.done_ps, place);
    completed_.notify(sc_core::SC_ZERO_TIME);
  };
  if (!io.job.write) {
    traffic::fill(around_.memory.bytes(buffer_at_[io.buffer], io.job.bytes), io.job.at, io.job.salt,
                  traffic::Version::Initial);
  }
  around_.jobs.push(io.job);
  around_.device.wake();
}

void Submitter::wait_for_completion() {
  for (;;) {
    if (completions_.empty()) {
      wait(completed_);
    } else if (completions_.top().first > now_ps()) {
      wait(tlm::picoseconds(completions_.top().first - now_ps()), completed_);  // an earlier one may become known
    } else {
      return;
    }
  }
}

void Submitter::finish_io(Io& io) {
  const u64 begin = now_ps();
  IoStatistics& statistics = around_.statistics;
  if (!is_right(io)) ++statistics.wrong;
  if (is_translated()) {
    spend(config_.unmap_ns + pages() * config_.pte_ns);
    set_leaves(io, false);
    invalidate(io);
  } else {
    slots_.push_back(io.slot);
  }
  buffers_.push_back(io.buffer);
  if (++statistics.finished <= around_.traffic.warm_up) {
    statistics.begin_ps = now_ps();
    return;
  }
  statistics.end_ps = now_ps();
  ++statistics.counted;
  statistics.io_ps.add(now_ps() - io.started_ps);
  statistics.unmap_ps.add(now_ps() - begin);
}

/// What a device wrote is in the buffer, or it went elsewhere.
bool Submitter::is_right(const Io& io) const {
  if (!io.job.ok || !io.job.write || !around_.traffic.check) return io.job.ok;
  const std::span<const u8> bytes = around_.memory.bytes(buffer_at_[io.buffer], io.job.bytes);
  // All of it is of the version that devices write.
  return traffic::is_right(bytes, io.job.at, io.job.salt, true) &&
         traffic::written_words(bytes, io.job.at, io.job.salt) == (io.job.bytes + 7) / 8;
}

void Submitter::set_leaves(const Io& io, bool mapped) {
  for (u64 page = 0; page < pages(); ++page) {
    const u64 offset = page * config_.granule;
    u64 descriptor = mapped ? space_.stage1->leaf_descriptor(buffer_at_[io.buffer].value + offset) : 0;
    store(bus, Pa{space_.stage1->leaf_address(slot_at_[io.slot].value + offset)}, descriptor);
  }
}

void Submitter::invalidate(Io& io) {
  if (config_.invalidation == "deferred") {
    unmapped_.push_back({io.slot, now_ps()});
    flush_if_due();
    return;
  }
  if (config_.invalidation == "strict") {
    const u64 first = slot_at_[io.slot].value;
    if (config_.command == "asid") {
      send({tlbi_nh_asid(space_.asid)});
    } else if (config_.command == "range") {
      send(tlbi_nh_va_range(space_.asid, first, pages(), config_.granule));
    } else {
      std::vector<Command> commands;
      for (u64 page = 0; page < pages(); ++page) {
        commands.push_back(tlbi_nh_va(space_.asid, first + page * config_.granule));
      }
      send(std::move(commands));
    }
  }
  slots_.push_back(io.slot);
}

/// In batches; the last one ends with a CMD_SYNC.
void Submitter::send(std::vector<Command> commands) {
  std::span<const Command> rest = commands;
  const std::size_t most = std::min<std::size_t>(kBatch, (std::size_t{1} << config_.command_queue_bits) / 2 - 1);
  while (rest.size() > most) {
    around_.queue->issue(bus, rest.first(most), false);
    rest = rest.subspan(most);
  }
  around_.queue->issue(bus, rest, true);
}

void Submitter::flush_if_due() {
  const u64 timeout = config_.flush_timeout_us * kNanosecondsPerMicrosecond * kPicosecondsPerNanosecond;
  if (unmapped_.size() < config_.flush_entries && now_ps() - unmapped_.front().since_ps < timeout) return;
  send({tlbi_nh_asid(space_.asid)});
  ++around_.statistics.flushes;
  for (const Flushable& entry : unmapped_) slots_.push_back(entry.slot);
  unmapped_.clear();
}

}  // namespace tw::study
