"""What a process makes of how it was started."""

import json
import os
import subprocess

from drivers.lines import DEADLINE, wait_until
from drivers.wire import Wire
from operator_tools import Chatctl

# Standard input, output and error closed, not merely going nowhere.
CLOSED = ["bash", "-c", 'exec "$@" <&- >&- 2>&-', "bash"]


def wait_status(build, data):
    """What chatctl says of a server whose log nobody has."""

    def asked():
        done = subprocess.run(
            [build / "server/chatctl", "--json", "--data", data, "status"],
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
        return json.loads(done.stdout) if done.returncode == 0 else None

    return wait_until(asked, "status")


def test_closed_standard_streams_do_not_become_others(build, folder):
    data = folder / "data"
    options = ("--listen", "127.0.0.1:0", "--data", data, "--log-level", "debug")
    process = subprocess.Popen([*CLOSED, build / "server/chatd", *options])
    try:
        port = wait_status(build, data)["listen"][0].rpartition(":")[2]
        streams = {os.readlink(f"/proc/{process.pid}/fd/{number}") for number in range(3)}
        assert streams == {"/dev/null"}
        wire = Wire(f"ws://127.0.0.1:{port}/ws")
        wire.hello("ann")
        wire.join()
        wire.close()
        process.terminate()
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait(DEADLINE)


def test_a_backup_has_no_lines_that_nobody_reads(start_chatd, sign_in, build, folder):
    server = start_chatd()
    ann = sign_in(server)
    # More than the C library keeps to itself.
    for number in range(100):
        ann.join(f"{'a-room-with-a-long-name':50}{number}".replace(" ", "-"), create=True)
    file = folder / "backup.db"
    backup = ("backup", "--json", "--data", server.data, file)
    done = subprocess.run([*CLOSED, build / "server/chatctl", *backup], timeout=DEADLINE)
    assert done.returncode == 0
    assert Chatctl(build)("verify", file).status == 0
