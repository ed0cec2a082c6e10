#include "smmu/configuration.hpp"

#include <algorithm>
#include <cstring>

#include "smmu/attributes.hpp"
#include "smmu/context_descriptor.hpp"
#include "smmu/ste.hpp"
#include "vmsa/fields.hpp"
#include "vmsa/permissions.hpp"

namespace tw::smmu {
namespace {

constexpr u64 kSteBytes = 64, kCdBytes = 64, kLevel1Bytes = 8;

Event finding(EventKind kind, StreamKey key, Pa fetch = {}) {
  Event event;
  event.kind = kind;
  event.from = key;
  event.fetch = fetch;
  return event;
}

template <class Words>
std::span<u8> bytes_of(Words& words) {
  return {reinterpret_cast<u8*>(&words), sizeof words};
}

/// SMMU_STRTAB_BASE_CFG.SPLIT; reserved values are 6.
unsigned split_of(u32 strtab_base_cfg) {
  const u64 split = bits<10, 6>(strtab_base_cfg);
  return split == 8 || split == 10 ? static_cast<unsigned>(split) : 6;
}

EventKind kind_of(vmsa::FaultType type) {
  switch (type) {
    case vmsa::FaultType::AddressSize:
      return EventKind::AddressSize;
    case vmsa::FaultType::AccessFlag:
      return EventKind::AccessFlag;
    case vmsa::FaultType::Permission:
      return EventKind::Permission;
    case vmsa::FaultType::Translation:
      return EventKind::Translation;
    default:
      return EventKind::WalkAbort;
  }
}

}  // namespace

Configuration::Configuration(const Config& config, const State& state, MemoryPort& memory)
    : config_(config), state_(state), memory_(memory) {}

Configuration::SteResult Configuration::fetch_ste(StreamKey key, Lapse& lapse) const {
  SteResult result;
  const auto fail = [&](EventKind kind, Pa at = {}) {
    result.fault = finding(kind, key, at);
    return result;
  };
  const u32 stream = key.stream.value;
  const u32 layout = state_.strtab_base_cfg;
  const unsigned log2size = static_cast<unsigned>(bits<5, 0>(layout));
  const unsigned effective = std::min(log2size, static_cast<unsigned>(config_.sid_bits));
  if ((u64{stream} >> effective) != 0) return fail(EventKind::BadStreamId);

  const auto read = [&](u64 at, std::span<u8> into) {
    result.at = Pa{at};
    ++lapse.fetches;
    // Beyond OAS nothing is read (README, choices).
    if ((at >> config_.pa_bits) != 0) return false;
    const MemoryReply reply = memory_.read(result.at, into, Security::NonSecure, lapse.at(), lapse.timed);
    lapse.cycles += reply.cycles;
    return reply.ok;
  };

  const u64 base = bits<55, 6>(state_.strtab_base) << 6;
  u64 ste = (base & ~low_mask(log2size + 6)) + stream * kSteBytes;
  if (bits<17, 16>(layout) == 1) {
    const unsigned split = split_of(layout);
    const unsigned top_bits = log2size > split ? log2size - split : 0;
    const u64 top = base & ~low_mask(std::max(6u, top_bits + 3));
    u64 descriptor = 0;
    if (!read(top + (stream >> split) * kLevel1Bytes, bytes_of(descriptor)))
      return fail(EventKind::SteFetch, result.at);
    const unsigned span = static_cast<unsigned>(bits<4, 0>(descriptor));
    const u64 index = stream & low_mask(split);
    if (span == 0 || span > split + 1 || (index >> (span - 1)) != 0) return fail(EventKind::BadStreamId);
    ste = (bits<55, 6>(descriptor) << 6 & ~low_mask(span + 5)) + index * kSteBytes;
  }
  if (!read(ste, bytes_of(result.words))) return fail(EventKind::SteFetch, result.at);
  if (is_illegal(result.words, config_)) return fail(EventKind::BadSte);
  return result;
}

bool Configuration::needs_cd(StreamKey key, const SteWords& words) const {
  if (!ste::stage1(words)) return false;
  constexpr u64 kBypass = 1;
  return key.has_substream || !has_substreams(words, config_) || ste::s1dss(words) != kBypass;
}

vmsa::Controls Configuration::stage2_controls(const SteWords& words) const {
  vmsa::Controls controls;
  set_stage2(words, config_, controls);
  return controls;
}

Finding Configuration::through_stage2(StreamKey key, const SteWords& words, Ipa ipa, Pa& at, Lapse& lapse,
                                      const vmsa::WalkOptions& walk) const {
  const vmsa::Controls controls = stage2_controls(words);
  vmsa::Access access;  // a privileged read of data (13.1.2)
  access.va = Va{ipa.value};
  cost::Latency latency;
  vmsa::WalkOptions options = walk;
  options.timed = lapse.timed;
  if (!options.latency) {
    options.latency = &latency;
    options.begun = lapse.at();
  }
  const u64 before = options.latency->total();
  const vmsa::Stage2Result result = vmsa::Walker(memory_).translate_ipa(ipa, access, controls, options);
  lapse.cycles += options.latency->total() - before;
  vmsa::Fault fault = result.fault;
  if (!fault && vmsa::check_stage2_walk(result.leaf, ipa, access, controls, fault)) {
    at = result.leaf.output(ipa);
    return std::nullopt;
  }
  Event event = finding(kind_of(fault.type), key, fault.descriptor);
  event.stage2 = true;
  event.event_class = EventClass::ContextDescriptor;
  event.ipa = ipa;
  return event;
}

Configuration::Fetched Configuration::fetch_structure(StreamKey key, const SteWords& words, u64 address,
                                                      std::span<u8> into, Lapse& lapse,
                                                      const vmsa::WalkOptions& walk) const {
  Fetched result;
  result.at = Pa{address};
  if (ste::stage2(words)) {
    if ((result.fault = through_stage2(key, words, Ipa{address}, result.at, lapse, walk))) return result;
  }
  ++lapse.fetches;
  const MemoryReply reply = memory_.read(result.at, into, Security::NonSecure, lapse.at(), lapse.timed);
  lapse.cycles += reply.cycles;
  if (!reply.ok) result.fault = finding(EventKind::CdFetch, key, result.at);
  return result;
}

Configuration::CdResult Configuration::fetch_cd(StreamKey key, const SteWords& words, Lapse& lapse,
                                                const vmsa::WalkOptions& walk) const {
  CdResult result;
  const u64 pointer = ste::s1_context_ptr(words);
  u64 address = pointer;
  if (has_substreams(words, config_)) {
    const u64 substream = key.has_substream ? key.substream : 0;  // S1DSS 0b10
    const unsigned bits_of_table = static_cast<unsigned>(ste::s1cdmax(words));
    const u64 format = ste::s1fmt(words);
    if (format == 1 || format == 2) {
      const unsigned leaf_bits = format == 1 ? 6 : 10;
      const unsigned top_bits = bits_of_table > leaf_bits ? bits_of_table - leaf_bits : 0;
      const u64 top = pointer & ~low_mask(std::max(6u, top_bits + 3));
      u64 descriptor = 0;
      const Fetched level1 =
          fetch_structure(key, words, top + (substream >> leaf_bits) * kLevel1Bytes, bytes_of(descriptor), lapse, walk);
      if ((result.fault = level1.fault)) return result;
      const u64 leaf = bits<55, 12>(descriptor) << 12 & ~low_mask(leaf_bits + 6);
      const unsigned address_bits = ste::stage2(words) ? ipa_bits(config_) : static_cast<unsigned>(config_.pa_bits);
      if (!bit<0>(descriptor) || (leaf >> address_bits) != 0) {
        result.fault = finding(EventKind::BadSubstreamId, key);
        result.fault->from.substream = static_cast<u32>(substream);
        return result;
      }
      address = leaf + (substream & low_mask(leaf_bits)) * kCdBytes;
    } else {
      address = (pointer & ~low_mask(bits_of_table + 6)) + substream * kCdBytes;
    }
  }
  const Fetched fetched = fetch_structure(key, words, address, bytes_of(result.words), lapse, walk);
  result.at = fetched.at;
  result.fault = fetched.fault;
  if (!result.fault && is_illegal(result.words, words, world_of(words, config_, state_), config_)) {
    result.fault = finding(EventKind::BadCd, key);
  }
  return result;
}

Stream Configuration::resolve(StreamKey key, const SteResult& from_ste, const CdResult* from_cd) const {
  const SteWords& words = from_ste.words;
  Stream stream;
  stream.key = key;
  stream.ste = from_ste.at;
  stream.merge = ste::mev(words) != 0;
  stream.ppar = ste::ppar(words) != 0;
  if (!ste::passes(words)) return stream;

  stream.stage1 = from_cd != nullptr;
  stream.stage2 = ste::stage2(words);
  stream.mode = stream.stage1 || stream.stage2 ? Stream::Mode::Translate : Stream::Mode::Bypass;
  // Full bypass is of PAs; what passes a stage 1 alone by S1DSS is an IPA first (3.4).
  stream.bypass_bits = static_cast<u8>(ste::stage1(words) ? ipa_bits(config_) : config_.pa_bits);
  stream.ats = effective_eats(words, config_, state_);
  stream.instruction_config = static_cast<u8>(ste::instcfg(words));
  stream.privilege_config = static_cast<u8>(ste::privcfg(words));
  stream.memory_type_override = ste::mtcfg(words) != 0;
  stream.memory_type = static_cast<u8>(ste::memattr(words));
  stream.allocation = static_cast<u8>(ste::alloccfg(words));
  stream.shareability = static_cast<u8>(ste::shcfg(words));
  stream.security_config = static_cast<u8>(ste::nscfg(words));
  stream.incoming =
      overridden({stream.memory_type_override, stream.memory_type, stream.allocation, stream.shareability});
  stream.record2 = ste::s2r(words) != 0;
  stream.stall2 = ste::s2s(words) != 0;

  stream.world = world_of(words, config_, state_);
  stream.regime = stream.world == StreamWorld::El1   ? vmsa::Regime::El10
                  : stream.world == StreamWorld::El2 ? vmsa::Regime::El2
                                                     : vmsa::Regime::El20;
  stream.controls = stage2_controls(words);
  stream.controls.stream.incoming = true;
  stream.controls.stream.incoming_mair = stream.incoming.mair;
  stream.controls.stream.incoming_sh = stream.incoming.sh;
  if (from_cd != nullptr) {
    const CdWords& cd = from_cd->words;
    stream.cd = from_cd->at;
    set_stage1(cd, stream.world, stream.controls);
    stream.record1 = cd::r(cd) != 0;
    stream.abort1 = cd::a(cd) != 0;
    stream.stall1 = cd::s(cd) != 0;
    stream.pan = cd::pan(cd) != 0 && stream.regime != vmsa::Regime::El2;
  }
  stream.context = vmsa::context_of(stream.controls, stream.regime);
  if (from_cd != nullptr) stream.context.private_set = cd::aset(from_cd->words) != 0;
  stream.tag = {stream.context, false};
  return stream;
}

}  // namespace tw::smmu
