// The options of `trapwalk run` that say what of a run is timed and measured.
#pragma once

#include <string>
#include <vector>

#include "platforms/images/symbols.hpp"
#include "sc_main/run_options.hpp"

namespace tw::command {

/// "period:N,warm:M,measure:K", in any order; warm may be left out. Throws UserError.
region::Sampling parse_sampling(const std::string& text);
/// Which of them do not go together. Throws UserError.
void check_region(const region::Options& options);

/// Those of `options` with symbols looked up: in --symbols, else in what is ELF of --kernel, --hypervisor and --bios.
/// Throws UserError.
region::Options region_of(const RunOptions& options);
/// The names of --symbols, else those of what is ELF. Throws UserError naming `option` when there are none.
images::Symbols symbols_of(const RunOptions& options, const std::string& option);
/// What consoles have to be watched for.
std::vector<std::string> texts_of(const region::Options& options);

}  // namespace tw::command
