#include "trace/writer.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/error.hpp"

namespace tw::trace {

struct Writer::Packer {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), &ZSTD_freeCCtx};
  Bytes block;
};

namespace {

std::filesystem::path name_until_finished(const std::filesystem::path& path) {
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(path, unknown);
  const bool plain = !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
  return plain ? std::filesystem::path(path.string() + ".part") : path;
}

}  // namespace

Writer::~Writer() {
  if (finished_ || written_ == path_) return;
  file_.close();
  std::error_code ignored;
  std::filesystem::remove(written_, ignored);
}

Writer::Writer(const std::filesystem::path& path, const Header& header, u32 block_records)
    : path_(path),
      written_(name_until_finished(path)),
      file_(written_, std::ios::binary | std::ios::trunc),
      block_records_(std::clamp(block_records, 1u, kMostBlockRecords)),
      encoder_(header.contents),
      packer_(std::make_unique<Packer>()) {
  if (!file_) fail();
  Bytes provenance;
  for (const auto& [key, value] : header.provenance) {
    for (const std::string& text : {key, value}) {
      put(provenance, static_cast<u32>(text.size()));
      provenance.insert(provenance.end(), text.begin(), text.end());
    }
  }
  if (provenance.size() > kMostProvenanceBytes) {
    throw UserError(
        {path_.string(), fmt::format("a provenance of {} bytes; at most {}", provenance.size(), kMostProvenanceBytes)});
  }
  Bytes start(kMagic.begin(), kMagic.end());
  put(start, kVersion);
  put(start, static_cast<u16>((header.contents.ipa ? kHasIpa : 0) | (header.contents.pa ? kHasPa : 0)));
  put(start, static_cast<u32>(provenance.size()));
  start.insert(start.end(), provenance.begin(), provenance.end());
  put(start, check_of(start));
  append(start);
}

void Writer::write_block() {
  const std::span<const u8> coded = encoder_.bytes();
  Bytes& block = packer_->block;
  block.resize(kBlockHeaderBytes + ZSTD_compressBound(coded.size()));
  const std::size_t packed =
      ZSTD_compressCCtx(packer_->context.get(), block.data() + kBlockHeaderBytes, block.size() - kBlockHeaderBytes,
                        coded.data(), coded.size(), /*compressionLevel=*/1);
  if (ZSTD_isError(packed) != 0) {
    throw UserError({path_.string(), fmt::format("zstd: {}", ZSTD_getErrorName(packed))});
  }
  Bytes header;
  put(header, kBlockTag);
  put(header, encoder_.records());
  put(header, static_cast<u32>(coded.size()));
  put(header, static_cast<u32>(packed));
  std::copy(header.begin(), header.end(), block.begin());
  block.resize(kBlockHeaderBytes + packed);
  put(block, check_of(block));
  index_.push_back({offset_, records_});
  records_ += encoder_.records();
  encoder_.clear();
  append(block);
}

void Writer::finish() {
  if (encoder_.records() != 0) write_block();
  const u64 index_at = offset_;
  Bytes end;
  put(end, kIndexTag);
  put(end, static_cast<u32>(index_.size()));
  for (const Entry& entry : index_) {
    put(end, entry.offset);
    put(end, entry.first_record);
  }
  put(end, check_of(end));
  append(end);
  Bytes trailer;
  put(trailer, kTrailerTag);
  put(trailer, index_at);
  put(trailer, records_);
  put(trailer, check_of(trailer));
  append(trailer);
  file_.close();
  if (!file_) fail();
  std::error_code error;
  if (written_ != path_) std::filesystem::rename(written_, path_, error);
  if (error) throw UserError({path_.string(), "cannot be written: " + error.message()});
  finished_ = true;
}

void Writer::append(std::span<const u8> bytes) {
  file_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file_) fail();
  offset_ += bytes.size();
}

void Writer::fail() const {
  throw UserError({path_.string(), "cannot be written: " + std::error_code(errno, std::generic_category()).message()});
}

}  // namespace tw::trace
