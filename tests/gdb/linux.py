"""Inside gdb: Debian's kernel on two cores, from its first C function to a shell. NAMES is a file like /proc/kallsyms."""
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from debugging import check, connect, execute, gdb, go, has, value

rows = (line.split() for line in pathlib.Path(os.environ["NAMES"]).read_text().splitlines())
names = {row[2]: int(row[0], 16) for row in rows if len(row) == 3}
starts = sorted((at, name) for name, at in names.items())


def name_at(address: int) -> str:
    return max((row for row in starts if row[0] <= address), default=(0, "?"))[1]


def text(command: str) -> str:
    return gdb.execute(command, to_string=True)


connect()
check(value("$CurrentEL") >> 2 == 2, "Linux begins at EL2")
image = value("$pc")

# Before the MMU is on, by a physical address; behind it, by a virtual one.
has(text("monitor translate pc"), f"PA {image:#x}")
execute(f"break *{names['start_kernel']:#x}")
check(go("continue").breakpoint.number == 1)
check(value("$pc") == names["start_kernel"] and value("$CurrentEL") >> 2 == 1)
check(value("$SCTLR_EL1") & 1 == 1, "the MMU is on")
check(name_at(value("$x30")) == "__primary_switched", name_at(value("$x30")))
# What it prints first, long before there is a console: printk("%s", linux_banner).
execute(f"break *{names['_printk']:#x}")
banner = 0
while "Linux version" not in (text(f"x/s {banner:#x}") if banner else ""):
    check(go("continue").breakpoint.number == 2)
    banner = value("$x1") if value("$x1") >> 48 == 0xFFFF else 0
has(text(f"x/s {banner:#x}"), "Debian")
found = re.search(r"PA (0x[0-9a-f]+)", text(f"monitor translate {banner:#x}"))
check(found, "the banner has a physical address")
execute("maintenance packet Qqemu.PhyMemMode:1")
execute("maintenance flush dcache")
has(text(f"x/s {found[1]}"), "Linux version")
execute("maintenance packet Qqemu.PhyMemMode:0")
execute("maintenance flush dcache")
pc = value("$pc")
execute("stepi 3")
check(value("$pc") != pc)

# Both cores in one function, again and again; each is stepped off its breakpoint while the other runs.
execute("delete")
execute(f"break *{names['schedule']:#x}")
seen: set[int] = set()
hits = 0
while len(seen) < 2 or hits < 40:
    stop = go("continue")
    check(isinstance(stop, gdb.BreakpointEvent), stop)
    check(value("$pc") == names["schedule"], hex(value("$pc")))
    seen.add(gdb.selected_thread().num)
    hits += 1
    check(hits < 2000, "the second core is never seen")
has(text("info threads"), "CPU 0", "CPU 1")
pcs = []
for thread in (1, 2):
    execute(f"thread {thread}")
    pcs.append(value("$pc"))
    check(value("$MPIDR_EL1") & 0xFF == thread - 1)
check(names["schedule"] in pcs)

# Who writes behind the end of the stack? Whatever schedule() calls.
execute(f"thread {pcs.index(names['schedule']) + 1}")
execute("delete")
cells = f"*(unsigned long (*)[32]){value('$sp') - 256:#x}"
execute(f"watch {cells}")
old = text(f"output {cells}")
stop = go("continue")
check(isinstance(stop, gdb.BreakpointEvent) and stop.breakpoint.type == gdb.BP_HARDWARE_WATCHPOINT, stop)
check(text(f"output {cells}") != old)
print("the stack is written by", name_at(value("$pc")))
execute("delete")

check(go("continue").exit_code == 0)
print("\nOK")
