#include "smmu/tlm/smmu_module.hpp"

#include <algorithm>
#include <cstring>

#include "tlm/payload.hpp"

namespace tw::smmu {

using sc_core::sc_time;
using ::tlm::tlm_generic_payload;

namespace {

constexpr u64 kPage = 4096;  ///< no translation holds beyond it, whatever the granule

unsigned tbus_for(const Config& config, unsigned ports) {
  return std::max(1u, config.tbus == 0 ? ports : std::min(ports, static_cast<unsigned>(config.tbus)));
}

Request request_of(const tlm_generic_payload& payload) {
  const auto* extension = payload.get_extension<tlm::PayloadExtension>();
  const tlm::Attributes attributes = extension != nullptr ? extension->attributes : tlm::Attributes{};
  return {.from = {attributes.stream, attributes.substream, attributes.has_substream},
          .address = Iova{payload.get_address()},
          .write = tlm::times_as_write(payload),
          .privileged = attributes.privileged,
          .instruction = attributes.instruction,
          .translated = attributes.translated,
          .may_stall = attributes.may_stall,
          .security = attributes.security};
}

/// A part of the payload, at its physical address, for as long as this lives.
class Piece final {
 public:
  Piece(tlm_generic_payload& payload, u64 offset, u64 bytes, const Response& response)
      : payload_(payload),
        extension_(payload.get_extension<tlm::PayloadExtension>()),
        address_(payload.get_address()),
        data_(payload.get_data_ptr()),
        length_(payload.get_data_length()),
        width_(payload.get_streaming_width()) {
    payload_.set_address(response.pa.value);
    payload_.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
    if (extension_ != nullptr) {
      security_ = extension_->attributes.security;
      extension_->attributes.security = response.security;
    }
    if (bytes == length_) return;
    payload_.set_data_ptr(data_ + offset);
    payload_.set_data_length(static_cast<unsigned>(bytes));
    payload_.set_streaming_width(static_cast<unsigned>(bytes));
  }
  ~Piece() {
    payload_.set_address(address_);
    payload_.set_data_ptr(data_);
    payload_.set_data_length(length_);
    payload_.set_streaming_width(width_);
    payload_.set_dmi_allowed(false);
    if (extension_ != nullptr) extension_->attributes.security = security_;
  }
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;

