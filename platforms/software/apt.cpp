#include "platforms/software/apt.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "platforms/software/catalogue.hpp"
#include "platforms/software/child_process.hpp"

namespace tw::software {

namespace fs = std::filesystem;

namespace {

constexpr const char* kArchitecture = "arm64";
constexpr const char* kKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
constexpr const char* kMirrorVariable = "TRAPWALK_DEBIAN_MIRROR";
constexpr const char* kMirror = "http://deb.debian.org/debian";

constexpr std::chrono::hours kFresh{1};

/// The archive's parts; the security updates lie beside the mirror under this name everywhere.
constexpr std::pair<const char*, const char*> kSuites[] = {
    {"", "bookworm"}, {"", "bookworm-updates"}, {"-security", "bookworm-security"}, {"", "bookworm-backports"}};

std::string sources() {
  const std::string mirror = debian_mirror();
  // Without Debian's keyring package, apt's own trusted keys decide.
  const std::string options = fs::exists(kKeyring) ? fmt::format("[signed-by={}] ", kKeyring) : "";
  std::string text;
  for (const auto& [beside, suite] : kSuites)
    text += fmt::format("deb {}{}{} {} main\n", options, mirror, beside, suite);
  return text;
}

/// apt's complaints, without what only says that something was ignored.
std::string reasons(const std::string& errors) {
  std::string text;
  std::istringstream lines(errors);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("E: ") || line.starts_with("W: ")) text += "\n  " + line;
  }
  return text;
}

/// The value of a field in a paragraph of apt-cache show.
std::string field(const std::string& paragraph, const std::string& name) {
  std::istringstream lines(paragraph);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + ": ")) return line.substr(name.size() + 2);
  }
  return "";
}

/// "a (= 1), b | c": the first name that begins with `prefix`, with its version if one is demanded.
std::pair<std::string, std::string> dependency(const std::string& depends, std::string_view prefix) {
  std::istringstream parts(depends);
  for (std::string part; std::getline(parts, part, ',');) {
    std::istringstream words(part);
    std::string name, relation, version;
    words >> name >> relation >> version;
    if (!name.starts_with(prefix)) continue;
    if (relation != "(=") version.clear();
    if (version.ends_with(')')) version.pop_back();
    return {name, version};
  }
  return {};
}

}  // namespace

std::string debian_mirror() {
  const char* given = std::getenv(kMirrorVariable);
  return given != nullptr && *given != '\0' ? given : kMirror;
}

Apt::Apt(fs::path state) : state_(std::move(state)) {
  fs::create_directories(state_ / "lists" / "partial");
  fs::create_directories(state_ / "cache" / "archives" / "partial");
  std::ofstream(state_ / "sources.list") << sources();
  std::ofstream(state_ / "status");
}

std::vector<std::string> Apt::command(const char* program, std::vector<std::string> arguments) const {
  std::vector<std::string> words{program};
  const auto set = [&](const std::string& assignment) {
    words.emplace_back("-o");
    words.push_back(assignment);
  };
  set(fmt::format("APT::Architecture={}", kArchitecture));
  set(fmt::format("APT::Architectures::={}", kArchitecture));
  set("Dir::State=" + state_.string());
  set("Dir::State::status=" + (state_ / "status").string());
  set("Dir::Cache=" + (state_ / "cache").string());
  set("Dir::Etc::sourcelist=" + (state_ / "sources.list").string());
  for (const char* unused : {"sourceparts", "preferences", "preferencesparts"})
    set(fmt::format("Dir::Etc::{}=-", unused));
  set("Acquire::Languages=none");
  set("Acquire::Retries=2");
  set("Acquire::http::Timeout=30");
  if (geteuid() == 0) set("APT::Sandbox::User=root");  // the user _apt may not reach the cache folder
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

void Apt::update(bool now) {
  const fs::path stamp = state_ / "updated";
  std::error_code error;
  const fs::file_time_type last = fs::last_write_time(stamp, error);
  if (!now && !error && fs::file_time_type::clock::now() - last < kFresh) return;
  const Outcome outcome = run_program(command("apt-get", {"-q", "update"}));
  complaints_ = reasons(outcome.errors);
  if (outcome.status != 0) throw Unavailable("apt-get update failed:" + complaints_);
  if (complaints_.empty()) std::ofstream(stamp) << "";  // touched: without network, apt-get update only warns
}

Package Apt::newest(const std::string& package) const {
  const std::size_t slash = package.find('/');
  const std::string name = package.substr(0, slash);
  std::vector<std::string> arguments;
  if (slash != std::string::npos) {
    arguments.insert(arguments.end(), {"-o", "APT::Default-Release=" + package.substr(slash + 1)});
  }
  arguments.insert(arguments.end(), {"show", "--no-all-versions", name});
  const Outcome outcome = run_program(command("apt-cache", arguments));
  if (outcome.status != 0 || field(outcome.output, "Version").empty()) {
    throw Unavailable(
        fmt::format("Debian's package {} is not known:{}{}", package, reasons(outcome.errors), complaints_));
  }
  const std::string_view prefix = payload_prefix(package);
  if (prefix.empty()) {
    return {name, field(outcome.output, "Version"), field(outcome.output, "Architecture"), {}};
  }
  const auto [payload, version] = dependency(field(outcome.output, "Depends"), prefix);
  if (payload.empty() || version.empty()) {
    throw Unavailable(fmt::format("Debian's package {} depends on no {}* of one version", package, prefix));
  }
  return {payload, version, kArchitecture, {}};
}

Package Apt::fetch(const Package& package, const fs::path& folder) const {
  Package fetched = package;
  const std::string name = fmt::format("{}_{}_{}", package.name, package.version, package.architecture);
  fetched.folder = folder / name;
  if (fs::exists(fetched.folder)) return fetched;
  fs::create_directories(folder);
  const fs::path part = folder / fmt::format(".{}.{}.part", package.name, getpid());
  fs::remove_all(part);
  fs::create_directories(part / "unpacked");
  try {
    const Outcome download =
        run_program(command("apt-get", {"-q", "download", package.name + "=" + package.version}), part.string());
    if (download.status != 0) {
      throw Unavailable(fmt::format("{} {} cannot be fetched:{}{}", package.name, package.version,
                                    reasons(download.errors), complaints_));
    }
    fs::path archive;
    for (const fs::directory_entry& entry : fs::directory_iterator(part)) {
      if (entry.path().extension() == ".deb") archive = entry.path();
    }
    const Outcome unpack = run_program({"dpkg-deb", "-x", archive.string(), (part / "unpacked").string()});
    if (unpack.status != 0) throw Unavailable(fmt::format("{} cannot be unpacked: {}", name, unpack.errors));
    fs::rename(part / "unpacked", fetched.folder);
  } catch (...) {
    fs::remove_all(part);
    throw;
  }
  fs::remove_all(part);
  return fetched;
}

}  // namespace tw::software
