// --domain: a guest that the hypervisor starts itself (Xen calls it dom0less).
#pragma once

#include <string>

#include "base/types.hpp"

namespace tw::command {

struct DomainOption {
  std::string name, kernel, initrd, append;
  u64 memory = u64{128} << 20;
  unsigned cpus = 1;
  bool vpl011 = false;
};

/// "kernel=FILE,initrd=FILE,append=TEXT,name=NAME,memory=SIZE,cpus=N,vpl011"; a comma in a value is written twice.
/// `number` names a domain without a name: domU1, domU2 … Throws UserError.
DomainOption parse_domain(const std::string& text, unsigned number);

}  // namespace tw::command
