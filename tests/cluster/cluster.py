"""Tasks of one log behind HAProxy, to be used in place of one chatd.

What a test does to the server is done to all tasks; `tasks` are there for what
is done to one of them.
"""

import pathlib
import shutil
import tempfile

import local
from drivers.chatd import Chatd, prefix_of
from drivers.lines import DEADLINE
from haproxy import Haproxy, find_program
from redis_server import Redis

TASKS = 2
NAMES = ("one", "two")

# Tests of tests/e2e that no cluster can be asked, and why.
SINGLE = {
    "test_a_newer_file_is_refused_and_kept": "about the file of SQLite",
    "test_a_damaged_file_is_refused_and_kept": "about the file of SQLite",
    "test_a_file_in_use_is_refused": "about the file of SQLite",
    "test_a_port_in_use_is_refused": "about how one process starts",
}


def has_reached_redis(line):
    return '"redis_reached"' in line


def what_is_missing(build):
    """Why no cluster can be started here; None when one can."""
    missing = local.what_is_missing(build)
    if missing:
        return missing
    if shutil.which("redis-server") is None:
        return "no redis-server: ./dev test gets it"
    return None if find_program() else "no haproxy: ./dev test gets it"


class Services:
    """What all tasks of all clusters share."""

    def __init__(self, build):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chat-"))
        self.dynamodb = local.Local(local.find_folder(build))
        self.redis = Redis(self.folder / "redis")

    def make_cluster(self, build, data, any_origin=True, **options):
        """Any is: each task takes pages of the address that it is called by."""
        return Cluster(self, build, data, **options)

    def stop(self):
        self.redis.stop()
        self.dynamodb.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Processes:
    """Those of the tasks, as if they were one."""

    def __init__(self, processes):
        self._processes = processes

    def send_signal(self, number):
        for process in self._processes:
            process.send_signal(number)

    def terminate(self):
        for process in self._processes:
            process.terminate()

    def kill(self):
        for process in self._processes:
            process.kill()

    def wait(self, seconds=DEADLINE):
        """The first status that is not 0."""
        statuses = [process.wait(seconds) for process in self._processes]
        return next(filter(None, statuses), 0)


def share_out(options):
    """What is said of the whole server, for each of its tasks."""
    shared = list(options)
    if "--max-connections" in shared:
        at = shared.index("--max-connections") + 1
        shared[at] = str(int(shared[at]) // TASKS)
    return shared


class Cluster:
    names = NAMES

    def __init__(
        self,
        services,
        build,
        data,
        options=(),
        environment=None,
        programs=("server/chatd", "server/chatd"),
        **more,
    ):
        data.mkdir(parents=True, exist_ok=True)
        self._data = data
        self._proxy = Haproxy(data)
        self.port = self._proxy.port
        given = {
            **local.KEYS,
            "CHATD_STORE": "dynamodb",
            "CHATD_DYNAMODB_ENDPOINT": services.dynamodb.url,
            "CHATD_TABLE_PREFIX": prefix_of(data),
            "CHATD_REDIS_URL": services.redis.url,
            "CHATD_REDIS_CA": str(services.redis.certificate),
            "CHATD_TRUSTED_PROXIES": "127.0.0.1",
            **(environment or {}),
        }
        more["options"] = share_out(options)
        self.tasks = {
            name: Chatd(
                build,
                data / name,
                program=program,
                environment={**given, **self.environment_of(name)},
                **more,
            )
            for name, program in zip(self.names, programs)
        }
        self.process = None

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def page_url(self):
        return f"http://127.0.0.1:{self.port}/"

    @property
    def data(self):
        return self._data

    def environment_of(self, name):
        """What one task is told beside what all are."""
        return {}

    def start(self):
        for task in self.tasks.values():
            task.launch()
        for task in self.tasks.values():
            task.await_listening()
            task.log.find(has_reached_redis, "redis_reached")
        if self.process is None:
            self.start_proxy({name: task.port for name, task in self.tasks.items()})
        self.process = Processes([task.process for task in self.tasks.values()])
        for name in self.names:
            self._proxy.wait_for(name, "UP")

    def start_proxy(self, ports):
        self._proxy.start(ports)

    def replace(self, name):
        """Another takes the place of a task, as a deployment does it."""
        self.tasks[name].stop()
        self._proxy.wait_for(name, "DOWN")
        self.tasks[name].start()
        self._proxy.wait_for(name, "UP")

    def kill(self):
        for task in self.tasks.values():
            task.kill()

    def wait(self, seconds=DEADLINE):
        statuses = [task.wait(seconds) for task in self.tasks.values()]
        return next(filter(None, statuses), 0)

    def stop(self):
        """Ends all tasks as an operator would; the proxy stays."""
        for task in self.tasks.values():
            task.stop()

    def verify(self):
        return self.tasks[self.names[0]].verify()

    def close(self):
        try:
            self.stop()
        finally:
            for task in self.tasks.values():
                if task.process is not None and task.process.poll() is None:
                    task.kill()
            self._proxy.stop()
