// The programming interfaces of an SMMU with recorders around them.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "smmu/registers.hpp"
#include "smmu/statistics.hpp"
#include "unit/smmu/support.hpp"

namespace tw::test {

class RecordingSignals final : public smmu::SignalPort {
 public:
  static constexpr u64 kNever = std::numeric_limits<u64>::max();
  u64 now() const override { return time; }
  void work_at(u64 when) override { wish = std::min(wish, when); }
  void pulse(smmu::Wire wire, Security security) override { pulses.emplace_back(wire, security); }
  void send_event() override { ++events; }
  void resume(u16 stag, smmu::StallVerdict verdict) override { resumed.emplace_back(stag, verdict); }

  u64 time = 0;
  u64 wish = kNever;
  std::vector<std::pair<smmu::Wire, Security>> pulses;
  unsigned events = 0;
  std::vector<std::pair<u16, smmu::StallVerdict>> resumed;
};

class RecordingEndpoints final : public smmu::EndpointPort {
 public:
  bool invalidate(const smmu::AtcInvalidate& what) override {
    invalidations.push_back(what);
    return present;
  }
  void respond(const smmu::PageResponse& response) override { responses.push_back(response); }

  bool present = true;
  std::vector<smmu::AtcInvalidate> invalidations;
  std::vector<smmu::PageResponse> responses;
};

class RecordingMaintenance final : public smmu::Maintenance {
 public:
  struct Prefetch {
    smmu::StreamKey key;
    std::optional<Iova> address;
  };
  u64 invalidate(const vmsa::Invalidate& what, u64 now) override {
    translations.push_back(what);
    return now + cycles;
  }
  u64 invalidate(const smmu::ConfigurationInvalidate& what, u64 now) override {
    configurations.push_back(what);
    return now + cycles;
  }
  u64 prefetch(smmu::StreamKey key, const Iova* address, u64 now) override {
    prefetches.push_back({key, address ? std::optional(*address) : std::nullopt});
    return now + cycles;
  }
  u64 settled(u64 now) override { return now + settling; }
  std::optional<bool> page_response_has_pasid(StreamId, u64) override { return has_pasid; }

  u64 cycles = 0, settling = 0;
  std::optional<bool> has_pasid;
  std::vector<vmsa::Invalidate> translations;
  std::vector<smmu::ConfigurationInvalidate> configurations;
  std::vector<Prefetch> prefetches;
};

using Words = std::array<u64, 2>;

/// Queues of 1 << kBits entries; nothing enabled.
struct Programming {
  static constexpr u64 kCommands = 0x10'0000, kEvents = 0x20'0000, kPages = 0x30'0000;
  static constexpr unsigned kBits = 3;

  explicit Programming(smmu::Config with = {}) : config(std::move(with)) {
    write64(0x90, kCommands | kBits);
    write64(0xA0, kEvents | kBits);
    write64(0xC0, kPages | kBits);
  }

  // ---- registers
  u64 read(u64 offset, u8 size = 4, Security security = Security::NonSecure) {
    return registers.access({.offset = offset, .size = size, .security = security}).value;
  }
  void write(u64 offset, u64 value, u8 size = 4, Security security = Security::NonSecure) {
    registers.access({.offset = offset, .size = size, .write = true, .value = value, .security = security});
  }
  void write64(u64 offset, u64 value) { write(offset, value, 8); }
  smmu::ProgrammingInterface& interface() { return registers.of(Security::NonSecure); }

  // ---- commands
  /// SMMU_CR0 with SMMUEN and all queues, but for `without`.
  void enable(u32 without = 0) { write(0x20, 0xFu & ~without); }
  /// Into the queue, without the doorbell.
  void put(const Words& command) {
    memory.set_words(kCommands + 16 * (prod & ((1u << kBits) - 1)), command);
    prod = (prod + 1) & ((2u << kBits) - 1);
  }
  void ring() { write(0x98, prod); }
  /// All that the SMMU wishes to do, in its time.
  void run() {
    while (signals.wish != RecordingSignals::kNever && signals.wish < horizon) {
      signals.time = std::max(signals.time, signals.wish);
      signals.wish = RecordingSignals::kNever;
      registers.work(signals.time);
    }
  }
  void submit(const Words& command) {
    put(command);
    ring();
    run();
  }
  u32 consumed() { return static_cast<u32>(read(0x9C)) & 0xFFFFF; }
  u32 error() { return static_cast<u32>(read(0x9C)) >> 24; }
  /// The command was consumed without an error.
  bool accepts(const Words& command) {
    submit(command);
    return consumed() == prod && (read(0x60) ^ read(0x64)) == 0;
  }

  // ---- events
  smmu::EventRecord event(unsigned n) { return record<4>(kEvents, n); }
  smmu::PageRecord page(unsigned n) { return record<2>(kPages, n); }
  template <std::size_t N>
  std::array<u64, N> record(u64 base, unsigned n) {
    std::array<u64, N> words;
    for (unsigned i = 0; i < N; ++i) words[i] = memory.word(base + n * N * 8 + i * 8);
    return words;
  }

  smmu::Config config;
  SmmuMemory memory;
  RecordingSignals signals;
  RecordingEndpoints endpoints;
  RecordingMaintenance maintenance;
  smmu::Statistics statistics;
  smmu::RegisterFile registers{config, {memory, signals, endpoints, maintenance, statistics}};
  u32 prod = 0;
  u64 horizon = RecordingSignals::kNever;
};

}  // namespace tw::test
