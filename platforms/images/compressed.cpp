#include "platforms/images/compressed.hpp"

#include <cstring>
#include <span>
#include <string_view>

#include <fmt/format.h>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_stream.hpp>

#include "base/error.hpp"

namespace tw::images {

namespace {

namespace io = boost::iostreams;

struct Compression {
  std::string_view name;   ///< as a zboot header has it
  std::string_view magic;  ///< the first bytes of a file
  void (*push)(io::filtering_istream& stream);
};

constexpr Compression kCompressions[] = {
    {"gzip", "\x1F\x8B", [](io::filtering_istream& stream) { stream.push(io::gzip_decompressor()); }},
    {"xzkern", "\xFD\x37zXZ", [](io::filtering_istream& stream) { stream.push(io::lzma_decompressor()); }},
    {"zstd", "\x28\xB5\x2F\xFD", [](io::filtering_istream& stream) { stream.push(io::zstd_decompressor()); }},
};

// EFI zboot (Linux, drivers/firmware/efi/libstub/zboot-header.S): a PE program with a header in front.
constexpr std::size_t kZbootMagic = 4, kZbootOffset = 8, kZbootSize = 12, kZbootName = 24, kZbootHeader = 64;
constexpr std::size_t kZbootNameBytes = 32;
constexpr std::string_view kZbootMagicText = "zimg";

u32 little32(std::span<const u8> bytes, std::size_t at) {
  u32 value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::string_view text(std::span<const u8> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Bytes decompress(const std::string& path, std::span<const u8> packed, const Compression& how) {
  io::filtering_istream stream;
  how.push(stream);
  stream.push(io::array_source(reinterpret_cast<const char*>(packed.data()), packed.size()));
  stream.exceptions(std::ios::badbit);  // else a damaged file looks like a short one
  Bytes out;
  try {
    Bytes piece(std::size_t{1} << 20);
    while (stream) {
      stream.read(reinterpret_cast<char*>(piece.data()), std::ssize(piece));
      out.insert(out.end(), piece.begin(), piece.begin() + stream.gcount());
      if (out.size() > kLargestUnpacked) throw UserError(Complaint{path, "unpacks to more than 512 MB"});
    }
  } catch (const std::ios_base::failure&) {
    throw UserError(Complaint{path, fmt::format("is damaged or truncated: its {} data do not unpack", how.name)});
  }
  if (out.empty()) throw UserError(Complaint{path, fmt::format("is truncated: its {} data hold nothing", how.name)});
  return out;
}

bool is_zboot(std::span<const u8> bytes) {
  return bytes.size() >= kZbootHeader && text(bytes).starts_with("MZ") &&
         text(bytes.subspan(kZbootMagic)).starts_with(kZbootMagicText);
}

Bytes unpack_zboot(const std::string& path, std::span<const u8> bytes) {
  const u64 offset = little32(bytes, kZbootOffset), size = little32(bytes, kZbootSize);
  std::string_view name = text(bytes.subspan(kZbootName, kZbootNameBytes));
  name = name.substr(0, name.find('\0'));
  if (offset + size > bytes.size()) {
    throw UserError(Complaint{
        path, fmt::format("is truncated: its header promises {} bytes, the file has {}", offset + size, bytes.size())});
  }
  for (const Compression& known : kCompressions) {
    if (known.name == name) return decompress(path, bytes.subspan(offset, size), known);
  }
  throw UserError(Complaint{
      path, fmt::format("is an EFI zboot program compressed with '{}'; known are gzip, xzkern and zstd", name)});
}

}  // namespace

Bytes unpack(const std::string& path, Bytes bytes) {
  if (is_zboot(bytes)) return unpack_zboot(path, bytes);
  for (const Compression& known : kCompressions) {
    if (text(bytes).starts_with(known.magic)) return decompress(path, bytes, known);
  }
  return bytes;
}

}  // namespace tw::images
