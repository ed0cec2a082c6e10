// `trapwalk software`: Debian's packages by name, fetched and ready to run.
#include <algorithm>
#include <cstdio>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
#include "platforms/software/store.hpp"
#include "sc_main/commands.hpp"

namespace tw::command {

namespace {

constexpr const char* kUsage =
    "trapwalk software list             what there is, and what of it is here\n"
    "trapwalk software show NAME...     packages, files, how it is run, what says that it works\n"
    "trapwalk software options NAME...  its options of `trapwalk run`, a word a line, for scripts\n"
    "trapwalk software get [--newest] NAME...\n"
    "                                   fetches Debian's packages with apt and unpacks them; does nothing when they "
    "are\n"
    "                                   here, but with --newest looks for newer ones\n"
    "\n"
    "Nothing is installed: all is kept in $TRAPWALK_CACHE, else $XDG_CACHE_HOME/trapwalk, else ~/.cache/trapwalk.\n"
    "$TRAPWALK_DEBIAN_MIRROR is used instead of http://deb.debian.org/debian. `trapwalk run --software NAME` runs it.\n"
    "Exit status: 2 something is wrong with what was given, 5 a package cannot be had (no network, no apt).\n";

void say(const std::string& text) { fmt::print(stderr, "trapwalk: {}\n", text); }

std::string quoted(const std::string& word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-_./=,:@%+~").find(static_cast<char>(c)) != std::string_view::npos;
  });
  return plain && !word.empty() ? word : "'" + word + "'";
}

void print_ready(software::Store& store, const software::Software& software) {
  for (const std::string& name : software::packages_of(software)) {
    const software::Package package = store.chosen(name).value();
    fmt::print("  {} {} ({})\n", package.name, package.version, package.architecture);
  }
  fmt::print("  run it with  trapwalk run --software {}\n  which is     trapwalk run", software.name);
  const std::vector<std::string> arguments = store.run_arguments(software);
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    fmt::print(" \\\n                 {} {}", arguments[i], quoted(arguments[i + 1]));
  }
  fmt::print("\n  it works when it prints  {}\n", software.milestone);
}

bool is_here(const software::Store& store, const software::Software& software) {
  const std::vector<std::string> names = software::packages_of(software);
  return std::all_of(names.begin(), names.end(),
                     [&](const std::string& name) { return store.chosen(name).has_value(); });
}

void list(software::Store& store) {
  for (const software::Software& software : software::catalogue()) {
    fmt::print("{:<24} {:<42} {}\n", software.name, software.what, is_here(store, software) ? "here" : "");
  }
}

void show(software::Store& store, const software::Software& software) {
  fmt::print("{}: {}\n", software.name, software.what);
  if (is_here(store, software)) {
    print_ready(store, software);
    return;
  }
  for (const std::string& name : software::packages_of(software)) fmt::print("  {} (arm64), not fetched\n", name);
  for (const software::Option& option : software.options) fmt::print("  --{} {}\n", option.name, option.value);
  fmt::print("  it works when it prints  {}\n", software.milestone);
}

}  // namespace

int command_software(std::span<const std::string> arguments) {
  std::vector<std::string> words(arguments.begin(), arguments.end());
  const auto take = [&](const char* flag) { return std::erase(words, flag) != 0; };
  if (take("--help") || take("-h")) {
    fmt::print("{}", kUsage);
    return 0;
  }
  const std::string verb = words.empty() ? "" : words.front();
  if (!words.empty()) words.erase(words.begin());
  const bool newest = verb == "get" && take("--newest");
  const std::vector<std::string> verbs{"list", "show", "options", "get"};
  if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end()) {
    if (verb.empty()) throw UserError(Complaint{"", std::string("usage:\n") + kUsage});
    throw UserError(Complaint{"trapwalk software", fmt::format("list, show, options or get, not '{}'{}", verb,
                                                               config::did_you_mean(verb, verbs))});
  }
  if (words.empty() != (verb == "list")) throw UserError(Complaint{"", std::string("usage:\n") + kUsage});
  software::Store store(software::cache_folder(), say);
  if (verb == "list") list(store);
  std::vector<const software::Software*> chosen;  // all names are looked at before the first is fetched
  for (const std::string& name : words) chosen.push_back(&software::find_software(name));
  for (const software::Software* software : chosen) {
    if (verb == "show") {
      show(store, *software);
    } else if (verb == "options") {
      store.get(*software);
      for (const std::string& word : store.run_arguments(*software)) fmt::print("{}\n", word);
    } else {
      store.get(*software, newest);
      fmt::print("{}: {}\n", software->name, software->what);
      print_ready(store, *software);
    }
  }
  return 0;
}

std::vector<std::string> software_arguments(const std::string& name) {
  const software::Software& software = software::find_software(name);
  software::Store store(software::cache_folder(), say);
  store.get(software);
  return store.run_arguments(software);
}

}  // namespace tw::command
