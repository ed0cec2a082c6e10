// The accesses of DMA masters in a trace, through an SMMU: one after another, each waits for its own translation; and
// the commands that software gave the SMMU between them. The cores wait for none of it, nor it for the cores: the
// SMMU's time is its own.
#pragma once

#include <map>

#include "platforms/replay/dma_space.hpp"
#include "platforms/replay/smmu_driver.hpp"
#include "platforms/replay/tables.hpp"
#include "trace/record.hpp"

namespace tw::replay {

class Dma final {
 public:
  /// Throws UserError for what does not go together.
  Dma(const Config& config, const smmu::Config& smmu);

  struct Counts {
    u64 translations = 0;   ///< one a page
    u64 faults = 0;         ///< of these
    u64 moves = 0;          ///< pages that were found elsewhere than before
    u64 invalidations = 0;  ///< commands of the trace that were replayed
  };
  void access(const trace::Record& record);
  /// A command of an SMMU.
  void invalidate(const trace::Record& record);
  /// Nothing more comes.
  void finish() { sync(); }

  const Counts& counts() const { return counts_; }
  u64 leaves() const { return tables_.leaves(); }
  smmu::Smmu& smmu() { return driver_.smmu(); }

 private:
  struct Context {
    DmaSpace name;
    Asid asid{};             ///< here: spaces of several VMs may be in one
    Space* space = nullptr;  ///< none: it was not accessed
  };
  struct Stream {
    const Context* context = nullptr;
    unsigned tbu = 0;
  };

  Context* context_of(const DmaSpace& name);
  Stream* stream_of(const trace::Record& record);
  void configure(Stream& stream, StreamId number, Context& context);
  Vmid vmid_of(const DmaSpace& name) const;
  void map(const Context& context, u64 address, const Place* place);
  void translate(const Stream& stream, const smmu::Request& request);
  void invalidate(trace::Scope scope, Vmid vmid, Asid asid, const trace::Record& record);
  void sync();

  const Config config_;
  const smmu::Config smmu_;
  const bool own_;
  const unsigned tbus_;
  Tables tables_;
  SmmuMemory memory_;
  SmmuDriver driver_;
  std::map<DmaSpace, Context> contexts_;
  std::map<StreamId, Stream> streams_;
  bool told_ = false;      ///< the trace has the commands of its SMMU
  bool unsynced_ = false;  ///< no CMD_SYNC behind the last command
  Counts counts_;
};

}  // namespace tw::replay
