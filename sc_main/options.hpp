// Options of a command, as Boost's program_options describe them: no abbreviations (one would change its meaning when
// an option is added), and whoever misspells one is told of the nearest.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace tw::command {

/// Stores into `given` what `words` say; what is there already stays. Words that are no options go to `positional`, in
/// order, and none may be left over. `command` is the one that is named in messages: "trapwalk run". Throws UserError.
void store_options(const std::string& command, const std::vector<std::string>& words,
                   const boost::program_options::options_description& description,
                   const boost::program_options::positional_options_description& positional,
                   boost::program_options::variables_map& given);

/// What --help says of them.
std::string text_of(const boost::program_options::options_description& description);

/// `, did you mean "--kernel"?` or nothing. `wrong` as it was typed.
std::string nearest_option(const std::string& wrong, const std::vector<std::string>& names);

/// The same complaints, with the option by which the user named the file: "--kernel Image: No such file or directory".
UserError named_by(const std::string& option, const UserError& error);

/// What `use` makes of a file that `option` names.
template <class Use>
auto of_option(const std::string& option, Use use) {
  try {
    return use();
  } catch (const UserError& error) {
    throw named_by(option, error);
  }
}

}  // namespace tw::command
