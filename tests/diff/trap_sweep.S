// Executes every word of a table at EL1 or EL0 under every row of settings, and prints ESR_EL2 and ESR_EL1 after each on
// the PL011. trap_sweep.py writes `settings` and `words` (table.inc), builds this, and reads what it prints.
// Runs at EL2 with all MMUs off. x28: word, x27: settings, x3: the operand of every tested instruction.
#define UART 0x09000000
#define OPERAND 0x40200000  // memory that nothing else uses

.macro setting number, register
  ldr x0, [x27, #8 * \number]
  msr \register, x0
.endm

.global _start
_start:
  ldr x0, =el2_vectors
  msr vbar_el2, x0
  ldr x9, =UART
  ldr x27, =settings
next_settings:
  ldr x28, =words
next_word:
  ldr w26, [x28]
  cbz w26, end_of_words
  // What a tested write may have changed, and what a trap leaves behind.
  ldr x0, =el1_vectors
  msr vbar_el1, x0
  msr esr_el1, xzr
  msr esr_el2, xzr
  msr mdscr_el1, xzr
  msr cntv_ctl_el0, xzr
  msr cntp_ctl_el0, xzr
  setting 1, hcr_el2
  setting 2, cnthctl_el2
  setting 3, cptr_el2
  setting 4, sctlr_el1
  setting 5, pmuserenr_el0
  setting 6, cntkctl_el1
  setting 7, cpacr_el1
  setting 8, mdcr_el2
  // EL1h or EL0t, interrupts masked; both stubs leave by a call that is allowed there.
  ldr x1, [x27]
  ldr x0, =stub_el0
  mov x2, #0x3C0
  cbz x1, 1f
  ldr x0, =stub_el1
  mov x2, #0x3C5
1:
  str w26, [x0]
  dc cvau, x0
  dsb sy
  ic ivau, x0
  dsb sy
  isb
  msr elr_el2, x0
  msr spsr_el2, x2
  ldr x3, =OPERAND
  eret

back:
  mrs x1, esr_el2
  bl print
  mrs x1, esr_el1
  bl print
  mov w0, #'\n'
  str w0, [x9]
  add x28, x28, #4
  b next_word

end_of_words:
  add x27, x27, #8 * 9
  ldr x0, =settings_end
  cmp x27, x0
  b.lo next_settings
  msr hcr_el2, xzr
  ldr x0, =0x84000008  // PSCI SYSTEM_OFF
  smc #0
  b .

print:  // the low word of x1 in hexadecimal, and a space
  mov x2, #28
2:
  lsr x0, x1, x2
  and x0, x0, #15
  add x0, x0, #'0'
  cmp x0, #'9'
  b.ls 3f
  add x0, x0, #'a' - '9' - 1
3:
  str w0, [x9]
  subs x2, x2, #4
  b.pl 2b
  mov w0, #' '
  str w0, [x9]
  ret

  .balign 64
stub_el1:
  nop
  hvc #0x77
  .balign 64
stub_el0:
  nop
  svc #0x79

  .balign 2048
el1_vectors:
  .rept 16
  .balign 128
  hvc #0x78
  .endr
  .balign 2048
el2_vectors:
  .rept 16
  .balign 128
  b back
  .endr

  .balign 8
#include "table.inc"
