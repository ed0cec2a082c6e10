#include "platforms/software/store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/file.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "platforms/images/images.hpp"
#include "platforms/software/child_process.hpp"
#include "platforms/software/debian_root.hpp"
#include "platforms/software/initramfs.hpp"

namespace tw::software {

namespace fs = std::filesystem;

namespace {

/// Only one process changes the cache at a time. Ends with the process, however it ends.
class Lock final {
 public:
  explicit Lock(const fs::path& file) : descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0 || flock(descriptor_, LOCK_EX) != 0) {
      throw UserError(Complaint{file.string(), std::string("cannot be locked: ") + std::strerror(errno)});
    }
  }
  ~Lock() { close(descriptor_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int descriptor_;
};

void make_folders(const fs::path& root) {
  std::error_code error;
  for (const char* folder : {"packages", "chosen", "built", "apt"}) {
    fs::create_directories(root / folder, error);
    if (error) throw UserError(Complaint{root.string(), "cannot be made: " + error.message()});
  }
}

/// What a killed process left.
void remove_parts(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".part") fs::remove_all(entry.path());
  }
}

void write(const fs::path& path, std::string_view text) {
  images::write_file(path.string(), images::Bytes(text.begin(), text.end()));
}

std::string record_name(std::string package) {
  std::replace(package.begin(), package.end(), '/', '@');
  return package + ".json";
}

/// FNV-1a: names what is built by what it is built from.
u64 hash_of(std::string_view text) {
  u64 hash = 0xCBF2'9CE4'8422'2325;
  for (const char c : text) hash = (hash ^ static_cast<u8>(c)) * 0x100'0000'01B3;
  return hash;
}

std::string doubled_commas(const std::string& text) {
  std::string out;
  for (const char c : text) out.append(c == ',' ? 2 : 1, c);
  return out;
}

}  // namespace

fs::path cache_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value != nullptr ? value : "");
  };
  if (const fs::path given = variable("TRAPWALK_CACHE"); !given.empty()) return fs::absolute(given);
  if (const fs::path given = variable("XDG_CACHE_HOME"); !given.empty()) return given / "trapwalk";
  if (const fs::path home = variable("HOME"); !home.empty()) return home / ".cache" / "trapwalk";
  throw UserError(Complaint{"TRAPWALK_CACHE", "no folder for fetched software: neither it nor HOME is set"});
}

std::optional<Package> Store::chosen(const std::string& package) const {
  std::ifstream file(root_ / "chosen" / record_name(package));
  if (!file) return {};
  const nlohmann::json record = nlohmann::json::parse(file, nullptr, false);
  const auto text = [&](const char* key) {
    const auto found = record.is_object() ? record.find(key) : record.end();
    return found != record.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  Package found{text("name"), text("version"), text("architecture"), root_ / "packages" / text("folder")};
  if (text("folder").empty() || !fs::is_directory(found.folder)) return {};  // damaged or deleted: fetch again
  return found;
}

void Store::choose(const std::string& package, const Package& what) const {
  const nlohmann::ordered_json record{{"package", package},
                                      {"name", what.name},
                                      {"version", what.version},
                                      {"architecture", what.architecture},
                                      {"folder", what.folder.filename().string()}};
  write(root_ / "chosen" / record_name(package), record.dump(2) + "\n");
}

std::vector<Package> Store::get(const Software& software, bool newer) {
  const std::vector<std::string> names = packages_of(software);
  const auto missing = [&](const std::string& name) { return newer || !chosen(name); };
  if (std::any_of(names.begin(), names.end(), missing)) {
    make_folders(root_);
    const Lock lock(root_ / "lock");
    remove_parts(root_ / "packages");
    std::optional<Apt> apt;
    for (const std::string& name : names) {
      if (!missing(name)) continue;  // another process was faster
      if (!apt) {
        say("looking for Debian's packages");
        apt.emplace(root_ / "apt");
        apt->update(newer);
      }
      const Package package = apt->newest(name);
      say(fmt::format("fetching {} {}", package.name, package.version));
      choose(name, apt->fetch(package, root_ / "packages"));
    }
  }
  std::vector<Package> packages;
  for (const std::string& name : names) packages.push_back(chosen(name).value());
  return packages;
}

std::vector<std::string> Store::run_arguments(const Software& software) {
  std::vector<std::string> arguments;
  for (const Option& option : software.options) {
    std::string value;
    for (const Piece& piece : pieces_of(option.value)) {
      if (!piece.is_reference) {
        value += piece.text;
        continue;
      }
      const fs::path file = file_of(piece.reference);
      if (piece.reference.size) {
        value += fmt::format("{:x}", fs::file_size(file));
      } else {
        value += option.name == "domain" ? doubled_commas(file.string()) : file.string();
      }
    }
    arguments.push_back(fmt::format("--{}", option.name));
    arguments.push_back(value);
  }
  return arguments;
}

fs::path Store::file_of(const Reference& reference) {
  if (reference.package.empty()) return built(reference.file);
  const Package package = chosen(reference.package).value();
  const fs::path pattern = package.folder / reference.file;
  std::vector<fs::path> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(pattern.parent_path(), error)) {
    if (fnmatch(pattern.filename().c_str(), entry.path().filename().c_str(), 0) == 0) found.push_back(entry.path());
  }
  if (found.empty()) {
    throw Unavailable(fmt::format("Debian's package {} {} has no {}", package.name, package.version, reference.file));
  }
  return *std::max_element(found.begin(), found.end());
}

fs::path Store::built(std::string_view name) {
  const auto package = [this](const char* wanted) { return chosen(wanted).value(); };
  const auto busybox = [&] {
    return images::read_file((package("busybox-static").folder / "bin" / "busybox").string());
  };
  const std::string version = package("busybox-static").version;
  if (name == kInitramfs) {
    return made(fmt::format("{}_{}", name, version), init_script(), ".cpio.gz", [&](const fs::path& file) {
      images::write_file(file.string(), make_initramfs(busybox(), init_script()));
    });
  }
  const Package linux = package("linux-image-arm64");
  if (name == kDiskInitramfs) {
    return made(fmt::format("{}_{}_{}", name, version, linux.version), disk_init_script(), ".cpio.gz",
                [&](const fs::path& file) {
                  images::write_file(file.string(),
                                     make_initramfs(busybox(), disk_init_script(), disk_modules(linux.folder)));
                });
  }
  const DebianRoot recipe{.kernel = file_of({.package = "linux-image-arm64", .file = "boot/vmlinuz-*"}),
                          .initrd = built(kDiskInitramfs),
                          .mirror = debian_mirror()};
  return made(std::string(name), debian_root_recipe(), ".ext4", [&](const fs::path& file) {
    say("making Debian's root file system: debootstrap, then its second stage on the platform; some minutes");
    make_debian_root(recipe, file);
  });
}

/// The file of that name and recipe in built/, made if it is not there.
fs::path Store::made(const std::string& name, std::string_view recipe, const char* suffix,
                     const std::function<void(const fs::path&)>& make) {
  const fs::path file = root_ / "built" / fmt::format("{}_{:016x}{}", name, hash_of(recipe), suffix);
  if (!fs::exists(file)) {
    make_folders(root_);
    const Lock lock(root_ / "lock");
    if (!fs::exists(file)) make(file);
  }
  return file;
}

}  // namespace tw::software
