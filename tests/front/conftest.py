"""Programs under test: ECHO_SERVER, and chatd itself when CHATD names it."""

import os
import pathlib
import ssl
import subprocess

import pytest
from wire import Server

PAGE = "<!doctype html><html><title>page</title></html>"


@pytest.fixture(scope="session")
def web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    (folder / "index.html").write_text(PAGE)
    (folder / "chat.js").write_text("export const answer = 42;\n" * 40000)
    (folder / "style").mkdir()
    (folder / "style/chat.css").write_text("body{}\n")
    (folder / "secret.key").write_text("of no known type\n")
    (folder / ".hidden.js").write_text("hidden\n")
    return folder


@pytest.fixture
def start(tmp_path, web):
    servers = []

    def run(*options, program=None):
        server = Server(
            program or os.environ["ECHO_SERVER"],
            tmp_path / f"data{len(servers)}",
            *("--web", web),
            *options,
        )
        servers.append(server)
        return server

    yield run
    for server in servers:
        server.stop()


@pytest.fixture
def echo(start):
    return start()


@pytest.fixture(params=["ECHO_SERVER", "CHATD"])
def server(request, start):
    if request.param not in os.environ:
        pytest.skip(f"{request.param} is not set")
    return start(program=os.environ[request.param])


@pytest.fixture(scope="session")
def make_certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")

    kinds = {
        "ec": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        "rsa": ("-newkey", "rsa:2048"),
    }

    def make(name, kind="ec"):
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-nodes", *kinds[kind]),
                *("-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost"),
                *("-keyout", key, "-out", certificate),
            ],
            check=True,
            capture_output=True,
        )
        return pathlib.Path(certificate), pathlib.Path(key)

    return make


@pytest.fixture
def trust():
    def context(certificate, **settings):
        made = ssl.create_default_context(cafile=certificate)
        for name, value in settings.items():
            setattr(made, name, value)
        return made

    return context
