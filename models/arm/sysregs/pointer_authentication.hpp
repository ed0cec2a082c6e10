// Keys of pointer authentication (FEAT_PAuth; Arm ARM D17.2). X(name, op0, op1, CRn, CRm, op2, lowest EL that reads,
// that writes, trap rules (arm/trap_rules.cpp), flags, reset value, writable bits)
#pragma once

#define TW_SYSREGS_POINTER_AUTHENTICATION(X)                                                \
  X(APIAKeyLo_EL1, 3, 0, 2, 1, 0, E1, E1, traps.pointer_keys, kContext | kPauth, 0, kAll64) \
  X(APIAKeyHi_EL1, 3, 0, 2, 1, 1, E1, E1, traps.pointer_keys, kContext | kPauth, 0, kAll64) \
  X(APIBKeyLo_EL1, 3, 0, 2, 1, 2, E1, E1, traps.pointer_keys, kContext | kPauth, 0, kAll64) \
  X(APIBKeyHi_EL1, 3, 0, 2, 1, 3, E1, E1, traps.pointer_keys, kContext | kPauth, 0, kAll64) \
  X(APDAKeyLo_EL1, 3, 0, 2, 2, 0, E1, E1, traps.pointer_keys, kContext | kPauth, 0, kAll64) \
  X(APDAKeyHi_EL1, 3, 0, 2, 2, 1, E1, E1, traps.pointer_keys, kContext | kPauth, 0, kAll64) \
  X(APDBKeyLo_EL1, 3, 0, 2, 2, 2, E1, E1, traps.pointer_keys, kContext | kPauth, 0, kAll64) \
  X(APDBKeyHi_EL1, 3, 0, 2, 2, 3, E1, E1, traps.pointer_keys, kContext | kPauth, 0, kAll64) \
  X(APGAKeyLo_EL1, 3, 0, 2, 3, 0, E1, E1, traps.pointer_keys, kContext | kPauth, 0, kAll64) \
  X(APGAKeyHi_EL1, 3, 0, 2, 3, 1, E1, E1, traps.pointer_keys, kContext | kPauth, 0, kAll64)
