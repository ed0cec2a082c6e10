#include "trace/reader.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "trace/codec.hpp"

namespace tw::trace {
namespace {

std::unique_ptr<std::istream> open(const std::filesystem::path& path) {
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*file) {
    throw UserError({path.string(), "cannot be read: " + std::error_code(errno, std::generic_category()).message()});
  }
  return file;
}

}  // namespace

struct Reader::Unpacker {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context{ZSTD_createDCtx(), &ZSTD_freeDCtx};
  Bytes coded;
};

Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Reader::Reader(const std::filesystem::path& path) : Reader(path.string(), open(path)) {}

Reader::Reader(std::string name, std::unique_ptr<std::istream> file)
    : name_(std::move(name)), file_(std::move(file)), unpacker_(std::make_unique<Unpacker>()) {
  const std::streamoff end = file_->seekg(0, std::ios::end).tellg();
  if (end < 0) throw UserError({name_, "cannot be read: no file that can be read from any offset"});
  file_bytes_ = static_cast<u64>(end);
  read_header();
  read_index();
}

void Reader::read_header() {
  const u64 most = std::min<u64>(file_bytes_, kMagic.size());
  const Bytes magic = read(0, most);
  if (!std::equal(magic.begin(), magic.end(), kMagic.begin())) damaged(0, "no trace of Trapwalk's (its first bytes)");
  if (file_bytes_ < kPreambleBytes + kCheckBytes) damaged(file_bytes_, "truncated: the file ends in its header");
  const Bytes preamble = read(0, kPreambleBytes);
  const u16 version = get<u16>(&preamble[8]), contents = get<u16>(&preamble[10]);
  const u32 provenance = get<u32>(&preamble[12]);
  if (version < kOldestVersion || version > kVersion) {
    damaged(8, fmt::format("version {} of the format; this reader knows {} to {}", version, kOldestVersion, kVersion));
  }
  vocabulary_ = kVocabularies[version - kOldestVersion];
  if (provenance > kMostProvenanceBytes) damaged(12, fmt::format("a provenance of {} bytes", provenance));
  const u64 bytes = kPreambleBytes + provenance + kCheckBytes;
  if (bytes > file_bytes_) damaged(file_bytes_, "truncated: the file ends in its header");
  const Bytes header = read(0, bytes);
  check(0, header, "header");
  if ((contents & ~(kHasIpa | kHasPa)) != 0) damaged(10, fmt::format("unknown contents {:#x}", contents));
  header_.contents = {(contents & kHasIpa) != 0, (contents & kHasPa) != 0};
  blocks_at_ = bytes;

  u64 at = kPreambleBytes;
  const u64 end = bytes - kCheckBytes;
  const auto text = [&] {
    if (end - at < 4 || end - at - 4 < get<u32>(&header[at])) damaged(at, "a provenance that runs over its end");
    const u64 first = at + 4;
    at = first + get<u32>(&header[at]);
    return std::string(header.begin() + static_cast<std::ptrdiff_t>(first),
                       header.begin() + static_cast<std::ptrdiff_t>(at));
  };
  while (at != end) {
    std::string key = text();
    header_.provenance.emplace_back(std::move(key), text());
  }
}

void Reader::read_index() {
  if (file_bytes_ < blocks_at_ + kIndexHeaderBytes + kCheckBytes + kTrailerBytes) {
    damaged(file_bytes_, "truncated: the file ends before its index");
  }
  const u64 trailer_at = file_bytes_ - kTrailerBytes;
  const Bytes trailer = read(trailer_at, kTrailerBytes);
  if (get<u32>(trailer.data()) != kTrailerTag) {
    damaged(trailer_at, "truncated, or its writer did not finish: no end mark");
  }
  check(trailer_at, trailer, "end mark");
  index_at_ = get<u64>(&trailer[4]);
  records_ = get<u64>(&trailer[12]);
  if (index_at_ < blocks_at_ || index_at_ > trailer_at) damaged(trailer_at, "an index outside of the file");
  const u64 bytes = trailer_at - index_at_;
  if (bytes < kIndexHeaderBytes + kCheckBytes) damaged(index_at_, "an index that is too short");
  const Bytes index = read(index_at_, bytes);
  check(index_at_, index, "index");
  const u64 blocks = get<u32>(&index[4]);
  if (get<u32>(index.data()) != kIndexTag || bytes != kIndexHeaderBytes + blocks * kIndexEntryBytes + kCheckBytes) {
    damaged(index_at_, "no index");
  }
  u64 offset = blocks_at_, first = 0;
  for (u64 n = 0; n < blocks; ++n) {
    const u64 at = kIndexHeaderBytes + n * kIndexEntryBytes;
    const Entry entry{get<u64>(&index[at]), get<u64>(&index[at + 8])};
    const bool starts = n != 0 || (entry.offset == blocks_at_ && entry.first_record == 0);
    if (!starts || entry.offset < offset || entry.offset >= index_at_ || entry.first_record < first ||
        entry.first_record >= records_) {
      damaged(index_at_ + at, fmt::format("block {} of the index is out of order", n));
    }
    offset = entry.offset + 1;
    first = entry.first_record + 1;
    index_.push_back(entry);
  }
  if (blocks == 0 && (records_ != 0 || index_at_ != blocks_at_)) damaged(index_at_, "an index without blocks");
}

