#include "smmu/configuration_cache.hpp"

#include <algorithm>

namespace tw::smmu {
namespace {

constexpr u64 kSteSeed = 2, kCdSeed = 3;  // beside the configured one

vmsa::Shape shape_of(const Config& config, u64 entries, u64 ways, u64 seed) {
  return {.entries = entries,
          .ways = ways,
          .policy = vmsa::policy_of(config.replacement).value_or(vmsa::Policy::Lru),
          .seed = config.seed + seed};
}

/// A number is its own page.
vmsa::Tag tag_of(u64 number) {
  vmsa::Tag tag;
  tag.bits = tag.reach_bits = 0;
  tag.page = number;
  return tag;
}

constexpr u64 kStreamBits = 32, kSubstreamMask = 0xF'FFFF, kHasSubstream = u64{1} << 52;

/// Substreams of a stream lie in sets side by side, as streams do.
u64 number_of(StreamKey key) {
  return u64{key.stream.value ^ key.substream} | u64{key.substream} << kStreamBits |
         (key.has_substream ? kHasSubstream : 0);
}
StreamKey key_of(u64 number) {
  const auto substream = static_cast<u32>(number >> kStreamBits & kSubstreamMask);
  return {StreamId{static_cast<u32>(number) ^ substream}, substream, (number & kHasSubstream) != 0};
}

u64 sets_of(u64 entries, u64 ways) { return entries == 0 || ways == 0 ? 1 : entries / ways; }

}  // namespace

bool takes_stream(const ConfigurationInvalidate& what, StreamId stream) {
  using Scope = ConfigurationInvalidate::Scope;
  switch (what.scope) {
    case Scope::All:
      return true;
    case Scope::Ste:
      return stream == what.stream;
    case Scope::SteRange:
      return u64{stream.value ^ what.stream.value} >> (what.range + 1u) == 0;
    case Scope::Cd:
    case Scope::CdAll:
      break;
  }
  return false;
}

bool takes_context(const ConfigurationInvalidate& what, StreamKey key) {
  using Scope = ConfigurationInvalidate::Scope;
  if (what.scope == Scope::CdAll) return key.stream == what.stream;
  if (what.scope == Scope::Cd) return key.stream == what.stream && key.substream == what.substream;
  return takes_stream(what, key.stream);
}

// ---- ConfigurationCache

ConfigurationCache::ConfigurationCache(const Config& config)
    : stes_(shape_of(config, config.ste_entries, config.ste_ways, kSteSeed)),
      cds_(shape_of(config, config.cd_entries, config.cd_ways, kCdSeed)),
      ste_lines_(config.ste_entries),
      cd_lines_(config.cd_entries),
      sets_(std::max(sets_of(config.ste_entries, config.ste_ways), sets_of(config.cd_entries, config.cd_ways))) {}

const Configuration::SteResult* ConfigurationCache::find_ste(StreamId stream, u64 now, u64& wait) {
  if (stes_.off()) return nullptr;
  const u32 line = stes_.lookup(stream.value, {}, ste_counters_);
  if (line == vmsa::TagArray::kNone) return nullptr;
  wait = ste_lines_[line].fill.wait(now);
  return &ste_lines_[line].structure;
}

void ConfigurationCache::keep(StreamId stream, const Configuration::SteResult& ste, const vmsa::Fill& fill) {
  if (!stes_.off()) ste_lines_[stes_.insert(tag_of(stream.value), ste_counters_)] = {ste, fill};
}

const Configuration::CdResult* ConfigurationCache::find_cd(StreamKey key, u64 now, u64& wait) {
  if (cds_.off()) return nullptr;
  const u32 line = cds_.lookup(number_of(key), {}, cd_counters_);
  if (line == vmsa::TagArray::kNone) return nullptr;
  wait = cd_lines_[line].fill.wait(now);
  return &cd_lines_[line].structure;
}

void ConfigurationCache::keep(StreamKey key, const Configuration::CdResult& cd, const vmsa::Fill& fill) {
  if (!cds_.off()) cd_lines_[cds_.insert(tag_of(number_of(key)), cd_counters_)] = {cd, fill};
}

void ConfigurationCache::invalidate(const ConfigurationInvalidate& what) {
  using Scope = ConfigurationInvalidate::Scope;
  if (what.scope != Scope::Cd && what.scope != Scope::CdAll) {
    stes_.invalidate(ste_counters_,
                     [&](const vmsa::Tag& tag) { return takes_stream(what, StreamId{static_cast<u32>(tag.page)}); });
  }
  cds_.invalidate(cd_counters_, [&](const vmsa::Tag& tag) { return takes_context(what, key_of(tag.page)); });
}

void ConfigurationCache::clear() {
  stes_.clear();
  cds_.clear();
}

// ---- ResolvedStreams

ResolvedStreams::ResolvedStreams(unsigned tbus) : tbus_(tbus), recents_(std::size_t{tbus} * kRecents) {}

Resolved* ResolvedStreams::find(StreamKey key, bool translated) {
  const auto found = by_key_.find(packed(key, translated));
  return found == by_key_.end() ? nullptr : &found->second;
}

Resolved* ResolvedStreams::find_known(unsigned tbu, StreamKey key, bool translated, Recent& recent) {
  Resolved* resolved = find(key, translated);
  if (resolved == nullptr || !resolved->known_to[tbu].known) return nullptr;
  recent = {packed(key, translated), resolved};
  return resolved;
}

/// What was known of the stream before is overwritten where it is: TBUs go on knowing it.
Resolved& ResolvedStreams::keep(const Stream& stream, bool translated, Account& account) {
  if (by_key_.size() >= kMost) clear();
  Resolved& resolved = by_key_[packed(stream.key, translated)];
  resolved.stream = stream;
  resolved.account = &account;
  resolved.known_to.resize(tbus_);
  return resolved;
}

void ResolvedStreams::invalidate(const ConfigurationInvalidate& what) {
  std::erase_if(by_key_, [&](const auto& entry) { return takes_context(what, entry.second.stream.key); });
  forget_recents();
}

void ResolvedStreams::forget(StreamKey key) {
  if (by_key_.erase(packed(key, false)) + by_key_.erase(packed(key, true)) != 0) forget_recents();
}

void ResolvedStreams::clear() {
  by_key_.clear();
  forget_recents();
}

}  // namespace tw::smmu
