#include "platforms/images/symbols.hpp"

#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
#include "platforms/images/elf.hpp"
#include "platforms/images/images.hpp"

namespace tw::images {

namespace {

struct ElfCloser {
  void operator()(Elf* elf) const { elf_end(elf); }
};

[[noreturn]] void refuse(const std::string& where, const std::string& why) { throw UserError(Complaint{where, why}); }

/// Functions and objects; "$x" and its like mark kinds of bytes (ELF for the Arm 64-bit Architecture, "Mapping
/// symbols").
bool has_address(const GElf_Sym& symbol, const char* name) {
  const int type = GELF_ST_TYPE(symbol.st_info);
  return name != nullptr && *name != '\0' && *name != '$' && symbol.st_shndx != SHN_UNDEF && type != STT_SECTION &&
         type != STT_FILE && type != STT_TLS;
}

}  // namespace

void Symbols::add_file(const std::string& path) {
  Bytes bytes = read_file(path);
  const std::size_t before = addresses_.size();
  if (is_elf(bytes)) {
    add_elf(path, bytes);
  } else {
    add_map(path, bytes);
  }
  if (addresses_.size() == before && files_.empty()) refuse(path, "has no symbols");
  files_.push_back(path);
}

void Symbols::add_elf(const std::string& path, std::vector<u8>& bytes) {
  elf_version(EV_CURRENT);
  const std::unique_ptr<Elf, ElfCloser> elf(elf_memory(reinterpret_cast<char*>(bytes.data()), bytes.size()));
  GElf_Ehdr header;
  if (!elf || gelf_getehdr(elf.get(), &header) == nullptr) refuse(path, "is a damaged or truncated ELF");
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf.get(), section)) != nullptr;) {
    GElf_Shdr about;
    if (gelf_getshdr(section, &about) == nullptr || (about.sh_type != SHT_SYMTAB && about.sh_type != SHT_DYNSYM))
      continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr || about.sh_entsize == 0) continue;
    const u64 count = data->d_size / about.sh_entsize;
    for (u64 i = 0; i < count; ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) break;
      const char* name = elf_strptr(elf.get(), about.sh_link, symbol.st_name);
      if (has_address(symbol, name)) addresses_[name].insert(symbol.st_value);
    }
  }
}

void Symbols::add_map(const std::string& path, const std::vector<u8>& bytes) {
  std::istringstream lines(std::string(bytes.begin(), bytes.end()));
  std::string line;
  for (u64 number = 1; std::getline(lines, line); ++number) {
    if (line.empty()) continue;
    std::istringstream words(line);
    u64 address = 0;
    std::string type, name;
    if (!(words >> std::hex >> address >> type >> name) || type.size() != 1) {
      refuse(fmt::format("{}:{}", path, number), "is neither an ELF nor lines of 'ADDRESS TYPE NAME'");
    }
    if (name.front() != '$') addresses_[name].insert(address);
  }
}

u64 Symbols::address(const std::string& name, const std::string& option) const {
  const auto found = addresses_.find(name);
  if (found == addresses_.end()) {
    std::vector<std::string> names;
    names.reserve(addresses_.size());
    for (const auto& [known, where] : addresses_) names.push_back(known);
    refuse(option,
           fmt::format("no symbol '{}' in {}{}", name, fmt::join(files_, ", "), config::did_you_mean(name, names)));
  }
  if (found->second.size() > 1) {
    std::vector<std::string> places;
    for (const u64 address : found->second) places.push_back(fmt::format("pc:{:#x}", address));
    refuse(option, fmt::format("symbol '{}' is at {} places: {}", name, places.size(), fmt::join(places, ", ")));
  }
  return *found->second.begin();
}

}  // namespace tw::images
