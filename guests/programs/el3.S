// Entry at EL3, MMU off, for programs that are Secure firmware themselves; and the way to a lower EL and back.
  .file "el3.S"  // else the linker names the symbol after a temporary file
  .section .text.el3, "ax"
  .global _start_el3
_start_el3:
  msr daifset, #0xf
  mrs x1, mpidr_el1
  and x1, x1, #0xff
  cbnz x1, park
  ldr x1, =el3_stack_top
  mov sp, x1
  ldr x1, =bss_start
  ldr x2, =bss_end
0:
  cmp x1, x2
  b.hs 1f
  stp xzr, xzr, [x1], #16
  b 0b
1:
  adr x1, el3_vectors
  msr vbar_el3, x1
  isb
  bl main
  adr x1, exit_reason
  mov w0, #0x18  // SYS_EXIT
  hlt #0xf000
park:
  wfi
  b park

  .balign 8
exit_reason:
  .quad 0x20026, 0  // ADP_Stopped_ApplicationExit

// void el3_enter(u64 x[2], u64 elr, u64 spsr): runs at a lower EL until it traps to EL3; x0 comes back.
  .global el3_enter
el3_enter:
  stp x29, x30, [sp, #-112]!
  stp x19, x20, [sp, #16]
  stp x21, x22, [sp, #32]
  stp x23, x24, [sp, #48]
  stp x25, x26, [sp, #64]
  stp x27, x28, [sp, #80]
  str x0, [sp, #96]
  msr elr_el3, x1
  msr spsr_el3, x2
  ldp x0, x1, [x0]
  eret
el3_back:
  ldr x1, [sp, #96]
  str x0, [x1]
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp x29, x30, [sp], #112
  ret

  .balign 0x800
el3_vectors:
  .fill 0x400 / 4, 4, 0xd4200000  // from EL3: BRK
  b el3_back
  .balign 0x80
  b el3_back
  .balign 0x80
  b el3_back
  .balign 0x80
  b el3_back

  .section .bss.stack, "aw", %nobits
  .balign 16
  .skip 0x4000
el3_stack_top:
