"""Inside gdb: the hypervisor of guests/, from EL2 into its guest at EL1 and to the end."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from debugging import callers, check, connect, execute, gdb, go, has, value

connect()
check(value("$pc") == value("&image_start") and value("$CurrentEL") >> 2 == 2)
has(execute("info threads"), "CPU 0", "EL2")

# A function of the source, by name; its lines and its callers.
execute("break main")
check(go("continue").breakpoint.number == 1)
check(callers()[:1] == ["main"], callers())
check(gdb.selected_frame().find_sal().symtab.filename.endswith("hypervisor/main.c"))
execute("break vm_reset")
check(go("continue").breakpoint.number == 2)
chain = callers()
check(chain[:3] == ["vm_reset", "boot_one", "bench_hypercall"] and "main" in chain, chain)
has(execute("info registers HCR_EL2 SCTLR_EL2 pc"), "HCR_EL2", "SCTLR_EL2", "vm_reset")
check(value("$SCTLR_EL2") & 1 == 1, "the MMU of EL2 is on")
has(execute("print $cpsr"), "EL=2", "SP")
has(execute("info registers system"), "VTTBR_EL2", "ICC_SRE_EL1")

# Steps: by instruction, by line, out of the function.
pc = value("$pc")
go("stepi")
check(value("$pc") != pc)
line = gdb.selected_frame().find_sal().line
go("next")
check(gdb.selected_frame().find_sal().line != line)
go("finish")
check(callers()[0] == "boot_one")

# Data that change, seen from outside the program.
execute("delete")
execute("watch -location *(unsigned long *)($sp - 16)")
cell = value("$sp - 16")
old = value(f"*(unsigned long *){cell:#x}")
stop = go("continue")
check(stop.breakpoint.type == gdb.BP_HARDWARE_WATCHPOINT and value(f"*(unsigned long *){cell:#x}") != old, stop)
has(execute("x/i $pc-4"), ":\tst")  # directly behind the store
execute("delete")

# The guest at EL1, below two stages of translation.
execute("break guest_exit")
go("continue")
check(callers()[0] == "guest_exit", callers())
check(value("$CurrentEL") >> 2 == 1 and value("$VTTBR_EL2") != 0)
has(execute("info threads"), "EL1, VMID")
has(execute("print $cpsr"), "EL=1")
check(value("$SP_EL1") == value("$sp"))
has(execute("monitor translate pc"), "stage 2", "PA 0x")
own = execute("x/4xw $pc").split(":")[1]
has(execute("monitor ipa pc 16"), ":")
execute("maintenance packet Qqemu.PhyMemMode:1")
execute("maintenance flush dcache")
check(execute("x/4xw $pc").split(":")[1] == own, "IPA and PA are the same here")
execute("maintenance packet Qqemu.PhyMemMode:0")

# Into the hypervisor, as the trap goes.
execute("delete")
execute("monitor catch el2")
go("continue")
check(callers()[0] == "el2_vectors", callers())
execute("monitor catch off")
check(value("$CurrentEL") >> 2 == 2 and value("$ESR_EL2") >> 26 == 0x16, hex(value("$ESR_EL2")))  # HVC from AArch64
elr = value("$ELR_EL2")
check(value("(unsigned long)guest_exit") <= elr < value("(unsigned long)guest_exit") + 16)

# What cannot be written says why; what can is there.
try:
    execute("print $MIDR_EL1 = 5")
except gdb.error as error:
    has(str(error), "MIDR_EL1 is read-only")
else:
    check(False, "MIDR_EL1 was written")
execute("set var $v7.d.u[1] = 77")
check(value("$v7.d.u[1]") == 77 and value("$v7.s.u[2]") == 77)

check(go("continue").exit_code == 0)
print("\nOK")
