"""The image's recipe against how it is run; tests/container has the image."""

import pathlib
import re
import sys

import pytest
import templates as reader
from templates import ROOT, containers, named

CONTAINER = ROOT / "packaging/container"
sys.path.append(str(CONTAINER))

from tree import DATA, PROGRAMS, USER  # noqa: E402

RUNTIME = (CONTAINER / "Dockerfile").read_text().rsplit("\nFROM ", 1)[1]


def instruction(name):
    (value,) = re.findall(rf"^{name} (.*)$", RUNTIME, re.M)
    return value


@pytest.fixture(scope="module")
def container():
    (found,) = [container for _, container in containers(reader.load())]
    return found


def test_it_runs_as_the_task_does(container):
    assert instruction("USER") == container["User"]
    assert not container["User"].startswith("0")


def test_the_folder_that_is_written_is_the_users(container):
    folder = instruction("VOLUME")
    assert folder == named(container["Environment"])["CHATD_DATA"]
    assert folder == container["MountPoints"][0]["ContainerPath"]
    assert folder == f"/{DATA}"
    assert instruction("USER") == f"{USER}:{USER}"


def test_the_health_check_is_a_program_that_is_there(container):
    program = container["HealthCheck"]["Command"][1]
    assert instruction("ENTRYPOINT") == f'["{program}"]'
    assert pathlib.Path(program).name in PROGRAMS
