// Debian's packages for another architecture than the host's, by the host's apt with a state folder of its own: the
// host gets no foreign architecture, no package is installed, and apt checks every signature against Debian's keyring.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tw::software {

/// One package as it lies unpacked in the cache.
struct Package {
  std::string name;     ///< the one that has the files: not the meta package that was asked for
  std::string version;  ///< Debian's
  std::string architecture;
  std::filesystem::path folder;
};

/// $TRAPWALK_DEBIAN_MIRROR, else Debian's own.
std::string debian_mirror();

/// Nothing here writes outside its folders. All throw Unavailable with apt's own reason.
class Apt final {
 public:
  /// `state` holds apt's lists and settings.
  explicit Apt(std::filesystem::path state);

  /// Reads the lists of the archive; not again within an hour unless `now`.
  void update(bool now);
  /// The newest version of a package ("NAME" or "NAME/SUITE"), without its folder.
  Package newest(const std::string& package) const;
  /// Downloads, verifies and unpacks into `folder`/NAME_VERSION_ARCHITECTURE, which is there whole or not at all.
  Package fetch(const Package& package, const std::filesystem::path& folder) const;

 private:
  std::vector<std::string> command(const char* program, std::vector<std::string> arguments) const;

  std::filesystem::path state_;
  std::string complaints_;  ///< of the last update: why a package is not known
};

}  // namespace tw::software
