// The running platform as whoever controls it sees it (docs/run-protocol.md, docs/gdb.md): it stands inside a core's
// run loop, or before a slice of one, while requests are served.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cpu/halting.hpp"
#include "platforms/console/console.hpp"
#include "platforms/control/client.hpp"
#include "platforms/virt/debug_memory.hpp"

namespace tw::command {

class ControlTarget final : public control::Target, private cpu::HaltPort {
 public:
  struct Context {
    virt::Platform& platform;
    console::Console& console;                                              ///< the serial line
    std::function<u64(const std::string& symbol)> address_of;               ///< throws UserError
    std::function<void(const std::string& path, bool ended)> write_report;  ///< of the run up to now; throws UserError
  };
  using MakeClient = std::function<std::unique_ptr<control::Client>(control::Target&)>;
  ControlTarget(Context context, const MakeClient& make_client);
  ~ControlTarget() override;

  /// Every core waits, and nothing is left that could wake one. True: something is now, and the run goes on.
  bool asleep();
  /// After the last instruction.
  void ended(int status);

 private:
  // control::Target
  unsigned cores() const override { return static_cast<unsigned>(halting_.size()); }
  control::Position position(unsigned core) override;
  control::CoreState state(unsigned core) override;
  std::vector<std::string> register_names() override;
  u64 read_register(unsigned core, const std::string& name) override;
  void write_register(unsigned core, const std::string& name, u64 value) override;
  control::Vector read_vector(unsigned core, unsigned n) override;
  void write_vector(unsigned core, unsigned n, const control::Vector& value) override;
  std::vector<u8> read_memory(const control::View& view, u64 address, u64 bytes) override;
  void write_memory(const control::View& view, u64 address, const std::vector<u8>& bytes) override;
  control::Translation translate(const control::View& view, u64 address, control::AccessType access) override;
  u64 address_of(const std::string& symbol) override { return context_.address_of(symbol); }
  u64 add_breakpoint(const control::Breakpoint& what) override;
  void delete_breakpoint(u64 number) override;
  std::vector<control::Breakpoint> breakpoints() override;
  void interrupt(control::InterruptKind kind, u32 intid, bool level, unsigned core, u8 priority) override;
  std::string console_output() override;
  void type(const std::string& text) override;
  void report(const std::string& path) override { context_.write_report(path, ended_); }
  void set_goal(const control::Goal& goal) override;
  void pause() override { pending_ = control::StopReason::Pause; }
  void quit(bool client_is_gone) override;
  bool interrupted() override { return control_.interrupted(); }
  // cpu::HaltPort
  bool halted(cpu::Cpu& cpu, cpu::HaltReason reason) override;

  cpu::Cpu& core(unsigned n) { return platform_.complexes()[n]->core(); }
  cpu::CpuModule& shell(unsigned n) { return platform_.complexes()[n]->shell(); }
  void look();
  void before_slice(cpu::Cpu& cpu, const cpu::Slice& slice);
  /// The goal's numbers for this core, if `within` instructions or cycles get it there.
  void arm(cpu::Cpu& cpu, u64 within);
  void stand(unsigned core, control::Stop stop);
  /// Waits for a device's answer, as the core at which the run stands does not.
  bool is_inside_instruction(unsigned n) { return shell(n).in_run_loop() && !(stands_ && n == standing_); }
  u64 pc_of_core(unsigned n);
  void require_between_instructions(unsigned n);
  [[noreturn]] static void refuse_register(const std::string& name);
  void note_touched(const cpu::Cpu& cpu, control::Stop& stop);
  void clear_goal();
  void place_breakpoints();
  void printed(u8 byte);
  bool all_asleep();

  virt::Platform& platform_;
  virt::RunControl& control_;
  Context context_;
  std::unique_ptr<control::Client> client_;
  virt::DebugMemory memory_;
  std::vector<std::unique_ptr<cpu::Halting>> halting_;
  control::Goal goal_;
  u64 goal_instructions_ = cpu::Halting::kNever, goal_cycles_ = cpu::Halting::kNever;
  std::map<u64, control::Breakpoint> breakpoints_;
  u64 last_breakpoint_ = 0;
  std::optional<control::StopReason> pending_ = control::StopReason::Start;
  unsigned looks_ = 0;
  unsigned standing_ = 0;  ///< the core at which the run stands, or stood last
  bool stands_ = false;
  bool ended_ = false;
  bool changed_ = false;  ///< the state of that core, since it stands
  std::string output_;    ///< of the console, not yet read
  std::string recent_;    ///< its end, as long as the goal's text
};

}  // namespace tw::command
