// Vector tables of EL1 and EL2, and the way into a lower EL and back.
// struct trap_frame (arch.h) is what is saved.
#define FRAME_X30 240
#define FRAME_ELR 248
#define FRAME_ESR 264
#define FRAME_HPFAR 280
#define FRAME_SIZE 288
  .file "vectors.S"  // else the linker names the symbol after a temporary file

// Saves x2-x30 into the frame at \base (x0 and x1 are the caller's business).
.macro save_x2_x30 base
  stp x2, x3, [\base, #16]
  stp x4, x5, [\base, #32]
  stp x6, x7, [\base, #48]
  stp x8, x9, [\base, #64]
  stp x10, x11, [\base, #80]
  stp x12, x13, [\base, #96]
  stp x14, x15, [\base, #112]
  stp x16, x17, [\base, #128]
  stp x18, x19, [\base, #144]
  stp x20, x21, [\base, #160]
  stp x22, x23, [\base, #176]
  stp x24, x25, [\base, #192]
  stp x26, x27, [\base, #208]
  stp x28, x29, [\base, #224]
  str x30, [\base, #FRAME_X30]
.endm

.macro load_x2_x30 base
  ldp x2, x3, [\base, #16]
  ldp x4, x5, [\base, #32]
  ldp x6, x7, [\base, #48]
  ldp x8, x9, [\base, #64]
  ldp x10, x11, [\base, #80]
  ldp x12, x13, [\base, #96]
  ldp x14, x15, [\base, #112]
  ldp x16, x17, [\base, #128]
  ldp x18, x19, [\base, #144]
  ldp x20, x21, [\base, #160]
  ldp x22, x23, [\base, #176]
  ldp x24, x25, [\base, #192]
  ldp x26, x27, [\base, #208]
  ldp x28, x29, [\base, #224]
  ldr x30, [\base, #FRAME_X30]
.endm

// An exception whose frame lives on the stack of the EL that takes it: calls \handler(frame, vector), then returns.
.macro stacked_slot vector, common
  .balign 0x80
  sub sp, sp, #FRAME_SIZE
  stp x0, x1, [sp]
  mov x1, #\vector
  b \common
.endm

.macro stacked_common el, handler
  save_x2_x30 sp
  mrs x2, elr_\el
  mrs x3, spsr_\el
  stp x2, x3, [sp, #FRAME_ELR]
  mrs x2, esr_\el
  mrs x3, far_\el
  stp x2, x3, [sp, #FRAME_ESR]
  str xzr, [sp, #FRAME_HPFAR]
  mov x0, sp
  bl \handler
  ldp x2, x3, [sp, #FRAME_ELR]
  msr elr_\el, x2
  msr spsr_\el, x3
  load_x2_x30 sp
  ldp x0, x1, [sp]
  add sp, sp, #FRAME_SIZE
  eret
.endm

// An exception from a lower EL to EL2: ends enter_lower_el() with the vector number.
.macro lower_slot vector
  .balign 0x80
  stp x0, x1, [sp, #-16]!
  mov x0, #\vector
  b el2_from_lower
.endm

  .text
  .balign 0x800
  .global el2_vectors
el2_vectors:
  .irp vector, 0, 1, 2, 3, 4, 5, 6, 7
  stacked_slot \vector, el2_from_el2
  .endr
  .irp vector, 8, 9, 10, 11, 12, 13, 14, 15
  lower_slot \vector
  .endr

  .balign 0x800
  .global el1_vectors
el1_vectors:
  .irp vector, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  stacked_slot \vector, el1_common
  .endr

el1_common:
  stacked_common el1, el1_exception
el2_from_el2:
  stacked_common el2, el2_exception

  .global enter_lower_el
enter_lower_el:
  stp x29, x30, [sp, #-96]!
  stp x19, x20, [sp, #16]
  stp x21, x22, [sp, #32]
  stp x23, x24, [sp, #48]
  stp x25, x26, [sp, #64]
  stp x27, x28, [sp, #80]
  msr tpidr_el2, x0
  ldp x2, x3, [x0, #FRAME_ELR]
  msr elr_el2, x2
  msr spsr_el2, x3
  load_x2_x30 x0
  ldp x0, x1, [x0]
  eret

  .global el2_from_lower
el2_from_lower:
  mrs x1, tpidr_el2
  save_x2_x30 x1
  ldp x2, x3, [sp], #16
  stp x2, x3, [x1]
  mrs x2, elr_el2
  mrs x3, spsr_el2
  stp x2, x3, [x1, #FRAME_ELR]
  mrs x2, esr_el2
  mrs x3, far_el2
  stp x2, x3, [x1, #FRAME_ESR]
  mrs x2, hpfar_el2
  str x2, [x1, #FRAME_HPFAR]
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp x29, x30, [sp], #96
  ret

// void el0_call(u64 entry, u64 stack, u64 argument): runs EL0 code with the argument in x2; the EL1 handler comes back
// by returning to el0_return at EL1h.
  .global el0_call
el0_call:
  stp x29, x30, [sp, #-96]!
  stp x19, x20, [sp, #16]
  stp x21, x22, [sp, #32]
  stp x23, x24, [sp, #48]
  stp x25, x26, [sp, #64]
  stp x27, x28, [sp, #80]
  msr elr_el1, x0
  msr sp_el0, x1
  mov x3, #0x3c0
  msr spsr_el1, x3
  eret
  .global el0_return
el0_return:
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp x29, x30, [sp], #96
  ret
