// Symbols of an ELF or of System.map: a UserError, or names with addresses.
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "base/error.hpp"
#include "fuzz/elf_header.hpp"
#include "fuzz/input.hpp"
#include "fuzz/sample.hpp"
#include "platforms/images/symbols.hpp"

using namespace tw;

namespace {

constexpr std::string_view kMap = "0000000040080000 T _start\nffff800008000000 t main\n40080010 d $d\n";
constexpr char kNames[] = "\0_start\0main\0$x";

std::string elf() {
  struct {
    Elf64_Ehdr header;
    Elf64_Shdr sections[3];
    Elf64_Sym symbols[4];
    char names[sizeof kNames];
  } file{};
  file.header = fuzz::elf_header();
  file.header.e_shoff = offsetof(decltype(file), sections);
  file.header.e_shentsize = sizeof(Elf64_Shdr);
  file.header.e_shnum = 3;
  file.header.e_shstrndx = 2;
  file.sections[1] = {.sh_name = 0,
                      .sh_type = SHT_SYMTAB,
                      .sh_flags = 0,
                      .sh_addr = 0,
                      .sh_offset = offsetof(decltype(file), symbols),
                      .sh_size = sizeof file.symbols,
                      .sh_link = 2,
                      .sh_info = 1,
                      .sh_addralign = 8,
                      .sh_entsize = sizeof(Elf64_Sym)};
  file.sections[2].sh_type = SHT_STRTAB;
  file.sections[2].sh_offset = offsetof(decltype(file), names);
  file.sections[2].sh_size = sizeof kNames;
  file.sections[2].sh_addralign = 1;
  std::memcpy(file.names, kNames, sizeof kNames);
  for (unsigned n = 1; n < 4; ++n) {
    constexpr u32 kAt[] = {0, 1, 8, 13};
    file.symbols[n].st_name = kAt[n];
    file.symbols[n].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    file.symbols[n].st_shndx = 1;
    file.symbols[n].st_value = 0x4008'0000 + n * 4;
  }
  return {reinterpret_cast<const char*>(&file), sizeof file};
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  static const std::string file = elf();
  const std::string_view sample = (seed / 16) % 2 == 0 ? std::string_view(file) : kMap;
  return fuzz::mutate_from(fuzz::bytes_of(sample), data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  const int file = memfd_create("fuzz.symbols", 0);
  fuzz::require(file >= 0 && write(file, data, size) == static_cast<ssize_t>(size));
  images::Symbols symbols;
  try {
    symbols.add_file("/proc/self/fd/" + std::to_string(file));
    fuzz::require(symbols.count() != 0);
    symbols.address("main", "--timed-from");
  } catch (const UserError&) {
  }
  close(file);
  return 0;
}
