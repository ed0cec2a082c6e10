#include "devices/tlm/rtc_module.hpp"

namespace tw::devices {

namespace {

/// sc_time counts to 2^64 ps, 213 days; a match further away than this is looked at again by the next access.
constexpr u64 kFarSeconds = 10'000'000;

}  // namespace

RtcModule::RtcModule(sc_core::sc_module_name name, const Config& config, const tlm::MmioTiming& timing,
                     InterruptOutput interrupt)
    : sc_module(name),
      core_(config, *this, std::move(interrupt)),
      frame_("frame", core_, kFrameBytes, timing, [this] { arrange_match(); }) {
  SC_HAS_PROCESS(RtcModule);
  SC_METHOD(match);
  sensitive << match_event_;
  dont_initialize();
}

u64 RtcModule::seconds() const { return tlm::to_picoseconds(sc_core::sc_time_stamp()) / tlm::kPicosecondsPerSecond; }

void RtcModule::match() {
  core_.update();
  arrange_match();
}

void RtcModule::arrange_match() {
  match_event_.cancel();
  const u64 at = core_.next_match();
  const u64 now = seconds();
  if (at <= now || at - now > kFarSeconds) return;
  match_event_.notify(tlm::picoseconds(at * tlm::kPicosecondsPerSecond) - sc_core::sc_time_stamp());
}

}  // namespace tw::devices
