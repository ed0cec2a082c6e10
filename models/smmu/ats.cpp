#include "smmu/ats.hpp"

#include "smmu/ste.hpp"

namespace tw::smmu {
namespace {

AtsVerdict refused(AtsReply::Status status, Finding finding = std::nullopt) {
  AtsVerdict verdict;
  verdict.reply.status = status;
  verdict.finding = std::move(finding);
  return verdict;
}

/// F_BAD_ATS_TREQ has what the request says, before overrides (7.3.6).
Event bad_request(const AtsRequest& request) {
  Event event;
  event.kind = EventKind::BadAtsRequest;
  event.from = request.from;
  event.address = request.address;
  event.write = request.write;  // and R, always
  event.privileged = request.privileged && request.from.has_substream;
  event.instruction = request.instruction && request.from.has_substream;
  return event;
}

/// STU: the smallest granule.
u8 smallest_page_bits(const Config& config) { return config.granule_4k ? 12 : config.granule_16k ? 14 : 16; }

AtsReply nothing(const Config& config) {
  AtsReply reply;
  reply.page_bits = smallest_page_bits(config);
  return reply;
}

/// The transaction whose checks of SubstreamID a request shares.
Request as_transaction(const AtsRequest& request) {
  Request result;
  result.from = request.from;
  result.address = request.address;
  result.write = request.write;
  result.privileged = request.privileged;
  result.instruction = request.instruction;
  return result;
}

}  // namespace

AtsEnding on_arrival(const AtsRequest& request, const State& state, const Config& config) {
  if (!config.ats) return refused(AtsReply::Status::UnsupportedRequest);
  if (!state.enabled()) return refused(AtsReply::Status::UnsupportedRequest, bad_request(request));
  return std::nullopt;
}

AtsEnding on_ste(const AtsRequest& request, const SteWords& words, const State& state, const Config& config) {
  if (!ste::passes(words)) return refused(AtsReply::Status::UnsupportedRequest);
  if (effective_eats(words, config, state) == 0) {
    return refused(AtsReply::Status::UnsupportedRequest, bad_request(request));
  }
  if (on_ste(as_transaction(request), words, state, config)) return refused(AtsReply::Status::CompleterAbort);
  return std::nullopt;
}

AtsReply reply_to(const Event& event, const Config& config) {
  AtsReply reply = nothing(config);
  if (!is_translation_related(event.kind)) reply.status = AtsReply::Status::CompleterAbort;
  return reply;
}

AtsReply answer(const AtsRequest& request, const Stream& stream, const Config& config, AtsWalks& walks) {
  const bool with_privilege = request.from.has_substream;  // Priv and Exe come with a PASID (13.7)
  AtsReply none = nothing(config);
  none.privileged = with_privilege && request.privileged;

  AtsReply reply = none;
  if (stream.mode == Stream::Mode::Bypass) {  // S1DSS, full ATS (13.6.4)
    if ((request.address.value >> config.pa_bits) != 0) return none;
    reply.page_bits = static_cast<u8>(config.pa_bits);
    reply.readable = reply.writable = true;
    return reply;
  }

  Request transaction = as_transaction(request);
  transaction.privileged = request.privileged && with_privilege;
  transaction.instruction = false;
  const bool reads_fetch = instruction_of(false, false, stream);

  // Writing first: that is what hardware marks a page dirty for. Then as little as will do.
  vmsa::Translation translation;
  bool granted_write = false;
  if (request.write) {
    transaction.write = true;
    translation = walks.walk(access_of(transaction, stream), stream);
    granted_write = translation.ok();
  }
  if (!granted_write) {
    if (request.write && translation.fault.type != vmsa::FaultType::Permission) {
      return reply_to(event_of(translation.fault, transaction, stream), config);
    }
    transaction.write = false;
    translation = walks.walk(access_of(transaction, stream), stream);
    if (!translation.ok()) {
      AtsReply failed = reply_to(event_of(translation.fault, transaction, stream), config);
      failed.privileged = none.privileged;
      return failed;
    }
  }
  const bool data_override = (stream.instruction_config & 3) == 2;
  reply.readable = reads_fetch ? translation.executable : translation.readable;
  reply.writable = granted_write || translation.writable;
  const bool may_execute = reads_fetch     ? translation.executable
                           : data_override ? translation.readable
                                           : translation.readable && translation.executable;
  reply.executable = with_privilege && request.instruction && may_execute;
  if (!reply.readable && !reply.writable) return none;
  const u64 output = stream.ats == 2 ? translation.ipa.value : translation.pa.value;
  reply.page_bits = translation.page_bits;
  reply.pa = Pa{output}.align_down(u64{1} << reply.page_bits);
  return reply;
}

}  // namespace tw::smmu
