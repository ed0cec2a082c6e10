// Kernels come compressed: as a gzip, xz or zstd file, or inside a PE program that unpacks itself under UEFI (zboot).
#pragma once

#include <string>

#include "platforms/images/images.hpp"

namespace tw::images {

/// The most that a file may unpack to: a kernel is far smaller, a bomb far larger.
inline constexpr u64 kLargestUnpacked = u64{512} << 20;

/// What a compressed file or zboot program holds; any other file as it is. Throws UserError: damaged, truncated, larger
/// than kLargestUnpacked, or a compression that is not known here.
Bytes unpack(const std::string& path, Bytes bytes);

}  // namespace tw::images