 private:
  tlm_generic_payload& payload_;
  tlm::PayloadExtension* extension_;
  u64 address_;
  unsigned char* data_;
  unsigned length_, width_;
  Security security_ = Security::NonSecure;
};

}  // namespace

SmmuModule::SmmuModule(sc_core::sc_module_name name, const Config& config, const Surroundings& around)
    : sc_module(name),
      masters("masters"),
      translated("translated"),
      around_(around),
      clock_(tlm::Clock::from_mhz(config.frequency_mhz)),
      tbus_(tbus_for(config, around.ports)),
      memory_("memory", clock_, around.stream, around.is_memory),
      core_(config, tbus_, memory_, *this, around.endpoints),
      frame_("frame", *this, Smmu::kFrameBytes, around.frame) {
  SC_HAS_PROCESS(SmmuModule);
  SC_METHOD(work);
  sensitive << work_event_;
  dont_initialize();
  masters.register_b_transport(this, &SmmuModule::b_transport);
  masters.register_transport_dbg(this, &SmmuModule::transport_dbg);
  masters.register_get_direct_mem_ptr(this, &SmmuModule::get_direct_mem_ptr);
}

void SmmuModule::work() { core_.work(now()); }

/// At a later clock edge: a timed event, which no core runs past.
void SmmuModule::work_at(u64 when) { work_event_.notify(std::max(clock_.lead(when), clock_.time(1))); }

/// A guest may have put a table, or the address of a message, on the SMMU's own registers.
MmioResult SmmuModule::access(const MmioAccess& access) {
  if (memory_.under_way()) return {.value = 0, .ok = false};
  return core_.access(access);
}

/// Pages of a burst are translated at once, as far as the TBU can, and their data moved one after the other.
void SmmuModule::b_transport(int master, tlm_generic_payload& payload, sc_time& delay) {
  payload.set_dmi_allowed(false);  // a pointer would outlive its translation
  Request request = request_of(payload);
  const u64 length = payload.get_data_length();
  const u64 span = std::min<u64>(length, payload.get_streaming_width());
  const bool crosses = request.address.value % kPage + span > kPage;
  if (crosses && (span < length || payload.get_byte_enable_ptr() != nullptr)) {
    payload.set_response_status(::tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (memory_.under_way()) {  // set off by a message of the SMMU's own
    payload.set_response_status(::tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  const unsigned tbu = tbus_by_master_[static_cast<std::size_t>(master)];
  const sc_time arrival = sc_core::sc_time_stamp() + delay;
  sc_time done = arrival;
  auto status = ::tlm::TLM_OK_RESPONSE;
  for (u64 offset = 0; offset < length && status == ::tlm::TLM_OK_RESPONSE;) {
    const u64 bytes = crosses ? std::min(length - offset, kPage - request.address.value % kPage) : length;
    sc_time when = std::max(arrival, sc_core::sc_time_stamp());
    const Response response = translate(tbu, request, when);
    done = std::max(done, when);
    if (response.outcome == Outcome::Ok) {
      if (ObserverPort* const observer = core_.observer()) observer->translated(request, response, bytes);
      const Piece piece(payload, offset, bytes, response);
      sc_time lead = done - sc_core::sc_time_stamp();
      translated->b_transport(payload, lead);
      done = sc_core::sc_time_stamp() + lead;
      status = payload.get_response_status();
    } else if (response.outcome == Outcome::ReadAsZero) {
      if (payload.is_read()) std::memset(payload.get_data_ptr() + offset, 0, bytes);
    } else {
      status = ::tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
    offset += bytes;
    request.address.value += bytes;
  }
  payload.set_response_status(status);
  delay = done - sc_core::sc_time_stamp();
}

Response SmmuModule::translate(unsigned tbu, const Request& request, sc_time& when) {
  while (true) {
    Response response = core_.translate(tbu, request, clock_.cycles_up(when));
    when += clock_.time(response.cycles);
    if (response.outcome != Outcome::Stalled) return response;
    const StallVerdict verdict = request.may_stall ? await(response.stag, when) : StallVerdict::Abort;
    when = std::max(when, sc_core::sc_time_stamp());
    if (verdict == StallVerdict::Retry) continue;
    response.outcome = verdict == StallVerdict::Abort ? Outcome::Abort : Outcome::ReadAsZero;
    return response;
  }
}

/// The answer may come before the master has got as far as to wait for it. With the answer the STAG is free, and may be
/// another's before this one goes on.
StallVerdict SmmuModule::await(u16 stag, const sc_time& when) {
  Stall stall;
  stalled_[stag] = &stall;
  if (when > sc_core::sc_time_stamp()) wait(when - sc_core::sc_time_stamp());
  while (!stall.verdict) wait(stall.answered);
  return *stall.verdict;
}

void SmmuModule::resume(u16 stag, StallVerdict verdict) {
  const auto found = stalled_.find(stag);
  if (found == stalled_.end()) return;
  Stall& stall = *found->second;
  stalled_.erase(found);
  stall.verdict = verdict;
  stall.answered.notify(sc_core::SC_ZERO_TIME);
}

unsigned SmmuModule::transport_dbg(int, tlm_generic_payload& payload) {
  Request request = request_of(payload);
  const u64 length = payload.get_data_length();
  unsigned done = 0;
  while (done < length) {
    const u64 bytes = std::min(length - done, kPage - request.address.value % kPage);
    const Response response = core_.peek(request);
    if (response.outcome != Outcome::Ok) break;
    const Piece piece(payload, done, bytes, response);
    const unsigned moved = translated->transport_dbg(payload);
    done += moved;
    if (moved < bytes) break;
    request.address.value += bytes;
  }
  return done;
}

bool SmmuModule::get_direct_mem_ptr(int, tlm_generic_payload&, ::tlm::tlm_dmi& dmi) {
  dmi.init();
  dmi.set_start_address(0);
  dmi.set_end_address(~u64{0});
  return false;
}

}  // namespace tw::smmu
