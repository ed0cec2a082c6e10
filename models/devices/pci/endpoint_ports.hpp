// What an endpoint needs of the root complex, and what it offers to it: both sides of address translation services.
// `platforms/` joins them to an SMMU. Calls that go towards the root complex may take simulated time (the caller is a
// thread); calls that come from it return at once.
#pragma once

#include "devices/pci/messages.hpp"

namespace tw::devices::pci {

/// Where memory requests go. A request crosses no 4 KB boundary (2.2.7).
class MemoryPort {
 public:
  virtual ~MemoryPort() = default;
  [[nodiscard]] virtual Completion read(const MemoryRequest& request, std::span<u8> into) = 0;
  /// A posted write has no completion on PCIe; what comes back here is what the root complex made of it.
  [[nodiscard]] virtual Completion write(const MemoryRequest& request, std::span<const u8> from) = 0;
};

/// The translation agent of the root complex, as one function sees it: `platforms/` adds the requester ID.
class TranslationAgent {
 public:
  virtual ~TranslationAgent() = default;
  [[nodiscard]] virtual TranslationCompletion translate(const TranslationRequest& request) = 0;
  virtual void request_page(const PageRequest& request) = 0;
  /// An invalidate completion (10.3.2). May be called from inside AtsFunction::invalidate(), or later.
  virtual void invalidated(u32 tag) = 0;
};

/// What the root complex sends to a function that has an address translation cache.
class AtsFunction {
 public:
  virtual ~AtsFunction() = default;
  virtual void invalidate(const InvalidateRequest& request) = 0;
  virtual void respond(const PageResponse& response) = 0;
};

}  // namespace tw::devices::pci
