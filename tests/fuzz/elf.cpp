// ELF programs: a UserError, or segments that fit into the file.
#include <cstring>

#include "base/error.hpp"
#include "fuzz/elf_header.hpp"
#include "fuzz/sample.hpp"
#include "platforms/images/elf.hpp"

using namespace tw;

namespace {

images::Bytes sample() {
  struct {
    Elf64_Ehdr header;
    Elf64_Phdr segments[2];
    u8 code[64];
  } file{};
  file.header = fuzz::elf_header();
  file.header.e_entry = 0x4000'0000;
  file.header.e_phoff = sizeof(Elf64_Ehdr);
  file.header.e_phentsize = sizeof(Elf64_Phdr);
  file.header.e_phnum = 2;
  for (u64 n = 0; n < 2; ++n) {
    file.segments[n] = {.p_type = PT_LOAD,
                        .p_flags = PF_R | PF_X,
                        .p_offset = offsetof(decltype(file), code),
                        .p_vaddr = 0x4000'0000 + n * 0x1000,
                        .p_paddr = 0x4000'0000 + n * 0x1000,
                        .p_filesz = 64,
                        .p_memsz = 64 + n * 64,
                        .p_align = 8};
  }
  images::Bytes bytes(sizeof file);
  std::memcpy(bytes.data(), &file, sizeof file);
  return bytes;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  static const images::Bytes file = sample();
  return fuzz::mutate_from(file, data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  images::Bytes bytes(data, data + size);
  try {
    images::LoadPlan plan;
    for (images::Segment& segment : images::read_elf("fuzz.elf", bytes).segments) {
      if (segment.bytes.size() > size) std::abort();
      plan.add(std::move(segment));
    }
  } catch (const UserError&) {
  }
  return 0;
}
