#include "platforms/dma_study/address_spaces.hpp"

#include <algorithm>
#include <numeric>

#include "devices/traffic/data.hpp"
#include "platforms/tables/guest_memory.hpp"

namespace tw::study {

namespace traffic = devices::traffic;
using traffic::Window;

namespace {

bool has_stage1(const Config& config) { return config.translation == "stage1" || config.translation == "nested"; }
bool has_stage2(const Config& config) { return config.translation == "stage2" || config.translation == "nested"; }
bool is_translated(const Config& config) { return has_stage1(config) || has_stage2(config); }

}  // namespace

AddressSpaces::AddressSpaces(const Context& context, const std::vector<Window>& windows)
    : config_(context.config),
      memory_(context.memory),
      random_(context.seed),
      stream_tables_(std::make_unique<tables::StreamTables>(context.memory, context.sid_bits, context.pa_bits)) {
  for (std::size_t first = 0; first < windows.size();) {
    std::size_t end = first;
    while (end < windows.size() && windows[end].stream == windows[first].stream) ++end;
    add_stream(std::span(windows).subspan(first, end - first));
    first = end;
  }
}

AddressSpaces::~AddressSpaces() = default;

/// With stage 2 a stream is a virtual machine, and its substreams are processes of it.
void AddressSpaces::add_stream(std::span<const Window> windows) {
  tables::PageTables* stage2 = nullptr;
  tables::GuestMemory* guest = nullptr;
  tables::StreamTranslation translation;
  translation.stream = windows.front().stream;
  translation.tables = &memory_;
  if (has_stage2(config_)) {
    const tables::TableFormat format{.stage2 = true,
                                     .granule = config_.granule2,
                                     .leaf = config_.leaf2,
                                     .input_bits = static_cast<unsigned>(config_.ipa_bits)};
    stage2 = stage2_.emplace_back(std::make_unique<tables::PageTables>(format, memory_)).get();
    translation.stage2 = tables::StageTwo{format, stage2->root(), Vmid{static_cast<u16>(stage2_.size())}};
    if (has_stage1(config_)) {
      guest = guests_.emplace_back(std::make_unique<tables::GuestMemory>(*stage2, memory_)).get();
      translation.tables = guest;
    }
  }
  for (const Window& window : windows) {
    add_window(window, stage2, guest);
    AddressSpace& space = spaces_.back();
    if (translation.stage2) space.vmid = translation.stage2->vmid;
    if (!space.stage1) continue;
    translation.stage1.resize(window.substream + 1);
    translation.stage1[window.substream] =
        tables::StageOne{space.stage1->format(), space.stage1->root(), space.asid, config_.faults == "stall"};
  }
  stream_tables_->add(translation);
}

void AddressSpaces::add_window(const Window& window, tables::PageTables* stage2, tables::GuestMemory* guest) {
  AddressSpace& space = spaces_.emplace_back();
  space.window = window;
  if (has_stage1(config_)) {
    const tables::TableFormat format{
        .granule = config_.granule, .leaf = config_.leaf, .input_bits = static_cast<unsigned>(config_.va_bits)};
    tables::TableMemory& tables = guest != nullptr ? static_cast<tables::TableMemory&>(*guest) : memory_;
    space.stage1 = std::make_unique<tables::PageTables>(format, tables);
    space.asid = Asid{static_cast<u16>(spaces_.size())};
  }
  if (config_.work == "stream") map_window(space, stage2, guest);
  for (const Piece& piece : space.pieces) {
    traffic::fill(memory_.bytes(piece.pa, piece.bytes), piece.at, window.salt, traffic::Version::Initial);
  }
}

/// Without translation a window is where its memory is: it moves there.
void AddressSpaces::map_window(AddressSpace& space, tables::PageTables* stage2, tables::GuestMemory* guest) {
  const Window& window = space.window;
  if (!is_translated(config_)) {
    space.window.base = Iova{memory_.take(window.bytes, config_.granule).value};
    space.pieces.push_back({space.window.base, Pa{space.window.base.value}, window.bytes});
    return;
  }
  const u64 leaf = space.stage1 ? config_.leaf : config_.leaf2;
  const u64 first = window.base.align_down(leaf).value;
  const u64 count = (window.base.value + window.bytes - first + leaf - 1) / leaf;
  const std::vector<u64> places = order(count);
  const u64 step = guest != nullptr ? std::min(leaf, config_.leaf2) : leaf;
  const Ipa intermediate =
      guest != nullptr ? guest->take(count * leaf, std::max(leaf, config_.leaf2), order(count * leaf / config_.leaf2))
                       : Ipa{};
  const Pa physical = guest != nullptr ? Pa{} : memory_.take(count * leaf, leaf);
  for (u64 n = 0; n < count; ++n) {
    const u64 input = first + n * leaf;
    const u64 output = (guest != nullptr ? intermediate.value : physical.value) + places[n] * leaf;
    if (config_.faults == "stall") {
      space.stage1->leaf_address(input);  // the tables above it are there
      space.unmapped.emplace(input, output);
    } else {
      (space.stage1 ? *space.stage1 : *stage2).map(input, output);
    }
    for (u64 at = 0; at < leaf; at += step) {
      const u64 begin = std::max(input + at, window.base.value);
      const u64 end = std::min(input + at + step, window.base.value + window.bytes);
      if (begin >= end) continue;
      const u64 target = output + (begin - input);
      space.pieces.push_back({Iova{begin}, guest != nullptr ? guest->locate(Ipa{target}) : Pa{target}, end - begin});
    }
  }
}

std::optional<AddressSpaces::Leaf> AddressSpaces::take_unmapped(StreamId stream, u32 substream, Iova at) {
  for (AddressSpace& space : spaces_) {
    if (space.window.stream != stream || space.window.substream != substream) continue;
    const auto found = space.unmapped.find(at.align_down(config_.leaf).value);
    if (found == space.unmapped.end()) return std::nullopt;
    const Leaf leaf{Pa{space.stage1->leaf_address(found->first)}, space.stage1->leaf_descriptor(found->second)};
    space.unmapped.erase(found);
    return leaf;
  }
  return std::nullopt;
}

/// A permutation, or as they come.
std::vector<u64> AddressSpaces::order(u64 count) {
  std::vector<u64> places(count);
  std::iota(places.begin(), places.end(), u64{0});
  for (u64 n = count; config_.shuffle && n > 1; --n) std::swap(places[n - 1], places[random_.below(n)]);
  return places;
}

u64 AddressSpaces::wrong_words() const {
  constexpr u64 kWord = 8;
  u64 wrong = 0;
  for (const AddressSpace& space : spaces_) {
    for (const Piece& piece : space.pieces) {
      const std::span<const u8> bytes = memory_.bytes(piece.pa, piece.bytes);
      if (traffic::is_right(bytes, piece.at, space.window.salt, true)) continue;
      for (u64 at = 0; at < bytes.size(); at += kWord) {
        const auto word = bytes.subspan(at, std::min(kWord, bytes.size() - at));
        if (!traffic::is_right(word, piece.at + at, space.window.salt, true)) ++wrong;
      }
    }
  }
  return wrong;
}

}  // namespace tw::study