std::span<const Record> Reader::next() {
  if (next_block_ == index_.size()) return {};
  const Entry entry = index_[next_block_];
  const bool last = next_block_ + 1 == index_.size();
  const u64 end = last ? index_at_ : index_[next_block_ + 1].offset;
  const u64 records = (last ? records_ : index_[next_block_ + 1].first_record) - entry.first_record;
  const u64 bytes = end - entry.offset;
  if (bytes < kBlockHeaderBytes + kCheckBytes) damaged(entry.offset, "a block that is too short");
  const Bytes block = read(entry.offset, bytes);
  check(entry.offset, block, "block");
  const u32 coded = get<u32>(&block[8]);
  if (get<u32>(block.data()) != kBlockTag || get<u32>(&block[4]) != records || records > kMostBlockRecords ||
      coded > records * kMostRecordBytes || get<u32>(&block[12]) != bytes - kBlockHeaderBytes - kCheckBytes) {
    damaged(entry.offset, "no block as the index has it");
  }
  Bytes& raw = unpacker_->coded;
  raw.assign(coded + kDecoderSlack, 0);
  const std::size_t unpacked = ZSTD_decompressDCtx(unpacker_->context.get(), raw.data(), coded,
                                                   &block[kBlockHeaderBytes], bytes - kBlockHeaderBytes - kCheckBytes);
  if (ZSTD_isError(unpacked) != 0) {
    damaged(entry.offset + kBlockHeaderBytes, fmt::format("zstd: {}", ZSTD_getErrorName(unpacked)));
  }
  if (unpacked != coded ||
      !decode({raw.data(), coded}, static_cast<u32>(records), header_.contents, block_, vocabulary_)) {
    damaged(entry.offset, "records that are none");
  }
  ++next_block_;
  return std::span<const Record>(block_).subspan(std::exchange(skip_, 0));
}

void Reader::seek(u64 record) {
  skip_ = 0;
  next_block_ = index_.size();
  if (record >= records_) return;
  const auto behind = std::upper_bound(index_.begin(), index_.end(), record,
                                       [](u64 wanted, const Entry& entry) { return wanted < entry.first_record; });
  next_block_ = static_cast<std::size_t>(behind - index_.begin()) - 1;
  skip_ = record - index_[next_block_].first_record;
}

Bytes Reader::read(u64 offset, u64 bytes) {
  Bytes result(bytes);
  file_->clear();
  file_->seekg(static_cast<std::streamoff>(offset));
  file_->read(reinterpret_cast<char*>(result.data()), static_cast<std::streamsize>(bytes));
  if (static_cast<u64>(file_->gcount()) != bytes) damaged(offset, "cannot be read");
  return result;
}

void Reader::check(u64 offset, const Bytes& bytes, std::string_view what) const {
  const std::span<const u8> all(bytes);
  const std::size_t checked = bytes.size() - kCheckBytes;
  if (check_of(all.first(checked)) != get<u32>(&bytes[checked])) {
    damaged(offset, fmt::format("damaged: the checksum of the {} is wrong", what));
  }
}

void Reader::damaged(u64 offset, const std::string& what) const {
  throw UserError({fmt::format("{}: offset {}", name_, offset), what});
}

}  // namespace tw::trace
