#include "tlm/smmu_bench.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace tw::test {

namespace {

std::unique_ptr<SmmuBench> the_bench;

// IHI 0070, 6.3.
constexpr u64 kCr0 = 0x20, kCr0Ack = 0x24, kCr2 = 0x2C, kIrqCtrl = 0x50, kStrtabBase = 0x80, kStrtabBaseCfg = 0x88,
              kCmdqBase = 0x90, kCmdqProd = 0x98, kCmdqCons = 0x9C, kEventqBase = 0xA0, kEventqProd = 0x1'00A8,
              kEventqCons = 0x1'00AC;
constexpr unsigned kStreamBits = 4, kQueueBits = 6;

constexpr u64 kTable = 3, kPage = 3 | 1u << 6 | 3u << 8 | 1u << 10;  ///< AP: all may write; SH inner; AF

}  // namespace

PatientMaster::PatientMaster(sc_core::sc_module_name name) : sc_module(name), bus("bus") {
  SC_HAS_PROCESS(PatientMaster);
  SC_THREAD(run);
}

void PatientMaster::begin(u64 address, std::span<u8> data, bool write, StreamId stream) {
  answer_.reset();
  job_ = Job{address, data, write, stream};
  go_.notify(sc_core::SC_ZERO_TIME);
}

void PatientMaster::run() {
  while (true) {
    if (!job_) wait(go_);
    const Job job = *job_;
    job_.reset();
    answer_ = bus.transport_block(Pa{job.address}, job.data, job.write, {.stream = job.stream, .may_stall = true});
    ended_ps_ = tlm::to_picoseconds(sc_core::sc_time_stamp());
  }
}

SmmuBench::SmmuBench()
    : checkers([this](tlm::Rule rule, const std::string&) { violations.push_back(rule); }),
      bytes(kRamBytes),
      fabric("fabric", clock, {}, &checkers),
      ram("ram", bytes, {.size = kRamBytes, .latency = kRamLatency}, clock),
      config{.frequency_mhz = 1000, .tbu_latency = kTbuLatency},
      smmu("smmu", config,
           {.ports = 2,
            .stream = StreamId{0x99},
            .frame = {.clock = clock},
            .pulse = [this](smmu::Wire wire, Security) { ++pulses[static_cast<unsigned>(wire)]; },
            .send_event = [this] { ++send_events; },
            .is_memory = [](Pa at, u64 count) { return at >= kRam && at.value + count <= kRam.value + kRamBytes; },
            .endpoints = *this}),
      device("device", *this, kDeviceBytes, {.clock = clock}),
      cpu("cpu"),
      first("first"),
      second("second"),
      patient("patient") {
  constexpr interconnect::Link kLink{.latency = 10, .width = 16, .beat = 1};
  fabric.map("ram", kRam, kRamBytes, kLink, ram.socket);
  fabric.map("smmu", kFrame, smmu::Smmu::kFrameBytes, kLink, smmu.frame());
  fabric.map("device", kDevice, kDeviceBytes, kLink, device.socket);
  smmu.connect(first.socket, 0, checkers);
  smmu.connect(second.socket, 1, checkers);
  smmu.connect(patient.bus.socket, 1, checkers);
  fabric.connect(smmu.translated, fabric.add_port(interconnect::kIdealLink));
  fabric.connect(smmu.memory(), fabric.add_port(interconnect::kIdealLink));
  fabric.connect(cpu.socket, fabric.add_port(interconnect::kIdealLink));
}

void SmmuBench::add_stream(u32 stream, std::initializer_list<Setting> descriptor) {
  const u64 at = kDescriptors + 64 * stream;
  Ste ste{{ste::kV, 1}, {ste::kConfig, ste::kStage1}};
  ste.address(ste::kS1ContextPtr, at);
  Cd cd{{cd::kV, 1}, {cd::kT0SZ, 25}, {cd::kEPD1, 1}, {cd::kIPS, 2}, {cd::kAA64, 1}, {cd::kASID, stream}};
  cd.address(cd::kTTB0, kTables);
  for (const Setting& setting : descriptor) cd.set(setting.field, setting.value);
  for (unsigned n = 0; n < 8; ++n) {
    set_word(kStreams + 64 * stream + 8 * n, ste.words[n]);
    set_word(at + 8 * n, cd.words[n]);
  }
}

