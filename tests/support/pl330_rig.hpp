// A PL330 with memory around it and no SystemC, and its microcode as the manual's encodings (DDI 0424, 4.3), written
// here a second time.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <vector>

#include "devices/pl330/pl330.hpp"

namespace tw::test {

/// An assembler: `Microcode().move_source(0x1000).load().end()`.
class Microcode final {
 public:
  using Self = Microcode&;

  Self raw(std::initializer_list<unsigned> bytes) {
    for (const unsigned byte : bytes) bytes_.push_back(static_cast<u8>(byte));
    return *this;
  }
  Self word(u32 value) { return raw({value & 0xFF, value >> 8 & 0xFF, value >> 16 & 0xFF, value >> 24}); }
  Self end() { return raw({0x00}); }
  Self kill() { return raw({0x01}); }
  Self load() { return raw({0x04}); }
  Self load_single() { return raw({0x05}); }
  Self load_burst() { return raw({0x07}); }
  Self store() { return raw({0x08}); }
  Self store_single() { return raw({0x09}); }
  Self store_burst() { return raw({0x0B}); }
  Self store_zero() { return raw({0x0C}); }
  Self read_barrier() { return raw({0x12}); }
  Self write_barrier() { return raw({0x13}); }
  Self nop() { return raw({0x18}); }
  /// `count` 1..256.
  Self loop(unsigned counter, unsigned count) { return raw({0x20 | counter << 1, count - 1}); }
  Self load_peripheral(unsigned peripheral, bool burst) { return raw({0x25u | burst << 1, peripheral << 3}); }
  Self loop_end(unsigned counter, unsigned back) { return raw({0x38 | counter << 2, back}); }
  Self loop_end_single(unsigned counter, unsigned back) { return raw({0x39 | counter << 2, back}); }
  Self loop_end_burst(unsigned counter, unsigned back) { return raw({0x3B | counter << 2, back}); }
  Self loop_forever(unsigned back) { return raw({0x2C, back}); }
  Self store_peripheral(unsigned peripheral, bool burst) { return raw({0x29u | burst << 1, peripheral << 3}); }
  Self wait_single(unsigned peripheral) { return raw({0x30, peripheral << 3}); }
  Self wait_burst(unsigned peripheral) { return raw({0x32, peripheral << 3}); }
  Self wait_peripheral(unsigned peripheral) { return raw({0x31, peripheral << 3}); }
  Self send_event(unsigned event) { return raw({0x34, event << 3}); }
  Self flush_peripheral(unsigned peripheral) { return raw({0x35, peripheral << 3}); }
  Self wait_event(unsigned event, bool invalid = false) { return raw({0x36, event << 3 | (invalid ? 2u : 0u)}); }
  Self add_source(unsigned value) { return raw({0x54, value & 0xFF, value >> 8}); }
  Self add_destination(unsigned value) { return raw({0x56, value & 0xFF, value >> 8}); }
  Self add_negative_source(unsigned value) { return raw({0x5C, value & 0xFF, value >> 8}); }
  Self add_negative_destination(unsigned value) { return raw({0x5E, value & 0xFF, value >> 8}); }
  Self go(unsigned channel, bool non_secure, u32 pc) { return raw({0xA0u | non_secure << 1, channel}).word(pc); }
  Self move_source(u32 value) { return raw({0xBC, 0}).word(value); }
  Self move_control(u32 value) { return raw({0xBC, 1}).word(value); }
  Self move_destination(u32 value) { return raw({0xBC, 2}).word(value); }

  const std::vector<u8>& bytes() const { return bytes_; }

 private:
  std::vector<u8> bytes_;
};

/// CCR of Non-secure, incrementing bursts, equal in both directions but for what is changed afterwards.
constexpr u32 control(unsigned beat_log2, unsigned beats, bool source_moves = true, bool destination_moves = true) {
  const u32 half = beat_log2 << 1 | (beats - 1) << 4 | 2u << 8;
  return (half | (source_moves ? 1u : 0u)) | (half | (destination_moves ? 1u : 0u)) << 14;
}

/// `kBytes` of memory at 0; above it nothing answers.
struct Pl330Rig : private devices::pl330::CyclePort {
  static constexpr u32 kBytes = 0x1'0000;
  static constexpr u32 kCode = 0x8000;  ///< of channel n at kCode + n * kCodeBytes
  static constexpr u32 kCodeBytes = 0x400;
  static constexpr u64 kLatency = 20;

