"""Many clients that talk while servers come and go; fleet.c is what they are."""

import json
import signal
import subprocess

from drivers.lines import Lines
from running import wait_traffic

CLIENTS_OF_A_PROCESS = 1000  # the library's limit
SECONDS = 240


class Fleet:
    def __init__(self, build, url, clients, rooms=16, rate=50):
        self.clients = clients
        count = -(-clients // CLIENTS_OF_A_PROCESS)
        self._sizes = [clients // count + (n < clients % count) for n in range(count)]
        self._rooms = rooms
        self._processes = [
            subprocess.Popen(
                [
                    *(build / "tests/operate/fleet", url, f"f{number}", str(size)),
                    *(str(rooms), str(min(size, 40)), str(rate / count)),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for number, size in enumerate(self._sizes)
        ]
        self._out = [Lines(process.stdout) for process in self._processes]
        self._errors = [Lines(process.stderr) for process in self._processes]

    def _await(self, key):
        """What each says next of that name."""
        try:
            return [
                json.loads(out.find(lambda line: f'"{key}"' in line, key, SECONDS))
                for out in self._out
            ]
        except AssertionError as error:
            said = [line for errors in self._errors for line in errors.all()]
            raise AssertionError("\n".join(said[:20])) from error

    def _say(self, line):
        for process in self._processes:
            process.stdin.write(line + "\n")
            process.stdin.flush()

    def wait_joined(self):
        self._await("joined")

    def end(self):
        """All is acknowledged and shown to everybody; what was measured."""
        self._say("stop")
        heads = [max(room) for room in zip(*(x["heads"] for x in self._await("heads")))]
        self._say("until " + " ".join(map(str, heads)))
        reports = self._await("longest_delivery_ms")
        statuses = [process.wait(SECONDS) for process in self._processes]
        said = [line for errors in self._errors for line in errors.all()]
        assert (statuses, said) == ([0] * len(statuses), [])
        sent = sum(report["sent"] for report in reports)
        assert sent == sum(report["acked"] for report in reports)
        for report in reports:
            # Each message is one entry, for whoever looks.
            assert sum(report["messages"]) == sent, (sent, report)
        return {
            "clients": sum(report["clients"] for report in reports),
            "messages": sent,
            **{
                name: sum(report[name] for report in reports)
                for name in ("attempts", "reconnects")
            },
            **{
                name: max(report[name] for report in reports)
                for name in ("longest_delivery_ms", "longest_offline_ms")
            },
        }

    def kill(self):
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                stream.close()


def through_hand_overs(server, fleet, times):
    """Yields each server that took over, and reloaded once."""
    fleet.wait_joined()
    for _ in range(times):
        wait_traffic(server.ops_port, fleet.clients)
        following = server.successor()
        following.start()
        assert server.wait() == 0
        server = following
        yield server
        wait_traffic(server.ops_port, fleet.clients)
        server.process.send_signal(signal.SIGHUP)
        server.event("reloaded")
    wait_traffic(server.ops_port, fleet.clients)


def through_restarts(manager, fleet, times):
    fleet.wait_joined()
    _, ops_port = manager.ports
    for _ in range(times):
        wait_traffic(ops_port, fleet.clients)
        manager.stop(manager.processes[-1])
        manager.start()
    wait_traffic(ops_port, fleet.clients)
