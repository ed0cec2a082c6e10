// Stream table, STEs and CDs (IHI 0070, 3.3, 5.2, 5.4), laid into memory for the streams of a study.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "platforms/tables/physical_memory.hpp"

namespace tw::tables {

/// One translation stage of a stream or substream.
struct StageOne {
  TableFormat format;
  u64 root = 0;  ///< a Pa, or an Ipa with stage 2
  Asid asid{};
  bool stalls = false;  ///< CD.S
};
struct StageTwo {
  TableFormat format;
  u64 root = 0;
  Vmid vmid{};
};

/// A stream's translation: neither stage is bypass. With substreams, number n of `stage1` is that of SubstreamID n, and
/// 0 is unused.
struct StreamTranslation {
  StreamId stream{};
  std::vector<std::optional<StageOne>> stage1;
  std::optional<StageTwo> stage2;
  /// Where the CDs go, in the address space of stage 1's tables: with stage 2, intermediate.
  TableMemory* tables = nullptr;
};

class StreamTables final {
 public:
  /// A linear table for `bits` of StreamID, all of whose STEs abort. `pa_bits`: what the SMMU puts out.
  StreamTables(PhysicalMemory& memory, unsigned bits, unsigned pa_bits);
  /// In the place of what the stream had before.
  void add(const StreamTranslation& translation);
  u64 strtab_base() const;
  u32 strtab_base_cfg() const { return bits_; }

 private:
  u64 write_cds(const StreamTranslation& translation, unsigned log2_count);

  PhysicalMemory& memory_;
  u32 bits_;
  unsigned pa_bits_;
  Pa table_;
  /// CDs, by stream and where they are, and how many at a time.
  std::map<std::pair<StreamId, const TableMemory*>, std::pair<u64, unsigned>> cds_;
};

}  // namespace tw::tables
