// Entry at EL2, MMU off, one CPU. Stack, .bss, vectors and the EL2 identity map; then main(); then power off.
  .section .text.start, "ax"
  .global _start
_start:
  msr daifset, #0xf
  mrs x1, CurrentEL
  cmp x1, #(2 << 2)
  b.ne not_el2
  ldr x1, =boot_stack_top
  mov sp, x1
  ldr x1, =bss_start
  ldr x2, =bss_end
0:
  cmp x1, x2
  b.hs 1f
  stp xzr, xzr, [x1], #16
  b 0b
1:
  adrp x1, el2_vectors
  add x1, x1, :lo12:el2_vectors
  msr vbar_el2, x1
  isb
  bl el2_mmu_on
  bl main
  bl psci_system_off
  .file "start.S"  // else the linker names the symbol after a temporary file

  // Without EL2 nothing here makes sense: PSCI's conduit is then HVC.
not_el2:
  ldr x0, =0x84000008
  hvc #0
2:
  wfe
  b 2b

  .section .bss.stack, "aw", %nobits
  .balign 16
  .skip 0x8000
boot_stack_top:
