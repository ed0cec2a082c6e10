// Guest memory by virtual address, for services of the platform (semihosting): no exception, no time, no effect on a
// device. An address that does not translate, or is not memory, is an error of the call.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cpu/cpu.hpp"

namespace tw::cpu {

/// Copies out of (into) the memory that the present EL sees at `va`. False: some byte is not accessible.
bool read_guest(Cpu& cpu, u64 va, std::span<u8> out);
bool write_guest(Cpu& cpu, u64 va, std::span<const u8> in);

}  // namespace tw::cpu
