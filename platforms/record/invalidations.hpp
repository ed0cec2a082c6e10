// A TLBI, or a command of the SMMU, as records.
#pragma once

#include <vector>

#include "smmu/maintenance.hpp"
#include "trace/record.hpp"
#include "vmsa/translation.hpp"

namespace tw::record {

/// More than one where the range is larger than a record's size says. `el`: that executes it.
std::vector<trace::Record> records_of(const vmsa::Invalidate& what, trace::Reach reach, El el);
trace::Record record_of(const smmu::ConfigurationInvalidate& what);
/// The EL whose tables the regime has; EL1 of EL1&0.
El el_of(vmsa::Regime regime);

}  // namespace tw::record
