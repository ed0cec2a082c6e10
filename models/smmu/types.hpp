// What comes to an SMMU and what it answers (SMMU architecture, IHI 0070, 3.2 and 3.9).
#pragma once

#include "base/types.hpp"
#include "vmsa/translation.hpp"

namespace tw::smmu {

/// Whose configuration translates: SubstreamID (PASID) 0 and none are not the same (STE.S1DSS).
struct StreamKey {
  StreamId stream{};
  u32 substream = 0;
  bool has_substream = false;  ///< SSV
  auto operator<=>(const StreamKey&) const = default;
};

/// One transaction of a master; it does not cross a 4 KB boundary.
struct Request {
  StreamKey from;
  Iova address{};
  bool write = false;  ///< else a read
  bool privileged = false;
  bool instruction = false;
  bool translated = false;  ///< of a master that has asked by ATS: `address` is a Pa
  bool may_stall = false;   ///< the master can be held; a stalled fault of others is terminated
  Security security = Security::NonSecure;
};

enum class Outcome : u8 {
  Ok,
  Abort,       ///< a bus error for the master
  ReadAsZero,  ///< terminated with RAZ/WI (CD.A = 0): reads give zeros, writes are dropped
  Stalled,     ///< until SignalPort::resume() with Response::stag
};

struct Response {
  Outcome outcome = Outcome::Ok;
  Pa pa{};
  Security security = Security::NonSecure;
  u8 page_bits = 12;  ///< the answer holds for so much around the address
  bool readable = true, writable = true;
  vmsa::Attributes attributes;
  u16 stag = 0;    ///< Stalled
  u64 cycles = 0;  ///< of the SMMU's clock, that the translation took
};

/// What a look at the tables says of a transaction, beside how it ends; of one that is translated.
struct Look {
  Response response;
  Ipa ipa{};  ///< the PA where there is no stage 2
  Vmid vmid{};
  Asid asid{};
  El el = El::El1;  ///< whose regime translates
};

/// An ATS translation request (PCIe 10.2; IHI 0070, 3.9.1).
struct AtsRequest {
  StreamKey from;
  Iova address{};
  bool write = false;  ///< not "no write"
  bool privileged = false;
  bool instruction = false;
};

struct AtsReply {
  enum class Status : u8 { Success, UnsupportedRequest, CompleterAbort };
  Status status = Status::Success;
  Pa pa{};  ///< of the page
  u8 page_bits = 12;
  bool readable = false, writable = false;  ///< neither: nothing is mapped
  bool executable = false, global = false, privileged = false;
  bool untranslated_only = false;  ///< U
  u64 cycles = 0;
};

/// A PRI page request (PCIe 10.4), or a stop marker (last, neither read nor write).
struct PageRequest {
  StreamKey from;
  u64 page = 0;  ///< address >> 12
  u16 group = 0;
  bool read = false, write = false, instruction = false, privileged = false, last = false;
};

struct PageResponse {
  enum class Code : u8 { Success = 0, InvalidRequest = 1, Failure = 15 };
  StreamKey to;
  u16 group = 0;
  Code code = Code::Success;
};

struct AtcInvalidate {
  StreamKey to;
  bool global = false;
  Iova address{};
  u8 size_bits = 12;  ///< of the naturally aligned range; 64: everything
  u32 tag = 0;        ///< comes back with Smmu::atc_invalidated()
};

}  // namespace tw::smmu
