// An SMMU and the software that drives it: registers, stream table, queues. Nobody waits for an interrupt, no
// transaction stalls, there are no endpoints; the SMMU's time is its own, and goes on with each transaction and
// command.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "memory/ram.hpp"
#include "platforms/tables/stream_tables.hpp"
#include "smmu/smmu.hpp"

namespace tw::replay {

/// What an SMMU reads and writes: tables, STEs, CDs, queues; all accesses take the same time.
class SmmuMemory final : public smmu::MemoryPort {
 public:
  SmmuMemory(memory::Ram& ram, Pa base, u64 cycles) : ram_(ram), base_(base), cycles_(cycles) {}

  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override {
    ++fetches;
    vmsa::DescriptorReply reply;
    reply.ok = ram_.read(request.address.value - base_.value, sizeof reply.value, reply.value);
    reply.cycles = cycles_;
    return reply;
  }
  /// Nothing manages the Access flag or dirty state here.
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest&, u64, u64) override { return {.atomic = false}; }
  smmu::MemoryReply read(Pa at, std::span<u8> into, Security, u64, bool timed) override {
    return {ram_.read(at.value - base_.value, into), timed ? cycles_ : 0};
  }
  smmu::MemoryReply write(Pa at, std::span<const u8> from, Security, u64) override {
    return {ram_.write(at.value - base_.value, from), cycles_};
  }

  u64 fetches = 0;  ///< of descriptors

 private:
  memory::Ram& ram_;
  Pa base_;
  u64 cycles_;
};

class SmmuDriver final {
 public:
  /// `tables`: where stream table and queues go, in what `memory` reads. Throws UserError when `smmu` does not
  /// validate.
  SmmuDriver(const smmu::Config& smmu, unsigned tbus, SmmuMemory& memory, tables::PhysicalMemory& tables);

  smmu::Response translate(unsigned tbu, const smmu::Request& request) {
    const smmu::Response response = smmu_.translate(tbu, request, signals_.time);
    pass(response.cycles);
    return response;
  }
  void pass(u64 cycles) {
    signals_.time += cycles;
    if (signals_.wish <= signals_.time) work();
  }
  u64 time() const { return signals_.time; }

  /// It is done when this returns.
  void command(const std::array<u64, 2>& words);
  void sync();
  /// Why the SMMU has stopped at one of the commands so far (CMDQ_CONS.ERR); 0: it has not. That command is passed over,
  /// and those behind it are done.
  u64 pass_over_refused();
  /// The stream translates so from now on. `was_used`: the SMMU may know something else of it.
  void configure(const tables::StreamTranslation& translation, bool was_used);
  /// StreamIDs that the stream table has.
  unsigned stream_bits() const { return streams_.strtab_base_cfg(); }
  /// The records of the event queue, which is empty then.
  std::vector<std::array<u64, 4>> take_events();

  smmu::Smmu& smmu() { return smmu_; }

 private:
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

  void write(u64 offset, u64 value, u8 bytes = 4);
  u64 read(u64 offset) { return smmu_.access({.offset = offset}).value; }
  void work();

  tables::PhysicalMemory& tables_;
  tables::StreamTables streams_;
  u64 commands_, events_;  ///< queues
  u64 produced_ = 0, consumed_ = 0;
  Signals signals_;
  NoEndpoints endpoints_;
  smmu::Smmu smmu_;
};

}  // namespace tw::replay
