// ELF programs, read with libelf.
#pragma once

#include <string>

#include "platforms/images/images.hpp"

namespace tw::images {

bool is_elf(const Bytes& bytes);
/// The loadable segments (at their physical addresses) and the entry point of a little-endian AArch64 ELF.
/// Throws UserError: wrong machine or class, not executable, truncated.
Program read_elf(const std::string& path, Bytes& bytes);

}  // namespace tw::images
