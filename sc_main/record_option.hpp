// --record FILE[,records=N][,el=0+1][,kinds=fetch+read+write+table-write+invalidate]
#pragma once

#include <string>

#include "platforms/record/selection.hpp"

namespace tw::command {

struct RecordOption {
  std::string file;
  record::Selection selection;
};

/// Throws UserError.
RecordOption parse_record(const std::string& text);

}  // namespace tw::command
