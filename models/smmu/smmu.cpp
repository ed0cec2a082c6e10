#include "smmu/smmu.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "smmu/parts.hpp"
#include "vmsa/fields.hpp"
#include "vmsa/permissions.hpp"

namespace tw::smmu {
namespace {

const Config& validated(const Config& config) {
  if (std::vector<Complaint> complaints = validate(config); !complaints.empty()) throw UserError(std::move(complaints));
  return config;
}

El el_of(StreamWorld world) {
  return world == StreamWorld::El1 ? El::El1 : world == StreamWorld::El3 ? El::El3 : El::El2;
}

}  // namespace

// ---- Parts: the way of a transaction

Smmu::Parts::Parts(const Config& with, unsigned tbu_count, MemoryPort& with_memory, SignalPort& with_signals,
                   EndpointPort& with_endpoints)
    : config(validated(with)),
      memory(with_memory),
      registers(config, {with_memory, with_signals, with_endpoints, *this, counted}),
      programmed(registers.of(Security::NonSecure)),
      configuration(config, programmed.state, with_memory),
      walker(with_memory),
      accounts(config.tbu_latency),
      streams(tbu_count),
      tcu(config, programmed.state, configuration, with_memory, streams, accounts) {
  for (unsigned number = 0; number < tbu_count; ++number) tbus.emplace_back(config, number);
}

Response Smmu::Parts::translate(Tbu& tbu, const Request& request, u64 now) {
  Trip trip(now);
  trip.spend(Part::Tbu, config.tbu_latency);
  const bool plain = request.security == Security::NonSecure && !request.translated;
  if (!plain || !programmed.state.enabled()) [[unlikely]] {
    if (const std::optional<Response> response = arrive(tbu, request, trip)) return *response;
  }
  Resolved* known = streams.known(tbu.number, request.from, request.translated);
  if (known == nullptr) return ask(tbu, request, trip);
  const Stream& stream = known->stream;
  if (stream.mode != Stream::Mode::Translate) {
    const Ending ending = on_stream(request, stream, config);
    if (ending->response.outcome != Outcome::Ok) return ask(tbu, request, trip);  // the TCU is to report it
    if (const u64 wait = known->known_to[tbu.number].since.wait(trip.at)) {
      trip.spend(Part::TbuWait, wait);
      return file(ending->response, trip, HitLevel::Bypass, request, *known->account);
    }
    known->account->file_prompt(HitLevel::Bypass, request.write);
    Response response = ending->response;
    response.cycles = trip.total();
    return response;
  }
  const vmsa::Access access = access_of(request, stream);
  const Va va = vmsa::canonical_va(stream.controls, access);
  const u32 line = tbu.tlb.lookup(stream.tag, va);
  if (line == vmsa::TagArray::kNone) return second_level(tbu, request, *known, access, va, trip);
  const vmsa::Mapping& mapping = tbu.tlb.mapping(line);
  if (mapping.must_walk(access)) {
    tbu.tlb.give_way(stream.tag, va);
    return second_level(tbu, request, *known, access, va, trip);
  }
  const vmsa::Translation translation = vmsa::finish(mapping, access, stream.controls);
  if (!translation.ok()) return ask(tbu, request, trip);
  Response response = response_of(translation, stream);
  const u64 wait = tbu.tlb.wait(line, trip.at);
  if (wait == 0) [[likely]] {
    known->account->file_prompt(HitLevel::Tbu, request.write);
    response.cycles = trip.total();
    return response;
  }
  trip.spend(Part::TbuWait, wait);
  return file(response, trip, HitLevel::Tbu, request, *known->account);
}

Response Smmu::Parts::second_level(Tbu& tbu, const Request& request, Resolved& known, const vmsa::Access& access, Va va,
                                   Trip& trip) {
  if (tbu.main.off()) return ask(tbu, request, trip);
  trip.spend(Part::Tbu, config.tbu_main_latency);
  const Stream& stream = known.stream;
  const u32 line = tbu.main.lookup(stream.tag, va);
  if (line == vmsa::TagArray::kNone) return ask(tbu, request, trip);
  const vmsa::Mapping mapping = tbu.main.mapping(line);
  if (mapping.must_walk(access)) {
    tbu.main.give_way(stream.tag, va);
    return ask(tbu, request, trip);
  }
  const vmsa::Translation translation = vmsa::finish(mapping, access, stream.controls);
  if (!translation.ok()) return ask(tbu, request, trip);
  trip.spend(Part::TbuWait, tbu.main.wait(line, trip.at));
  tbu.tlb.insert(stream.tag, va, mapping, {trip.began, trip.at});
  return file(response_of(translation, stream), trip, HitLevel::Tbu, request, *known.account);
}

std::optional<Response> Smmu::Parts::arrive(Tbu& tbu, const Request& request, Trip& trip) {
  const State& state = of(request).state;
  Ending ending = on_arrival(request, state, config);
  Account* account = nullptr;
  const bool secure = request.security == Security::Secure;
  if (!ending && secure) {  // there are no Secure stream tables
    ending.emplace();
    ending->response.outcome = Outcome::Abort;
  }
  if (!ending && request.translated) {
    Resolved* known = streams.known(tbu.number, request.from, true);
    if (known == nullptr) return std::nullopt;
    ending = on_ste(request, known->ste, state, config);
    account = known->account;
    if (ending && ending->finding) return ask(tbu, request, trip);  // the TCU is to report it
  }
  if (!ending) return std::nullopt;
  if (account == nullptr) account = &accounts.of({request.from});
  const Response response = end(*ending, request, Stream{}, trip.at);
  return file(response, trip, response.outcome == Outcome::Ok ? HitLevel::Bypass : HitLevel::Fault, request, *account);
}

Response Smmu::Parts::ask(Tbu& tbu, const Request& request, Trip& trip) {
  trip.wait_until(Part::TbuWait, tbu.walks.first_free(trip.at));
  const u64 sent = trip.at;
  trip.spend(Part::Link, config.link_latency);
  const Tcu::Answer answer = tcu.ask(request, trip);
  trip.spend(Part::Link, config.link_latency);
  tbu.walks.occupy(sent, trip.at);
  under_way.add(trip.began, trip.at);
  Account& account = answer.resolved != nullptr ? *answer.resolved->account : accounts.of({request.from});
  const Stream& stream = answer.resolved != nullptr ? answer.resolved->stream : answer.of_fault;
  if (answer.resolved != nullptr) streams.told(*answer.resolved, tbu.number, {trip.began, trip.at});
  Response response;
  if (answer.fault) {
    response = fail(with_access(*answer.fault, request, stream), request, stream, trip.at);
  } else if (answer.ending) {
    response = end(*answer.ending, request, stream, trip.at);
  } else if (!answer.translation.ok()) {
    response = fail(event_of(answer.translation.fault, request, stream), request, stream, trip.at);
  } else {
    response = response_of(answer.translation, stream);
    tbu.keep(stream.tag, vmsa::canonical_va(stream.controls, access_of(request, stream)), answer.mapping,
             {trip.began, trip.at}, account);
  }
  return file(response, trip, answer.level, request, account);
}

Response Smmu::Parts::end(const Verdict& verdict, const Request& request, const Stream& stream, u64 now) {
  return verdict.finding ? fail(*verdict.finding, request, stream, now) : verdict.response;
}

/// Recorded, stalled, terminated: by the event's kind and the stream.
Response Smmu::Parts::fail(Event event, const Request& request, const Stream& stream, u64 now) {
  ProgrammingInterface& interface = of(request);
  FaultPolicy policy = policy_of(event, request, stream, interface.state);
  event.merge = stream.merge;
  Response response;
  if (policy.stall) {
    event.stall = true;
    if (const std::optional<u16> stag = interface.stalls.hold(event, now)) {
      response.outcome = Outcome::Stalled;
      response.stag = *stag;
      return response;
    }
    event.stall = false;
    policy.outcome = Outcome::Abort;
  }
  if (policy.record) interface.events.record(event, now);
  response.outcome = policy.outcome;
  return response;
}

AtsReply Smmu::Parts::ats_translate(const AtsRequest& request, u64 now) {
  Trip trip(now);
  AtsVerdict verdict;
  if (AtsEnding ending = on_arrival(request, programmed.state, config)) {
    verdict = *ending;
  } else {
    trip.spend(Part::Link, config.link_latency);
    verdict = tcu.ask(request, trip);
    trip.spend(Part::Link, config.link_latency);
    under_way.add(trip.began, trip.at);
  }
  if (verdict.finding) programmed.events.record(*verdict.finding, trip.at);
  verdict.reply.cycles = trip.total();
  return verdict.reply;
}

Response Smmu::Parts::file(Response response, const Trip& trip, HitLevel level, const Request& request,
                           Account& account) {
  Accounts::file(trip, level, request.write, account);
  if (events != nullptr) {
    events->add(
        {.key = account.key, .begin = trip.began, .level = level, .write = request.write, .cycles = trip.cycles});
  }
  response.cycles = trip.total();
  return response;
}

Look Smmu::Parts::look(const Request& request) const {
  const auto as_it_is = [](const Response& response) {
    return Look{.response = response, .ipa = Ipa{response.pa.value}};
  };
  Look aborted;
  aborted.response.outcome = Outcome::Abort;
  const State& state = registers.of(request.security).state;
  if (const Ending ending = on_arrival(request, state, config)) return as_it_is(ending->response);
  if (request.security == Security::Secure) return aborted;
  Lapse lapse;
  lapse.timed = false;
  const Configuration::SteResult ste = configuration.fetch_ste(request.from, lapse);
  if (ste.fault) return aborted;
  if (const Ending ending = on_ste(request, ste.words, state, config)) return as_it_is(ending->response);
  constexpr vmsa::WalkOptions kLook{.timed = false, .updates = false};
  Configuration::CdResult cd;
  const bool with_cd = !request.translated && configuration.needs_cd(request.from, ste.words);
  if (with_cd) cd = configuration.fetch_cd(request.from, ste.words, lapse, kLook);
  if (cd.fault) return aborted;
  const Stream stream = configuration.resolve(request.from, ste, with_cd ? &cd : nullptr);
  if (const Ending ending = on_stream(request, stream, config)) return as_it_is(ending->response);
  const vmsa::Translation translation =
      walker.translate(access_of(request, stream), stream.controls, kLook).translation;
  if (!translation.ok()) return aborted;
  return {.response = response_of(translation, stream),
          .ipa = translation.ipa,
          .vmid = stream.context.stage2 ? stream.context.vmid : Vmid{},
          .asid = stream.context.stage1 ? stream.context.asid : Asid{},
          .el = el_of(stream.world)};
}

// ---- Smmu

Smmu::Smmu(const Config& config, unsigned tbus, MemoryPort& memory, SignalPort& signals, EndpointPort& endpoints)
    : parts_(std::make_unique<Parts>(config, tbus, memory, signals, endpoints)) {}

Smmu::~Smmu() = default;

MmioResult Smmu::access(const MmioAccess& access) {
  const MmioResult result = parts_->registers.access(access);
  if (access.write && !access.debug) parts_->note_state();
  return result;
}

Response Smmu::translate(unsigned tbu, const Request& request, u64 now) {
  return parts_->translate(parts_->tbus[tbu], request, now);
}

Look Smmu::look(const Request& request) const { return parts_->look(request); }

void Smmu::observe(ObserverPort* observer) { parts_->observer = observer; }

ObserverPort* Smmu::observer() const { return parts_->observer; }

void Smmu::work(u64 now) { parts_->registers.work(now); }

void Smmu::reset() { parts_->reset(); }

AtsReply Smmu::ats_translate(unsigned, const AtsRequest& request, u64 now) {
  return parts_->ats_translate(request, now);
}

void Smmu::page_request(const PageRequest& request, u64 now) {
  ++parts_->accounts.of({request.from}).summary.page_requests;
  parts_->programmed.pages.request(request, now);
}

void Smmu::atc_invalidated(u32 tag, u64 now) { parts_->registers.atc_invalidated(tag, now); }

void Smmu::add_ghost(const vmsa::GhostSpec& spec) { parts_->tcu.add_ghost(spec); }

std::vector<vmsa::GhostResult> Smmu::ghosts() const { return parts_->tcu.ghosts(); }

Statistics Smmu::statistics() const { return parts_->statistics(); }

void Smmu::clear_statistics() { parts_->clear_statistics(); }

void Smmu::record(cost::EventRing<TranslationEvent>* events) { parts_->events = events; }

const Config& Smmu::config() const { return parts_->config; }

}  // namespace tw::smmu
