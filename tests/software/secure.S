// On the secure machine: EL3 uses secure RAM, the secure UART and the secure flash; Non-secure EL1 gets an external abort
// at each (ESR_EL1: a data abort without a change of EL, DFSC 0x10), and powers off nothing; an SMC then has EL3 drive the pin
// of the secure GPIO that powers off. Prints a letter for each thing that went well.
  .equ UART, 0x09000000
  .equ SECURE_UART, 0x09040000
  .equ SECURE_GPIO, 0x090B0000
  .equ SECURE_RAM, 0x0E000000
  .globl _start
_start:
  adr x0, el3_vectors
  msr vbar_el3, x0
  ldr x4, =SECURE_RAM          // a word of it is read back
  ldr x5, =0x123456789ABCDEF0
  str x5, [x4, #0x100]
  ldr x6, [x4, #0x100]
  mov w1, #'R'
  cmp x5, x6
  b.ne 1f
  bl say
1:
  ldr x4, =SECURE_UART
  mov w5, #'s'
  str w5, [x4]
  mov w1, #'U'
  bl say
  mov x4, #0
  ldr w5, [x4]
  mov w1, #'F'
  bl say
  adr x4, in_secure_ram        // code runs there, too
  ldr x5, =SECURE_RAM
  ldp w6, w7, [x4]
  stp w6, w7, [x5]
  dsb sy
  ic iallu
  dsb sy
  isb
  blr x5
  bl say
  mov x0, #0x531               // SCR_EL3: NS, RES1, RW, ST = 0; SMC enabled
  msr scr_el3, x0
  adr x0, el1_vectors
  msr vbar_el1, x0
  mov x0, #0x80000000          // HCR_EL2.RW
  msr hcr_el2, x0
  adr x0, at_el1
  msr elr_el3, x0
  mov x0, #0x3C5
  msr spsr_el3, x0
  eret
in_secure_ram:
  mov w1, #'X'
  ret

at_el1:
  ldr x4, =SECURE_RAM
  ldr x5, [x4, #0x100]
  mov w1, #'r'
  bl say_if_aborted
  ldr x4, =SECURE_UART
  str w5, [x4]
  mov w1, #'u'
  bl say_if_aborted
  mov x4, #0
  ldr w5, [x4]
  mov w1, #'f'
  bl say_if_aborted
  ldr x4, =SECURE_GPIO
  ldr w5, [x4, #0x400]
  mov w1, #'g'
  bl say_if_aborted
  ldr x4, =0x04000000          // the second bank of flash is everybody's
  ldr w5, [x4]
  mov w1, #'+'
  cbnz x20, 1f
  bl say
1:
  mov w1, #'\n'
  bl say
  smc #0
  b .
say_if_aborted:                // x20: the syndrome of the abort since the last call
  ldr x2, =0x96000010          // EC 0x25, IL, DFSC 0x10; ISV is zero at EL1
  mov x3, #0x40                // WnR may be set
  bic x20, x20, x3
  cmp x20, x2
  mov x20, #0
  b.eq say
  ret
say:
  ldr x2, =UART
  str w1, [x2]
  ret

  .balign 2048
el1_vectors:                   // the instruction after the one that aborted
  .space 0x200
  mrs x20, esr_el1
  mrs x21, elr_el1
  add x21, x21, #4
  msr elr_el1, x21
  eret

  .balign 2048
el3_vectors:
  .space 0x400
  ldr x4, =SECURE_GPIO
  mov w5, #1
  str w5, [x4, #0x400]         // GPIODIR: pin 0 is an output
  str w5, [x4, #0x004]         // GPIODATA, masked: pin 0 high
1: wfi
  b 1b
