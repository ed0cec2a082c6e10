"""`trapwalk.run`: the simulator on a configuration and software, in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional, Union

from trapwalk.config import Config
from trapwalk.files import PathLike
from trapwalk.results import Run
from trapwalk.running.options import Ghosts, Words
from trapwalk.running.pending import Pending, begin
from trapwalk.running.progress import Wanted


def run(
    config: Optional[Config] = None,
    *,
    software: Optional[str] = None,
    guest: Optional[str] = None,
    kernel: Optional[PathLike] = None,
    bios: Optional[PathLike] = None,
    initrd: Optional[PathLike] = None,
    append: Optional[str] = None,
    dtb: Optional[PathLike] = None,
    hypervisor: Optional[PathLike] = None,
    hypervisor_args: Optional[str] = None,
    domains: Words = (),
    smp: Optional[int] = None,
    memory: Optional[str] = None,
    devices: Words = (),
    drives: Words = (),
    netdevs: Words = (),
    semihosting: bool = False,
    until: Optional[str] = None,
    type: Words = (),
    max_instructions: Optional[int] = None,
    max_time: Optional[str] = None,
    fidelity: Optional[str] = None,
    timed_from: Optional[str] = None,
    timed_until: Optional[str] = None,
    timed_repeat: bool = False,
    warm_up: Optional[int] = None,
    sample: Optional[str] = None,
    ghosts: Ghosts = (),
    keep_walks: Optional[int] = None,
    keep_longest_walks: Optional[int] = None,
    events: Union[bool, str] = False,
    record: Optional[str] = None,
    reports: Union[PathLike, Sequence[PathLike]] = (),
    arguments: Sequence[str] = (),
    timeout: Optional[float] = None,
    progress: Wanted = None,
    echo: bool = False,
    check: bool = True,
    name: str = "",
) -> Run:
    """Runs software on the platform and returns what it came to.

    Every argument that is an option of `trapwalk run` means what `trapwalk run --help` says; those that may be repeated
    take a text or a list of them. Without `config`, the default one (a Cortex-A57).

    Args:
        config: the parameters.
        software: a name of `trapwalk software list`, fetched when it is not here: "linux-arm64".
        guest: a program of guests/, by name; `trapwalk.guests()` lists them.
        kernel, bios, initrd, append, dtb, hypervisor, hypervisor_args, domains: images and command lines.
        smp, memory, devices, drives, netdevs, semihosting: the machine, beside the configuration.
        until: text on the console that ends the run.
        type: "PROMPT=>TEXT": types TEXT when PROMPT is printed; in order.
        max_instructions, max_time: limits; `max_time` is simulated: "10ms".
        fidelity: "functional" (default) or "timed".
        timed_from, timed_until, timed_repeat, warm_up, sample: the region of interest (docs/regions.md).
        ghosts: structures of other sizes in the same run: (structure, entries, ways), ways 0: full; or powers of two,
            "tlb.l2=entries:64..4096,ways:4".
        keep_walks, keep_longest_walks: how many walks are kept whole for `Run.walk_fetches`.
        events: logs what happens when, for `Run.events`: True, or as `--events`: "limit=1000,kinds=traps+worlds".
        record: a file for the trace of its accesses, for `trapwalk.Trace`: "FILE[,records=N][,el=0+1]…".
        reports: files to write beside: .json, .txt, .html.
        arguments: more words for the command.
        timeout: seconds of the host after which the worker is ended: RunError.
        progress: a bar where it can be seen (None, True), none (False), or a function that is given a
            `trapwalk.Progress`, at least every quarter of a second.
        echo: writes the console to `sys.stdout` while it comes. It is in `Run.console` anyway.
        check: False: a run that ended otherwise than asked is returned too; its `exit_status` and `stopped` are in
            its report.
        name: of the Run, for plots; else that of the software.

    Raises:
        ConfigError: a parameter, an option or a file that is wrong; the message is the command's.
        RunError: the worker was killed, or failed, or timed out; or, with `check`, the guest ended before `until`,
            asked for a reset, or gave a status that is not 0. What was measured so far is its `run`.
        KeyboardInterrupt: the worker and its children are gone by then.
    """
    given = {key: value for key, value in locals().items() if key not in _OWN}
    pending = begin(config, given, name=name, timeout=timeout, check=check)
    return pending.wait(progress=progress, echo=echo)


def start(
    config: Optional[Config] = None,
    *,
    timeout: Optional[float] = None,
    check: bool = True,
    name: str = "",
    **arguments: Any,
) -> Pending:
    """As `run`, but returns at once: `Pending.wait()` gives the Run, `Pending.cancel()` ends it. Several may run.

    `timeout` counts from now and is looked at in `wait`.
    """
    return begin(config, arguments, name=name, timeout=timeout, check=check, function="trapwalk.start")


_OWN = ("config", "timeout", "progress", "echo", "check", "name")
