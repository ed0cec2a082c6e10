// What is asked while the run stands, a row a packet.
#pragma once

#include <string>
#include <string_view>

#include "platforms/gdb/attached.hpp"
#include "platforms/gdb/packet.hpp"

namespace tw::gdb {

enum class After : u8 {
  Stay,
  Go,      ///< the run goes on; the answer comes when it stands again
  Stand,   ///< as if it had gone on, and stood again at once
  Detach,  ///< the debugger wants no more
  Kill,    ///< nor shall the run go on
};

struct Answer {
  std::string body = {};
  After after = After::Stay;
  std::string output = {};  ///< to be shown before it
};

/// `body` is still escaped. What is wrong or unknown is an answer too.
Answer serve(Attached& attached, std::string_view body);

/// The body of the answer that tells where the run stands (packet T).
std::string stop_reply(const Attached& attached);
/// What a person should know of this stop beyond that; empty: nothing.
std::string remark(const control::Stop& stop);

/// Of all packets.
inline constexpr std::size_t kPacketBytes = 0x10000;

}  // namespace tw::gdb
