// FPSR.QC.
#include "arm/sysreg.hpp"
#include "cpu/isa/a64/simd.hpp"

namespace tw::cpu::a64 {

void set_qc(Cpu& cpu) { cpu.reg(arm::SysReg::FPSR) |= u64{1} << 27; }

}  // namespace tw::cpu::a64
