// A whole SMMU, programmed through its registers, with streams in memory.
#pragma once

#include <deque>
#include <memory>
#include <numeric>

#include "smmu/smmu.hpp"
#include "unit/smmu/programming.hpp"
#include "unit/smmu/support.hpp"

namespace tw::test {

/// All structures of TBU and TCU off: every transaction walks.
inline smmu::Config nothing_kept(smmu::Config config = {}) {
  config.tbu_entries = config.tbu_main_entries = config.tlb_entries = config.walk_cache_entries =
      config.walk_cache2_entries = 0;
  config.ipa_entries = config.ste_entries = config.cd_entries = 0;
  return config;
}

inline smmu::Request dma(u64 address, u32 stream = 1, bool write = false) {
  smmu::Request request;
  request.from.stream = StreamId{stream};
  request.address = Iova{address};
  request.write = write;
  return request;
}

struct SmmuMachine {
  static constexpr u64 kCommands = 0x10'0000, kEvents = 0x20'0000;
  static constexpr unsigned kBits = 8, kEventBits = 12;

  explicit SmmuMachine(smmu::Config with = {}, unsigned tbus = 1)
      : config(std::move(with)), smmu(std::make_unique<smmu::Smmu>(config, tbus, streams.memory, signals, endpoints)) {
    streams.linear();
    register64(0x80, streams.state.strtab_base);
    register32(0x88, streams.state.strtab_base_cfg);
    register64(0x90, kCommands | kBits);
    register64(0xA0, kEvents | kEventBits);
    register32(0x20, 0xD);  // SMMUEN, EVENTQEN, CMDQEN
  }

