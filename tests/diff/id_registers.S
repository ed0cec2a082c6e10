// Prints the value of every register of a table (table.inc: one MRS to x1 each, from id_registers.py) on the PL011, a line
// each. Runs at EL2 with the MMU off.
#define UART 0x09000000

.macro show word
  .word \word
  bl print
.endm

.global _start
_start:
  ldr x9, =UART
#include "table.inc"
  ldr x0, =0x84000008  // PSCI SYSTEM_OFF
  smc #0
  b .

print:  // x1 in hexadecimal, and a new line
  mov x2, #60
1:
  lsr x0, x1, x2
  and x0, x0, #15
  add x0, x0, #'0'
  cmp x0, #'9'
  b.ls 2f
  add x0, x0, #'a' - '9' - 1
2:
  str w0, [x9]
  subs x2, x2, #4
  b.pl 1b
  mov w0, #'\n'
  str w0, [x9]
  ret
