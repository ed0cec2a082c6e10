#include "devices/virtio/block.hpp"

#include <algorithm>
#include <array>

namespace tw::devices::virtio {

namespace {

/// Feature bits (5.2.3).
constexpr u64 kSegMax = 1u << 2, kReadOnly = 1u << 5, kBlockSize = 1u << 6, kFlush = 1u << 9, kDiscard = 1u << 13,
              kWriteZeroes = 1u << 14;
/// Offsets in the configuration space (5.2.4).
constexpr std::size_t kCapacityAt = 0, kSegMaxAt = 12, kBlockSizeAt = 20, kMostDiscardSectorsAt = 36,
                      kMostDiscardSegmentsAt = 40, kDiscardAlignmentAt = 44, kMostZeroSectorsAt = 48,
                      kMostZeroSegmentsAt = 52, kZeroMayUnmapAt = 56, kConfigBytes = 60;
/// Request types (5.2.6).
constexpr u32 kIn = 0, kOut = 1, kFlushRequest = 4, kGetId = 8, kDiscardRequest = 11, kWriteZeroesRequest = 13;
constexpr u64 kHeaderBytes = 16;
constexpr u64 kSegmentBytes = 16;  ///< struct virtio_blk_discard_write_zeroes
constexpr u32 kUnmap = 1;
constexpr u16 kQueueSize = 256;
/// As on QEMU: the header's and the status' descriptors do not count.
constexpr u32 kMostSegments = kQueueSize - 2;
/// A request moves less than this, as on QEMU; more is an I/O error.
constexpr u64 kMostBytes = 0x7FFF'FE00;
/// A request is moved in pieces, so that the guest does not decide about the host's memory.
constexpr u64 kPieceBytes = 256 * 1024;

u64 features_of(const BlockPort& medium) {
  const u64 common = kSegMax | kBlockSize | kFlush;
  return medium.read_only() ? common | kReadOnly : common | kDiscard | kWriteZeroes;
}

}  // namespace

Block::Block(BlockPort& medium, std::string id, const Surroundings& around)
    : Device(DeviceType::Block, features_of(medium), {Virtqueue(kQueueSize)}, kConfigBytes, around),
      medium_(medium),
      id_(std::move(id)) {
  const std::span<u8> space = config();
  store_le<u64>(space.subspan(kCapacityAt), medium.bytes() / kSectorBytes);
  store_le<u32>(space.subspan(kSegMaxAt), kMostSegments);
  store_le<u32>(space.subspan(kBlockSizeAt), kSectorBytes);
  if (medium.read_only()) return;
  store_le<u32>(space.subspan(kMostDiscardSectorsAt), kMostDiscardSectors);
  store_le<u32>(space.subspan(kMostDiscardSegmentsAt), 1);
  store_le<u32>(space.subspan(kDiscardAlignmentAt), 1);
  store_le<u32>(space.subspan(kMostZeroSectorsAt), kMostDiscardSectors);
  store_le<u32>(space.subspan(kMostZeroSegmentsAt), 1);
  store_le<u8>(space.subspan(kZeroMayUnmapAt), 1);
}

bool Block::in_range(u64 sector, u64 bytes) const {
  const u64 capacity = medium_.bytes() / kSectorBytes;
  return sector <= capacity && bytes / kSectorBytes <= capacity - sector && bytes <= kMostBytes;
}

/// A header, data, and a status byte at the end of what is writable; how they are cut into descriptors does not matter
/// (2.6.4).
std::optional<Work> Block::execute() {
  const std::optional<Chain> chain = take(0);
  if (!chain) return std::nullopt;
  const u64 readable = total(chain->readable), writable = total(chain->writable);
  if (readable < kHeaderBytes || writable == 0) {
    fail("a block request without a header or a status");
    return std::nullopt;
  }
  std::array<u8, kHeaderBytes> header{};
  Request request{*chain, {dma(), chain->readable}, {dma(), chain->writable}, 0, writable - 1, readable - kHeaderBytes};
  if (!request.readable.read(header)) {
    fail("the header of a block request cannot be read");
    return std::nullopt;
  }
  request.sector = load_le<u64>(std::span<const u8>(header).subspan(8));
  const std::optional<Status> result = perform(load_le<u32>(std::span<const u8>(header)), request);
  // The status is the last byte, whether the data before it were all written or not.
  const std::array<u8, 1> status{static_cast<u8>(result.value_or(Status::IoError))};
  if (!result || !request.writable.skip(request.writable.left() - 1) || !request.writable.write(status)) {
    fail("a buffer of a block request is not in memory");
    return std::nullopt;
  }
  finish(*chain, request.written + 1);
  return Work{request.moved};
}

std::optional<Block::Status> Block::perform(u32 type, Request& request) {
  switch (type) {
    case kIn:
      return read(request);
    case kOut:
      return write(request);
    case kFlushRequest:
      return medium_.flush() ? Status::Ok : Status::IoError;
    case kGetId:
      return id(request);
    case kDiscardRequest:
    case kWriteZeroesRequest:
      return clear(request, type == kDiscardRequest);
    default:
      return Status::Unsupported;
  }
}

std::optional<Block::Status> Block::read(Request& request) {
  if (request.data_in % kSectorBytes != 0 || !in_range(request.sector, request.data_in)) return Status::IoError;
  u64 offset = request.sector * kSectorBytes;
  for (u64 left = request.data_in; left != 0;) {
    buffer_.resize(std::min(left, kPieceBytes));
    if (!medium_.read(offset, buffer_)) return Status::IoError;
    if (!request.writable.write(buffer_)) return std::nullopt;
    left -= buffer_.size();
    offset += buffer_.size();
    request.moved += buffer_.size();
    request.written += buffer_.size();
  }
  return Status::Ok;
}

std::optional<Block::Status> Block::write(Request& request) {
  if (medium_.read_only()) return Status::IoError;
  if (request.data_out % kSectorBytes != 0 || !in_range(request.sector, request.data_out)) return Status::IoError;
  u64 offset = request.sector * kSectorBytes;
  for (u64 left = request.data_out; left != 0;) {
    buffer_.resize(std::min(left, kPieceBytes));
    if (!request.readable.read(buffer_)) return std::nullopt;
    if (!medium_.write(offset, buffer_)) return Status::IoError;
    left -= buffer_.size();
    offset += buffer_.size();
    request.moved += buffer_.size();
  }
  return Status::Ok;
}

std::optional<Block::Status> Block::id(Request& request) {
  std::array<u8, kIdBytes> text{};
  std::copy_n(id_.begin(), std::min(id_.size(), text.size()), text.begin());
  const u64 size = std::min<u64>(text.size(), request.data_in);
  if (!request.writable.write(std::span(text).first(size))) return std::nullopt;
  request.written = size;
  return Status::Ok;
}

/// One segment a request, as max_discard_seg and max_write_zeroes_seg say.
std::optional<Block::Status> Block::clear(Request& request, bool discard) {
  if (medium_.read_only()) return Status::IoError;
  if (request.data_out != kSegmentBytes) return Status::Unsupported;
  std::array<u8, kSegmentBytes> segment{};
  if (!request.readable.read(segment)) return std::nullopt;
  const std::span<const u8> all(segment);
  const u64 sector = load_le<u64>(all);
  const u64 sectors = load_le<u32>(all.subspan(8));
  const u32 flags = load_le<u32>(all.subspan(12));
  // Reserved flags, and unmap in a discard, are unsupported (5.2.6.2).
  if ((flags & ~kUnmap) != 0 || (discard && (flags & kUnmap) != 0)) return Status::Unsupported;
  if (sectors > kMostDiscardSectors || !in_range(sector, 0) || !in_range(sector + sectors, 0)) return Status::IoError;
  const u64 offset = sector * kSectorBytes, bytes = sectors * kSectorBytes;
  const bool done = discard ? medium_.discard(offset, bytes) : medium_.write_zeroes(offset, bytes);
  return done ? Status::Ok : Status::IoError;
}

}  // namespace tw::devices::virtio
