// Software that writes garbage into microcode and registers, and a bus that answers when and how it likes: time
// passes, the wires tell of changes only, and once the bus has answered DMAKILL stops every thread.
#include <vector>

#include "fuzz/input.hpp"
#include "support/pl330_rig.hpp"

using namespace tw;
using namespace tw::devices::pl330;
using test::Microcode;

namespace {

struct Machine final : CyclePort {
  static constexpr u32 kBytes = 0x1000;
  u64 now = 0;
  u32 levels = 0;
  bool abort = false;
  std::vector<u8> memory = std::vector<u8>(kBytes);
  std::vector<Pl330::Ticket> on_bus;
  Config config;
  Pl330 dmac;

  explicit Machine(const Config& c)
      : config(c),
        dmac(config, *this,
             {.interrupt =
                  [this](unsigned n, bool level) {
                    fuzz::require(((levels >> n & 1) != 0) != level);
                    levels ^= 1u << n;
                  },
              .abort =
                  [this](bool level) {
                    fuzz::require(level != abort);
                    abort = level;
                  },
              .acknowledge = {},
              .flush = {}}) {}
  u64 cycle() const override { return now; }

  u64 read(u64 offset) { return dmac.access({.offset = offset, .security = Security::Secure}).value; }
  void write(u64 offset, u64 value) {
    dmac.access({.offset = offset, .write = true, .value = value, .security = Security::Secure});
  }
  void debug(bool channel_thread, unsigned channel, const Microcode& instruction) {
    std::vector<u8> code = instruction.bytes();
    code.resize(6);
    write(0xD08, code[1] << 24 | code[0] << 16 | channel << 8 | channel_thread);
    write(0xD0C, code[2] | code[3] << 8 | code[4] << 16 | u64{code[5]} << 24);
    write(0xD04, 0);
  }
  void take() {
    while (const auto ticket = dmac.take()) on_bus.push_back(*ticket);
    fuzz::require(on_bus.size() <= config.read_capacity + config.write_capacity + 1);
  }
  void answer(std::size_t which, bool ok) {
    const Pl330::Ticket ticket = on_bus[which];
    on_bus.erase(on_bus.begin() + static_cast<long>(which));
    Transaction& transaction = *ticket.transaction;
    fuzz::require(transaction.bytes != 0 && transaction.bytes <= Transaction::kMostBytes);
    const u64 at = transaction.address.value;
    fuzz::require(transaction.beat_bytes != 0 || at / 4096 == (at + transaction.bytes - 1) / 4096);
    for (u32 i = 0; i < transaction.bytes; ++i) {
      u8& cell = memory[(at + i) % kBytes];
      if (transaction.kind == Transaction::Kind::Write) {
        cell = transaction.data[i];
      } else {
        transaction.data[i] = cell;
      }
    }
    dmac.finished(ticket.id, ok, now + at % 7);
  }
  void pass(u64 cycles) {
    now += cycles;
    dmac.advance();
    take();
    const auto next = dmac.next();
    fuzz::require(!next || *next > now);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  Config config;
  config.channels = 1 + input.below(8);
  config.events = 1 + input.below(32);
  config.peripherals = input.below(33);
  config.data_width = u64{32} << input.below(3);
  config.mfifo_depth = 1 + input.take<u8>();
  config.read_capacity = 1 + input.below(8);
  config.write_capacity = 1 + input.below(8);
  config.read_queue = 1 + input.below(16);
  config.write_queue = 1 + input.below(16);
  config.cache_lines = 1 + input.below(16);
  config.cache_line_bytes = u64{4} << input.below(4);
  config.manager_nonsecure = input.flag();
  config.events_nonsecure = input.take<u32>();
  config.boot_from_pc = input.flag();
  config.watchdog = 1 + input.take<u8>();
  config.run_ahead = input.take<u8>();
  Machine machine(config);
  const auto rows = instruction_rows();
  while (!input.empty()) {
    switch (input.below(8)) {
      case 0:  // any register
        machine.write(4 * (input.take<u16>() % 0x400), input.take<u32>());
        break;
      case 1:  // bytes somewhere
        machine.memory[input.take<u16>() % Machine::kBytes] = input.take<u8>();
        break;
      case 2: {  // instructions one after the other
        u32 at = input.take<u16>();
        for (unsigned i = input.below(16); i > 0; --i) {
          const InstructionRow& row = rows[input.below(static_cast<unsigned>(rows.size()))];
          machine.memory[at++ % Machine::kBytes] = static_cast<u8>(row.match | (input.take<u8>() & ~row.mask));
          for (unsigned byte = 1; byte < row.bytes; ++byte) machine.memory[at++ % Machine::kBytes] = input.take<u8>();
        }
        break;
      }
      case 3:
        machine.debug(false, 0, Microcode().go(input.below(8), input.flag(), input.take<u16>()));
        break;
      case 4:
        machine.debug(true, input.below(8), Microcode().kill());
        break;
      case 5:
        if (config.peripherals != 0) {
          machine.dmac.request(input.below(static_cast<unsigned>(config.peripherals)),
                               {.burst = input.flag(), .last = input.flag()});
        }
        break;
      case 6:
        machine.pass(input.take<u8>());
        break;
      default:
        if (!machine.on_bus.empty()) {
          machine.answer(input.below(static_cast<unsigned>(machine.on_bus.size())), input.below(16) != 0);
        }
        break;
    }
  }
  for (unsigned n = 0; n < config.channels; ++n) {
    machine.pass(300);
    machine.debug(true, n, Microcode().kill());
  }
  machine.pass(300);
  machine.debug(false, 0, Microcode().kill());
  for (unsigned round = 0; round < 4; ++round) {
    machine.pass(1000);
    while (!machine.on_bus.empty()) machine.answer(0, true);
  }
  machine.pass(1000);
  for (unsigned n = 0; n < config.channels; ++n) fuzz::require((machine.read(0x100 + 8 * n) & 15) == 0);
  fuzz::require(!machine.abort && (machine.read(0) & 15) == 0);
  fuzz::require(!machine.dmac.next());
  return 0;
}
