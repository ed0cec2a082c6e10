#include "smmu/tcu.hpp"

#include "vmsa/fields.hpp"
#include "vmsa/permissions.hpp"

namespace tw::smmu {
namespace {

constexpr u64 kTlbSeed = 0, kWalkSeed = 4, kWalk2Seed = 5, kIpaSeed = 6;  // beside the configured one

vmsa::Shape shape_of(const Config& config, u64 entries, u64 ways, u64 seed) {
  return {.entries = entries,
          .ways = ways,
          .policy = vmsa::policy_of(config.replacement).value_or(vmsa::Policy::Lru),
          .seed = config.seed + seed};
}

vmsa::Shape walk_shape(const Config& config, u64 entries, u64 ways, u64 seed) {
  vmsa::Shape shape = shape_of(config, entries, ways, seed);
  return config.walk_cache_per_level ? vmsa::by_level(std::move(shape)) : shape;
}

}  // namespace

vmsa::Shape Tcu::Arrays::shape_of(const Config& config, vmsa::Haunted structure) {
  switch (structure) {
    case vmsa::Haunted::SecondLevel:
      return smmu::shape_of(config, config.tlb_entries, config.tlb_ways, kTlbSeed);
    case vmsa::Haunted::WalkCache:
      return walk_shape(config, config.walk_cache_entries, config.walk_cache_ways, kWalkSeed);
    case vmsa::Haunted::IpaCache:
      break;
  }
  return smmu::shape_of(config, config.ipa_entries, config.ipa_ways, kIpaSeed);
}

Tcu::Arrays::Arrays(const Config& config)
    : tlb(shape_of(config, vmsa::Haunted::SecondLevel)),
      walk(shape_of(config, vmsa::Haunted::WalkCache)),
      walk2(walk_shape(config, config.walk_cache2_entries, config.walk_cache2_ways, kWalk2Seed)),
      ipa(shape_of(config, vmsa::Haunted::IpaCache)) {}

Tcu::Tcu(const Config& config, const State& state, const Configuration& configuration, MemoryPort& memory,
         ResolvedStreams& streams, Accounts& accounts)
    : config_(config),
      state_(state),
      configuration_(configuration),
      walker_(memory),
      streams_(streams),
      accounts_(accounts),
      configurations_(config),
      arrays_(config),
      tlb_(arrays_.tlb),
      walk_cache_(arrays_.walk),
      walk_cache2_(arrays_.walk2),
      ipa_(arrays_.ipa),
      bringers_(config.tlb_entries),
      slots_(static_cast<unsigned>(config.slots)),
      walkers_(static_cast<unsigned>(config.walks)),
      prefetch_(config.prefetch == "next-page") {}

/// Takes a slot; leave() is to be told its time.
u64 Tcu::enter(Trip& trip) {
  trip.wait_until(Part::Port, port_.reserve(trip.at, config_.port_interval));
  trip.wait_until(Part::Slot, slots_.first_free(trip.at));
  const u64 entered = trip.at;
  trip.wait_until(Part::Invalidation, invalidations_.next_free(trip.at));
  trip.spend(Part::Tlb, config_.tcu_latency);
  return entered;
}

void Tcu::leave(u64 entered, Trip& trip) {
  trip.wait_until(Part::Invalidation, invalidations_.next_free(trip.at));
  slots_.occupy(entered, trip.at);
}

Tcu::Answer Tcu::ask(const Request& request, Trip& trip) {
  Answer answer;
  const u64 entered = enter(trip);
  if (const Configuration::SteResult* ste = ste_of(request.from, trip, answer.fault)) {
    answer.ending = on_ste(request, ste->words, state_, config_);
    if (!answer.ending) {
      answer.resolved = resolve(request.from, request.translated, *ste, trip, answer.fault);
      if (answer.resolved == nullptr) answer.of_fault = configuration_.resolve(request.from, *ste, nullptr);
    } else if (request.translated) {  // by STE.EATS: a TBU may know it from now on
      answer.resolved = resolve(request.from, true, *ste, trip, answer.fault);
    }
  }
  if (answer.resolved != nullptr && !answer.ending) {
    answer.ending = on_stream(request, answer.resolved->stream, config_);
    if (!answer.ending) translate(access_of(request, answer.resolved->stream), *answer.resolved, trip, answer);
  }
  if (answer.ending && answer.ending->response.outcome == Outcome::Ok) answer.level = HitLevel::Bypass;
  leave(entered, trip);
  return answer;
}

Account& Tcu::account_of(const Stream& stream) {
  return accounts_.of({stream.key, stream.stage2, stream.stage2 ? stream.context.vmid : Vmid{}});
}

/// From the cache or from memory; null: `fault`.
const Configuration::SteResult* Tcu::ste_of(StreamKey key, Trip& trip, Finding& fault) {
  if (!configurations_.off()) trip.spend(Part::Configuration, config_.configuration_latency);
  u64 wait = 0;
  if (const Configuration::SteResult* known = configurations_.find_ste(key.stream, trip.at, wait)) {
    trip.spend(Part::Configuration, wait);
    return known;
  }
  Lapse lapse;
  lapse.now = trip.at;
  ste_ = configuration_.fetch_ste(key, lapse);
  trip.spend(Part::Configuration, lapse.cycles);
  trip.ste_fetches += lapse.fetches;
  if (ste_.fault) {
    fault = ste_.fault;
    streams_.forget(key);
    return nullptr;
  }
  configurations_.keep(key.stream, ste_, {lapse.now, trip.at});
  return &ste_;
}

/// With a CD, where one is needed, from the cache or from memory; null: `fault`.
Resolved* Tcu::resolve(StreamKey key, bool translated, const Configuration::SteResult& ste, Trip& trip,
                       Finding& fault) {
  const Configuration::CdResult* cd = nullptr;
  Configuration::CdResult fetched;
  if (!translated && configuration_.needs_cd(key, ste.words)) {
    u64 wait = 0;
    cd = configurations_.find_cd(key, trip.at, wait);
    trip.spend(Part::Configuration, wait);
    if (cd == nullptr) {
      Lapse lapse;
      lapse.now = trip.at;
      cost::Latency latency;
      latency_ = &latency;
      fetched = configuration_.fetch_cd(key, ste.words, lapse, {.assist = this, .latency = &latency});
      latency_ = nullptr;
      trip.spend(Part::Configuration, lapse.cycles);
      trip.cd_fetches += lapse.fetches;
      if (fetched.fault) {
        fault = fetched.fault;
        streams_.forget(key);
        return nullptr;
      }
      configurations_.keep(key, fetched, {lapse.now, trip.at});
      cd = &fetched;
    }
  }
  Resolved* known = streams_.find(key, translated);
  if (known != nullptr && known->ste == ste.words && (cd == nullptr || known->cd == cd->words)) return known;
  const Stream stream = configuration_.resolve(key, ste, cd);
  Resolved& resolved = streams_.keep(stream, translated, account_of(stream));
  resolved.ste = ste.words;
  if (cd != nullptr) resolved.cd = cd->words;
  return &resolved;
}

void Tcu::translate(const vmsa::Access& access, Resolved& resolved, Trip& trip, Answer& answer) {
  const Stream& stream = resolved.stream;
  const Va va = vmsa::canonical_va(stream.controls, access);
  const u64 asked = trip.at;
  bool clean = false;
  if (ghosts_) ghosts_->look_up_second(va, stream.tag);
  if (!tlb_.off()) {
    trip.spend(Part::Tlb, config_.tlb_latency);
    const u32 line = tlb_.lookup(stream.tag, va);
    clean = line != vmsa::TagArray::kNone && tlb_.mapping(line).must_walk(access);
    if (line != vmsa::TagArray::kNone && !clean) {
      trip.spend(Part::Slot, tlb_.wait(line, trip.at));
      answer.mapping = tlb_.mapping(line);
      answer.translation = vmsa::finish(answer.mapping, access, stream.controls);
      if (!answer.translation.ok()) return;
      answer.level = HitLevel::Tlb;
      if (ghosts_) fill_ghosts(access, stream, va, answer.mapping, false);
      return;
    }
  }
  const vmsa::WalkResult walked = walk(access, stream, trip, true);
  answer.translation = walked.translation;
  if (!walked.translation.ok()) return;
  answer.level = HitLevel::Walk;
  answer.mapping = walked.mapping;
  if (clean) tlb_.give_way(stream.tag, va);
  keep(stream, va, walked.mapping, {asked, trip.at}, *resolved.account);
  if (ghosts_) fill_ghosts(access, stream, va, walked.mapping, clean);
  if (const std::optional<vmsa::Access> behind = page_behind(access, stream, va, walked.mapping)) {
    fetch_ahead(*behind, resolved, trip.at);
  }
}

/// By the next free walker.
vmsa::WalkResult Tcu::walk(const vmsa::Access& access, const Stream& stream, Trip& trip, bool updates) {
  trip.wait_until(Part::Slot, walkers_.first_free(trip.at));
  const u64 begun = trip.at;
  cost::Latency latency;
  latency_ = &latency;
  stream_ = &stream;
  const vmsa::WalkResult result = walker_.translate(
      access, stream.controls,
      {.assist = this, .record = &record_, .timed = true, .latency = &latency, .begun = begun, .updates = updates});
  latency_ = nullptr;
  for (const cost::Latency::Part& part : latency.parts()) {
    trip.spend(part.cause == cost::Cause::WalkStage1 ? Part::WalkStage1 : Part::WalkStage2, part.cycles);
  }
  for (const cost::DescriptorFetch& fetch : record_.fetches) {
    ++(fetch.stage == 1 ? trip.fetches_stage1 : trip.fetches_stage2);
  }
  walkers_.occupy(begun, trip.at);
  if (ghosts_) {
    ghosts_->end_walk(stream.controls, stream.regime);
    ghosts_->note_costs(record_, trip.at - begun);
  }
  return result;
}

void Tcu::keep(const Stream& stream, Va va, const vmsa::Mapping& mapping, const vmsa::Fill& fill,
               const Account& account) {
  if (tlb_.off()) return;
  const u32 line = tlb_.insert(stream.tag, va, mapping, fill);
  bringers_.brought(line, account, arrays_.tlb.displaced().name != 0);
}

// ---- prefetch

/// A prefetch marks nothing in memory, so where hardware manages the Access flag there is none.
bool Tcu::may_fetch_ahead(const Stream& stream) const {
  if (stream.context.stage1 && vmsa::stage1_updates(stream.controls, stream.regime).access_flag) return false;
  return !stream.context.stage2 || !vmsa::stage2_updates(stream.controls).access_flag;
}

/// In the same half of the address space.
std::optional<vmsa::Access> Tcu::page_behind(const vmsa::Access& access, const Stream& stream, Va va,
                                             const vmsa::Mapping& mapping) const {
  if (!prefetch_ || !may_fetch_ahead(stream)) return std::nullopt;
  const u64 bytes = u64{1} << mapping.page_bits();
  vmsa::Access next = access;
  next.va = va.align_down(bytes) + bytes;
  next.read = true;
  next.write = false;
  if (((next.va.value ^ va.value) >> 47) != 0) return std::nullopt;
  return next;
}

/// Into the main TLB, for nobody.
void Tcu::fetch_ahead(const vmsa::Access& access, Resolved& resolved, u64 now) {
  const Stream& stream = resolved.stream;
  const Va va = vmsa::canonical_va(stream.controls, access);
  if (tlb_.off() || tlb_.find(stream.tag, va) != vmsa::TagArray::kNone) return;
  Trip trip(now);
  const vmsa::WalkResult walked = walk(access, stream, trip, false);
  StreamSummary& summary = resolved.account->summary;
  ++summary.prefetches;
  summary.prefetch_fetches += trip.fetches_stage1 + trip.fetches_stage2;
  if (walked.translation.ok()) keep(stream, va, walked.mapping, {now, trip.at}, *resolved.account);
}

void Tcu::prefetch(StreamKey key, const Iova* address, u64 now) {
  Trip trip(now);
  Finding dropped;
  const Configuration::SteResult* ste = ste_of(key, trip, dropped);
  if (ste == nullptr) return;
  Request request;
  request.from = key;
  if (on_ste(request, ste->words, state_, config_)) return;
  Resolved* resolved = resolve(key, false, *ste, trip, dropped);
  if (resolved == nullptr) return;
  resolved->account->summary.ste_fetches += trip.ste_fetches;
  resolved->account->summary.cd_fetches += trip.cd_fetches;
  const Stream& stream = resolved->stream;
  if (address == nullptr || stream.mode != Stream::Mode::Translate || !may_fetch_ahead(stream)) return;
  request.address = *address;
  const vmsa::Access access = access_of(request, stream);
  if (ghosts_) fill_ghosts_ahead(access, stream);
  fetch_ahead(access, *resolved, trip.at);
}

// ---- ATS

class Tcu::AtsLookUps final : public AtsWalks {
 public:
  AtsLookUps(Tcu& tcu, Resolved& resolved, Trip& trip) : tcu_(tcu), resolved_(resolved), trip_(trip) {}
  vmsa::Translation walk(const vmsa::Access& access, const Stream&) override {
    Answer answer;
    tcu_.translate(access, resolved_, trip_, answer);
    return answer.translation;
  }

