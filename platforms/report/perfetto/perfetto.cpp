#include "platforms/report/perfetto/perfetto.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "platforms/report/perfetto/parts.hpp"

namespace tw::report {

std::string to_perfetto(const Report& report, const std::string& name) {
  if (report.events.empty()) {
    throw UserError(Complaint{name, "has no events: a run logs them with --events or --perfetto"});
  }
  const Events& events = report.events.front();
  perfetto::Writer writer;
  std::map<u64, perfetto::Handlers> handlers;
  u64 process = 1;
  for (const CoreEvents& of_core : events.cores) {
    const auto core = std::find_if(report.cores.begin(), report.cores.end(),
                                   [&](const Core& known) { return known.cpu == of_core.cpu; });
    if (core == report.cores.end()) {
      throw UserError(Complaint{name, "has events of a core that it does not have"});
    }
    handlers[of_core.cpu] = perfetto::write_core(writer, *core, of_core);
    process = std::max(process, of_core.cpu + 2);
  }
  perfetto::write_interrupts(writer, process, events, handlers);
  perfetto::write_dma(writer, process + 1, events);
  return writer.text();
}

}  // namespace tw::report
