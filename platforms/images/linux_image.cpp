#include "platforms/images/linux_image.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "base/error.hpp"

namespace tw::images {

namespace {

constexpr std::size_t kTextOffset = 8, kImageSize = 16, kMagic = 56, kPeOffset = 60, kHeader = 64;
constexpr std::string_view kMagicText = "ARM\x64";
constexpr u64 kOldTextOffset = 0x80000;  ///< when image_size is 0: kernels before 3.17

// PE/COFF: the file header behind "PE\0\0", then the optional header, then the sections, 40 bytes each.
constexpr std::string_view kPeMagic{"PE\0\0", 4};
constexpr u64 kPeSections = 6, kPeOptionalSize = 20, kPeHeader = 24;
constexpr u64 kSection = 40, kSectionRawSize = 16, kSectionRawOffset = 20;

template <class Number>
Number little(std::span<const u8> bytes, u64 at) {
  Number value{};
  if (at + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

bool holds(std::span<const u8> bytes, u64 at, std::string_view text) {
  return at + text.size() <= bytes.size() && std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

/// The Image header does not say how long the file is, only how much memory it takes. The sections of its PE header do,
/// when the kernel is an EFI program too.
u64 bytes_promised(std::span<const u8> bytes) {
  const u64 pe = little<u32>(bytes, kPeOffset);
  if (!holds(bytes, 0, "MZ") || !holds(bytes, pe, kPeMagic)) return 0;
  const u64 sections = pe + kPeHeader + little<u16>(bytes, pe + kPeOptionalSize);
  u64 end = 0;
  for (u64 n = 0; n < little<u16>(bytes, pe + kPeSections); ++n) {
    const u64 section = sections + n * kSection;
    const u64 size = little<u32>(bytes, section + kSectionRawSize);
    if (size != 0) end = std::max(end, little<u32>(bytes, section + kSectionRawOffset) + size);
  }
  return end;
}

}  // namespace

bool is_linux_image(const Bytes& bytes) { return bytes.size() >= kHeader && holds(bytes, kMagic, kMagicText); }

LinuxImage read_linux_image(const std::string& path, const Bytes& bytes) {
  const u64 image_size = little<u64>(bytes, kImageSize);
  const u64 text_offset = image_size == 0 ? kOldTextOffset : little<u64>(bytes, kTextOffset);
  if (text_offset > (u64{1} << 30) || image_size > (u64{1} << 32)) {
    throw UserError(Complaint{path, "a Linux Image header with an impossible text_offset or image_size"});
  }
  if (const u64 promised = bytes_promised(bytes); promised > bytes.size()) {
    throw UserError(Complaint{path, fmt::format("is a truncated kernel: its header promises {} bytes, there are {}",
                                                promised, bytes.size())});
  }
  return {.text_offset = text_offset, .memory_size = std::max<u64>(image_size, bytes.size())};
}

}  // namespace tw::images
