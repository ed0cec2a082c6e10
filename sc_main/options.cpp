#include "sc_main/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "platforms/config/nearest.hpp"

namespace tw::command {

namespace po = boost::program_options;

namespace {

std::vector<std::string> names_of(const po::options_description& description,
                                  const po::positional_options_description& positional) {
  std::vector<std::string> names;
  for (const auto& option : description.options()) names.push_back("--" + option->long_name());
  // What positional words are called is nothing that a user types.
  for (unsigned n = 0; n < positional.max_total_count(); ++n) {
    if (std::erase(names, "--" + positional.name_for_position(n)) == 0) break;
  }
  return names;
}

/// QEMU's "-kernel" is to the parser the short option "-k" with a value.
std::string as_typed(const std::string& name, const std::vector<std::string>& words) {
  if (name.starts_with("--")) return name;
  const auto word = std::ranges::find_if(words, [&](const std::string& w) { return w.starts_with(name); });
  return word == words.end() ? name : *word;
}

}  // namespace

std::string text_of(const po::options_description& description) {
  std::ostringstream text;
  text << description;
  return text.str();
}

std::string nearest_option(const std::string& wrong, const std::vector<std::string>& names) {
  const std::string long_form = wrong.starts_with("--") ? wrong : "-" + wrong;
  return config::did_you_mean(long_form, names);
}

UserError named_by(const std::string& option, const UserError& error) {
  std::vector<Complaint> complaints = error.complaints();
  for (Complaint& complaint : complaints) {
    if (!complaint.where.starts_with("--"))
      complaint.where = option + (complaint.where.empty() ? "" : " ") + complaint.where;
  }
  return UserError(std::move(complaints));
}

void store_options(const std::string& command, const std::vector<std::string>& words,
                   const po::options_description& description, const po::positional_options_description& positional,
                   po::variables_map& given) {
  const auto refuse = [&](const std::string& message) {
    throw UserError(Complaint{command, message + "; see " + command + " --help"});
  };
  try {
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::command_line_parser parser(words);
    parser.options(description).style(style);
    if (positional.max_total_count() != 0) parser.positional(positional);
    const po::parsed_options parsed = parser.run();
    // Without names for them, the parser leaves words that are no options without a name.
    for (const po::option& option : parsed.options) {
      if (option.string_key.empty()) refuse(fmt::format("'{}' belongs to no option", option.original_tokens.front()));
    }
    po::store(parsed, given);
  } catch (const po::unknown_option& error) {
    const std::string name = as_typed(error.get_option_name(), words);
    refuse(fmt::format("no option is called '{}'{}", name, nearest_option(name, names_of(description, positional))));
  } catch (const po::error& error) {
    refuse(error.what());
  }
}

}  // namespace tw::command
