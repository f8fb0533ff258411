"""Debian's Prometheus, unpacked by ./dev, or installed."""

import json
import pathlib
import re
import shutil
import signal
import subprocess
import urllib.parse
import urllib.request

from drivers.lines import DEADLINE, Lines

ADDRESS = re.compile(r'msg="Listening on" address=(\S+)')
# Each scrape is soon followed by the next, so that a rate needs no minute.
INTERVAL = "250ms"


def find(build, name):
    """The path of one of its programs; None: it is not there."""
    unpacked = build / "peers/usr/bin" / name
    found = unpacked if unpacked.exists() else shutil.which(name)
    return found and pathlib.Path(found)


class Prometheus:
    def __init__(self, program, folder, targets, rules):
        config = {
            "global": {
                "scrape_interval": INTERVAL,
                "scrape_timeout": INTERVAL,
                "evaluation_interval": INTERVAL,
            },
            "rule_files": [str(rules)],
            "scrape_configs": [
                {"job_name": "chatd", "static_configs": [{"targets": targets}]}
            ],
        }
        # JSON is YAML as well.
        (folder / "prometheus.yml").write_text(json.dumps(config))
        self._process = subprocess.Popen(
            [
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'tsdb'}",
                "--web.listen-address=127.0.0.1:0",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._log = Lines(self._process.stderr)
        line = self._log.find(ADDRESS.search, "its address")
        self._address = ADDRESS.search(line)[1]
        self._log.find(lambda x: "Server is ready" in x, "ready")

    def ask(self, path, **query):
        """The data of an answer of the HTTP API, which must be a success."""
        url = f"http://{self._address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
            value = json.load(answer)
        assert value["status"] == "success", value
        return value["data"]

    def samples(self, expression):
        """What an expression is now."""
        return self.ask("query", query=expression)["result"]

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(DEADLINE) == 0, self._log.tail()
        self._log.join()
