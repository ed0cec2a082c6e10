// A machine that only notes what the control protocol asks of it.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "platforms/control/target.hpp"

namespace tw::control::test {

class FakeTarget : public Target {
 public:
  unsigned cores() const override { return 2; }
  Position position(unsigned) override { return {.instructions = 42, .simulated_ps = 21'000}; }
  CoreState state(unsigned core) override {
    return {.pc = 0x1000 + core, .el = 1, .instructions = 40, .cycles = 50, .vmid = 3};
  }
  std::vector<std::string> register_names() override {
    std::vector<std::string> names;
    for (unsigned n = 0; n < 31; ++n) names.push_back("x" + std::to_string(n));
    names.insert(names.end(), {"sp", "pc", "pstate", "FPCR", "FPSR", "HCR_EL2"});
    return names;
  }
  u64 read_register(unsigned core, const std::string& name) override {
    if (name == "nix") throw UserError(Complaint{"name", "no register is called 'nix'"});
    if (name == "bug") throw std::logic_error("a bug");
    return ~u64{0} - core;
  }
  void write_register(unsigned, const std::string& name, u64 value) override { written[name] = value; }
  Vector read_vector(unsigned, unsigned) override { return {}; }
  void write_vector(unsigned, unsigned, const Vector&) override {}
  std::vector<u8> read_memory(const View& view, u64 address, u64 bytes) override {
    seen = view;
    seen_address = address;
    return std::vector<u8>(bytes, 0xA5);
  }
  void write_memory(const View& view, u64, const std::vector<u8>& bytes) override {
    seen = view;
    memory = bytes;
  }
  Translation translate(const View&, u64, AccessType access) override {
    if (access == AccessType::Write) return {.fault = "Permission", .fault_stage = 2, .fault_level = 3};
    return {.pa = 0x8000, .page_bytes = 4096, .readable = true, .walk = {{.stage = 1, .level = 3, .address = 0x10}}};
  }
  u64 address_of(const std::string& symbol) override {
    if (symbol != "main") throw UserError(Complaint{"symbol", "no symbol"});
    return 0x4000;
  }
  u64 add_breakpoint(const Breakpoint& what) override {
    points.push_back(what);
    return 1;
  }
  void delete_breakpoint(u64) override { points.clear(); }
  std::vector<Breakpoint> breakpoints() override { return points; }
  void interrupt(InterruptKind kind, u32 intid, bool level, unsigned, u8) override {
    raised.push_back({kind, intid, level});
  }
  std::string console_output() override { return "hello \xFF"; }
  void type(const std::string& text) override { typed += text; }
  void report(const std::string&) override {}
  void set_goal(const Goal& wanted) override { goal = wanted; }
  void pause() override { ++pauses; }
  void quit(bool gone) override { (gone ? lost : quits)++; }
  bool interrupted() override { return signal; }

  std::map<std::string, u64> written;
  View seen;
  u64 seen_address = 0;
  std::vector<u8> memory;
  std::vector<Breakpoint> points;
  struct Raised {
    InterruptKind kind;
    u32 intid;
    bool level;
  };
  std::vector<Raised> raised;
  std::string typed;
  Goal goal;
  int pauses = 0, quits = 0, lost = 0;
  bool signal = false;
};

}  // namespace tw::control::test
