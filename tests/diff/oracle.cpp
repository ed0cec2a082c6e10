#include "diff/oracle.hpp"

#include <unicorn/unicorn.h>

#include <stdexcept>
#include <string>

namespace tw::diff {

namespace {

constexpr unsigned kRegisters = 34;

/// X0 … X30, SP, PC, NZCV, in the order of `State`.
std::array<int, kRegisters> register_ids() {
  std::array<int, kRegisters> ids{};
  for (int i = 0; i < 29; ++i) ids[static_cast<unsigned>(i)] = UC_ARM64_REG_X0 + i;
  ids[29] = UC_ARM64_REG_X29;
  ids[30] = UC_ARM64_REG_X30;
  ids[31] = UC_ARM64_REG_SP;
  ids[32] = UC_ARM64_REG_PC;
  ids[33] = UC_ARM64_REG_NZCV;
  return ids;
}

void check(uc_err error, const char* what) {
  if (error != UC_ERR_OK) throw std::runtime_error(std::string(what) + ": " + uc_strerror(error));
}

/// Fields of `state` in the order of register_ids().
template <class StateType, class Visit>
void visit(StateType& state, Visit visitor) {
  for (unsigned i = 0; i < 31; ++i) visitor(i, state.x[i]);
  visitor(31u, state.sp);
  visitor(32u, state.pc);
  visitor(33u, state.nzcv);
}

}  // namespace

Oracle::Oracle(Model model, u64 base, u8* memory, u64 bytes) {
  check(uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &uc_), "uc_open");
  const int cpu_model = model == Model::CortexA57 ? UC_CPU_ARM64_A57 : UC_CPU_ARM64_MAX;
  check(uc_ctl_set_cpu_model(uc_, cpu_model), "uc_ctl_set_cpu_model");
  check(uc_mem_map_ptr(uc_, base, bytes, UC_PROT_ALL, memory), "uc_mem_map_ptr");
}

Oracle::~Oracle() { uc_close(uc_); }

void Oracle::set(const State& state) {
  static const auto kIds = register_ids();
  std::array<u64, kRegisters> values{};
  std::array<void*, kRegisters> pointers{};
  visit(state, [&](unsigned i, u64 value) {
    values[i] = value;
    pointers[i] = &values[i];
  });
  check(uc_reg_write_batch(uc_, const_cast<int*>(kIds.data()), pointers.data(), kRegisters), "uc_reg_write_batch");
}

State Oracle::get() const {
  static const auto kIds = register_ids();
  std::array<u64, kRegisters> values{};
  std::array<void*, kRegisters> pointers{};
  for (unsigned i = 0; i < kRegisters; ++i) pointers[i] = &values[i];
  check(uc_reg_read_batch(uc_, const_cast<int*>(kIds.data()), pointers.data(), kRegisters), "uc_reg_read_batch");
  State state;
  visit(state, [&](unsigned i, u64& field) { field = values[i]; });
  return state;
}

bool Oracle::run(u64 pc, u64 end, u64 count) { return uc_emu_start(uc_, pc, end, 0, count) == UC_ERR_OK; }

void Oracle::forget_code(u64 at) { check(uc_ctl_remove_cache(uc_, at, at + 4), "uc_ctl_remove_cache"); }

}  // namespace tw::diff
