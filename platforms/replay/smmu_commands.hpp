// An Invalidate of a trace as commands of an SMMU's queue (IHI 0070, 4.3, 4.4).
#pragma once

#include <vector>

#include "platforms/dma_study/commands.hpp"
#include "trace/record.hpp"

namespace tw::replay {

/// Whose entries: as the SMMU of the replay has them tagged.
struct Tagged {
  Vmid vmid{};
  Asid asid{};
};

/// CMD_TLBI_*, of EL1 or of stage 2; `scope` is none of streams. `bytes` by address: 0 is whatever maps it. `ranges`:
/// the SMMU has IDR3.RIL; without it each page has a command, and what is more than a table of the last level maps is
/// invalidated with all its ASID or VMID.
std::vector<study::Command> tlbi(trace::Scope scope, Tagged of, u64 address, u64 bytes, bool ranges);
study::Command cfgi_ste(StreamId stream);
/// CMD_CFGI_*; the record's scope is one of streams.
study::Command cfgi(const trace::Record& record);

}  // namespace tw::replay