void SmmuBench::set_up() {
  set(kCr0, 0);
  bytes.clear();
  add_stream(kTranslated, {{cd::kR, 1}, {cd::kA, 1}});
  add_stream(kStalling, {{cd::kR, 1}, {cd::kA, 1}, {cd::kS, 1}});
  add_stream(kDropping, {{cd::kR, 1}, {cd::kA, 0}});
  set_word(kStreams + 64 * kBypassing, Ste{{ste::kV, 1}, {ste::kConfig, ste::kBypass}}.words[0]);
  set_word(kStreams + 64 * kAborting, Ste{{ste::kV, 1}, {ste::kConfig, ste::kAbort}}.words[0]);
  set_word(kTables, (kTables + 0x1000) | kTable);
  set_word(kTables + 0x1000, (kTables + 0x2000) | kTable);
  set(kStrtabBase, kStreams, 8);
  set(kStrtabBaseCfg, kStreamBits);
  set(kCmdqBase, kCommands | kQueueBits, 8);
  set(kEventqBase, kEvents | kQueueBits, 8);
  for (const u64 offset : {kCmdqProd, kCmdqCons, kEventqProd, kEventqCons}) set(offset, 0);
  next_command_ = 0;
  set(kCr2, 2);
  set(kIrqCtrl, 5);
  set(kCr0, 8);
  set(kCr0, 0xC);
  set(kCr0, 0xD);
  EXPECT_EQ(get(kCr0Ack), 0xDu);
  command(0x04, 31);  // CMD_CFGI_ALL
  forget_translations();
  smmu.core().clear_statistics();
  pulses = {};
  send_events = 0;
  violations.clear();
}

void SmmuBench::map(u64 iova, u64 pa) { set_word(kTables + 0x2000 + (iova >> 12) * 8, pa == 0 ? 0 : pa | kPage); }

void SmmuBench::command(u64 low, u64 high) {
  const u64 at = kCommands + 16 * (next_command_ & ((1u << kQueueBits) - 1));
  set_word(at, low);
  set_word(at + 8, high);
  next_command_ = (next_command_ + 1) & ((2u << kQueueBits) - 1);
  set(kCmdqProd, next_command_);
}

u64 SmmuBench::get(u64 offset, unsigned size) {
  const tlm::Initiator::Answer answer = cpu.transport(kFrame + offset, size, false, 0, {});
  EXPECT_TRUE(answer.ok) << offset;
  return answer.value;
}

void SmmuBench::set(u64 offset, u64 value, unsigned size) {
  EXPECT_TRUE(cpu.transport(kFrame + offset, size, true, value, {}).ok) << offset;
}

u64 SmmuBench::word(u64 address) const {
  u64 value = 0;
  EXPECT_TRUE(bytes.read(address - kRam.value, 8, value));
  return value;
}

void SmmuBench::set_word(u64 address, u64 value, unsigned size) {
  EXPECT_TRUE(bytes.write(address - kRam.value, size, value));
}

void SmmuBench::fill(u64 address, u64 count, u8 first_byte) {
  for (u64 n = 0; n < count; ++n) set_word(address + n, (first_byte + n) & 0xFF, 1);
}

bool SmmuBench::filled(u64 address, u64 count, u8 first_byte) const {
  for (u64 n = 0; n < count; ++n) {
    u64 value = 0;
    if (!bytes.read(address + n - kRam.value, 1, value) || value != ((first_byte + n) & 0xFF)) return false;
  }
  return true;
}

SmmuBench& smmu_bench() { return *the_bench; }

}  // namespace tw::test

int sc_main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  tw::test::the_bench = std::make_unique<tw::test::SmmuBench>();
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaboration binds the sockets
  const int result = RUN_ALL_TESTS();
  tw::test::the_bench.reset();
  return result;
}
