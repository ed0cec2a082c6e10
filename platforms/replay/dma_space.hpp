// Whose addresses a DMA master's are.
#pragma once

#include <compare>

#include "trace/record.hpp"

namespace tw::replay {

/// An address space as a trace names it. One without an ASID is its stream's alone.
struct DmaSpace {
  bool host = false;
  Vmid vmid{};
  Asid asid{};
  StreamId stream = trace::kNoStream;
  auto operator<=>(const DmaSpace&) const = default;
};

/// What runs above EL1 is a host, as on a core.
inline DmaSpace dma_space_of(const trace::Record& record) {
  const bool host = record.el >= El::El2;
  return {.host = host,
          .vmid = host ? Vmid{} : record.vmid,
          .asid = record.asid,
          .stream = record.asid == Asid{} ? record.stream : trace::kNoStream};
}

}  // namespace tw::replay
