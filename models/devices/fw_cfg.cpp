#include "devices/fw_cfg.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/bits.hpp"

namespace tw::devices {
namespace {

constexpr std::string_view kSignatureText = "QEMU";
/// "QEMU CFG", what the DMA register reads as.
constexpr u64 kDmaSignature = 0x5145'4D55'2043'4647;
constexpr u64 kIdTraditional = 1, kIdDma = 2;
/// The bits of a selector that are not the key ("Selector (Control) Register").
constexpr u16 kWriteBit = 1 << 14;

// FWCfgDmaAccess: control, length, address, big-endian ("Guest-side DMA Interface").
constexpr std::size_t kDescriptorBytes = 16;
constexpr u32 kError = 1 << 0, kRead = 1 << 1, kSkip = 1 << 2, kSelect = 1 << 3, kWrite = 1 << 4;

constexpr std::size_t kChunk = 4096;

// FWCfgFile: size, key, reserved, name, big-endian.
constexpr std::size_t kNameBytes = FwCfg::kLongestName + 1;

u64 reversed(u64 value, unsigned bytes) {
  u64 result = 0;
  for (unsigned n = 0; n < bytes; ++n) result = result << 8 | bit_field(value, 8 * n, 8);
  return result;
}

u64 big_endian(std::span<const u8> bytes) {
  u64 value = 0;
  for (const u8 byte : bytes) value = value << 8 | byte;
  return value;
}

void append_big_endian(FwCfg::Bytes& to, u64 value, unsigned bytes) {
  for (unsigned n = bytes; n-- > 0;) to.push_back(static_cast<u8>(value >> (8 * n)));
}

}  // namespace

FwCfg::FwCfg(DmaPort& dma) : dma_(dma) {
  add(kSignature, Bytes(kSignatureText.begin(), kSignatureText.end()));
  add_number(kId, kIdTraditional | kIdDma, 4);
  rebuild_directory();
}

void FwCfg::reset() {
  select(kSignature);
  dma_address_ = 0;
}

void FwCfg::add(u16 key, Bytes blob) { blobs_[key] = std::move(blob); }

void FwCfg::add_number(u16 key, u64 value, unsigned bytes) {
  Bytes blob;
  for (unsigned n = 0; n < bytes; ++n) blob.push_back(static_cast<u8>(value >> (8 * n)));
  add(key, std::move(blob));
}

void FwCfg::add_file(std::string_view name, Bytes blob) {
  const bool known = std::any_of(files_.begin(), files_.end(), [&](const File& file) { return file.name == name; });
  if (known || name.empty() || name.size() > kLongestName) {
    throw std::logic_error("fw_cfg: a file cannot be called '" + std::string(name) + "'");
  }
  const auto key = static_cast<u16>(kFirstFile + files_.size());
  files_.push_back({std::string(name), key});
  add(key, std::move(blob));
  rebuild_directory();
}

void FwCfg::rebuild_directory() {
  Bytes directory;
  append_big_endian(directory, files_.size(), 4);
  for (const File& file : files_) {
    append_big_endian(directory, blobs_.at(file.key).size(), 4);
    append_big_endian(directory, file.key, 2);
    append_big_endian(directory, 0, 2);
    directory.insert(directory.end(), file.name.begin(), file.name.end());
    directory.insert(directory.end(), kNameBytes - file.name.size(), 0);
  }
  add(kFileDirectory, std::move(directory));
}

void FwCfg::select(u16 key) {
  key_ = static_cast<u16>(key & ~kWriteBit);
  offset_ = 0;
}

/// The blob of the selected key; nullptr when there is none: it then reads as zeros.
const FwCfg::Bytes* FwCfg::selected() const {
  const auto found = blobs_.find(key_);
  return found == blobs_.end() ? nullptr : &found->second;
}

u8 FwCfg::next() {
  const Bytes* const blob = selected();
  return blob != nullptr && offset_ < blob->size() ? (*blob)[offset_++] : 0;
}

/// The bytes of a wide read are the next ones, in the order of their addresses ("Data Register").
u64 FwCfg::read_data(const MmioAccess& access) {
  const u64 before = offset_;
  u64 value = 0;
  for (unsigned n = 0; n < access.size; ++n) value |= u64{next()} << (8 * n);
  if (access.debug) offset_ = before;
  return value;
}

/// Big-endian; a write that holds the low half starts the transfer.
void FwCfg::write_dma_address(const MmioAccess& access) {
  const u64 value = reversed(access.value, access.size);
  if (access.size == 8) {
    dma_address_ = value;
  } else if (access.offset == 0x10) {
    dma_address_ = insert_bits(dma_address_, 32, 32, value);
    return;
  } else {
    dma_address_ = insert_bits(dma_address_, 0, 32, value);
  }
  run_dma();
}

/// One descriptor; its control word becomes 0 when all went well, the error bit alone when not.
void FwCfg::run_dma() {
  const Iova descriptor{dma_address_};
  dma_address_ = 0;
  std::array<u8, kDescriptorBytes> bytes{};
  if (!dma_.read(descriptor, bytes)) return;
  const std::span<const u8> view(bytes);
  const bool done = transfer(static_cast<u32>(big_endian(view.subspan(0, 4))),
                             static_cast<u32>(big_endian(view.subspan(4, 4))), Iova{big_endian(view.subspan(8, 8))});
  const std::array<u8, 4> control = {0, 0, 0, static_cast<u8>(done ? 0 : kError)};
  // The descriptor was readable memory; if it refuses this write, there is nobody to tell.
  (void)dma_.write(descriptor, control);
}

/// Read has precedence over write, and write over skip. No blob here can be written.
bool FwCfg::transfer(u32 control, u32 length, Iova address) {
  if (control & kSelect) select(static_cast<u16>(control >> 16));
  if (control & kRead) return copy_out(length, address);
  if (control & kWrite) return false;
  if (control & kSkip) {
    const Bytes* const blob = selected();
    const u64 size = blob == nullptr ? 0 : blob->size();
    offset_ = std::min<u64>(offset_ + length, std::max<u64>(size, offset_));
  }
  return true;
}

bool FwCfg::copy_out(u32 length, Iova address) {
  std::array<u8, kChunk> chunk;
  while (length > 0) {
    const auto bytes = static_cast<u32>(std::min<u64>(length, kChunk));
    for (u32 n = 0; n < bytes; ++n) chunk[n] = next();
    if (!dma_.write(address, std::span<const u8>(chunk).first(bytes))) return false;
    address = address + bytes;
    length -= bytes;
  }
  return true;
}

std::span<const RegisterRow<FwCfg>> FwCfg::rows() {
  using A = const MmioAccess&;
  static constexpr u8 kAllSizes = 1 | 2 | 4 | 8;
  static constexpr RegisterRow<FwCfg> kRows[] = {
      {"data", 0x00, 8, kAllSizes, [](FwCfg& f, A a) { return f.read_data(a); }, nullptr},
      {"selector", 0x08, 2, 2, nullptr, [](FwCfg& f, A a) { f.select(static_cast<u16>(reversed(a.value, 2))); }},
      {"DMA address", 0x10, 8, 4 | 8,
       [](FwCfg&, A a) { return reversed(kDmaSignature, 8) >> (8 * (a.offset - 0x10)) & low_mask(a.size * 8u); },
       [](FwCfg& f, A a) { f.write_dma_address(a); }},
  };
  return kRows;
}

/// Other sizes and offsets do nothing.
MmioResult FwCfg::access(const MmioAccess& access) {
  const RegisterRow<FwCfg>* const row = find_row(rows(), access.offset);
  if (row == nullptr || (access.size & row->sizes) == 0 || access.offset + access.size > row->offset + row->bytes) {
    return {};
  }
  if (!access.write) return {.value = row->read ? row->read(*this, access) : 0, .ok = true};
  if (row->write && !access.debug) row->write(*this, access);
  return {};
}

}  // namespace tw::devices
