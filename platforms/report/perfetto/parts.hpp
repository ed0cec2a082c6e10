// What a trace is put together from.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "platforms/report/perfetto/tracks.hpp"
#include "platforms/report/report.hpp"

namespace tw::report::perfetto {

/// A trap's slice in the trace, for arrows that lead to it.
struct Handler {
  u64 begin_ps = 0;
  u64 end_ps = 0;
  Track track;
};
/// Of a core, by begin.
using Handlers = std::vector<Handler>;

/// The innermost that is open at `ps`.
std::optional<Handler> handler_at(const Handlers& handlers, u64 ps);

Handlers write_core(Writer& writer, const Core& core, const CoreEvents& events);
void write_interrupts(Writer& writer, u64 process, const Events& events, const std::map<u64, Handlers>& of_cores);
void write_dma(Writer& writer, u64 process, const Events& events);

}  // namespace tw::report::perfetto
