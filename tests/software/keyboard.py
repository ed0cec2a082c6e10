#!/usr/bin/env python3
"""A command at a terminal, at which somebody types once it has shown a ">". Prints what the terminal showed.

Usage: keyboard.py KEYS COMMAND...     KEYS with escapes: "hi\\001x". Exit status: the command's
"""
import os
import pty
import sys

keys, *command = sys.argv[1:]
process, terminal = pty.fork()
if process == 0:
    os.execvp(command[0], command)
shown = b""
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:  # EIO: nobody has it open any more
        break
    if b">" in data and b">" not in shown:
        os.write(terminal, keys.encode().decode("unicode_escape").encode("latin-1"))
    shown += data
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
