#include "diff/fp_state.hpp"

#include <unicorn/unicorn.h>

#include <cstring>
#include <sstream>
#include <stdexcept>

#include "arm/sysreg.hpp"

namespace tw::diff {

namespace {

void check(uc_err error) {
  if (error != UC_ERR_OK) throw std::runtime_error(std::string("Unicorn: ") + uc_strerror(error));
}

constexpr int kRegisters = 34;

/// V0 … V31, FPCR, FPSR.
std::array<int, kRegisters> register_ids() {
  std::array<int, kRegisters> ids{};
  for (int i = 0; i < 32; ++i) ids[static_cast<unsigned>(i)] = UC_ARM64_REG_Q0 + i;
  ids[32] = UC_ARM64_REG_FPCR;
  ids[33] = UC_ARM64_REG_FPSR;
  return ids;
}

std::array<void*, kRegisters> pointers_into(FpState& state) {
  std::array<void*, kRegisters> pointers{};
  for (unsigned i = 0; i < 32; ++i) pointers[i] = state.v[i].data();
  pointers[32] = &state.fpcr;
  pointers[33] = &state.fpsr;
  return pointers;
}

}  // namespace

void allow_fp(Pair& pair) {
  const u64 cpacr = u64{3} << 20;
  check(uc_reg_write(pair.oracle.handle(), UC_ARM64_REG_CPACR_EL1, &cpacr));
  pair.rig.core.reg(arm::SysReg::CPACR_EL1) = cpacr;
}

void set_fp(Pair& pair, const FpState& state) {
  auto ids = register_ids();
  FpState copy = state;
  auto pointers = pointers_into(copy);
  check(uc_reg_write_batch(pair.oracle.handle(), ids.data(), pointers.data(), kRegisters));
  cpu::Cpu& core = pair.rig.core;
  for (unsigned i = 0; i < 32; ++i) std::memcpy(core.v[i].d, state.v[i].data(), 16);
  core.reg(arm::SysReg::FPCR) = state.fpcr;
  core.reg(arm::SysReg::FPSR) = state.fpsr;
}

FpState our_fp(const Pair& pair) {
  const cpu::Cpu& core = pair.rig.core;
  FpState state;
  for (unsigned i = 0; i < 32; ++i) std::memcpy(state.v[i].data(), core.v[i].d, 16);
  state.fpcr = core.reg(arm::SysReg::FPCR);
  state.fpsr = core.reg(arm::SysReg::FPSR);
  return state;
}

FpState their_fp(const Pair& pair) {
  auto ids = register_ids();
  FpState state;
  auto pointers = pointers_into(state);
  check(uc_reg_read_batch(pair.oracle.handle(), ids.data(), pointers.data(), kRegisters));
  state.fpcr = static_cast<u32>(state.fpcr);
  state.fpsr = static_cast<u32>(state.fpsr);
  return state;
}

std::string describe(u32 insn, const FpState& before, const FpState& ours, const FpState& theirs) {
  if (ours == theirs) return "";
  std::ostringstream text;
  text << std::hex;
  const auto show = [&](const char* name, const std::array<u64, 2>& v) { text << name << v[1] << '_' << v[0]; };
  for (unsigned i = 0; i < 32; ++i) {
    if (ours.v[i] == theirs.v[i]) continue;
    text << "  v" << std::dec << i << std::hex;
    show(": ", ours.v[i]);
    show(", oracle ", theirs.v[i]);
    show(", before ", before.v[i]);
    text << '\n';
  }
  if (ours.fpsr != theirs.fpsr) text << "  fpsr: " << ours.fpsr << ", oracle " << theirs.fpsr << '\n';
  if (ours.fpcr != theirs.fpcr) text << "  fpcr: " << ours.fpcr << ", oracle " << theirs.fpcr << '\n';
  show("  Vn ", before.v[field_of(insn, 5)]);
  show(" Vm ", before.v[field_of(insn, 16)]);
  show(" Va ", before.v[field_of(insn, 10)]);
  text << " fpcr " << before.fpcr << " fpsr " << before.fpsr << '\n';
  return text.str();
}

}  // namespace tw::diff
