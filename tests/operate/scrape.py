"""Reads /metrics as Prometheus does: names with their labels, and numbers."""

import urllib.request


class Scrape(dict):
    """Samples as {'name{label="value"}': number}."""

    def __init__(self, server):
        url = f"http://127.0.0.1:{server.port}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            self.type = answer.headers["content-type"]
            self.text = answer.read().decode()
        lines = [x for x in self.text.splitlines() if not x.startswith("#")]
        for line in lines:
            name, value = line.rsplit(" ", 1)
            assert name not in self, line
            self[name] = float(value)
