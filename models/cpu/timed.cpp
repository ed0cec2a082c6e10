#include "cpu/timed.hpp"

#include "arm/cpu_model.hpp"
#include "cpu/cpu.hpp"
#include "cpu/engine.hpp"
#include "cpu/fetch.hpp"
#include "cpu/isa/encoding.hpp"
#include "cpu/memory.hpp"
#include "cpu/pipeline/branch_predictor.hpp"

namespace tw::cpu {

namespace {

constexpr unsigned kLineBytes = 64, kOpsPerLine = kLineBytes / 4;

/// Whose time an op is: a move of EL1&0 context registers is a world switch only at the ELs that switch worlds.
cost::Cause cause_of(const Cpu& cpu, const Op* op) {
  return op->cost == cost::Cause::ContextRegister && cpu.pstate.el < El::El2 ? cost::Cause::SystemRegister : op->cost;
}

inline const OpTiming& timing_of(Cpu& cpu, const Op* op) {
  CodePage& page = *cpu.page;
  OpTiming& timing = (*page.timing)[static_cast<std::size_t>(op - page.ops.data())];
  if (!timing.known) [[unlikely]] {
    timing = time_of(op->insn, find_a64(op->insn), cpu.model.features.pauth);
    timing.known = true;
  }
  return timing;
}

/// The instruction side's cache, a line at a time; before anything of the line runs.
void fetch_line(Cpu& cpu, const Op* op) {
  if (!cpu.page->timing) cpu.page->timing = std::make_unique<std::array<OpTiming, kOpsPerPage + 1>>();
  const auto slot = static_cast<std::size_t>(op - cpu.page->ops.data());
  const std::size_t first = slot & ~std::size_t{kOpsPerLine - 1};
  cpu.fetched_line = cpu.page->ops.data() + first;
  if (cpu.caches == nullptr || !cpu.page->cacheable) return;
  const Pa line = cpu.page->pa + first * 4;
  if (cpu.caches->hits(line, cpu.ledger.elapsed(), kLineBytes, CachePort::Kind::Fetch, security_of(cpu))) return;
  cost::Latency latency;
  CachePort::Access access = cache_access_of(cpu, op, line, CachePort::Kind::Fetch, kLineBytes);
  access.now = cpu.ledger.elapsed();
  cpu.caches->access(access, latency);
  if (latency.total() != 0) cpu.pipeline.fetched(latency);
}

/// Executes an op in the time of the pipeline model.
template <Pipeline::Model model, bool by_op>
[[gnu::always_inline]] inline const Op* run_op(Cpu& cpu, const Op* op) {
  const auto execute = [&] { return by_op ? run_counted(cpu, op) : op->run(cpu, op); };
  if (op->run == page_end) [[unlikely]]
    return execute();
  if (reinterpret_cast<u64>(op) - reinterpret_cast<u64>(cpu.fetched_line) >= u64{kOpsPerLine} * sizeof(Op))
    fetch_line(cpu, op);
  const cost::Cause cause = cause_of(cpu, op);
  if constexpr (model == Pipeline::Model::Simple) {
    // Before it executes, so that an exception's own cost comes after it.
    cpu.ledger.charge(cause, cpu.cost_of[static_cast<unsigned>(cause)]);
    return execute();
  } else {
    const OpTiming& kept = timing_of(cpu, op);
    const u64 exceptions = cpu.exceptions;
    const u64 behind = kept.is(kOpBranch) ? pc_of(cpu, op) + 4 : 0;
    cpu.pipeline.begin<model>(kept, cause);
    const OpTiming timing = kept;  // the page may go with what it executes; read from where it is kept until then
    const Op* const next = execute();
    if (next == &cpu.exit_op && cpu.exceptions != exceptions) return next;  // it has not completed
    cpu.pipeline.end<model>(timing, cause);
    if (timing.is(kOpBranch)) {
      const u64 target = next == &cpu.exit_op ? cpu.pc : pc_of(cpu, next);
      const bool taken = target != behind;
      const Prediction prediction = cpu.predictor->predict_and_train({.pc = behind - 4,
                                                                      .target = taken ? target : behind - 4 + op->imm,
                                                                      .kind = branch_kind_of(timing),
                                                                      .taken = taken});
      cpu.pipeline.branched(taken, prediction);
    }
    return next;
  }
}

/// Places every op in the time of the pipeline model; stops at the exact instruction.
template <Pipeline::Model model>
struct PipelineTiming {
  static void run(Cpu& cpu, const Op* op) { follow<false>(cpu, op); }
  static void run_by_op(Cpu& cpu, const Op* op) { follow<true>(cpu, op); }

 private:
  template <bool by_op>
  static void follow(Cpu& cpu, const Op* op) {
    const Op* const exit = &cpu.exit_op;
    while (true) {
      if (is_pseudo(op)) [[unlikely]] {
        if (!executes(cpu, op)) {
          op->run(cpu, op);
          return;
        }
      }
      const Op* next = run_op<model, by_op>(cpu, op);
      if (next == exit) return;
      if (cpu.ledger.elapsed() >= cpu.cycle_limit) {
        settle_before(cpu, next);
        cpu.pc = pc_of(cpu, next);
        return;
      }
      op = next;
    }
  }
};

}  // namespace

void run_timed(Cpu& cpu, const Op* op) {
  const auto run = [&]<class Timing>(Timing) { cpu.pmu.by_op ? Timing::run_by_op(cpu, op) : Timing::run(cpu, op); };
  switch (cpu.pipeline.model()) {
    case Pipeline::Model::Simple:
      return run(PipelineTiming<Pipeline::Model::Simple>{});
    case Pipeline::Model::InOrder:
      return run(PipelineTiming<Pipeline::Model::InOrder>{});
    case Pipeline::Model::OutOfOrder:
      return run(PipelineTiming<Pipeline::Model::OutOfOrder>{});
  }
}

const Op* run_one_timed(Cpu& cpu, const Op* op) {
  const bool by_op = cpu.pmu.by_op;
  const auto run = [&]<Pipeline::Model model>() {
    return by_op ? run_op<model, true>(cpu, op) : run_op<model, false>(cpu, op);
  };
  switch (cpu.pipeline.model()) {
    case Pipeline::Model::InOrder:
      return run.template operator()<Pipeline::Model::InOrder>();
    case Pipeline::Model::OutOfOrder:
      return run.template operator()<Pipeline::Model::OutOfOrder>();
    default:
      return run.template operator()<Pipeline::Model::Simple>();
  }
}

}  // namespace tw::cpu
