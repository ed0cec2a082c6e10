// The machine as a controlling process sees it. Everything here is asked while the run stands; nothing takes simulated
// time or changes a statistic. What is wrong with a request is a UserError that names its member.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types.hpp"

namespace tw::control {

/// Why the run stands.
enum class StopReason : u8 {
  Start,  ///< before the first instruction
  Steps,
  Instructions,
  Time,
  Breakpoint,
  Watchpoint,
  Goal,  ///< the address of this `continue` alone
  Text,
  Exception,
  Pause,
  Asleep,  ///< all cores wait, and nothing is scheduled that could wake one
  Ended,
};
std::string_view name_of(StopReason reason);

/// Where it stands.
struct Stop {
  StopReason reason = StopReason::Start;
  unsigned core = 0;
  u64 address = 0;                       ///< of Watchpoint: the access,
  bool write = false;                    ///< and its kind
  u64 breakpoint = 0;                    ///< its number
  std::string cause = {}, message = {};  ///< of Ended: as --status-fd has them
  int status = 0;
};

struct Position {
  u64 instructions = 0;  ///< of all cores
  u64 simulated_ps = 0;  ///< of the core asked for
};

struct CoreState {
  u64 pc = 0;
  u64 el = 0;
  u64 instructions = 0, cycles = 0;
  bool powered = true, waiting = false;
  std::optional<u64> vmid = {};  ///< in a guest
};

/// What ends a `continue` or a `step`; whatever comes first.
struct Goal {
  std::optional<u64> steps = {};         ///< instructions of `core`
  std::optional<u64> instructions = {};  ///< more, of all cores
  std::optional<u64> simulated_ps = {};  ///< this time is reached
  std::optional<u64> address = {};       ///< before the instruction there is executed, by `core` or else by any
  std::optional<std::string> text = {};  ///< on the console
  u8 exceptions = 0;                     ///< bit n: one is taken to ELn, by any core
  std::optional<unsigned> core = {};
};

enum class Space : u8 { Physical, Ipa, Virtual };

/// Whose eyes an address is seen with.
struct View {
  Space space = Space::Physical;
  unsigned core = 0;
  std::optional<unsigned> el;  ///< nothing: that where the core is
};

enum class AccessType : u8 { Read, Write, Fetch };

struct Fetch {
  unsigned stage = 1;
  int level = 0;
  int for_stage1_level = -1;  ///< of stage 2: of the stage-1 descriptor that is looked for; -1: of the result
  u64 address = 0, descriptor = 0;
};

struct Translation {
  std::string fault = {};  ///< empty: none; else "Translation", "Permission" …
  unsigned fault_stage = 0;
  int fault_level = 0;
  std::optional<u64> ipa = {}, pa = {};
  u64 page_bytes = 0;
  bool readable = false, writable = false, executable = false;  ///< at this privilege
  std::string memory = {};                                      ///< "Normal", "Device-nGnRE" …
  std::vector<Fetch> walk = {};
};

/// Of instructions; or, with `bytes`, of data: a watchpoint.
struct Breakpoint {
  u64 number = 0, address = 0;
  std::optional<unsigned> core = {};  ///< nothing: all
  u64 bytes = 0;
  bool reads = false, writes = false;
  u64 hits = 0;
};

/// V0 to V31: bits 63:0, then 127:64.
using Vector = std::array<u64, 2>;

enum class InterruptKind : u8 { Spi, Ppi, Virtual, SError };

class Target {
 public:
  virtual ~Target() = default;

  virtual unsigned cores() const = 0;
  virtual Position position(unsigned core) = 0;
  virtual CoreState state(unsigned core) = 0;

  virtual std::vector<std::string> register_names() = 0;
  virtual u64 read_register(unsigned core, const std::string& name) = 0;
  virtual void write_register(unsigned core, const std::string& name, u64 value) = 0;
  virtual Vector read_vector(unsigned core, unsigned n) = 0;
  virtual void write_vector(unsigned core, unsigned n, const Vector& value) = 0;

  /// At most kLongest bytes; all or none.
  static constexpr u64 kLongest = u64{1} << 20;
  virtual std::vector<u8> read_memory(const View& view, u64 address, u64 bytes) = 0;
  virtual void write_memory(const View& view, u64 address, const std::vector<u8>& bytes) = 0;
  virtual Translation translate(const View& view, u64 address, AccessType access) = 0;

  virtual u64 address_of(const std::string& symbol) = 0;
  /// Its number; that of `what` is not looked at.
  virtual u64 add_breakpoint(const Breakpoint& what) = 0;
  virtual void delete_breakpoint(u64 number) = 0;
  virtual std::vector<Breakpoint> breakpoints() = 0;

  /// The wire's new level; of Virtual, `level` true makes it pending in a list register; of SError, pending or not.
  virtual void interrupt(InterruptKind kind, u32 intid, bool level, unsigned core, u8 priority) = 0;

  /// What was printed since the last call, as far as it was kept.
  virtual std::string console_output() = 0;
  virtual void type(const std::string& text) = 0;

  /// A report of the run up to now.
  virtual void report(const std::string& path) = 0;

  /// The run shall stand again when this is reached.
  virtual void set_goal(const Goal& goal) = 0;
  /// As soon as it can.
  virtual void pause() = 0;
  /// It ends: because the client wants it, or because it is gone.
  virtual void quit(bool client_is_gone) = 0;
  /// Somebody else wants the run to end: a signal.
  virtual bool interrupted() = 0;
};

}  // namespace tw::control
