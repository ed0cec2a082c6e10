// trapwalk sweep: starts the Python package, which does it (python/trapwalk/sweeps, docs/sweep.md).
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "platforms/software/child_process.hpp"
#include "sc_main/commands.hpp"

namespace tw::command {
namespace {

namespace fs = std::filesystem;

/// Where the package is, seen from the folder of this program: in a build tree, installed.
constexpr const char* kPackageFolders[] = {"../python", "../" TW_PYTHON_PACKAGES};

/// The folder to be looked in first; empty when only the interpreter may know one.
std::string package_folder(const fs::path& program) {
  for (const char* folder : kPackageFolders) {
    const fs::path path = (program.parent_path() / folder).lexically_normal();
    if (fs::exists(path / "trapwalk" / "sweeps" / "__main__.py")) return path.string();
  }
  return {};
}

/// Throws Unavailable when the interpreter finds no package.
void require_package() {
  const char* probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('trapwalk') is None)";
  if (software::run_program({TW_PYTHON, "-c", probe}).status == 0) return;
  throw software::Unavailable(
      fmt::format("sweeps need the Python package trapwalk, which {} does not find: neither beside this program nor "
                  "installed (pip install --no-build-isolation --break-system-packages . in the sources)",
                  TW_PYTHON));
}

}  // namespace

int command_sweep(std::span<const std::string> arguments) {
  const fs::path program = fs::read_symlink("/proc/self/exe");
  std::string path = package_folder(program);
  if (path.empty()) {
    require_package();
  } else {
    if (const char* others = std::getenv("PYTHONPATH")) path += fmt::format(":{}", others);
    setenv("PYTHONPATH", path.c_str(), 1);
  }
  setenv("TRAPWALK", program.c_str(), 1);  // runs are of this build
  std::vector<std::string> words = {TW_PYTHON, "-m", "trapwalk.sweeps"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execv(pointers.front(), pointers.data());
  throw software::Unavailable(fmt::format("{}: {}", TW_PYTHON, std::strerror(errno)));
}

}  // namespace tw::command
