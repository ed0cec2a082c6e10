// Four cores: core 0 starts the others through PSCI (SMC), waits for each by WFE, prints one letter a core, powers off.
  .equ UART, 0x09000000
  .globl _start
_start:
  mov x19, #1                  // the next core
next:
  movz x0, #0xC400, lsl #16    // CPU_ON, 64-bit
  movk x0, #0x0003
  mov x1, x19
  adr x2, secondary
  mov x3, x19
  smc #0
  cbnz x0, off
  adr x4, flag
wait:
  wfe
  ldar w5, [x4]
  cmp w5, w19
  b.ne wait
  add x19, x19, #1
  cmp x19, #4
  b.ne next
  mov w1, #'\n'
  ldr x0, =UART
  str w1, [x0]
off:
  movz w0, #0x8400, lsl #16    // SYSTEM_OFF
  movk w0, #0x0008
  smc #0
  b .

secondary:                     // x0 = core number
  mrs x1, mpidr_el1
  and x1, x1, #0xFF
  cmp x0, x1
  b.ne stop
  add w2, w0, #'A'
  ldr x3, =UART
  str w2, [x3]
  adr x4, flag
  stlr w0, [x4]
  sev
stop:
  wfi
  b stop
  .align 3
flag: .word 0
