// Real software by name: which of Debian's packages hold it, and how it is run. One row a software.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tw::software {

/// An option of `trapwalk run`, with its value. In the value, {PACKAGE:PATTERN} is the file of the package that matches
/// (the last one when several do), {NAME} a file that is built here (built_files()), and {#...} the size of such a file
/// in hexadecimal. PACKAGE is Debian's name, with /SUITE when it is not the stable one.
struct Option {
  std::string_view name;
  std::string_view value;
};

struct Software {
  std::string_view name;
  std::string_view what;
  std::span<const Option> options;
  std::string_view milestone;  ///< the console's text that says that it works
};

std::span<const Software> catalogue();
/// Throws UserError with the nearest name.
const Software& find_software(std::string_view name);

/// What stands between braces.
struct Reference {
  std::string package;  ///< empty for a file that is built here
  std::string file;     ///< a pattern, or the name of what is built
  bool size = false;
};

/// A value cut into text and references, in order: each piece is one of the two.
struct Piece {
  std::string text;
  Reference reference;
  bool is_reference = false;
};
std::vector<Piece> pieces_of(std::string_view value);

/// The packages that a software needs, each once.
std::vector<std::string> packages_of(const Software& software);

/// A package without files of its own: the dependency that begins so has them. Empty for all others.
std::string_view payload_prefix(std::string_view package);

/// A file that is made here.
struct BuiltFile {
  std::string_view name;
  std::vector<std::string> packages;  ///< what it is made from
};
/// Throws std::out_of_range: the catalogue names no other.
const BuiltFile& built_file(std::string_view name);

inline constexpr std::string_view kInitramfs = "busybox-initramfs";   ///< busybox and init.sh
inline constexpr std::string_view kDiskInitramfs = "disk-initramfs";  ///< busybox, drivers of disks, disk_init.sh
inline constexpr std::string_view kDebianRoot = "debian-root";        ///< Debian 12 on ext4 (debian_root.hpp)

}  // namespace tw::software
