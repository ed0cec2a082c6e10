// The registers as a debugger numbers them: target.xml (GDB manual, "Target Descriptions"), read off control::Target.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platforms/control/target.hpp"

namespace tw::gdb {

struct Register {
  enum class Kind : u8 {
    Named,   ///< by its name in control::Target
    Vector,  ///< V`index`
  };
  std::string name;  ///< in control::Target
  Kind kind = Kind::Named;
  unsigned index = 0;
  unsigned bytes = 8;
};

class Description final {
 public:
  explicit Description(control::Target& target);

  const std::string& xml() const { return xml_; }
  /// By gdb's number. The first general() of them are the packet `g`; what follows goes one by one.
  const std::vector<Register>& registers() const { return registers_; }
  std::size_t general() const { return general_; }

  static constexpr unsigned kFramePointer = 29, kLink = 30, kSp = 31, kPc = 32;

 private:
  std::vector<Register> registers_;
  std::size_t general_ = 0;
  std::string xml_;
};

}  // namespace tw::gdb
