// Ways between the worlds: EL2 with a host at EL1 behind it (split_vectors), and EL2 alone (resident_vectors).
// struct gp (world.h): x0 to x30, then what the six special registers hold.
  .file "switch.S"
#define GP_SP_EL0 248
#define GP_PSTATE 264
#define GP_ELR_EL1 280
#define VCPU_HOST 1008
#define VCPU_ESR 1016
#define EC_HVC 0x16

  .arch armv8-a

// x4 to x30 into the struct gp at \base.
.macro save_x4_x30 base
  stp x4, x5, [\base, #32]
  stp x6, x7, [\base, #48]
  stp x8, x9, [\base, #64]
  stp x10, x11, [\base, #80]
  stp x12, x13, [\base, #96]
  stp x14, x15, [\base, #112]
  stp x16, x17, [\base, #128]
  str x18, [\base, #144]
  save_x19_x30 \base
.endm

.macro save_x19_x30 base
  stp x19, x20, [\base, #152]
  stp x21, x22, [\base, #168]
  stp x23, x24, [\base, #184]
  stp x25, x26, [\base, #200]
  stp x27, x28, [\base, #216]
  stp x29, x30, [\base, #232]
.endm

.macro load_x19_x30 base
  ldp x19, x20, [\base, #152]
  ldp x21, x22, [\base, #168]
  ldp x23, x24, [\base, #184]
  ldp x25, x26, [\base, #200]
  ldp x27, x28, [\base, #216]
  ldp x29, x30, [\base, #232]
.endm

// Uses x19 to x24, which are in \base already.
.macro save_specials base
  mrs x19, sp_el0
  mrs x20, elr_el2
  mrs x21, spsr_el2
  mrs x22, sp_el1
  mrs x23, elr_el1
  mrs x24, spsr_el1
  stp x19, x20, [\base, #GP_SP_EL0]
  stp x21, x22, [\base, #GP_PSTATE]
  stp x23, x24, [\base, #GP_ELR_EL1]
.endm

// Uses x19 to x24, which are still to be loaded.
.macro load_specials base
  ldp x19, x20, [\base, #GP_SP_EL0]
  ldp x21, x22, [\base, #GP_PSTATE]
  ldp x23, x24, [\base, #GP_ELR_EL1]
  msr sp_el0, x19
  msr elr_el2, x20
  msr spsr_el2, x21
  msr sp_el1, x22
  msr elr_el1, x23
  msr spsr_el1, x24
.endm

// All of the struct gp at \base, which is x0, and on.
.macro load_gp_and_eret
  load_specials x0
  load_x19_x30 x0
  ldp x2, x3, [x0, #16]
  ldp x4, x5, [x0, #32]
  ldp x6, x7, [x0, #48]
  ldp x8, x9, [x0, #64]
  ldp x10, x11, [x0, #80]
  ldp x12, x13, [x0, #96]
  ldp x14, x15, [x0, #112]
  ldp x16, x17, [x0, #128]
  ldr x18, [x0, #144]
  ldp x0, x1, [x0]
  eret
.endm

// Slots 0 to 7: nothing of EL2's own is expected; 10, 11 and AArch32 neither.
.macro unexpected first, count
  .rept \count
  .balign 0x80
  mov x0, #\first
  b world_unexpected
  .endr
.endm

  .text

// ---------------------------------------------------------------------------------------------------------- split mode
  .balign 0x800
  .global split_vectors
split_vectors:
  unexpected 0, 8
  .balign 0x80  // synchronous: the host's call, or the guest's trap
  stp x0, x1, [sp, #-16]!
  stp x2, x3, [sp, #-16]!
  mrs x1, esr_el2
  lsr x2, x1, #26
  cmp x2, #EC_HVC
  b.ne split_guest_trap
  mrs x3, vttbr_el2  // zero: the host
  cbnz x3, split_guest_trap
  ldp x2, x3, [sp], #16
  ldp x0, x1, [sp], #16
  stp x30, xzr, [sp, #-16]!
  mov x2, x0
  mov x0, x1
  blr x2
  ldp x30, xzr, [sp], #16
  eret
  .balign 0x80  // IRQ: of the guest, for the host's go to EL1
  stp x0, x1, [sp, #-16]!
  stp x2, x3, [sp, #-16]!
  mrs x0, tpidr_el2
  mov x1, #1  // EXIT_IRQ
  b split_guest_exit
  unexpected 10, 6

split_guest_trap:
  mrs x0, tpidr_el2
  mrs x2, far_el2
  mrs x3, hpfar_el2
  add x0, x0, #VCPU_ESR
  stp x1, x2, [x0]
  str x3, [x0, #16]
  sub x0, x0, #VCPU_ESR
  mov x1, #0  // EXIT_TRAP

// x0: vCPU, whose guest's struct gp comes first; x1: why; on the stack x2, x3, x0, x1 of the guest.
split_guest_exit:
  save_x4_x30 x0
  ldp x6, x7, [sp], #16
  ldp x4, x5, [sp], #16
  stp x4, x5, [x0]
  stp x6, x7, [x0, #16]
  save_specials x0
  ldr x2, [x0, #VCPU_HOST]
  load_specials x2
  load_x19_x30 x2
  mov x0, x1
  ret

// enum exit_reason guest_enter(struct vcpu *vcpu)
  .global guest_enter
guest_enter:
  ldr x2, [x0, #VCPU_HOST]
  save_x19_x30 x2
  save_specials x2
  load_gp_and_eret

// u64 hyp_call(u64 (*function)(struct vcpu *), struct vcpu *vcpu)
  .global hyp_call
hyp_call:
  hvc #0
  ret

// void host_enter(void (*entry)(void), u64 stack)
  .global host_enter
host_enter:
  stp x29, x30, [sp, #-96]!
  stp x19, x20, [sp, #16]
  stp x21, x22, [sp, #32]
  stp x23, x24, [sp, #48]
  stp x25, x26, [sp, #64]
  stp x27, x28, [sp, #80]
  msr elr_el2, x0
  msr sp_el1, x1
  mov x2, #0x3c5  // EL1h, all masked
  msr spsr_el2, x2
  eret

// Called through hyp_call(): drops the way back to the host.
  .global host_leave_at_el2
host_leave_at_el2:
  add sp, sp, #16
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp x29, x30, [sp], #96
  ret

// ------------------------------------------------------------------------------------------------------- resident mode
  .balign 0x800
  .global resident_vectors
resident_vectors:
  unexpected 0, 8
  .balign 0x80
  stp x0, x1, [sp, #-16]!
  mov x1, #0  // EXIT_TRAP
  b resident_exit
  .balign 0x80
  stp x0, x1, [sp, #-16]!
  mov x1, #1  // EXIT_IRQ
  b resident_exit
  unexpected 10, 6

resident_exit:
  mrs x0, tpidr_el2
  stp x2, x3, [x0, #16]
  save_x4_x30 x0
  ldp x2, x3, [sp], #16
  stp x2, x3, [x0]
  save_specials x0
  bl resident_trap  // (vcpu, why): 0 when the guest has ended
  mov x1, x0
  mrs x0, tpidr_el2
  cbz x1, 1f
  load_gp_and_eret
1:
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp x29, x30, [sp], #96
  ret

// void resident_run(struct vcpu *vcpu): until resident_trap() says that the guest has ended.
  .global resident_run
resident_run:
  stp x29, x30, [sp, #-96]!
  stp x19, x20, [sp, #16]
  stp x21, x22, [sp, #32]
  stp x23, x24, [sp, #48]
  stp x25, x26, [sp, #64]
  stp x27, x28, [sp, #80]
  msr tpidr_el2, x0
  load_gp_and_eret

// ---------------------------------------------------------------------------------------------------- FP and Advanced SIMD
  .arch armv8-a+fp+simd
.macro all_v op
  \op q0, q1, [x0], #32
  \op q2, q3, [x0], #32
  \op q4, q5, [x0], #32
  \op q6, q7, [x0], #32
  \op q8, q9, [x0], #32
  \op q10, q11, [x0], #32
  \op q12, q13, [x0], #32
  \op q14, q15, [x0], #32
  \op q16, q17, [x0], #32
  \op q18, q19, [x0], #32
  \op q20, q21, [x0], #32
  \op q22, q23, [x0], #32
  \op q24, q25, [x0], #32
  \op q26, q27, [x0], #32
  \op q28, q29, [x0], #32
  \op q30, q31, [x0], #32
.endm

// void fp_save(struct fp *fp)
  .global fp_save
fp_save:
  all_v stp
  mrs x1, fpsr
  mrs x2, fpcr
  stp x1, x2, [x0]
  ret

// void fp_load(const struct fp *fp)
  .global fp_load
fp_load:
  all_v ldp
  ldp x1, x2, [x0]
  msr fpsr, x1
  msr fpcr, x2
  ret

// ------------------------------------------------------------------------------------------------------ the second core
// PSCI's CPU_ON comes here at EL2 with the MMU off; x0 points to struct core_start (cores.c).
  .global core_entry
core_entry:
  msr daifset, #0xf
  ldp x1, x2, [x0]
  ldp x3, x4, [x0, #16]
  ldp x5, x6, [x0, #32]
  ldr x7, [x0, #48]
  msr mair_el2, x1
  msr tcr_el2, x2
  msr ttbr0_el2, x3
  msr vbar_el2, x4
  dsb sy
  tlbi alle2
  dsb sy
  isb
  msr sctlr_el2, x5
  isb
  mov sp, x6
  br x7
