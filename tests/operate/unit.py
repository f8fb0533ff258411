#!/usr/bin/env python3
"""Stands for systemctl and journalctl of a machine with chatd's two units.

MACHINE is the folder that stands for the root; UNIT is the real file of the
service, and PROGRAMS the folder where its programs are. What the socket's unit
listens at is read from its drop-in.
"""

import os
import pathlib
import select
import signal
import socket
import subprocess
import sys

MACHINE = pathlib.Path(os.environ["MACHINE"])
LOG = MACHINE / "var/log/chatd.log"
PID = MACHINE / "run/chatd.pid"
STATE = MACHINE / "var/lib/chatd"
SOCKET = MACHINE / "run/chatd.socket"
DROP_IN = MACHINE / "etc/systemd/system/chatd.socket.d/listen.conf"
INHERIT = 'exec 3<&$0; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=clients exec "$@"'


def commands(name):
    """The unit's commands of a kind, for this machine."""
    for line in pathlib.Path(os.environ["UNIT"]).read_text().splitlines():
        if line.startswith(name + "="):
            program, *arguments = line.split("=", 1)[1].split()
            program = pathlib.Path(program).name
            place = pathlib.Path(os.environ["PROGRAMS"]) / program
            yield [
                place if place.exists() else program,
                *(a.replace("/etc/", f"{MACHINE}/etc/") for a in arguments),
            ]


def daemon(work):
    """Runs `work(ready)` in a process of its own, and waits for a byte in it."""
    heard, ready = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.close(heard)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(null, descriptor)
        work(ready)
        os._exit(0)
    os.close(ready)
    return os.read(heard, 1) != b""


def hold_socket(ready):
    """What systemd does for a socket unit, until the test has ended."""
    listen = DROP_IN.read_text().strip().rsplit("=", 1)[1]
    address, port = listen.rsplit(":", 1)
    with socket.create_server((address, int(port)), backlog=4096) as clients:
        with socket.create_server(str(SOCKET), family=socket.AF_UNIX) as door:
            os.write(ready, b"1")
            os.close(ready)
            while True:
                connection, _ = door.accept()
                with connection:
                    if not connection.recv(1):
                        return
                    socket.send_fds(connection, [b"1"], [clients.fileno()])


def held_socket():
    """The descriptors to inherit: none without a socket unit."""
    if not SOCKET.exists():
        return []
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(SOCKET))
        door.send(b"1")
        return socket.recv_fds(door, 1, 1)[1]


def keep_log(ready):
    """What systemd and journald do for the service."""
    (command,) = commands("ExecStart")
    descriptors = held_socket()
    if descriptors:
        command = ["sh", "-c", INHERIT, str(descriptors[0]), *command]
    os.umask(0o077)
    STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=descriptors,
        env={**os.environ, "STATE_DIRECTORY": str(STATE)},
    )
    PID.write_text(str(process.pid))
    with LOG.open("ab", buffering=0) as log:
        for line in process.stderr:
            log.write(line)
            if b'"event":"listening"' in line:
                os.write(ready, b"1")
    process.wait()
    PID.unlink()


def start():
    for command in commands("ExecStartPre"):
        with LOG.open("ab") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log)
    if not daemon(keep_log):
        sys.exit("Job for chatd.service failed, see journalctl -u chatd.")


def stop():
    process = os.pidfd_open(int(PID.read_text()))
    signal.pidfd_send_signal(process, signal.SIGTERM)
    select.select([process], [], [], 60)


def release_socket():
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(SOCKET))


def systemctl(verb, unit, *_):
    if unit == "chatd.socket":
        return daemon(hold_socket) if verb == "enable" else release_socket()
    if verb in ("stop", "restart") and PID.exists():
        stop()
    if verb in ("start", "restart"):
        start()
    if verb == "is-active":
        print("active" if PID.exists() else "inactive")


if __name__ == "__main__":
    if pathlib.Path(sys.argv[0]).name == "journalctl":
        sys.stdout.write(LOG.read_text())
    else:
        systemctl(*[a for a in sys.argv[1:] if not a.startswith("-")])
