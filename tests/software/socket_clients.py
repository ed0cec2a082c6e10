#!/usr/bin/env python3
"""A UART on a socket: clients come and go during a run; a port that is in use is the user's error.
Usage: socket_clients.py TRAPWALK ECHO.elf"""
import socket
import subprocess
import sys
import time


def reserved_port():
    """A port that nobody else is given while the socket is there; who asks for its address by number may still listen."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held, held.getsockname()[1]


def connect(port, run):
    while run.poll() is None:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit("FAILED: nobody listens")


def expect(client, text):
    got = b""
    while text not in got:
        data = client.recv(100)
        if not data:
            break
        got += data
    if text not in got:
        raise SystemExit(f"FAILED: {got!r}, expected {text!r}")


trapwalk, guest = sys.argv[1:]
held, port = reserved_port()
command = [trapwalk, "run", "--kernel", guest, "--serial", f"socket:{port}"]
run = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
first = connect(port, run)
first.sendall(b"one")
expect(first, b"one")
first.close()
second = connect(port, run)
second.sendall(b"two")
expect(second, b"two")

busy = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
if busy.returncode != 2 or f"port {port}: Address already in use" not in busy.stderr:
    raise SystemExit(f"FAILED: a port in use: {busy.returncode} {busy.stderr}")

second.sendall(b"q")
if run.wait() != 0:
    raise SystemExit(f"FAILED: status {run.returncode}")
