// GICD_IGRPMODRn and GICR_IGRPMODR0: Secure software's, and reserved with one Security state.
#pragma once

#include "gic/interrupt_registers.hpp"
#include "gic/v3/distributor.hpp"

namespace tw::gic::v3 {

template <class Core, class View>
struct GroupModifiers {
  using Rows = InterruptRegisters<Core, View>;

  static bool are_there(Core& core, const MmioAccess& a) {
    return View::distributor(core).two_states() && !View::is_restricted(core, a);
  }
  static u64 read(Core& core, const MmioAccess& a) {
    return are_there(core, a) ? modifiers(core, a) & Rows::visible(core, a) : 0;
  }
  static void write(Core& core, const MmioAccess& a) {
    if (!are_there(core, a)) return;
    const u32 visible = Rows::visible(core, a);
    modifiers(core, a) = (modifiers(core, a) & ~visible) | (static_cast<u32>(a.value) & visible);
  }

 private:
  static u32& modifiers(Core& core, const MmioAccess& a) {
    return View::distributor(core).group_modifier_.at(a.cpu, Rows::word(a));
  }
};

}  // namespace tw::gic::v3
