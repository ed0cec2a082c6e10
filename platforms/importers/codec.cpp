#include "platforms/importers/codec.hpp"

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <new>

namespace tw::importers {
namespace {

/// What the head of a file may ask for: xz -9 needs 65 MB.
constexpr u64 kMostMemory = 256u << 20;

/// Moves the fronts to where a library's pointers have come to.
template <class Stream>
void take(std::span<const u8>& in, std::span<u8>& out, const Stream& stream) {
  in = in.last(stream.avail_in);
  out = out.last(stream.avail_out);
}

/// RFC 1952; members that follow one another are one file.
class Gzip final : public Codec {
 public:
  Gzip() {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }
  const char* step(std::span<const u8>& in, std::span<u8>& out, bool) override {
    if (whole_ && in.empty()) return nullptr;
    if (whole_) inflateReset(&stream_);
    whole_ = false;
    stream_.next_in = const_cast<u8*>(in.data());  // zlib's interface is older than const
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    take(in, out, stream_);
    whole_ = result == Z_STREAM_END;
    if (whole_ || result == Z_OK || result == Z_BUF_ERROR) return nullptr;
    return stream_.msg != nullptr ? stream_.msg : "no gzip";
  }
  bool whole() const override { return whole_; }

 private:
  static constexpr int kGzipOnly = MAX_WBITS + 16;
  z_stream stream_{};
  bool whole_ = false;
};

class Xz final : public Codec {
 public:
  Xz() {
    if (lzma_stream_decoder(&stream_, kMostMemory, LZMA_CONCATENATED) != LZMA_OK) throw std::bad_alloc();
  }
  ~Xz() override { lzma_end(&stream_); }
  const char* step(std::span<const u8>& in, std::span<u8>& out, bool last) override {
    stream_.next_in = in.data();
    stream_.avail_in = in.size();
    stream_.next_out = out.data();
    stream_.avail_out = out.size();
    const lzma_ret result = lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
    take(in, out, stream_);
    whole_ = result == LZMA_STREAM_END;
    switch (result) {
      case LZMA_OK:
      case LZMA_STREAM_END:
      case LZMA_BUF_ERROR:
        return nullptr;
      case LZMA_FORMAT_ERROR:
        return "no xz";
      case LZMA_OPTIONS_ERROR:
        return "options of xz that liblzma does not know";
      case LZMA_MEMLIMIT_ERROR:
        return "needs more memory than 256 MB";
      default:
        return "damaged data";
    }
  }
  bool whole() const override { return whole_; }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool whole_ = false;
};

/// RFC 8878; frames that follow one another are one file.
class Zstd final : public Codec {
 public:
  const char* step(std::span<const u8>& in, std::span<u8>& out, bool) override {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context_.get(), &to, &from);
    const bool moved = from.pos != 0 || to.pos != 0;
    in = in.subspan(from.pos);
    out = out.subspan(to.pos);
    if (ZSTD_isError(result) != 0) return ZSTD_getErrorName(result);
    if (moved) whole_ = result == 0;
    return nullptr;
  }
  bool whole() const override { return whole_; }

 private:
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_{ZSTD_createDCtx(), &ZSTD_freeDCtx};
  bool whole_ = false;
};

bool starts(std::span<const u8> start, std::span<const u8> magic) {
  return start.size() >= magic.size() && std::equal(magic.begin(), magic.end(), start.begin());
}

}  // namespace

std::unique_ptr<Codec> codec_of(std::span<const u8> start) {
  static constexpr std::array<u8, 2> kGzip = {0x1F, 0x8B};
  static constexpr std::array<u8, kMagicBytes> kXz = {0xFD, '7', 'z', 'X', 'Z', 0};
  static constexpr std::array<u8, 4> kZstd = {0x28, 0xB5, 0x2F, 0xFD};
  if (starts(start, kGzip)) return std::make_unique<Gzip>();
  if (starts(start, kXz)) return std::make_unique<Xz>();
  if (starts(start, kZstd)) return std::make_unique<Zstd>();
  return nullptr;
}

}  // namespace tw::importers
