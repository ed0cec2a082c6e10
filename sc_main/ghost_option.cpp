#include "sc_main/ghost_option.hpp"

#include <iterator>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
#include "sc_main/key_values.hpp"
#include "sc_main/quantities.hpp"
#include "smmu/statistics.hpp"

namespace tw::command {

namespace {

constexpr u64 kMostEntries = 65536;

[[noreturn]] void refuse(const std::string& message) { throw UserError(Complaint{"--ghost", message}); }

struct Structure {
  bool of_smmu = false;
  vmsa::Haunted what = vmsa::Haunted::SecondLevel;
};

Structure parse_structure(const std::string& text) {
  std::vector<std::string> names;
  for (const bool of_smmu : {false, true}) {
    for (unsigned what = 0; what < std::size(vmsa::kHauntedNames); ++what) {
      const std::string_view name = of_smmu ? smmu::kHauntedNames[what] : vmsa::kHauntedNames[what];
      if (text == name) return {of_smmu, static_cast<vmsa::Haunted>(what)};
      names.emplace_back(name);
    }
  }
  refuse(fmt::format("'{}' is no structure of an MMU{}", text, config::did_you_mean(text, names)));
}

}  // namespace

void parse_ghost(const std::string& text, GhostOptions& into) {
  const std::size_t sign = text.find('=');
  if (sign == std::string::npos) refuse("'" + text + "' is not STRUCTURE=entries:FROM..TO,ways:N");
  const Structure structure = parse_structure(text.substr(0, sign));
  u64 from = 0, to = 0, ways = 0;
  for (const std::string& part : split_at_commas(text.substr(sign + 1))) {
    if (part.starts_with("entries:")) {
      const std::string range = part.substr(8);
      const std::size_t dots = range.find("..");
      from = parse_number(range.substr(0, dots), "--ghost entries");
      to = dots == std::string::npos ? from : parse_number(range.substr(dots + 2), "--ghost entries");
    } else if (part == "ways:full") {
      ways = 0;
    } else if (part.starts_with("ways:")) {
      ways = parse_number(part.substr(5), "--ghost ways");
      if (ways == 0) refuse("ways:0 is written ways:full");
    } else {
      refuse("'" + part + "' is neither entries:FROM..TO nor ways:N nor ways:full");
    }
  }
  if (from == 0 || to < from || to > kMostEntries) refuse(fmt::format("entries: from 1 to {}", kMostEntries));
  std::vector<vmsa::GhostSpec>& specs = structure.of_smmu ? into.smmu : into.cores;
  for (u64 entries = from; entries <= to; entries *= 2) specs.push_back({structure.what, entries, ways});
}

void add_ghosts(const GhostOptions& ghosts, smmu::Smmu* smmu) {
  for (const vmsa::GhostSpec& ghost : ghosts.smmu) {
    if (smmu == nullptr) {
      const std::string name(smmu::haunted_name(ghost.structure));
      throw UserError(Complaint{"--ghost", name + ": there is no SMMU"});
    }
    smmu->add_ghost(ghost);
  }
}

}  // namespace tw::command