 private:
  Tcu& tcu_;
  Resolved& resolved_;
  Trip& trip_;
};

AtsVerdict Tcu::ask(const AtsRequest& request, Trip& trip) {
  const u64 entered = enter(trip);
  AtsVerdict verdict;
  Finding fault;
  Account* account = nullptr;
  if (const Configuration::SteResult* ste = ste_of(request.from, trip, fault)) {
    if (AtsEnding ending = on_ste(request, ste->words, state_, config_)) {
      verdict = std::move(*ending);
    } else if (Resolved* resolved = resolve(request.from, false, *ste, trip, fault)) {
      account = resolved->account;
      AtsLookUps look_ups(*this, *resolved, trip);
      verdict.reply = answer(request, resolved->stream, config_, look_ups);
    }
  }
  if (fault) verdict.reply = reply_to(*fault, config_);
  leave(entered, trip);
  if (account == nullptr) account = &accounts_.of({request.from});
  StreamSummary& summary = account->summary;
  ++summary.ats_requests;
  summary.fetches_stage1 += trip.fetches_stage1;
  summary.fetches_stage2 += trip.fetches_stage2;
  summary.ste_fetches += trip.ste_fetches;
  summary.cd_fetches += trip.cd_fetches;
  return verdict;
}

std::optional<bool> Tcu::page_response_has_pasid(StreamId stream, u64 now) {
  Trip trip(now);
  Finding fault;
  const Configuration::SteResult* ste = ste_of({stream}, trip, fault);
  if (ste == nullptr) return std::nullopt;
  return configuration_.resolve({stream}, *ste, nullptr).ppar;
}

// ---- vmsa::WalkAssist

const vmsa::Stage2Leaf* Tcu::find_stage2(Ipa ipa, const vmsa::Controls& controls, int) {
  const Vmid vmid = vmsa::current_vmid(controls);
  const vmsa::Stage2Leaf* known = nullptr;
  if (!ipa_.off()) {
    latency_->add(cost::Cause::WalkStage2, config_.ipa_latency);
    known = ipa_.lookup(vmid, ipa);
  }
  if (ghosts_) ghosts_->look_up_stage2(vmid, ipa, known);
  return known;
}

void Tcu::found_stage2(Ipa ipa, const vmsa::Stage2Leaf& leaf, const vmsa::Controls& controls) {
  const Vmid vmid = vmsa::current_vmid(controls);
  ipa_.insert(vmid, ipa, leaf);
  if (ghosts_) ghosts_->found_stage2(vmid, ipa, leaf);
}

const vmsa::TablePointer* Tcu::find_table(vmsa::Regime, Va va, const vmsa::Controls&) {
  const vmsa::TablePointer* known = nullptr;
  if (!walk_cache_.off()) {
    latency_->add(cost::Cause::WalkStage1, config_.walk_cache_latency);
    known = walk_cache_.lookup(stream_->tag, va);
  }
  if (ghosts_) ghosts_->begin_walk(stream_->controls, va, stream_->tag, known);
  return known;
}

void Tcu::found_table(vmsa::Regime, Va va, const vmsa::TablePointer& table, const vmsa::Controls&) {
  walk_cache_.insert(stream_->tag, va, table);
  if (ghosts_) ghosts_->passed(table.region_bits);
}

const vmsa::Stage2TablePointer* Tcu::find_stage2_table(Ipa ipa, const vmsa::Controls& controls) {
  if (walk_cache2_.off()) return nullptr;
  latency_->add(cost::Cause::WalkStage2, config_.walk_cache_latency);
  return walk_cache2_.lookup(vmsa::current_vmid(controls), ipa);
}

void Tcu::found_stage2_table(Ipa ipa, const vmsa::Stage2TablePointer& table, const vmsa::Controls& controls) {
  walk_cache2_.insert(vmsa::current_vmid(controls), ipa, table);
}

}  // namespace tw::smmu
