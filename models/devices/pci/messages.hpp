// The transactions of an endpoint in the shape that PCI Express Base 5.0 gives them: memory requests with their address
// type and PASID prefix, and the messages of address translation services (chapter 10).
#pragma once

#include <optional>
#include <span>

#include "base/types.hpp"

namespace tw::devices::pci {

/// AT of a memory request (10.2.1).
enum class AddressType : u8 { Untranslated = 0, TranslationRequest = 1, Translated = 2 };

/// The PASID TLP prefix (6.20.2).
struct PasidPrefix {
  u32 pasid = 0;  ///< 20 bits
  bool execute = false;
  bool privileged = false;
  constexpr bool operator==(const PasidPrefix&) const = default;
};

struct MemoryRequest {
  Iova address;
  AddressType type = AddressType::Untranslated;
  std::optional<PasidPrefix> pasid = {};
  /// Not PCIe: the requester can wait, so that an SMMU may stall its fault (tlm::Attributes::may_stall).
  bool may_stall = false;
};

/// Completion status (2.2.9.1).
enum class Completion : u8 { Success = 0, UnsupportedRequest = 1, CompleterAbort = 4 };

/// One translation of a translation completion (10.2.3.2 to 10.2.3.8).
struct Translation {
  u64 address = 0;          ///< translated; bits below `size_log2` are zero
  unsigned size_log2 = 12;  ///< what S says: the range that the translation is for
  bool read = false, write = false;
  bool execute = false;     ///< Exe
  bool privileged = false;  ///< Priv
  bool global = false;
  bool untranslated_only = false;  ///< U
  bool no_snoop = false;           ///< N
  constexpr bool operator==(const Translation&) const = default;
};

struct TranslationRequest {
  Iova address;  ///< bits [11:0] are zero
  std::optional<PasidPrefix> pasid = {};
  bool no_write = false;  ///< NW: the requester asks for no right to write
};

/// Without success there is no translation; with it, R = W = 0 says that there is no access.
struct TranslationCompletion {
  Completion status = Completion::UnsupportedRequest;
  Translation translation;
};

/// 10.4.1
struct PageRequest {
  u64 address = 0;  ///< of a page: bits [11:0] are zero
  u16 group = 0;    ///< page request group index, 9 bits
  bool read = false, write = false;
  bool last = false;
  std::optional<PasidPrefix> pasid = {};
};

/// 10.4.2.2
enum class PageResponseCode : u8 { Success = 0, InvalidRequest = 1, ResponseFailure = 0xF };

struct PageResponse {
  u16 group = 0;
  PageResponseCode code = PageResponseCode::Success;
  std::optional<u32> pasid = {};
};

/// 10.3.1 and 10.3.8; the range is [address, address + 2^size_log2).
struct InvalidateRequest {
  u32 tag = 0;  ///< ITag; as many as the root complex likes
  u64 address = 0;
  unsigned size_log2 = 12;  ///< 64: everything
  std::optional<u32> pasid = {};
  bool global = false;  ///< with a PASID: of all PASIDs
};

}  // namespace tw::devices::pci