  // ---- registers and commands
  void register32(u64 offset, u64 value) { smmu->access({.offset = offset, .size = 4, .write = true, .value = value}); }
  void register64(u64 offset, u64 value) { smmu->access({.offset = offset, .size = 8, .write = true, .value = value}); }
  u64 reading(u64 offset) { return smmu->access({.offset = offset}).value; }
  /// Into the queue, with the doorbell rung at `at`.
  void ring(const Words& command, u64 at) {
    streams.memory.set_words(kCommands + 16 * (prod & ((1u << kBits) - 1)), command);
    prod = (prod + 1) & ((2u << kBits) - 1);
    signals.time = at;
    register32(0x98, prod);
  }
  /// What the SMMU wishes to do until `horizon`.
  void run(u64 horizon = RecordingSignals::kNever - 1) {
    while (signals.wish <= horizon) {
      signals.time = std::max(signals.time, signals.wish);
      signals.wish = RecordingSignals::kNever;
      smmu->work(signals.time);
    }
  }
  bool all_consumed() { return (reading(0x9C) & 0xF'FFFF) == prod; }
  /// Done at once, as far as translations at `clock` can tell.
  void command(const Words& command) {
    ring(command, clock);
    run();
    clock = std::max(clock, signals.time) + kLong;
  }
  std::vector<smmu::EventRecord> events() {
    std::vector<smmu::EventRecord> result;
    const u64 end = smmu->access({.offset = 0x100A8}).value & 0xFFF;
    for (u64 n = 0; n < end; ++n) {
      smmu::EventRecord record;
      for (unsigned i = 0; i < 4; ++i) record[i] = streams.memory.word(kEvents + n * 32 + i * 8);
      result.push_back(record);
    }
    return result;
  }

  // ---- streams
  /// Trees that streams may share: stage 1 of 48 bits in four levels, stage 2 of 44 bits in four levels.
  TableTree& new_stage1() { return trees.emplace_back(streams.memory.words, 12, 48, 0); }
  TableTree& new_stage2() { return trees.emplace_back(streams.memory.words, 12, 44, 0); }
  void stage1_stream(u32 stream, const TableTree& stage1, u16 asid = 1) {
    const u64 table = streams.cd_table();
    streams.put_cd(table, 0, cd_of(stage1.root(), 12, 48, 0, asid));
    streams.put(stream, stage1_ste(table));
  }
  void stage2_stream(u32 stream, const TableTree& stage2, u16 vmid = 1) {
    streams.put(stream, with_stage2(bypass_ste(), stage2.root(), vmid, 12, 44, 0));
  }
  /// The tables of stage 1 and the CD are mapped by stage 2 as they are, so far as they exist by now.
  void nested_stream(u32 stream, const TableTree& stage1, TableTree& stage2, u16 vmid = 1, u16 asid = 1) {
    const u64 table = streams.cd_table();
    streams.put_cd(table, 0, cd_of(stage1.root(), 12, 48, 0, asid));
    stage2.map(table, table, 3, s2::kPlain);
    for (const u64 at : stage1.tables) stage2.map(at, at, 3, s2::kPlain);
    streams.put(stream, with_stage2(stage1_ste(table), stage2.root(), vmid, 12, 44, 0));
  }
  /// A stream 1 with `pages` of 4 KB, nested, from kBase to kOutput.
  static constexpr u64 kBase = 0x4000'0000, kIpas = 0x8000'0000, kOutput = 0x2'0000'0000;
  void nested_pages(u64 pages, u32 stream = 1, u16 vmid = 1) {
    TableTree &stage1 = new_stage1(), &stage2 = new_stage2();
    for (u64 page = 0; page < pages; ++page) {
      stage1.map(kBase + (page << 12), kIpas + (page << 12), 3, s1::kUserAccess);
      stage2.map(kIpas + (page << 12), kOutput + (page << 12), 3, s2::kPlain);
    }
    nested_stream(stream, stage1, stage2, vmid);
  }

  // ---- transactions
  /// One after the other, with so much time between them that nothing is busy any more.
  static constexpr u64 kLong = 10'000;
  smmu::Response go(const smmu::Request& request, unsigned tbu = 0) {
    streams.memory.words.requests.clear();
    const smmu::Response response = smmu->translate(tbu, request, clock);
    clock += response.cycles + kLong;
    return response;
  }
  u64 fetches() const { return streams.memory.words.requests.size(); }
  smmu::StreamSummary summary(u32 stream = 1) const {
    for (const auto& [key, summary] : smmu->statistics().streams) {
      if (key.from.stream == StreamId{stream} && (key.guest || only_host)) return summary;
    }
    return {};
  }
  u64 part(smmu::Part part, u32 stream = 1) const { return summary(stream).cycles[static_cast<unsigned>(part)]; }

  Streams streams;
  smmu::Config config;
  RecordingSignals signals;
  RecordingEndpoints endpoints;
  std::unique_ptr<smmu::Smmu> smmu;
  std::deque<TableTree> trees;
  bool only_host = false;
  u32 prod = 0;
  u64 clock = kLong;
};

/// Conservation: the sum over parts is the latency.
inline u64 sum(const smmu::ByPart& cycles) { return std::accumulate(cycles.begin(), cycles.end(), u64{0}); }

// Commands (IHI 0070, chapter 4).
inline Words tlbi_nh_all(u16 vmid) { return {0x10 | u64{vmid} << 32, 0}; }
inline Words tlbi_nh_va(u16 vmid, u16 asid, u64 va) { return {0x12 | u64{vmid} << 32 | u64{asid} << 48, va}; }
inline Words tlbi_s12_vmall(u16 vmid) { return {0x28 | u64{vmid} << 32, 0}; }
inline Words tlbi_nsnh_all() { return {0x30, 0}; }
inline Words cfgi_ste(u32 stream) { return {0x03 | u64{stream} << 32, 1}; }
inline Words cfgi_all() { return {0x04, 31}; }
inline Words cfgi_cd(u32 stream, u32 substream) { return {0x05 | u64{substream} << 12 | u64{stream} << 32, 1}; }
inline Words sync() { return {0x46, 0}; }

}  // namespace tw::test
