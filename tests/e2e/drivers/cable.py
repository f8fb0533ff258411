"""What lies between a client and the server; it can be cut and mended."""

import contextlib
import socket
import threading


def hang_up(end):
    with contextlib.suppress(OSError):  # the other end was first
        end.shutdown(socket.SHUT_RDWR)


def pump(source, target):
    try:
        while received := source.recv(65536):
            target.sendall(received)
    except OSError:
        pass  # cut
    hang_up(target)
    hang_up(source)


class Cable:
    def __init__(self, port):
        self._target = port
        self._lock = threading.Lock()
        self._open = []
        self.whole = True
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def page_url(self):
        return f"http://127.0.0.1:{self.port}/"

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near):
        with near:
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return  # no server
            with far:
                if not self._keep(near, far):
                    return
                back = threading.Thread(target=pump, args=(far, near), daemon=True)
                back.start()
                pump(near, far)
                back.join()
                self._drop(near, far)

    def _keep(self, *ends):
        with self._lock:
            if self.whole:
                self._open += ends
            return self.whole

    def _drop(self, *ends):
        with self._lock:
            self._open = [end for end in self._open if end not in ends]

    def cut(self):
        with self._lock:
            self.whole = False
            for end in self._open:
                hang_up(end)

    def mend(self):
        with self._lock:
            self.whole = True

    def close(self):
        hang_up(self._listener)
        self._listener.close()
        self.cut()
