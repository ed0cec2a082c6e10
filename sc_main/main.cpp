// The `trapwalk` command.
#include <cstdlib>

#include <systemc>

#include "sc_main/command.hpp"

int sc_main(int argc, char** argv) { return tw::command::run_command({argv + 1, argv + argc}); }

int main(int argc, char** argv) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
