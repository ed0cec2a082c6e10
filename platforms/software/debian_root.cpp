#include "platforms/software/debian_root.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "platforms/software/child_process.hpp"
#include "platforms/software/initramfs.hpp"

namespace tw::software {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPackages = "systemd-sysv,udev,iproute2,linux-perf";
constexpr const char* kSize = "2G";
constexpr const char* kComplete = "trapwalk: the root is complete";

/// A folder for what is not finished; gone at the end, however it comes.
class Workshop final {
 public:
  explicit Workshop(fs::path path) : path_(std::move(path)) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Workshop() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string last_lines(std::string text) {
  std::erase(text, '\r');
  constexpr std::size_t kEnough = 600;
  return text.size() > kEnough ? text.substr(text.size() - kEnough) : text;
}

}  // namespace

void make_debian_root(const DebianRoot& recipe, const fs::path& image) {
  const Workshop workshop(image.string() + ".part");
  const fs::path part = workshop.path() / "image";
  const Outcome unpacked = run_program({"sh", "-c", std::string(debian_root_script()), "debian_root.sh",
                                        workshop.path().string(), recipe.mirror, part.string(), kSize, kPackages});
  if (unpacked.status != 0) throw Unavailable("debootstrap: " + last_lines(unpacked.errors));
  const Outcome completed =
      run_program({fs::read_symlink("/proc/self/exe").string(), "run", "--kernel", recipe.kernel.string(), "--initrd",
                   recipe.initrd.string(), "--append", "root=/dev/vda console=ttyAMA0", "--memory", "1G", "--drive",
                   part.string() + ",snapshot=off", "--until", kComplete});
  if (completed.status != 0) {
    throw Unavailable("the second stage of debootstrap failed on the platform: " +
                      last_lines(completed.output + completed.errors));
  }
  fs::rename(part, image);
}

std::string debian_root_recipe() {
  return fmt::format("{}{}{}{}", debian_root_script(), disk_init_script(), kPackages, kSize);
}

}  // namespace tw::software
