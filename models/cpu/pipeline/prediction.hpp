// What came of a branch prediction: the word between the predictor and the pipeline models.
#pragma once

#include "base/types.hpp"

namespace tw::cpu {

/// How the core fetched.
enum class Prediction : u8 {
  Right,
  UnknownTarget,   ///< the right way, but the target is known after decoding only
  WrongDirection,  ///< of a conditional branch
  WrongTarget,     ///< an indirect branch or a return that went elsewhere
};
/// The core executed the wrong path.
constexpr bool is_wrong(Prediction prediction) { return prediction >= Prediction::WrongDirection; }

}  // namespace tw::cpu
