// ChampSim's traces (inc/trace_instruction.h of its repository): an instruction a record, of fixed size and without a
// header, as x86-64 lays the C structure out. Little-endian:
//   8 bytes ip, 1 whether it is a branch, 1 whether it is taken, D destination and S source registers (a byte each),
//   to a multiple of 8: D addresses that it writes and S that it reads, 8 bytes each; 0: none.
// D = 2, S = 4: input_instr, 64 bytes. D = S = 4 and an ASID in 8 more bytes: cloudsuite_instr, 96 bytes.
#pragma once

#include "platforms/importers/importers.hpp"

namespace tw::importers {

/// A fetch, the reads, the writes of each instruction. The format has no sizes: each is of one byte, so that none
/// crosses into another page. The ASID of CloudSuite's records is not taken. Throws UserError for a record that cannot
/// be one.
LeftOut import_champsim(Input& input, const Options& options, const Sink& sink);
LeftOut import_cloudsuite(Input& input, const Options& options, const Sink& sink);

}  // namespace tw::importers