  explicit Pl330Rig(devices::pl330::Config configuration = {}, bool automatic = true)
      : config(configuration),
        memory(kBytes),
        automatic_bus(automatic),
        dmac(config, *this,
             {.interrupt =
                  [this](unsigned n, bool level) {
                    interrupts = static_cast<u32>((interrupts & ~(1u << n)) | u32{level} << n);
                  },
              .abort = [this](bool level) { abort = level; },
              .acknowledge =
                  [this](unsigned n, bool burst) {
                    acknowledged.push_back({n, burst});
                  },
              .flush = [this](unsigned n) { flushed.push_back(n); }}) {}

  // Registers
  u64 read(u64 offset, Security security = Security::NonSecure) {
    return dmac.access({.offset = offset, .security = security}).value;
  }
  void write(u64 offset, u64 value, Security security = Security::NonSecure) {
    if (!dmac.access({.offset = offset, .write = true, .value = value, .security = security}).ok) std::abort();
  }
  unsigned state(unsigned channel) { return static_cast<unsigned>(read(0x100 + 8 * channel) & 15); }
  u32 pc(unsigned channel) { return static_cast<u32>(read(0x104 + 8 * channel)); }
  u32 source(unsigned channel) { return static_cast<u32>(read(0x400 + 0x20 * channel)); }
  u32 destination(unsigned channel) { return static_cast<u32>(read(0x404 + 0x20 * channel)); }
  u32 fault(unsigned channel) { return static_cast<u32>(read(0x40 + 4 * channel)); }

  // Memory
  void place(u32 address, const std::vector<u8>& bytes) {
    std::copy(bytes.begin(), bytes.end(), memory.begin() + address);
  }
  void pattern(u32 address, u32 bytes, u8 first = 1) {
    for (u32 i = 0; i < bytes; ++i) memory[address + i] = static_cast<u8>(first + i * 7 + i / 256);
  }
  std::vector<u8> part(u32 address, u32 bytes) const {
    return {memory.begin() + address, memory.begin() + address + bytes};
  }

  // The debug interface
  void debug(bool channel_thread, unsigned channel, const Microcode& instruction,
             Security security = Security::NonSecure) {
    std::vector<u8> code = instruction.bytes();
    code.resize(6);
    write(0xD08, code[1] << 24 | code[0] << 16 | channel << 8 | channel_thread, security);
    write(0xD0C, code[2] | code[3] << 8 | code[4] << 16 | u64{code[5]} << 24, security);
    write(0xD04, 0, security);
  }
  void go(unsigned channel, const Microcode& program, bool non_secure = true) {
    const u32 at = kCode + channel * kCodeBytes;
    place(at, program.bytes());
    debug(false, 0, Microcode().go(channel, non_secure, at), non_secure ? Security::NonSecure : Security::Secure);
  }

  /// Until nothing is due, or for so many cycles; how many passed.
  u64 run(u64 limit = 100'000) {
    const u64 begin = now;
    for (;;) {
      dmac.advance();
      if (automatic_bus) serve();
      const auto next = dmac.next();
      if (!next || *next > begin + limit) break;
      now = std::max(now, *next);
    }
    if (dmac.next()) now = begin + limit;
    return now - begin;
  }
  /// All that is on its way to the bus.
  void serve() {
    while (const auto ticket = dmac.take()) {
      log.push_back(*ticket->transaction);
      dmac.finished(ticket->id, perform(*ticket->transaction), now + latency + (jitter ? jitter() : 0));
    }
  }
  bool perform(devices::pl330::Transaction& transaction) {
    const u64 at = transaction.address.value;
    const std::span<u8> data = transaction.payload();
    const u32 beat = transaction.beat_bytes;
    if (at >= kBytes || kBytes - at < (beat ? beat : data.size())) return false;
    for (std::size_t i = 0; i < data.size(); ++i) {
      u8& cell = memory[at + (beat ? i % beat : i)];
      if (transaction.kind == devices::pl330::Transaction::Kind::Write) {
        cell = data[i];
      } else {
        data[i] = cell;
      }
    }
    return true;
  }
  /// Those of data, in the order in which they were asked for.
  std::vector<devices::pl330::Transaction> transfers() const {
    std::vector<devices::pl330::Transaction> found;
    for (const auto& transaction : log) {
      if (transaction.kind != devices::pl330::Transaction::Kind::Fetch) found.push_back(transaction);
    }
    return found;
  }

  devices::pl330::Config config;
  std::vector<u8> memory;
  bool automatic_bus;
  u64 latency = kLatency;
  std::function<u64()> jitter;  ///< cycles that a transaction takes longer
  u64 now = 0;
  u32 interrupts = 0;
  bool abort = false;
  std::vector<std::pair<unsigned, bool>> acknowledged;
  std::vector<unsigned> flushed;
  std::vector<devices::pl330::Transaction> log;
  devices::pl330::Pl330 dmac;

 private:
  u64 cycle() const override { return now; }
};

}  // namespace tw::test
