#include "platforms/images/elf.hpp"

#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>

#include "base/error.hpp"

namespace tw::images {

namespace {

struct ElfCloser {
  void operator()(Elf* elf) const { elf_end(elf); }
};

[[noreturn]] void refuse(const std::string& path, const std::string& why) { throw UserError(Complaint{path, why}); }

void check_header(const std::string& path, const GElf_Ehdr& header) {
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_AARCH64) {
    refuse(path, fmt::format("is an ELF for machine {} ({}-bit), not for AArch64 (machine {}, 64-bit)",
                             header.e_machine, header.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32, EM_AARCH64));
  }
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) refuse(path, "is a big-endian ELF; only little-endian is supported");
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) refuse(path, "is an ELF, but not an executable");
}

}  // namespace

bool is_elf(const Bytes& bytes) { return bytes.size() >= SELFMAG && std::memcmp(bytes.data(), ELFMAG, SELFMAG) == 0; }

Program read_elf(const std::string& path, Bytes& bytes) {
  elf_version(EV_CURRENT);
  const std::unique_ptr<Elf, ElfCloser> elf(elf_memory(reinterpret_cast<char*>(bytes.data()), bytes.size()));
  GElf_Ehdr header;
  if (!elf || gelf_getehdr(elf.get(), &header) == nullptr) refuse(path, "is a damaged or truncated ELF");
  check_header(path, header);

  std::size_t count = 0;
  if (elf_getphdrnum(elf.get(), &count) != 0) refuse(path, "is a truncated ELF: no program headers");
  Program program{.kind = ProgramKind::Elf, .entry = Pa{header.e_entry}, .segments = {}};
  u64 entry = header.e_entry;
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr segment;
    if (gelf_getphdr(elf.get(), static_cast<int>(i), &segment) == nullptr) {
      refuse(path, "is a truncated ELF: a program header is missing");
    }
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
    if (segment.p_offset > bytes.size() || segment.p_filesz > bytes.size() - segment.p_offset) {
      refuse(path, fmt::format("is a truncated ELF: segment {} ends behind the end of the file", i));
    }
    if (segment.p_memsz < segment.p_filesz)
      refuse(path, fmt::format("segment {} is larger in the file than in memory", i));
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(segment.p_offset);
    program.segments.push_back({.name = fmt::format("{} (segment {})", path, i),
                                .at = Pa{segment.p_paddr},
                                .bytes = Bytes(first, first + static_cast<std::ptrdiff_t>(segment.p_filesz)),
                                .zeros = segment.p_memsz - segment.p_filesz});
    // The entry point is a virtual address; the core starts with translation off, at its physical address.
    if (header.e_entry - segment.p_vaddr < segment.p_memsz) entry = header.e_entry - segment.p_vaddr + segment.p_paddr;
  }
  if (program.segments.empty()) refuse(path, "is an ELF with nothing to load");
  program.entry = Pa{entry};
  return program;
}

}  // namespace tw::images
