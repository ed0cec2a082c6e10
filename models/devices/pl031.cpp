#include "devices/pl031.hpp"

#include "devices/register_access.hpp"

namespace tw::devices {

Pl031::Pl031(const Config& config, const SecondsPort& time, InterruptOutput interrupt)
    : base_(config.rtc_base), time_(time), interrupt_(std::move(interrupt)) {
  reset();
}

void Pl031::reset() {
  offset_ = static_cast<u32>(base_);
  match_ = 0;
  load_ = 0;
  mask_ = false;
  raw_ = false;
  schedule();
  raw_ = false;  // the reset value of RTCMR is no request
  drive();
}

u32 Pl031::counter() const { return static_cast<u32>(time_.seconds()) + offset_; }

/// The counter wraps at 2^32 seconds; equal now means that the match is now.
void Pl031::schedule() {
  const u32 remaining = match_ - counter();
  match_at_ = time_.seconds() + remaining;
  update();
}

void Pl031::update() {
  const u64 now = time_.seconds();
  if (now >= match_at_) {
    raw_ = true;
    match_at_ += ((now - match_at_) / (u64{1} << 32) + 1) << 32;
  }
  drive();
}

void Pl031::drive() {
  const bool level = raw_ && mask_;
  if (level == level_) return;
  level_ = level;
  if (interrupt_) interrupt_(level);
}

std::span<const RegisterRow<Pl031>> Pl031::rows() {
  using A = const MmioAccess&;
  static constexpr RegisterRow<Pl031> kRows[] = {
      {"RTCDR", 0x000, 4, kApbSizes, [](Pl031& r, A) { return u64{r.counter()}; }, nullptr},
      {"RTCMR", 0x004, 4, kApbSizes, [](Pl031& r, A) { return u64{r.match_}; },
       [](Pl031& r, A a) {
         r.match_ = static_cast<u32>(a.value);
         r.schedule();
       }},
      {"RTCLR", 0x008, 4, kApbSizes, [](Pl031& r, A) { return u64{r.load_}; },
       [](Pl031& r, A a) {
         r.load_ = static_cast<u32>(a.value);
         r.offset_ = r.load_ - static_cast<u32>(r.time_.seconds());
         r.schedule();
       }},
      // Started at reset; once started, writes have no effect until reset (DDI 0224, 3.3.4).
      {"RTCCR", 0x00C, 4, kApbSizes, [](Pl031&, A) { return u64{1}; }, nullptr},
      {"RTCIMSC", 0x010, 4, kApbSizes, [](Pl031& r, A) { return u64{r.mask_}; },
       [](Pl031& r, A a) {
         r.mask_ = a.value & 1;
         r.drive();
       }},
      {"RTCRIS", 0x014, 4, kApbSizes, [](Pl031& r, A) { return u64{r.raw_}; }, nullptr},
      {"RTCMIS", 0x018, 4, kApbSizes, [](Pl031& r, A) { return u64{r.raw_ && r.mask_}; }, nullptr},
      {"RTCICR", 0x01C, 4, kApbSizes, nullptr,
       [](Pl031& r, A a) {
         if (a.value & 1) r.raw_ = false;
         r.drive();
       }},
      {"RTCPeriphID, RTCPCellID", 0xFE0, 32, kApbSizes, read_identification<Pl031>, nullptr},
  };
  return kRows;
}

MmioResult Pl031::access(const MmioAccess& access) {
  if (!access.debug) update();
  return access_registers(*this, rows(), access);
}

}  // namespace tw::devices
