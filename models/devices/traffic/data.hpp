// Bytes that say where they belong: each is a function of its address and of the address space that it is in, so a
// translation that leads elsewhere, even to another page of the same stream, is seen by who reads it.
#pragma once

#include <span>

#include "base/types.hpp"

namespace tw::devices::traffic {

/// A number for the address space of a stream and substream.
u64 salt_of(StreamId stream, u32 substream);

/// `Initial`: as the platform lays it into memory. `Written`: as a generator writes it; every bit is the other one.
enum class Version : u8 { Initial, Written };

void fill(std::span<u8> data, Iova at, u64 salt, Version version);
/// With `written_too`, aligned doublewords (their parts in `data`) of either version are right.
bool is_right(std::span<const u8> data, Iova at, u64 salt, bool written_too);
/// Aligned doublewords of `data`, which are right, that have been written.
u64 written_words(std::span<const u8> data, Iova at, u64 salt);

}  // namespace tw::devices::traffic
