// The pipeline models against what can be counted by hand.
#include <gtest/gtest.h>

#include "cpu/config.hpp"
#include "cpu/pipeline/pipeline.hpp"

namespace tw::cpu {
namespace {

using cost::Cause;
using Model = Pipeline::Model;

Config core(const char* model, u64 width, u64 window = 128) {
  Config config;
  config.pipeline.model = model;
  config.pipeline.width = width;
  config.pipeline.commit_width = width;
  config.pipeline.window = window;
  config.pipeline.mispredict_penalty = 15;
  config.pipes.count.fill(6);  // no pipe is short, but in the test about pipes
  return config;
}

OpTiming alu(u8 to, u8 from = reg::kNone) {
  OpTiming op;
  op.timing = TimingClass::Alu;
  op.source[0] = from;
  op.destination[0] = to;
  return op;
}
OpTiming load(u8 to, u8 base = reg::kNone) {
  OpTiming op = alu(to, base);
  op.timing = TimingClass::Load;
  op.flags = kOpLoad;
  return op;
}
OpTiming store(u8 data, u8 base = reg::kNone) {
  OpTiming op;
  op.timing = TimingClass::Store;
  op.flags = kOpStore;
  op.source[0] = base;
  op.source[kFirstDataSource] = data;
  return op;
}
OpTiming branch(u8 on = reg::kNone) {
  OpTiming op;
  op.timing = TimingClass::BranchConditional;
  op.flags = kOpBranch | kOpConditional;
  op.source[0] = on;
  return op;
}

template <Model model>
struct Bench {
  explicit Bench(const Config& config) : pipeline(config, ledger) { pipeline.reset(); }
  void run(const OpTiming& op, u64 memory = 0, u64 l2 = 0) {
    const Cause cause = row_of(op.timing).cause;
    pipeline.begin<model>(op, cause);
    pipeline.data().add(Cause::L2Cache, l2);
    pipeline.data().add(Cause::Memory, memory);
    pipeline.end<model>(op, cause);
  }
  void branch_to(const OpTiming& op, bool taken, Prediction prediction) {
    run(op);
    pipeline.branched(taken, prediction);
  }
  u64 drained() {
    pipeline.drain();
    return ledger.elapsed();
  }
  u64 charged(Cause cause) {
    ledger.settle();
    u64 sum = 0;
    for (const auto& [context, account] : ledger.accounts()) sum += account.cycles[static_cast<unsigned>(cause)];
    return sum;
  }
  cost::CoreLedger ledger{0};
  Pipeline pipeline;
};

template <Model model>
u64 cycles_of(const Config& config, unsigned count, const auto& op_of) {
  Bench<model> bench(config);
  for (unsigned n = 0; n < count; ++n) bench.run(op_of(n));
  return bench.drained();
}

TEST(InOrder, IssuesItsWidthAndWaitsForOperands) {
  const auto independent = [](unsigned n) { return alu(static_cast<u8>(n % 30)); };
  const auto chain = [](unsigned) { return alu(1, 1); };
  for (const u64 width : {u64{1}, u64{2}, u64{3}}) {
    EXPECT_EQ(cycles_of<Model::InOrder>(core("in-order", width), 60, independent), 60 / width) << width;
  }
  EXPECT_EQ(cycles_of<Model::InOrder>(core("in-order", 2), 60, chain), 60u);
}

TEST(InOrder, LoadUseCostsTheLatencyAndBelongsToTheLoad) {
  for (const u64 latency : {u64{2}, u64{3}, u64{4}}) {
    Config config = core("in-order", 1);
    config.latency.cycles[static_cast<unsigned>(TimingClass::Load)] = latency;
    Bench<Model::InOrder> bench(config);
    bench.run(load(1));
    bench.run(alu(2, 1));
    EXPECT_EQ(bench.drained(), latency + 1);
    EXPECT_EQ(bench.charged(Cause::Load), latency) << "the cycles until the operand is there";
    EXPECT_EQ(bench.charged(Cause::Integer), 1u);
  }
}

TEST(InOrder, AMissIsWaitedForByWhoUsesIt) {
  Bench<Model::InOrder> bench(core("in-order", 1));
  bench.run(load(1), 100, 10);
  for (unsigned n = 0; n < 20; ++n) bench.run(alu(static_cast<u8>(2 + n % 8)));
  EXPECT_EQ(bench.ledger.elapsed(), 20u) << "stalls on use, not on the miss";
  bench.run(alu(20, 1));
  EXPECT_EQ(bench.ledger.elapsed(), 111u);
  EXPECT_EQ(bench.charged(Cause::Memory), 90u) << "what is exposed are the last parts of the access";
  EXPECT_EQ(bench.charged(Cause::L2Cache), 0u);
}

TEST(InOrder, APipeTakesOneInstructionAnInterval) {
  Config config = core("in-order", 2);
  config.pipes.count[static_cast<unsigned>(Pipe::Load)] = 1;
  const auto loads = [](unsigned n) { return load(static_cast<u8>(n % 30)); };
  EXPECT_EQ(cycles_of<Model::InOrder>(config, 40, loads), 40u);
  config.pipes.count[static_cast<unsigned>(Pipe::Load)] = 2;
  EXPECT_EQ(cycles_of<Model::InOrder>(config, 40, loads), 20u);
  config.pipes.count[static_cast<unsigned>(Pipe::Load)] = 1;
  config.interval.cycles[static_cast<unsigned>(TimingClass::Load)] = 3;
  EXPECT_EQ(cycles_of<Model::InOrder>(config, 40, loads), 39 * 3 + 1u);
}

TEST(OutOfOrder, DispatchesItsWidthAndRunsChainsAtTheirLatency) {
  const auto independent = [](unsigned n) { return alu(static_cast<u8>(n % 30)); };
  const auto chain = [](unsigned) { return alu(1, 1); };
  for (const u64 width : {u64{1}, u64{2}, u64{3}, u64{4}}) {
    EXPECT_EQ(cycles_of<Model::OutOfOrder>(core("out-of-order", width), 120, independent), 120 / width) << width;
  }
  EXPECT_EQ(cycles_of<Model::OutOfOrder>(core("out-of-order", 3), 600, chain), 600u);
}

TEST(OutOfOrder, TheWindowHidesAMissUntilItIsFull) {
  constexpr u64 kMiss = 500, kWindow = 64, kWidth = 2;
  const auto elapsed_with = [&](unsigned behind) {
    Bench<Model::OutOfOrder> bench(core("out-of-order", kWidth, kWindow));
    bench.run(load(1), kMiss);
    for (unsigned n = 0; n < behind; ++n) bench.run(alu(static_cast<u8>(2 + n % 8)));
    return bench.ledger.elapsed();
  };
  EXPECT_EQ(elapsed_with(kWindow - 1), (kWindow - 1) / kWidth) << "all of them have room";
  EXPECT_EQ(elapsed_with(kWindow), kMiss + 1) << "one more waits for the load";
}

TEST(OutOfOrder, IndependentMissesOverlapAndDependentOnesDoNot) {
  constexpr u64 kMiss = 100;
  Bench<Model::OutOfOrder> parallel(core("out-of-order", 1)), serial(core("out-of-order", 1));
  for (unsigned n = 0; n < 8; ++n) parallel.run(load(static_cast<u8>(1 + n)), kMiss);
  for (unsigned n = 0; n < 8; ++n) serial.run(load(1, 1), kMiss);
  EXPECT_EQ(parallel.drained(), 7 + 1 + kMiss) << "the last one starts in cycle 7";
  EXPECT_EQ(serial.drained(), 8 * (1 + kMiss));
  EXPECT_EQ(serial.charged(Cause::Memory), serial.ledger.elapsed() - serial.charged(Cause::Load));
}

TEST(OutOfOrder, AWrongPathLastsUntilTheBranchIsResolved) {
  constexpr u64 kMiss = 50;
  Bench<Model::OutOfOrder> bench(core("out-of-order", 1));
  bench.run(load(1), kMiss);
  bench.branch_to(branch(1), true, Prediction::WrongDirection);
  EXPECT_EQ(bench.ledger.elapsed(), 1 + kMiss + 1 + 15) << "load, branch, refill";
  bench.branch_to(branch(), true, Prediction::WrongDirection);
  EXPECT_EQ(bench.ledger.elapsed(), 1 + kMiss + 1 + 15 + 1 + 15);
  EXPECT_EQ(bench.charged(Cause::Mispredict), bench.ledger.elapsed() - 3) << "but for the cycles of the dispatches";
}

TEST(OutOfOrder, StoresWaitInTheBufferAndNotInTheWindow) {
  Config config = core("out-of-order", 1);
  config.pipeline.store_buffer = 4;
  Bench<Model::OutOfOrder> bench(config);
  for (unsigned n = 0; n < 4; ++n) bench.run(store(1), 1000);
  EXPECT_EQ(bench.ledger.elapsed(), 3u);
  bench.run(store(1), 1000);
  EXPECT_GT(bench.ledger.elapsed(), 1000u);
  EXPECT_GT(bench.charged(Cause::StoreBuffer), 990u);
}

TEST(OutOfOrder, AStoreLeavesTheWindowWithItsTranslation) {
  const auto elapsed_with = [](u64 walk, u64 memory) {
    Bench<Model::OutOfOrder> bench(core("out-of-order", 1));
    const OpTiming op = store(1);
    bench.pipeline.begin<Model::OutOfOrder>(op, Cause::Store);
    bench.pipeline.data().add(Cause::WalkStage2, walk);
    bench.pipeline.data().add(Cause::Memory, memory);
    bench.pipeline.end<Model::OutOfOrder>(op, Cause::Store);
    return bench.drained();
  };
  EXPECT_EQ(elapsed_with(0, 0), 1u);
  EXPECT_EQ(elapsed_with(0, 100), 1u) << "the line is waited for in the store buffer";
  EXPECT_EQ(elapsed_with(100, 0), 101u);
  EXPECT_EQ(elapsed_with(101, 100), 102u);
}

TEST(InOrder, WaitingBehindABarrierIsTheBarriersTime) {
  OpTiming barrier;
  barrier.timing = TimingClass::Dmb;
  barrier.flags = kOpAcquire | kOpRelease;
  Bench<Model::InOrder> bench(core("in-order", 1));
  bench.run(load(1), 100);
  bench.run(barrier);
  bench.run(load(2));
  EXPECT_EQ(bench.ledger.elapsed(), 101u) << "the second load issues when the first is complete";
  EXPECT_EQ(bench.charged(Cause::Barrier), 100u) << "the cycle of the barrier, and the wait";
}

TEST(InOrder, AnyNumberOfPipesIsExact) {
  for (const u64 pipes : {u64{5}, u64{7}, u64{8}, u64{11}}) {
    Config config = core("in-order", 12);
    config.pipes.count[static_cast<unsigned>(Pipe::Integer)] = pipes;
    const auto independent = [](unsigned n) { return alu(static_cast<u8>(n % 30)); };
    EXPECT_EQ(cycles_of<Model::InOrder>(config, static_cast<unsigned>(pipes) * 50, independent), 50u) << pipes;
  }
}

TEST(BothModels, EveryCycleIsCharged) {
  Bench<Model::OutOfOrder> bench(core("out-of-order", 3, 16));
  u64 random = 1;
  for (unsigned n = 0; n < 20'000; ++n) {
    random = random * 6364136223846793005 + 1442695040888963407;
    const u8 a = static_cast<u8>((random >> 33) % 31), b = static_cast<u8>((random >> 40) % 31);
    switch ((random >> 50) % 8) {
      case 0:
        bench.run(load(a, b), (random >> 60) * 10, (random >> 58) & 7);
        break;
      case 1:
        bench.run(store(a, b), (random >> 60) * 10);
        break;
      case 2:
        bench.branch_to(branch(a), (random >> 60) & 1, static_cast<Prediction>((random >> 61) % 3));
        break;
      case 3:
        if ((random >> 60) == 0) bench.pipeline.drain();
        break;
      default:
        bench.run(alu(a, b));
    }
  }
  bench.drained();
  bench.ledger.settle();
  EXPECT_EQ(bench.ledger.accounted(), bench.ledger.elapsed());
  EXPECT_GT(bench.ledger.elapsed(), 20'000u / 3);
}

}  // namespace
}  // namespace tw::cpu
