"""Two tasks, blue and green, whose clients are at the emulator of API Gateway.

    clients -> emulator -> HAProxy -> blue, green -> DynamoDB Local, Redis

A clean stop is one of everything: the gateway ends the clients' connections, as
it does when it is restarted. When tasks are killed, clients stay connected.
"""

import contextlib

import local
from cluster import Cluster, Services
from running import Running, Settings

# As the path that tasks have for sockets, so that a page finds it by itself.
STAGE = "ws"
SECRET = "the-secret-of-the-gateway"


class GatewayServices(Services):
    """`chaos` is that of the clusters which are made from now on."""

    chaos = ""
    seed = 1

    def make_cluster(self, build, data, **options):
        return GatewayCluster(self, build, data, **options)


class GatewayCluster(Cluster):
    names = ("blue", "green")

    def __init__(self, services, build, data, any_origin=False, **options):
        """`any_origin`: pages of elsewhere are welcome, not the own one alone."""
        self._any_origin = any_origin
        self._services = services
        self._gateway = None
        super().__init__(services, build, data, **options)

    def environment_of(self, name):
        gateway = self._started_gateway()
        given = {
            "CHATD_COLOR": name,
            "CHATD_GATEWAY_SECRET": SECRET,
            "CHATD_GATEWAY_CALLBACK": f"http://127.0.0.1:{gateway.callback_port}/{STAGE}",
        }
        if not self._any_origin:
            given["CHATD_ALLOWED_ORIGINS"] = f"http://127.0.0.1:{self.port}"
        return given

    def _started_gateway(self):
        if self._gateway is None:
            self._gateway = Running(
                Settings(
                    listen="127.0.0.1:0",
                    callback_listen="127.0.0.1:0",
                    integration=f"http://127.0.0.1:{self.port}",
                    stage=STAGE,
                    secret=SECRET,
                    access_key_id=local.KEYS["AWS_ACCESS_KEY_ID"],
                    secret_access_key=local.KEYS["AWS_SECRET_ACCESS_KEY"],
                    chaos=self._services.chaos,
                    seed=self._services.seed,
                )
            )
        return self._gateway

    @property
    def url(self):
        """The gateway's own; `port` is what a browser's address has."""
        return f"ws://127.0.0.1:{self._gateway.port}/{STAGE}"

    def start_proxy(self, ports):
        self._proxy.start(ports, gateway=self._gateway.port)

    def stop(self):
        super().stop()
        self._gateway.end_connections()

    def close(self):
        with contextlib.ExitStack() as left:
            left.callback(self._gateway.close)
            super().close()
