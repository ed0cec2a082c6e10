// A mark: where in a run something begins or ends, as users write it.
#pragma once

#include <string>

#include "base/types.hpp"

namespace tw::region {

enum class MarkKind : u8 {
  Text,          ///< printed on a console
  Pc,            ///< before the instruction at this virtual address
  Symbol,        ///< the same, by name; becomes Pc when it is looked up
  Instructions,  ///< so many of all cores have been executed since the mark is waited for
  Hint,          ///< the guest executes this HINT
  Vmid,          ///< EL1 or EL0 is entered with stage 2, under this VMID
  AnyVmid,
};

struct Mark {
  MarkKind kind = MarkKind::Text;
  std::string text;  ///< console text, symbol
  u64 number = 0;    ///< address, count, number of the hint, VMID
  std::string written;
  bool operator==(const Mark&) const = default;
};

/// "pc:0x80001000", "symbol:main", "instructions:1000000", "hint:3", "vmid:2", "vmid:any", "text:Run /init"; anything
/// else is console text, with C's escapes \n \r \t \e. Throws UserError that names `option` when a word before a colon
/// is nearly one of these, and when what follows one is not what it wants.
Mark parse_mark(const std::string& text, const std::string& option);

/// The forms, for the page of --help and for messages.
std::string mark_forms();

/// C's escapes that matter on a console.
std::string unescape(const std::string& text);

}  // namespace tw::region
