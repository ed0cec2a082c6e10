#include "platforms/report/pl330.hpp"

#include <fmt/format.h>

#include "platforms/report/format.hpp"
#include "platforms/report/pairs.hpp"
#include "platforms/report/report.hpp"

namespace tw::report {
namespace {

using enum Align;

void merge(Pl330Bursts& to, const Pl330Bursts& more) {
  to.count += more.count;
  to.bytes += more.bytes;
  to.cycles += more.cycles;
}

void merge(Pl330Thread& to, const Pl330Thread& more) {
  to.starts += more.starts;
  to.instructions += more.instructions;
  to.fetches += more.fetches;
  merge(to.reads, more.reads);
  merge(to.writes, more.writes);
  to.faults += more.faults;
}

bool is_idle(const Pl330Thread& thread) { return thread == Pl330Thread{.name = thread.name}; }

std::string zero_as_empty(u64 number) { return number == 0 ? "" : grouped(number); }
std::string mean(const Pl330Bursts& bursts) {
  return bursts.count == 0 ? "" : decimal(per(bursts.cycles, bursts.count));
}

void add_threads(Pairs& pairs, const Report& report, bool second) {
  for (const Pl330& dmac : report.pl330) {
    for (const Pl330Thread& thread : dmac.threads) {
      const auto add = [&](std::string_view what, u64 value) {
        pairs.add(fmt::format("{}: {}", thread.name, what), value, second);
      };
      add("programs", thread.starts);
      add("instructions", thread.instructions);
      add("microcode lines", thread.fetches);
      add("reads", thread.reads.count);
      add("bytes read", thread.reads.bytes);
      add("cycles of reads", thread.reads.cycles);
      add("writes", thread.writes.count);
      add("bytes written", thread.writes.bytes);
      add("cycles of writes", thread.writes.cycles);
      add("faults", thread.faults);
    }
  }
}

}  // namespace

void merge(Pl330& to, const Pl330& more) {
  for (const Pl330Thread& thread : more.threads) {
    const auto same = std::ranges::find(to.threads, thread.name, &Pl330Thread::name);
    if (same == to.threads.end()) {
      to.threads.push_back(thread);
    } else {
      merge(*same, thread);
    }
  }
}

std::string pl330_text(const Report& report) {
  std::string out;
  for (const Pl330& dmac : report.pl330) {
    TextTable table({{"thread", Left},
                     {"programs"},
                     {"instructions"},
                     {"microcode lines"},
                     {"reads"},
                     {"bytes read"},
                     {"cycles a read"},
                     {"writes"},
                     {"bytes written"},
                     {"cycles a write"},
                     {"faults"}});
    for (const Pl330Thread& thread : dmac.threads) {
      if (is_idle(thread)) continue;
      table.row({thread.name, zero_as_empty(thread.starts), grouped(thread.instructions), grouped(thread.fetches),
                 zero_as_empty(thread.reads.count), zero_as_empty(thread.reads.bytes), mean(thread.reads),
                 zero_as_empty(thread.writes.count), zero_as_empty(thread.writes.bytes), mean(thread.writes),
                 zero_as_empty(thread.faults)});
    }
    table.drop_empty_columns();
    const std::string about = fmt::format("reads and writes are bursts; cycles of {} MHz", grouped(dmac.frequency_mhz));
    out += heading("DMA controller (PL330)", about) + (table.empty() ? "  it did nothing\n" : table.text());
  }
  return out;
}

std::vector<PairTable> compare_pl330(const Report& a, const Report& b) {
  if (a.pl330.empty() && b.pl330.empty()) return {};
  Pairs pairs;
  add_threads(pairs, a, false);
  add_threads(pairs, b, true);
  return {{"pl330", "DMA controller (PL330)", "thread", pairs.take()}};
}

}  // namespace tw::report
