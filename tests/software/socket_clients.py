#!/usr/bin/env python3
"""A UART on a socket: clients come and go during a run; a port that is in use is the user's error.
Usage: socket_clients.py TRAPWALK ECHO.elf"""
import socket
import subprocess
import sys
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(port):
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
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
port = free_port()
command = [trapwalk, "run", "--kernel", guest, "--serial", f"socket:{port}"]
run = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
first = connect(port)
first.sendall(b"one")
expect(first, b"one")
first.close()
second = connect(port)
second.sendall(b"two")
expect(second, b"two")

busy = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
if busy.returncode != 2 or f"port {port}: Address already in use" not in busy.stderr:
    raise SystemExit(f"FAILED: a port in use: {busy.returncode} {busy.stderr}")

second.sendall(b"q")
if run.wait() != 0:
    raise SystemExit(f"FAILED: status {run.returncode}")
