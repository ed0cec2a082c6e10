// The address spaces of all streams: buffers, translation tables, stream table, and what belongs into the buffers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "devices/traffic/generator.hpp"
#include "platforms/dma_study/config.hpp"
#include "platforms/tables/page_tables.hpp"
#include "platforms/tables/physical_memory.hpp"
#include "platforms/tables/stream_tables.hpp"

namespace tw::tables {
class GuestMemory;
}

namespace tw::study {

/// A stretch of a window and the memory that it leads to.
struct Piece {
  Iova at{};
  Pa pa{};
  u64 bytes = 0;
};

struct AddressSpace {
  devices::traffic::Window window;
  std::unique_ptr<tables::PageTables> stage1;  ///< none without
  Asid asid{};
  Vmid vmid{};
  std::vector<Piece> pieces;    ///< none where software maps
  std::map<u64, u64> unmapped;  ///< leaves that a fault handler is to map: input address, output address
};

class AddressSpaces final {
 public:
  struct Context {
    const Config& config;
    tables::PhysicalMemory& memory;
    unsigned sid_bits = 0, pa_bits = 0;
    u64 seed = 0;
  };
  /// `windows` of one stream are next to each other. With study.work=io nothing is mapped yet.
  AddressSpaces(const Context& context, const std::vector<devices::traffic::Window>& windows);
  ~AddressSpaces();

  std::vector<AddressSpace>& spaces() { return spaces_; }
  const tables::StreamTables& stream_tables() const { return *stream_tables_; }
  /// The leaf around `at`, which is to be mapped now; none: it is already, or nothing belongs there.
  struct Leaf {
    Pa at{};
    u64 descriptor = 0;
  };
  std::optional<Leaf> take_unmapped(StreamId stream, u32 substream, Iova at);
  /// Bytes of all buffers that do not hold what belongs there, in doublewords; what masters write is right too.
  u64 wrong_words() const;

 private:
  void add_stream(std::span<const devices::traffic::Window> windows);
  void add_window(const devices::traffic::Window& window, tables::PageTables* stage2, tables::GuestMemory* guest);
  void map_window(AddressSpace& space, tables::PageTables* stage2, tables::GuestMemory* guest);
  std::vector<u64> order(u64 count);

  const Config& config_;
  tables::PhysicalMemory& memory_;
  SplitMix64 random_;
  std::unique_ptr<tables::StreamTables> stream_tables_;
  std::vector<std::unique_ptr<tables::PageTables>> stage2_;  ///< by VM
  std::vector<std::unique_ptr<tables::GuestMemory>> guests_;
  std::vector<AddressSpace> spaces_;
};

}  // namespace tw::study
