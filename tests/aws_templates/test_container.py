"""The image's recipe against what it builds and how it is run."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest
import templates as reader
from templates import ROOT, containers, named

RECIPE = (ROOT / "packaging/container/Dockerfile").read_text()
BUILD, RUNTIME = RECIPE.rsplit("\nFROM ", 1)


def packages(stage):
    (command,) = re.findall(
        r"apt-get install --yes --no-install-recommends \\\n((?:    [\w.+-]+(?: \\)?\n)+)",
        stage,
    )
    return set(command.replace("\\", "").split())


def instruction(name):
    (value,) = re.findall(rf"^{name} (.*)$", RUNTIME, re.M)
    return value


@pytest.fixture(scope="module")
def container():
    (found,) = [container for _, container in containers(reader.load())]
    return found


def test_it_builds_with_what_dev_installs():
    array = re.search(r"^build_packages=\((.*?)^\)", (ROOT / "dev").read_text(), re.M | re.S)
    assert packages(BUILD) == set(array[1].split())


def libraries(program):
    """What the program itself asks for, as files of this machine."""
    wanted = subprocess.run(
        ["objdump", "-p", program], capture_output=True, text=True, check=True
    ).stdout
    found = subprocess.run(
        ["ldd", program], capture_output=True, text=True, check=True
    ).stdout
    paths = dict(re.findall(r"^\s*(\S+) => (\S+)", found, re.M))
    return [paths[name] for name in re.findall(r"NEEDED\s+(\S+)", wanted)]


def package_of(path):
    real = os.path.realpath(path)
    for name in (real, real.removeprefix("/usr")):
        owner = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True)
        if owner.returncode == 0:
            return owner.stdout.split(":")[0]
    raise AssertionError(f"no package has {path}")


def is_debian_12():
    release = pathlib.Path("/etc/os-release")
    text = release.read_text() if release.exists() else ""
    return 'VERSION_ID="12"' in text and "ID=debian" in text


@pytest.mark.skipif(
    not is_debian_12() or shutil.which("objdump") is None,
    reason="the names of packages are those of Debian 12",
)
def test_it_has_what_the_programs_load():
    build = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build"))
    needed = set()
    for program in ("chatd", "chatctl"):
        needed |= {package_of(path) for path in libraries(build / "server" / program)}
    of_debian_slim = {"libc6", "libgcc-s1", "libstdc++6"}
    # Loaded by libwebsockets, and by OpenSSL for certificates.
    by_name = {"libwebsockets-evlib-uv", "ca-certificates"}
    assert packages(RUNTIME) == (needed - of_debian_slim) | by_name


def test_it_runs_as_the_task_does(container):
    assert instruction("USER") == container["User"]
    assert not container["User"].startswith("0")


def test_the_folder_that_is_written_is_the_users(container):
    folder = instruction("VOLUME")
    assert folder == named(container["Environment"])["CHATD_DATA"]
    assert folder == container["MountPoints"][0]["ContainerPath"]
    user, group = instruction("USER").split(":")
    assert f"--owner {user} --group {group} --mode 0700 {folder}" in RUNTIME


def test_the_health_check_is_a_program_that_is_there(container):
    program = container["HealthCheck"]["Command"][1]
    assert instruction("ENTRYPOINT") == f'["{program}"]'
    assert f"/build/server/{pathlib.Path(program).name} " in RUNTIME
