"""A service of a root file system, started as its unit says.

There is no systemd in it: this does what it would of commands, user, folder,
mask and notification. What the unit forbids is not forbidden here.
"""

import contextlib
import os
import signal
import socket
import subprocess

START_SECONDS = 30
STOP_SECONDS = 90
NOTIFY = "/run/notify"


class Service:
    def __init__(self, root, name):
        self.root = root
        self.process = None
        self.settings = {}
        unit = root.path(f"/lib/systemd/system/{name}.service")
        for line in unit.read_text().splitlines():
            key, _, value = line.partition("=")
            self.settings.setdefault(key, []).append(value)
        self.log = root.path(f"/tmp/{name}.log")

    def setting(self, key):
        (value,) = self.settings[key]
        return value

    @property
    def user(self):
        return self.setting("User")

    def folder(self):
        """StateDirectory=, as systemd makes it."""
        path = f"/var/lib/{self.setting('StateDirectory')}"
        place = self.root.path(path)
        place.mkdir(exist_ok=True)
        place.chmod(int(self.setting("StateDirectoryMode"), 8))
        os.chown(place, *self.root.ids(self.user))
        return path

    def commands(self, key, **values):
        for line in self.settings[key]:
            for name, value in values.items():
                line = line.replace(f"${name}", str(value))
            yield line.split()

    @contextlib.contextmanager
    def notifications(self):
        path = self.root.path(NOTIFY)
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(path))
            path.chmod(0o777)
            notify.settimeout(START_SECONDS)
            yield notify

    def spawn(self, command, log):
        variables = {"NOTIFY_SOCKET": NOTIFY, "STATE_DIRECTORY": self.folder()}
        return subprocess.Popen(
            self.root.command(*command, user=self.user),
            env=self.root.environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            umask=int(self.setting("UMask"), 8),
        )

    def start(self):
        for command in self.commands("ExecStartPre"):
            self.root.run(*command, user=self.user)
        (command,) = self.commands("ExecStart")
        with self.notifications() as notify, self.log.open("wb") as log:
            self.process = self.spawn(command, log)
            try:
                while b"READY=1" not in notify.recv(4096).split(b"\n"):
                    pass
            except TimeoutError:
                self.process.kill()
                raise AssertionError(self.log.read_text()) from None

    def reload(self):
        for command in self.commands("ExecReload", MAINPID=self.process.pid):
            self.root.run(*command, user=self.user)

    def stop(self):
        """Its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
