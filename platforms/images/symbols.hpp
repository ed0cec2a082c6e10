// Names of addresses, from ELF symbol tables and from System.map of Linux.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/types.hpp"

namespace tw::images {

class Symbols final {
 public:
  /// An ELF with a symbol table, or lines of "address type name" (nm, System.map). Throws UserError.
  void add_file(const std::string& path);
  /// The address of `name`. Throws UserError, naming `option`: nobody has this name (with the nearest), or it has
  /// several addresses.
  u64 address(const std::string& name, const std::string& option) const;
  std::size_t count() const { return addresses_.size(); }

 private:
  void add_elf(const std::string& path, std::vector<u8>& bytes);
  void add_map(const std::string& path, const std::vector<u8>& bytes);

  std::vector<std::string> files_;
  std::map<std::string, std::set<u64>> addresses_;
};

}  // namespace tw::images
