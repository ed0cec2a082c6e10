// Who looks at everything that a core does to memory and translations: a recording (platforms/record).
#pragma once

#include "cpu/ports.hpp"
#include "vmsa/descriptor_port.hpp"

namespace tw::virt {

class CoreObserver : public cpu::AccessPort {
 public:
  /// A walk has read a descriptor. Told always, also while accesses are not (Cpu::observe).
  virtual void walked(const vmsa::DescriptorRequest& request, const vmsa::DescriptorReply& reply) = 0;
  /// A TLBI of this core, or of another one that reaches it. Told always.
  virtual void invalidated(const vmsa::Invalidate& what, bool of_this_core) = 0;
};

}  // namespace tw::virt
