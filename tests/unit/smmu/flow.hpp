// The way of a transaction through the core's functions, without caches and without time.
#pragma once

#include <deque>
#include <string>

#include "smmu/ats.hpp"
#include "smmu/translator.hpp"
#include "unit/smmu/support.hpp"

namespace tw::test {

struct Passage {
  smmu::Response response;
  smmu::Finding event;
  bool recorded = false;
  bool stalled = false;
  smmu::Stream stream;
};

inline std::string name_of(const smmu::Finding& finding) {
  if (!finding) return "none";
  for (const smmu::EventRow& row : smmu::kEvents) {
    if (row.kind == finding->kind) return std::string(row.name);
  }
  return "?";
}

/// One stream table, one SMMU.
struct Flow : Streams {
  Flow() { linear(); }

  smmu::Configuration configuration() { return {config, state, memory}; }

  Passage go(const smmu::Request& request) {
    Passage passage;
    const auto end = [&](const smmu::Verdict& verdict) {
      passage.response = verdict.response;
      if (verdict.finding) fail(passage, *verdict.finding, request);
      return passage;
    };
    const auto failed = [&](const smmu::Event& event) {
      fail(passage, event, request);
      return passage;
    };
    if (const smmu::Ending ending = on_arrival(request, state, config)) return end(*ending);
    smmu::Lapse lapse;
    const smmu::Configuration from = configuration();
    const auto ste = from.fetch_ste(request.from, lapse);
    if (ste.fault) return failed(with_access(*ste.fault, request, {}));
    passage.stream = from.resolve(request.from, ste, nullptr);
    if (const smmu::Ending ending = on_ste(request, ste.words, state, config)) return end(*ending);
    if (!request.translated && from.needs_cd(request.from, ste.words)) {
      const auto cd = from.fetch_cd(request.from, ste.words, lapse);
      if (cd.fault) return failed(with_access(*cd.fault, request, passage.stream));
      passage.stream = from.resolve(request.from, ste, &cd);
    }
    if (const smmu::Ending ending = on_stream(request, passage.stream, config)) return end(*ending);
    const vmsa::Translation translation =
        vmsa::Walker(memory).translate(access_of(request, passage.stream), passage.stream.controls).translation;
    if (!translation.ok()) return failed(event_of(translation.fault, request, passage.stream));
    passage.response = response_of(translation, passage.stream);
    return passage;
  }
  smmu::AtsReply ask(const smmu::AtsRequest& request, smmu::Finding* recorded = nullptr) {
    const auto end = [&](const smmu::AtsVerdict& verdict) {
      if (recorded) *recorded = verdict.finding;
      return verdict.reply;
    };
    if (const smmu::AtsEnding ending = on_arrival(request, state, config)) return end(*ending);
    smmu::Lapse lapse;
    const smmu::Configuration from = configuration();
    const auto ste = from.fetch_ste(request.from, lapse);
    if (ste.fault) return reply_to(*ste.fault, config);
    if (const smmu::AtsEnding ending = on_ste(request, ste.words, state, config)) return end(*ending);
    smmu::Configuration::CdResult cd;
    const bool with_cd = from.needs_cd(request.from, ste.words);
    if (with_cd) cd = from.fetch_cd(request.from, ste.words, lapse);
    if (cd.fault) return reply_to(*cd.fault, config);
    struct Walks final : smmu::AtsWalks {
      explicit Walks(smmu::MemoryPort& port) : walker(port) {}
      vmsa::Translation walk(const vmsa::Access& access, const smmu::Stream& stream) override {
        return walker.translate(access, stream.controls).translation;
      }
      vmsa::Walker walker;
    } walks(memory);
    return answer(request, from.resolve(request.from, ste, with_cd ? &cd : nullptr), config, walks);
  }

  // ---- what most tests start from
  static constexpr u32 kStream = 5;
  TableTree& tree(unsigned page_bits = 12, unsigned input_bits = 48, int start = 0) {
    return trees_.emplace_back(memory.words, page_bits, input_bits, start);
  }
  void use(const Ste& ste) { put(kStream, ste); }
  /// A stream with stage 1 by `cd`; the address of its CD.
  u64 use_stage1(const Cd& cd, const Ste& base = stage1_ste(0)) {
    const u64 table = cd_table();
    put_cd(table, 0, cd);
    Ste ste = base;
    use(ste.address(ste::kS1ContextPtr, table));
    return table;
  }
  /// The same over `stage2` (40 bits of 4 KB pages from level 1), which then maps CD and `stage1` as they are.
  u64 use_nested(const Cd& cd, const TableTree& stage1, TableTree& stage2, const Ste& base = stage1_ste(0)) {
    const u64 table = use_stage1(cd, base);
    stage2.map(table, table, 3, s2::kPlain);
    for (const u64 at : stage1.tables) stage2.map(at, at, 3, s2::kPlain);
    Ste ste = base;
    use(with_stage2(ste.address(ste::kS1ContextPtr, table), stage2.root()));
    return table;
  }

 private:
  void fail(Passage& passage, const smmu::Event& event, const smmu::Request& request) {
    const smmu::FaultPolicy policy = policy_of(event, request, passage.stream, state);
    passage.event = event;
    passage.recorded = policy.record;
    passage.stalled = policy.stall;
    passage.response.outcome = policy.outcome;
  }
  std::deque<TableTree> trees_;
};

inline smmu::Request reading(u64 address, u32 stream = Flow::kStream) {
  smmu::Request request;
  request.from.stream = StreamId{stream};
  request.address = Iova{address};
  return request;
}
inline smmu::Request writing(u64 address, u32 stream = Flow::kStream) {
  smmu::Request request = reading(address, stream);
  request.write = true;
  return request;
}
inline smmu::Request privileged(smmu::Request request) {
  request.privileged = true;
  return request;
}
inline smmu::Request fetching(smmu::Request request) {
  request.instruction = true;
  return request;
}
inline smmu::Request of_substream(smmu::Request request, u32 substream) {
  request.from.substream = substream;
  request.from.has_substream = true;
  return request;
}

}  // namespace tw::test
