// Programs of the host, started without a shell.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace tw::software {

/// What is asked for cannot be had on this host or at this time: no network, no apt, no such package.
class Unavailable final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Outcome {
  int status = 0;      ///< exit status; 128 + n when signal n ended it
  std::string output;  ///< standard output
  std::string errors;  ///< standard error
};

/// Runs the program (looked up in PATH) to its end, in the locale C, with nothing on standard input; `folder` is where
/// it runs, when given. Throws Unavailable when it cannot be started.
Outcome run_program(const std::vector<std::string>& arguments, const std::string& folder = "");

}  // namespace tw::software
