// An SMMU with two ports before a RAM, a register block and its own registers; checkers at every socket.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "interconnect/tlm/interconnect_module.hpp"
#include "memory/tlm/ram_module.hpp"
#include "smmu/tlm/smmu_module.hpp"
#include "tlm/initiator.hpp"
#include "tlm/protocol_checker.hpp"
#include "unit/smmu/structures.hpp"

namespace tw::test {

/// A master that waits while an SMMU stalls it.
class PatientMaster final : public sc_core::sc_module {
 public:
  tlm::Initiator bus;

  explicit PatientMaster(sc_core::sc_module_name name);
  void begin(u64 address, std::span<u8> data, bool write, StreamId stream);
  const std::optional<tlm::Initiator::Answer>& answer() const { return answer_; }
  u64 ended_ps() const { return ended_ps_; }

 private:
  void run();
  struct Job {
    u64 address;
    std::span<u8> data;
    bool write;
    StreamId stream;
  };
  std::optional<Job> job_;
  std::optional<tlm::Initiator::Answer> answer_;
  u64 ended_ps_ = 0;
  sc_core::sc_event go_;
};

struct SmmuBench final : private MmioTarget, private smmu::EndpointPort {
  static constexpr u64 kPeriodPs = 1000;
  static constexpr Pa kRam{0x4000'0000}, kFrame{0x905'0000}, kDevice{0x100'0000};
  static constexpr u64 kRamBytes = 0x10'0000, kDeviceBytes = 0x1000;
  static constexpr u64 kRamLatency = 7, kTbuLatency = 2;
  // Where software puts things in RAM.
  static constexpr u64 kStreams = kRam.value, kDescriptors = kRam.value + 0x1000, kCommands = kRam.value + 0x2000,
                       kEvents = kRam.value + 0x3000, kTables = kRam.value + 0x4000, kData = kRam.value + 0x1'0000;
  // Streams of the bench.
  static constexpr u32 kTranslated = 1, kStalling = 2, kBypassing = 3, kDropping = 4, kAborting = 5;

  SmmuBench();
  /// Registers, stream table and empty translation tables, as software makes them; statistics and pulses at zero.
  void set_up();
  /// Maps the 4 KB page of `iova`; both are below 1 GB, `iova` below 2 MB.
  void map(u64 iova, u64 pa);
  void command(u64 low, u64 high);
  void synchronise() { command(0x46, 0); }
  void forget_translations() {
    command(0x30, 0);  // CMD_TLBI_NSNH_ALL
    synchronise();
    run(10'000);
  }
  void run(u64 cycles) { sc_core::sc_start(clock.time(cycles)); }

  u64 get(u64 offset, unsigned bytes = 4);
  void set(u64 offset, u64 value, unsigned bytes = 4);
  u64 word(u64 address) const;
  void set_word(u64 address, u64 value, unsigned bytes = 8);
  void fill(u64 address, u64 bytes, u8 first);
  bool filled(u64 address, u64 bytes, u8 first) const;
  static tlm::Attributes of(u32 stream) { return {.stream = StreamId{stream}}; }

  tlm::Clock clock{kPeriodPs};
  std::vector<tlm::Rule> violations;
  tlm::ProtocolCheckers checkers;
  memory::Ram bytes;
  interconnect::InterconnectModule fabric;
  memory::RamModule ram;
  smmu::Config config;
  smmu::SmmuModule smmu;
  tlm::MmioModule device;
  tlm::Initiator cpu, first, second;
  PatientMaster patient;
  std::array<unsigned, smmu::kWires> pulses{};
  unsigned send_events = 0;
  std::function<MmioResult(const MmioAccess&)> on_device;

 private:
  MmioResult access(const MmioAccess& access) override { return on_device ? on_device(access) : MmioResult{}; }
  bool invalidate(const smmu::AtcInvalidate&) override { return false; }
  void respond(const smmu::PageResponse&) override {}
  void add_stream(u32 stream, std::initializer_list<Setting> descriptor);
  u32 next_command_ = 0;
};

SmmuBench& smmu_bench();

}  // namespace tw::test
