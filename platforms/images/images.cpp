#include "platforms/images/images.hpp"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/images/compressed.hpp"
#include "platforms/images/elf.hpp"
#include "platforms/images/linux_image.hpp"

namespace tw::images {

namespace {

constexpr u64 kImageAlign = u64{2} << 20;

/// Raw binaries start where QEMU puts them, so that the same binary runs on both.
constexpr u64 kRawOffset = 0x80000;

Program place_linux_image(const std::string& path, Bytes bytes, Pa ram) {
  const LinuxImage image = read_linux_image(path, bytes);
  // The first 2 MB of RAM stay free for the device tree of firmware, as QEMU does.
  const Pa at = ram + kImageAlign + image.text_offset;
  const u64 zeros = image.memory_size - bytes.size();  // BSS belongs to the image: nothing else may be placed there
  return {.kind = ProgramKind::LinuxImage, .entry = at, .segments = {{path, at, std::move(bytes), zeros}}};
}

}  // namespace

Bytes read_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw UserError(Complaint{path, "is a directory"});
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UserError(Complaint{path, std::strerror(errno)});
  Bytes bytes;
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  do {
    const std::size_t size = bytes.size();
    bytes.resize(size + kPiece);
    file.read(reinterpret_cast<char*>(bytes.data() + size), kPiece);
    bytes.resize(size + static_cast<std::size_t>(file.gcount()));
  } while (file);
  if (file.bad()) throw UserError(Complaint{path, "cannot be read"});
  if (bytes.empty()) throw UserError(Complaint{path, "is empty"});
  return bytes;
}

void write_file(const std::string& path, const Bytes& bytes) {
  const std::string temporary = path + ".part";
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (!file || error) {
    std::remove(temporary.c_str());
    throw UserError(Complaint{path, "cannot be written"});
  }
}

Program read_program(const std::string& path, Pa ram) {
  Bytes bytes = unpack(path, read_file(path));
  if (is_elf(bytes)) return read_elf(path, bytes);
  if (is_linux_image(bytes)) return place_linux_image(path, std::move(bytes), ram);
  const Pa at = ram + kRawOffset;
  return {.kind = ProgramKind::Raw, .entry = at, .segments = {{path, at, std::move(bytes), 0}}};
}

bool LoadPlan::is_free(u64 first, u64 last) const {
  for (const Segment& segment : segments_) {
    if (segment.at.value <= last && first <= segment.last()) return false;
  }
  return true;
}

void LoadPlan::add(Segment segment) {
  if (segment.size() == 0) return;
  if (segment.last() < segment.at.value) throw UserError(Complaint{segment.name, "wraps around the address space"});
  for (const Segment& other : segments_) {
    if (other.at.value > segment.last() || segment.at.value > other.last()) continue;
    throw UserError(
        Complaint{segment.name, fmt::format("[0x{:x}, 0x{:x}] overlaps {} [0x{:x}, 0x{:x}]", segment.at.value,
                                            segment.last(), other.name, other.at.value, other.last())});
  }
  segments_.push_back(std::move(segment));
}

Segment read_load_argument(const std::string& argument) {
  const std::size_t sign = argument.rfind('@');
  if (sign == std::string::npos || sign == 0) {
    throw UserError(Complaint{"--load", "'" + argument + "' is not FILE@ADDRESS"});
  }
  std::string_view number = std::string_view(argument).substr(sign + 1);
  const bool hex = number.starts_with("0x") || number.starts_with("0X");
  if (hex) number.remove_prefix(2);
  u64 address = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), address, hex ? 16 : 10);
  if (error != std::errc{} || end != number.data() + number.size() || number.empty()) {
    throw UserError(Complaint{"--load", "'" + argument.substr(sign + 1) + "' is not an address"});
  }
  const std::string path = argument.substr(0, sign);
  return {.name = path, .at = Pa{address}, .bytes = read_file(path)};
}

}  // namespace tw::images
