// The packets' rows by what they are about; packets.cpp puts them together.
#pragma once

#include <span>
#include <string_view>

#include "base/error.hpp"
#include "platforms/gdb/packets.hpp"
#include "platforms/gdb/scanner.hpp"

namespace tw::gdb {

/// How errors are told.
enum class Errors : u8 {
  Number,  ///< "E0e": where text could be taken for data
  Text,    ///< "E.what is wrong"
};

struct Packet {
  std::string_view begin;
  /// `rest` is what comes behind `begin`. Throws UserError, Malformed.
  Answer (*serve)(Attached& attached, Scanner rest);
  Errors errors = Errors::Number;
};

std::span<const Packet> register_packets();
std::span<const Packet> memory_packets();
std::span<const Packet> resuming_packets();
std::span<const Packet> query_packets();

/// Without the names of members of a request, which a debugger does not have.
std::string message_of(const UserError& error);

inline Answer ok() { return {"OK"}; }

/// Threads are cores, counted from 1.
inline u64 thread_of(unsigned core) { return u64{core} + 1; }
/// Of a thread's number; nothing: any ("0") or all ("-1"). Throws Malformed where there is none.
std::optional<unsigned> take_thread(const Attached& attached, Scanner& rest);

}  // namespace tw::gdb
