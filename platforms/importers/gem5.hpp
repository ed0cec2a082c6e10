// gem5's packet traces, as its MemTraceProbe writes them (src/proto/packet.proto, src/proto/protoio.cc): "gem5", then
// protobuf messages, each behind its length as a varint: one PacketHeader, then Packets.
#pragma once

#include "platforms/importers/importers.hpp"

namespace tw::importers {

/// A packet has a physical address: it becomes PA and VA, as if translation were off. ReadReq and WriteReq, and what
/// `options` name beside, are accesses; a read that has INST_FETCH among its flags is a fetch. Other commands, and
/// reads of gem5's own page-table walkers, are left out and counted. Throws UserError for what is no such file.
LeftOut import_gem5(Input& input, const Options& options, const Sink& sink);

}  // namespace tw::importers
