#include "devices/tlm/pl330_module.hpp"

#include <algorithm>

namespace tw::devices {

Pl330Module::Pl330Module(sc_core::sc_module_name name, const pl330::Config& config, const tlm::MmioTiming& timing,
                         StreamId first_stream, pl330::Wires wires)
    : sc_module(name),
      stream_per_channel_(config.stream_per_channel),
      first_stream_(first_stream.value),
      clock_(tlm::Clock::from_mhz(config.frequency_mhz)),
      master_("master"),
      core_(config, *this, std::move(wires)),
      frame_("frame", core_, kFrameBytes, timing, [this] { arrange(); }) {
  SC_HAS_PROCESS(Pl330Module);
  SC_METHOD(work);
  sensitive << work_event_;
}

void Pl330Module::work() {
  core_.advance();
  arrange();
}

/// A timed event for what comes next, which a core does not run past; a lane for what wants to go out now.
void Pl330Module::arrange() {
  work_event_.cancel();
  if (const std::optional<u64> next = core_.next()) {
    work_event_.notify(clock_.time(std::max(*next, cycle() + 1)) - sc_core::sc_time_stamp());
  }
  const auto find = [this](Lane::State state) {
    return std::find_if(lanes_.begin(), lanes_.end(), [state](const auto& lane) { return lane->state == state; });
  };
  if (!core_.has_transactions() || find(Lane::State::Active) != lanes_.end()) return;
  if (const auto idle = find(Lane::State::Idle); idle != lanes_.end()) {
    (*idle)->state = Lane::State::Active;
    (*idle)->wake.notify();
    return;
  }
  lanes_.push_back(std::make_unique<Lane>());
  sc_core::sc_spawn([this, lane = lanes_.back().get()] { carry(*lane); });
}

void Pl330Module::carry(Lane& lane) {
  for (;;) {
    while (const std::optional<pl330::Pl330::Ticket> ticket = core_.take()) perform(lane, *ticket);
    lane.state = Lane::State::Idle;
    wait(lane.wake);
  }
}

/// The beats of a fixed burst go one by one. Whoever holds the transaction, with wait(), lets sc_time pass; the delay
/// is counted from then.
void Pl330Module::perform(Lane& lane, const pl330::Pl330::Ticket& ticket) {
  pl330::Transaction& transaction = *ticket.transaction;
  const bool write = transaction.kind == pl330::Transaction::Kind::Write;
  const u32 which = transaction.thread == pl330::kManager ? 0 : 1 + transaction.thread;
  lane.state = Lane::State::OnBus;
  lane.extension.attributes = {.stream = StreamId{first_stream_ + (stream_per_channel_ ? which : 0)},
                               .privileged = transaction.privileged,
                               .may_stall = true,
                               .security = transaction.secure ? Security::Secure : Security::NonSecure,
                               .instruction = transaction.instruction};
  arrange();  // another lane for what is left, should this one be held
  const std::span<u8> data = transaction.payload();
  const u32 piece = transaction.beat_bytes == 0 ? transaction.bytes : transaction.beat_bytes;
  sc_core::sc_time delay;
  bool ok = true;
  for (u32 at = 0; at < transaction.bytes; at += piece) {
    ok = send(lane, transaction.address.value, data.subspan(at, piece), write, delay) && ok;
  }
  lane.state = Lane::State::Active;
  core_.finished(ticket.id, ok, clock_.cycles_up(sc_core::sc_time_stamp() + delay));
  arrange();
}

bool Pl330Module::send(Lane& lane, u64 address, std::span<u8> data, bool write, sc_core::sc_time& delay) {
  ::tlm::tlm_generic_payload& payload = lane.payload;
  payload.set_command(write ? ::tlm::TLM_WRITE_COMMAND : ::tlm::TLM_READ_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(data.data());
  payload.set_data_length(static_cast<unsigned>(data.size()));
  payload.set_streaming_width(static_cast<unsigned>(data.size()));
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
  master_->b_transport(payload, delay);
  return payload.is_response_ok();
}

}  // namespace tw::devices
