#include "smmu/translator.hpp"

#include "smmu/attributes.hpp"
#include "smmu/ste.hpp"
#include "vmsa/attributes.hpp"
#include "vmsa/fields.hpp"

namespace tw::smmu {
namespace {

// An answer that holds everywhere is one of the largest block.
constexpr u8 kFlatBits = 30;

Verdict aborted(Finding finding = std::nullopt) {
  Verdict verdict;
  verdict.response.outcome = Outcome::Abort;
  verdict.finding = std::move(finding);
  return verdict;
}

/// Incoming attributes of the transaction: before an STE is known.
Event event_on_arrival(EventKind kind, const Request& request) {
  Event event;
  event.kind = kind;
  event.from = request.from;
  event.address = request.address;
  event.read = !request.write;
  event.privileged = request.privileged;
  event.instruction = request.instruction && !request.write;
  return event;
}

Verdict passed(const Request& request, u64 address, Override attributes) {
  Verdict verdict;
  verdict.response.pa = Pa{address};
  verdict.response.page_bits = kFlatBits;
  verdict.response.security = request.security;
  verdict.response.attributes = vmsa::decode_mair(attributes.mair, attributes.sh);
  return verdict;
}

bool beyond(u64 address, u64 bits) { return (address >> bits) != 0; }

/// SMMU_GBPA.
Verdict bypassed(const Request& request, const State& state, const Config& config) {
  // Nothing is recorded, neither of ABORT nor of an address beyond OAS (3.4).
  if (bit<20>(state.gbpa) || beyond(request.address.value, config.pa_bits)) return aborted();
  const OverrideFields fields{bit<4>(state.gbpa), static_cast<u8>(bits<3, 0>(state.gbpa)),
                              static_cast<u8>(bits<11, 8>(state.gbpa)), static_cast<u8>(bits<13, 12>(state.gbpa))};
  return passed(request, request.address.value, overridden(fields));
}

/// Translated, with a PA: only its size is looked at (3.9.1.1).
Verdict translated(const Request& request, const Config& config) {
  if (beyond(request.address.value, config.pa_bits)) return aborted();
  return passed(request, request.address.value, {});
}

Finding bad_substream(const Request& request, const SteWords& words, const Config& config) {
  const bool stage1 = ste::stage1(words), substreams = has_substreams(words, config);
  if (request.from.has_substream) {
    const bool known = stage1 && substreams && !beyond(request.from.substream, ste::s1cdmax(words));
    if (!known) return event_on_arrival(EventKind::BadSubstreamId, request);
    if (ste::s1dss(words) == 2 && request.from.substream == 0) {
      return event_on_arrival(EventKind::StreamDisabled, request);
    }
    return std::nullopt;
  }
  const bool disabled = stage1 && substreams && (ste::s1dss(words) == 0 || ste::s1dss(words) == 3);
  if (disabled) return event_on_arrival(EventKind::StreamDisabled, request);
  return std::nullopt;
}

}  // namespace

Ending on_arrival(const Request& request, const State& state, const Config& config) {
  if (!request.translated) {
    if (state.enabled()) return std::nullopt;
    return bypassed(request, state, config);
  }
  // Without ATS nobody can know what Translated is to mean (16.7.1).
  if (!config.ats) return aborted(event_on_arrival(EventKind::UnsupportedUpstream, request));
  if (!state.enabled() || request.security == Security::Secure) {
    return aborted(event_on_arrival(EventKind::TranslationForbidden, request));
  }
  if (state.ats_check()) return std::nullopt;
  return translated(request, config);
}

Ending on_ste(const Request& request, const SteWords& words, const State& state, const Config& config) {
  if (!ste::passes(words)) return aborted();
  if (request.translated) {
    const u8 eats = effective_eats(words, config, state);
    if (eats == 0) return aborted(event_on_arrival(EventKind::TranslationForbidden, request));
    if (eats == 1) return translated(request, config);
    return std::nullopt;
  }
  if (Finding finding = bad_substream(request, words, config)) return aborted(finding);
  return std::nullopt;
}

Ending on_stream(const Request& request, const Stream& stream, const Config& config) {
  if (stream.mode == Stream::Mode::Translate) [[likely]]
    return std::nullopt;
  if (stream.mode == Stream::Mode::Abort) return aborted();
  if (beyond(request.address.value, stream.bypass_bits)) {
    Event event;
    event.kind = EventKind::AddressSize;
    return aborted(with_access(event, request, stream));
  }
  const u64 address = request.address.value & low_mask(static_cast<unsigned>(config.pa_bits));
  return passed(request, address, stream.incoming);
}

vmsa::Access access_of(const Request& request, const Stream& stream) {
  vmsa::Access access;
  access.va = Va{request.address.value};
  const bool incoming_instruction = request.instruction && !request.translated;  // PASIDTT = 0 (3.9.1.3)
  const bool incoming_privilege = request.privileged && !request.translated;
  access.kind =
      instruction_of(incoming_instruction, request.write, stream) ? vmsa::AccessKind::Fetch : vmsa::AccessKind::Data;
  access.read = !request.write;
  access.write = request.write;
  access.privileged = privileged_of(incoming_privilege, stream);
  access.pan = stream.pan && access.privileged;
  access.regime = stream.regime;
  access.el = stream.regime == vmsa::Regime::El10 ? El::El1 : El::El2;
  return access;
}

Event with_access(Event event, const Request& request, const Stream& stream) {
  const vmsa::Access access = access_of(request, stream);
  event.from = request.from;
  event.address = request.address;
  event.read = !request.write;
  event.privileged = access.privileged;
  event.instruction = access.kind == vmsa::AccessKind::Fetch;
  return event;
}

Event event_of(const vmsa::Fault& fault, const Request& request, const Stream& stream) {
  Event event;
  switch (fault.type) {
    case vmsa::FaultType::AddressSize:
      event.kind = EventKind::AddressSize;
      break;
    case vmsa::FaultType::AccessFlag:
      event.kind = EventKind::AccessFlag;
      break;
    case vmsa::FaultType::Permission:
      event.kind = EventKind::Permission;
      break;
    case vmsa::FaultType::TlbConflict:
      event.kind = EventKind::TlbConflict;
      break;
    case vmsa::FaultType::ExternalOnWalk:
    case vmsa::FaultType::UnsupportedUpdate:
      event.kind = EventKind::WalkAbort;
      break;
    default:
      event.kind = EventKind::Translation;
      break;
  }
  event.stage2 = fault.stage == 2;
  event.ipa = fault.ipa;
  event.fetch = fault.descriptor;
  const bool table = fault.s1ptw || (event.kind == EventKind::WalkAbort && !event.stage2);
  event.event_class = table ? EventClass::TranslationTable : EventClass::Input;
  event.translation_table_write = fault.update;
  return with_access(event, request, stream);
}

bool is_translation_related(EventKind kind) {
  return kind == EventKind::Translation || kind == EventKind::AddressSize || kind == EventKind::AccessFlag ||
         kind == EventKind::Permission;
}

FaultPolicy policy_of(const Event& event, const Request& request, const Stream& stream, const State& state) {
  FaultPolicy policy;
  if (!is_translation_related(event.kind)) {
    // What is Translated fails in silence, but for what is of its own and for stage 2 of split-stage ATS (3.9.1.3).
    const bool of_walk = event.kind == EventKind::WalkAbort || event.kind == EventKind::TlbConflict;
    const bool of_ats = event.kind == EventKind::TranslationForbidden || event.kind == EventKind::UnsupportedUpstream;
    if (request.translated && !of_walk && !of_ats) policy.record = false;
    if (event.kind == EventKind::BadStreamId && !state.record_invalid_stream()) policy.record = false;
    return policy;
  }
  bool stall = false;
  if (event.stage2) {
    policy.record = stream.record2;
    stall = stream.stall2;
  } else if (stream.stage1) {
    policy.record = stream.record1;
    stall = stream.stall1;
    if (!stream.abort1) policy.outcome = Outcome::ReadAsZero;
  } else {
    return policy;  // an address too large for a stage 1 that is off (3.12)
  }
  if (!stall) return policy;
  policy.record = true;
  // A master that cannot be held is terminated, and the event says Stall = 0 (3.12).
  policy.stall = request.may_stall;
  policy.outcome = request.may_stall ? Outcome::Stalled : Outcome::Abort;
  return policy;
}

Response response_of(const vmsa::Translation& translation, const Stream& stream) {
  Response response;
  response.pa = translation.pa;
  response.security = translation.security();
  response.page_bits = translation.page_bits;
  response.readable = translation.readable;
  response.writable = translation.writable;
  response.attributes = stream.stage1 ? with_hints(translation.attributes, stream.incoming) : translation.attributes;
  return response;
}

}  // namespace tw::smmu
