#include "devices/tlm/traffic_module.hpp"

#include <algorithm>

#include "tlm/clock.hpp"

namespace tw::devices {

namespace {

constexpr u64 kPicosecondsPerNanosecond = 1000;
constexpr u64 kFemtosecondsPerPicosecond = 1000;

u64 now_ps() { return tlm::to_picoseconds(sc_core::sc_time_stamp()); }

tlm::Attributes attributes_of(const traffic::Request& request, const traffic::Config& config) {
  tlm::Attributes attributes;
  attributes.stream = request.stream;
  attributes.substream = request.substream;
  attributes.has_substream = request.has_substream;
  attributes.privileged = config.privileged;
  attributes.may_stall = config.may_stall;
  return attributes;
}

/// All outstanding requests may wait at once.
u64 backlog_of(const TrafficModule::Settings& settings) {
  const u64 largest = std::max(settings.traffic.size, settings.traffic.size_max);
  u64 most = 0;
  for (const bool write : {false, true}) {
    const traffic::WireBytes wire = wire_bytes(settings.link, largest, write);
    most = std::max({most, wire.up, wire.down});
  }
  return settings.traffic.outstanding * most;
}

}  // namespace

TrafficModule::TrafficModule(sc_core::sc_module_name name, traffic::Source& source, const Settings& settings)
    : sc_module(name),
      bus("bus"),
      source_(source),
      settings_(settings),
      link_(settings.link.enabled ? backlog_of(settings) : 0),
      byte_fs_(traffic::femtoseconds_per_byte(settings.link)),
      engine_ps_(settings.traffic.engine_ns * kPicosecondsPerNanosecond),
      root_complex_ps_(settings.link.root_complex_ns * kPicosecondsPerNanosecond),
      quantum_ps_(tlm::to_picoseconds(settings.quantum)) {
  SC_HAS_PROCESS(TrafficModule);
  SC_THREAD(run);
}

void TrafficModule::run() {
  for (;;) {
    traffic::Request request;
    switch (source_.next(request, std::max(local_ps_, now_ps()))) {
      case traffic::Source::Answer::End:
        return finish();
      case traffic::Source::Answer::Later:
        wait(woken_);
        break;
      case traffic::Source::Answer::Request:
        perform(request, issue_time(std::max(local_ps_, request.not_before)));
        break;
    }
  }
}

u64 TrafficModule::issue_time(u64 from) {
  if (under_way_.size() == settings_.traffic.outstanding) {
    from = std::max(from, under_way_.top());
    under_way_.pop();
  }
  if (from > now_ps() + quantum_ps_) wait(tlm::picoseconds(from - now_ps()));
  return local_ps_ = std::max(from, now_ps());
}

/// A target that waits (an SMMU that holds a stalled transaction) lets sc_time pass; the delay that it returns is
/// counted from then.
void TrafficModule::perform(const traffic::Request& request, u64 issued) {
  const bool has_link = settings_.link.enabled;
  const traffic::WireBytes wire = wire_bytes(settings_.link, request.bytes, request.write);
  u64 arrival = issued + engine_ps_;
  if (has_link) arrival = cross_up(arrival, wire.up) + root_complex_ps_;
  data_.resize(request.bytes);
  if (request.write) source_.fill(request, data_);
  const sc_core::sc_time lead = tlm::picoseconds(arrival - now_ps());
  const tlm::Initiator::Answer answer =
      bus.transport_block(Pa{request.at.value}, data_, request.write, attributes_of(request, settings_.traffic), lead);
  u64 done = now_ps() + tlm::to_picoseconds(lead + answer.delay);
  if (has_link && wire.down != 0 && answer.ok) done = cross_down(done, wire.down);
  under_way_.push(done);
  last_done_ps_ = std::max(last_done_ps_, done);
  source_.completed(request, {.ok = answer.ok, .issued = issued, .completed = done, .data = data_});
}

void TrafficModule::finish() {
  if (last_done_ps_ > now_ps()) wait(tlm::picoseconds(last_done_ps_ - now_ps()));
  if (on_end_) on_end_();
}

u64 TrafficModule::cross_up(u64 from, u64 bytes) {
  const u64 start = (from * kFemtosecondsPerPicosecond + byte_fs_ - 1) / byte_fs_;
  return link_.go_up(start, bytes) * byte_fs_ / kFemtosecondsPerPicosecond;
}

u64 TrafficModule::cross_down(u64 from, u64 bytes) {
  const u64 start = (from * kFemtosecondsPerPicosecond + byte_fs_ - 1) / byte_fs_;
  return link_.go_down(start, bytes) * byte_fs_ / kFemtosecondsPerPicosecond;
}

}  // namespace tw::devices
