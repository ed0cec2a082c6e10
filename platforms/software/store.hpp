// The cache folder: which packages are there, unpacked, and what is built from them.
//   packages/NAME_VERSION_ARCHITECTURE/  as dpkg-deb unpacks it       chosen/PACKAGE.json  which of them PACKAGE means
//   built/                               initial RAM file systems     apt/                 apt's state
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/software/apt.hpp"
#include "platforms/software/catalogue.hpp"

namespace tw::software {

/// $TRAPWALK_CACHE, else $XDG_CACHE_HOME/trapwalk, else ~/.cache/trapwalk.
std::filesystem::path cache_folder();

class Store final {
 public:
  using Say = std::function<void(const std::string&)>;
  /// `say` hears what takes time.
  explicit Store(std::filesystem::path root, Say say = {}) : root_(std::move(root)), say_(std::move(say)) {}

  /// All packages of the software, fetched if they are not there; with `newer`, the newest version is looked for. One
  /// process fetches at a time; the others wait. Throws Unavailable.
  std::vector<Package> get(const Software& software, bool newer = false);
  /// What is there of a package, without fetching.
  std::optional<Package> chosen(const std::string& package) const;
  /// The arguments of `trapwalk run` for software that is there. Throws Unavailable when a package has not the file.
  std::vector<std::string> run_arguments(const Software& software);

 private:
  std::filesystem::path file_of(const Reference& reference);
  std::filesystem::path built(std::string_view name);
  std::filesystem::path made(const std::string& name, std::string_view recipe, const char* suffix,
                             const std::function<void(const std::filesystem::path&)>& make);
  void choose(const std::string& package, const Package& what) const;
  void say(const std::string& text) const {
    if (say_) say_(text);
  }

  std::filesystem::path root_;
  Say say_;
};

}  // namespace tw::software
