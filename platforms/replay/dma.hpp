// The accesses of DMA masters in a trace, through an SMMU: one after another, each waits for its own translation. The
// cores wait for none of them, nor they for the cores: the SMMU's time is its own.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "platforms/replay/tables.hpp"
#include "platforms/tables/stream_tables.hpp"
#include "smmu/smmu.hpp"
#include "trace/record.hpp"

namespace tw::replay {

class Dma final {
 public:
  /// Throws UserError for what does not go together.
  Dma(const Config& config, const smmu::Config& smmu);

  struct Counts {
    u64 translations = 0;  ///< one a page
    u64 faults = 0;
    u64 moves = 0;  ///< pages that were found elsewhere than before
  };
  void access(const trace::Record& record);

  const Counts& counts() const { return counts_; }
  u64 leaves() const { return tables_.leaves(); }
  smmu::Smmu& smmu() { return smmu_; }

 private:
  /// What the SMMU reads and writes: tables, CDs, STEs, queues.
  class Memory final : public smmu::MemoryPort {
   public:
    Memory(Tables& tables, u64 cycles) : tables_(tables), cycles_(cycles) {}
    vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override { return tables_.fetch(request); }
    vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override {
      return tables_.update(request, expected, desired);
    }
    smmu::MemoryReply read(Pa at, std::span<u8> into, Security security, u64 now, bool timed) override;
    smmu::MemoryReply write(Pa at, std::span<const u8> from, Security security, u64 now) override;

   private:
    Tables& tables_;
    u64 cycles_;
  };
  /// Nobody waits for an interrupt here, and no transaction stalls.
  class Signals final : public smmu::SignalPort {
   public:
    static constexpr u64 kNever = ~u64{0};
    u64 now() const override { return time; }
    void work_at(u64 when) override { wish = std::min(wish, when); }
    void pulse(smmu::Wire, Security) override {}
    void send_event() override {}
    void resume(u16, smmu::StallVerdict) override {}
    u64 time = 0, wish = kNever;
  };
  class NoEndpoints final : public smmu::EndpointPort {
   public:
    bool invalidate(const smmu::AtcInvalidate&) override { return false; }
    void respond(const smmu::PageResponse&) override {}
  };
  /// One stream: an address space of its own, in the VM that its first access is of.
  struct Stream {
    Space* space = nullptr;
    Vmid vmid{};
    Asid asid{};
    unsigned tbu = 0;
  };

  Stream* stream_of(const trace::Record& record);
  void map(const Stream& stream, u64 address, const Place* place);
  void translate(const Stream& stream, const smmu::Request& request);
  void set(u64 offset, u64 value, u8 bytes = 4);
  void command(const std::array<u64, 2>& words);
  void work();

  const Config config_;
  const bool own_;
  const unsigned tbus_, stream_bits_;
  Tables tables_;
  tables::StreamTables streams_;
  u64 commands_, events_;  ///< queues
  u64 produced_ = 0;
  Memory memory_;
  Signals signals_;
  NoEndpoints endpoints_;
  smmu::Smmu smmu_;
  std::map<StreamId, Stream> all_;
  Counts counts_;
};

}  // namespace tw::replay
