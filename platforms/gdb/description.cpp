#include "platforms/gdb/description.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace tw::gdb {

namespace {

constexpr unsigned kVectors = 32, kVectorBytes = 16, kGeneral = 31;

/// Bits of PSTATE as SPSR_ELx has them (Arm ARM C5.2.18).
struct Field {
  std::string_view name;
  unsigned first, last;
};
constexpr Field kPstate[] = {{"SP", 0, 0},   {"nRW", 4, 4},  {"EL", 2, 3},    {"F", 6, 6},
                             {"I", 7, 7},    {"A", 8, 8},    {"D", 9, 9},     {"SSBS", 12, 12},
                             {"IL", 20, 20}, {"SS", 21, 21}, {"PAN", 22, 22}, {"UAO", 23, 23},
                             {"V", 28, 28},  {"C", 29, 29},  {"Z", 30, 30},   {"N", 31, 31}};

/// What the floating-point feature has already, under gdb's names.
bool is_elsewhere(const std::string& name) { return name == "FPCR" || name == "FPSR"; }

/// How a vector register may be looked at.
constexpr std::string_view kVectorTypes =
    R"(<vector id="v2d" type="ieee_double" count="2"/>
<vector id="v2u" type="uint64" count="2"/>
<vector id="v4f" type="ieee_single" count="4"/>
<vector id="v4u" type="uint32" count="4"/>
<vector id="v8u" type="uint16" count="8"/>
<vector id="v16u" type="uint8" count="16"/>
<vector id="v1u" type="uint128" count="1"/>
<union id="vnd"><field name="f" type="v2d"/><field name="u" type="v2u"/></union>
<union id="vns"><field name="f" type="v4f"/><field name="u" type="v4u"/></union>
<union id="vnh"><field name="u" type="v8u"/></union>
<union id="vnb"><field name="u" type="v16u"/></union>
<union id="vnq"><field name="u" type="v1u"/></union>
<union id="aarch64v"><field name="d" type="vnd"/><field name="s" type="vns"/><field name="h" type="vnh"/><field name="b" type="vnb"/><field name="q" type="vnq"/></union>
)";

class Writer {
 public:
  Writer(std::vector<Register>& registers, std::string& xml) : registers_(registers), xml_(xml) {}

  /// `shown` is gdb's name for it.
  void add(Register what, std::string_view shown, std::string_view attributes) {
    fmt::format_to(std::back_inserter(xml_), "<reg name=\"{}\" bitsize=\"{}\" {}/>\n", shown, 8 * what.bytes,
                   attributes);
    registers_.push_back(std::move(what));
  }
  void text(std::string_view text) { xml_ += text; }

 private:
  std::vector<Register>& registers_;
  std::string& xml_;
};

void add_core(Writer& writer) {
  writer.text("<feature name=\"org.gnu.gdb.aarch64.core\">\n<flags id=\"cpsr_flags\" size=\"4\">\n");
  for (const Field& field : kPstate) {
    writer.text(fmt::format("<field name=\"{}\" start=\"{}\" end=\"{}\"/>\n", field.name, field.first, field.last));
  }
  writer.text("</flags>\n");
  for (unsigned n = 0; n < kGeneral; ++n) {
    const std::string name = fmt::format("x{}", n);
    writer.add({.name = name}, name, "type=\"int\"");
  }
  writer.add({.name = "sp"}, "sp", "type=\"data_ptr\"");
  writer.add({.name = "pc"}, "pc", "type=\"code_ptr\"");
  writer.add({.name = "pstate", .bytes = 4}, "cpsr", "type=\"cpsr_flags\"");
  writer.text("</feature>\n");
}

void add_vectors(Writer& writer) {
  writer.text("<feature name=\"org.gnu.gdb.aarch64.fpu\">\n");
  writer.text(kVectorTypes);
  for (unsigned n = 0; n < kVectors; ++n) {
    const std::string name = fmt::format("v{}", n);
    writer.add({.name = name, .kind = Register::Kind::Vector, .index = n, .bytes = kVectorBytes}, name,
               "type=\"aarch64v\"");
  }
  writer.add({.name = "FPSR", .bytes = 4}, "fpsr", "type=\"int\" group=\"float\"");
  writer.add({.name = "FPCR", .bytes = 4}, "fpcr", "type=\"int\" group=\"float\"");
  writer.text("</feature>\n");
}

/// The rest of the rows.
void add_system(Writer& writer, control::Target& target, std::size_t others) {
  const std::vector<std::string> names = target.register_names();
  writer.text("<feature name=\"org.trapwalk.aarch64.system\">\n");
  // What gdb calls a function of the program must not write them back: save-restore.
  for (auto name = names.begin() + static_cast<std::ptrdiff_t>(std::min(others, names.size())); name != names.end();
       ++name) {
    if (!is_elsewhere(*name)) writer.add({.name = *name}, *name, "type=\"int\" group=\"system\" save-restore=\"no\"");
  }
  writer.text("</feature>\n");
}

}  // namespace

Description::Description(control::Target& target) {
  constexpr std::size_t kNotSystem = kGeneral + 3;  // sp, pc and pstate: register_names()
  Writer writer(registers_, xml_);
  writer.text(
      "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
      "<target version=\"1.0\">\n<architecture>aarch64</architecture>\n");
  add_core(writer);
  add_vectors(writer);
  general_ = registers_.size();
  add_system(writer, target, kNotSystem);
  writer.text("</target>\n");
}

}  // namespace tw::gdb
