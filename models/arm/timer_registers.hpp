// Registers of the generic timer that a core reaches as system registers (Arm ARM D12). Shared by cpu and timer.
#pragma once

#include "base/types.hpp"

namespace tw::arm {

enum class TimerRegister : u8 {
  CntFrq,
  CntPct,
  CntVct,
  CntVoff,
  CntpCtl,
  CntpCval,
  CntpTval,  // EL1 physical
  CntvCtl,
  CntvCval,
  CntvTval,  // EL1 virtual
  CnthpCtl,
  CnthpCval,
  CnthpTval,  // EL2 physical (hypervisor)
  CntpsCtl,
  CntpsCval,
  CntpsTval,  // EL1 secure physical
  CntkCtl,
  CnthCtl,  // event streams; their trap bits are the core's business
};

}  // namespace tw::arm
