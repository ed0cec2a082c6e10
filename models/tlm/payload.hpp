// What a transaction carries beside address and data (the AMBA user signals that matter here): who makes the access,
// in which translation context, and, on the way back, who served it.
#pragma once

#include <tlm>

#include "base/types.hpp"
#include "cost/spans.hpp"

namespace tw::tlm {

/// Fields of one transaction. `stream` to `may_stall` belong to DMA masters, `cpu` to cores.
struct Attributes {
  StreamId stream{};
  u32 substream = 0;           ///< SubstreamID (PASID), with has_substream
  bool has_substream = false;  ///< SSV
  bool privileged = false;
  bool translated = false;  ///< the address comes from an ATS translation: a Pa
  /// The master is a thread that waits: an SMMU may hold the transaction, with wait(), until software answers its
  /// fault.
  bool may_stall = false;
  Vmid vmid{};
  Asid asid{};
  El el = El::El1;
  Security security = Security::NonSecure;
  bool guest = false;        ///< under stage 2: vmid is meaningful
  bool instruction = false;  ///< instruction fetch
  bool write = false;        ///< TLM_IGNORE_COMMAND: takes the time of a write, else of a read
  bool data_only = false;    ///< its time is asked elsewhere, or by nobody: it moves data and is in nobody's way
  u8 cpu = 0;
  cost::ServedBy served_by = cost::ServedBy::Unmapped;  ///< filled in by the target
};

/// An ignorable extension: a target that finds none uses Attributes{}.
class PayloadExtension final : public ::tlm::tlm_extension<PayloadExtension> {
 public:
  Attributes attributes;

  ::tlm::tlm_extension_base* clone() const override { return new PayloadExtension(*this); }
  void copy_from(const ::tlm::tlm_extension_base& other) override {
    attributes = static_cast<const PayloadExtension&>(other).attributes;
  }
};

/// Whether the transaction takes the time of a write: one, or one for its time only that is called so.
inline bool times_as_write(const ::tlm::tlm_generic_payload& payload) {
  if (payload.get_command() != ::tlm::TLM_IGNORE_COMMAND) return payload.is_write();
  const auto* extension = payload.get_extension<PayloadExtension>();
  return extension != nullptr && extension->attributes.write;
}

/// Whether the transaction moves data without keeping anything busy.
inline bool is_data_only(const ::tlm::tlm_generic_payload& payload) {
  const auto* extension = payload.get_extension<PayloadExtension>();
  return extension != nullptr && extension->attributes.data_only;
}

}  // namespace tw::tlm
