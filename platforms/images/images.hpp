// Files the user gives: what they are, what is wrong with them, where they go.
#pragma once

#include <string>
#include <vector>

#include "base/types.hpp"

namespace tw::images {

using Bytes = std::vector<u8>;

/// The whole file. Throws UserError when it cannot be read or is empty.
Bytes read_file(const std::string& path);
/// Writes the file through a temporary neighbour, so that nothing half-written stays. Throws UserError.
void write_file(const std::string& path, const Bytes& bytes);

/// A run of bytes for memory, followed by `zeros` zero bytes.
struct Segment {
  std::string name;  ///< for messages: the file, and which part
  Pa at{};
  Bytes bytes;
  u64 zeros = 0;
  u64 size() const { return bytes.size() + zeros; }
  u64 last() const { return at.value + (size() - 1); }
};

enum class ProgramKind : u8 { Elf, LinuxImage, Raw };

/// A program for --kernel. For everything but ELF, `segments[0].at` is an offset that place() turns into an address.
struct Program {
  ProgramKind kind = ProgramKind::Raw;
  Pa entry{};
  std::vector<Segment> segments;
};

/// Recognises what is compressed (compressed.hpp) and unpacks it; then ELF by its magic, a Linux arm64 Image by its
/// header, else raw; checks it. `ram` is the base of RAM. Linux goes to text_offset from a 2 MB aligned base
/// (Documentation/arch/arm64/booting.rst). Throws UserError.
Program read_program(const std::string& path, Pa ram);

/// Everything that is loaded before reset. add() throws UserError on an overlap with what is there.
class LoadPlan final {
 public:
  void add(Segment segment);
  const std::vector<Segment>& segments() const { return segments_; }
  /// Whether [first, last] is free.
  bool is_free(u64 first, u64 last) const;

 private:
  std::vector<Segment> segments_;
};

/// "FILE@ADDRESS" of --load, address as C writes numbers. Throws UserError.
Segment read_load_argument(const std::string& argument);

}  // namespace tw::images
