// Prints its exception level at the start, again at EL2 and at EL1 after the ERETs, and a P when PSCI answers.
  .equ UART, 0x09000000
  .globl _start
_start:
  bl say
  mrs x0, CurrentEL
  cmp x0, #0xC
  b.ne at_el2
  mov x0, #0x5B1               // SCR_EL3: NS, RES1, SMD = 0, HCE, RW, ST = 0
  orr x0, x0, #0x100
  bic x0, x0, #0x80
  msr scr_el3, x0
  adr x0, vectors
  msr vbar_el3, x0
  adr x0, at_el2
  msr elr_el3, x0
  mov x0, #0x3C9
  msr spsr_el3, x0
  eret
at_el2:
  bl say
  mov x0, #0x80000000          // HCR_EL2.RW
  msr hcr_el2, x0
  adr x0, at_el1
  msr elr_el2, x0
  mov x0, #0x3C5
  msr spsr_el2, x0
  eret
at_el1:
  bl say
  mov w0, #0x84000000          // PSCI_VERSION
  smc #0
  movz w3, #1, lsl #16         // 1.1
  movk w3, #1
  cmp w0, w3
  b.ne off
  mov w1, #'P'
  ldr x2, =UART
  str w1, [x2]
off:
  mov w1, #'\n'
  ldr x2, =UART
  str w1, [x2]
  movz w0, #0x8400, lsl #16    // SYSTEM_OFF
  movk w0, #0x0008
  smc #0
  b .
say:                           // uses x1 and x2
  mrs x1, CurrentEL
  lsr x1, x1, #2
  add x1, x1, #'0'
  ldr x2, =UART
  str w1, [x2]
  ret

// An SMC from below comes here when this program is the firmware: there is no other PSCI, so it ends the run by name.
  .balign 2048
vectors:
  .space 0x400
  mov w1, #'F'
  ldr x2, =UART
  str w1, [x2]
1: wfi
  b 1b
