// Files for --kernel, compressed or not: a UserError, or a program whose parts can be placed.
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/error.hpp"
#include "fuzz/input.hpp"
#include "fuzz/sample.hpp"
#include "platforms/images/images.hpp"
#include "support/packed.hpp"

using namespace tw;

namespace {

template <class Number>
void put(std::string& bytes, std::size_t at, Number number) {
  std::memcpy(bytes.data() + at, &number, sizeof number);
}

/// An arm64 Image that is a PE program too: two sections.
std::string linux_image() {
  constexpr std::size_t kPe = 64, kOptional = 16, kSections = kPe + 24 + kOptional;
  std::string bytes(kSections + 2 * 40 + 64, '\0');
  bytes.replace(0, 2, "MZ");
  put(bytes, 8, u64{0x1000});   // text_offset
  put(bytes, 16, u64{0x2000});  // image_size
  bytes.replace(56, 4, "ARM\x64");
  put(bytes, 60, u32{kPe});
  bytes.replace(kPe, 4, std::string("PE\0\0", 4));
  put(bytes, kPe + 6, u16{2});
  put(bytes, kPe + 20, u16{kOptional});
  put(bytes, kSections + 16, u32{32});  // raw size, raw offset
  put(bytes, kSections + 20, static_cast<u32>(bytes.size() - 64));
  put(bytes, kSections + 56, u32{32});
  put(bytes, kSections + 60, static_cast<u32>(bytes.size() - 32));
  return bytes;
}

std::string zboot(const std::string& packed, const char* compression) {
  std::string bytes(64, '\0');
  bytes.replace(0, 2, "MZ");
  bytes.replace(4, 4, "zimg");
  put(bytes, 8, u32{64});
  put(bytes, 12, static_cast<u32>(packed.size()));
  bytes.replace(24, std::strlen(compression), compression);
  return bytes + packed;
}

const std::array<std::string, 7>& samples() {
  static const std::array<std::string, 7> all = {
      linux_image(),
      packed::gzip(linux_image()),
      packed::xz(linux_image()),
      packed::zstd(linux_image()),
      zboot(packed::gzip(linux_image()), "gzip"),
      zboot(packed::xz(linux_image()), "xzkern"),
      zboot(packed::zstd(linux_image()), "zstd"),
  };
  return all;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  return fuzz::mutate_from(fuzz::bytes_of(samples()[seed / 16 % samples().size()]), data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  const int file = memfd_create("fuzz.image", 0);
  fuzz::require(file >= 0 && write(file, data, size) == static_cast<ssize_t>(size));
  try {
    images::Program program = images::read_program("/proc/self/fd/" + std::to_string(file), Pa{0x4000'0000});
    fuzz::require(!program.segments.empty());
    images::LoadPlan plan;
    for (images::Segment& segment : program.segments) plan.add(std::move(segment));
  } catch (const UserError&) {
  }
  close(file);
  return 0;
}
