"""What the pipeline's stages run, run: in a copy of the tree, with stand-ins for
what builds, pushes and releases."""

import os
import shutil
import subprocess

import pytest
import yaml
from conftest import FOLDER, ROOT

COMMIT = "0123456789abcdef"
REPOSITORY = "1.dkr.ecr.eu-central-1.amazonaws.com/chat/chatd"
ENVIRONMENT = {
    "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
    "REPOSITORY": REPOSITORY,
    "STACK": "chat",
    "SECONDS_OF_SHIFT": "900",
}
STAND_IN = """#!/bin/sh
echo "$(basename "$0") $*" >>"$TOLD"
[ "$(basename "$0") $1" = "docker pull" ] && exit "$PULLED"
[ "$1" != "$FAILING" ]
"""


def commands(stage):
    """In the order of CodeBuild's phases."""
    phases = yaml.safe_load((FOLDER / f"pipeline/{stage}.yml").read_text())["phases"]
    assert set(phases) <= {"install", "pre_build", "build", "post_build"}
    return [line for phase in phases.values() for line in phase["commands"]]


@pytest.fixture
def clone(tmp_path):
    """What a stage starts from: the files, and programs that write down what
    they are told."""
    tree = tmp_path / "tree"
    shutil.copytree(FOLDER, tree / "packaging/aws", symlinks=True)
    shutil.copytree(ROOT / "packaging/container", tree / "packaging/container")
    shutil.copy(ROOT / "dev", tree)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("docker", "aws"):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    return tree


def perform(clone, stage, pulled=1, failing=""):
    """As CodeBuild does: one environment for all commands, of which the first that
    fails is the last; one's `exit` does not end the others. What was told to the
    stand-ins."""
    told = clone.parent / "told"
    told.touch()
    shells = [
        f"trap 'export -p >kept' EXIT\n{command}" for command in commands(stage)
    ]
    script = "set -a; " + "\n".join(
        f"( {shell}\n) || exit 1; . ./kept" for shell in shells
    )
    ended = subprocess.run(
        ["sh", "-c", script],
        cwd=clone,
        env={
            **ENVIRONMENT,
            "PATH": f"{clone.parent / 'bin'}:{os.environ['PATH']}",
            "TOLD": str(told),
            "PULLED": str(pulled),
            "FAILING": failing,
            "PWD": str(clone),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ended, told.read_text().splitlines()


def test_all_tests_are_run(clone):
    ended, told = perform(clone, "test")
    assert ended.returncode == 0, ended.stderr
    (line,) = told
    assert line.startswith(f"docker run --rm --volume {clone}:/chat --workdir /chat ")
    assert line.endswith(" ./dev test")


def test_the_image_of_a_commit_is_built_and_pushed(clone):
    ended, told = perform(clone, "build")
    assert ended.returncode == 0, ended.stderr
    tag = f"{REPOSITORY}:{COMMIT}"
    host = REPOSITORY.partition("/")[0]
    assert set(told[:2]) == {
        "aws ecr get-login-password",
        f"docker login --username AWS --password-stdin {host}",
    }
    assert told[2:] == [
        f"docker pull --quiet {tag}",
        f"docker build --file packaging/container/Dockerfile"
        f" --build-arg REVISION={COMMIT} --tag {tag} .",
        f"docker push --quiet {tag}",
    ]
    assert (clone / "packaging/container/Dockerfile").exists()


def test_a_commit_is_built_once(clone):
    """Its tag cannot be moved."""
    ended, told = perform(clone, "build", pulled=0)
    assert ended.returncode == 0, ended.stderr
    assert told[-1] == f"docker pull --quiet {REPOSITORY}:{COMMIT}"


@pytest.mark.parametrize("failing", ["login", "build", "push"])
def test_a_build_that_fails_is_a_stage_that_fails(clone, failing):
    """Nothing is done after it."""
    ended, told = perform(clone, "build", failing=failing)
    assert ended.returncode != 0
    assert told[-1].startswith(f"docker {failing}") or failing == "login"
    assert failing == "push" or not any("push" in line for line in told)


def test_the_image_is_released_in_steps(clone):
    release = clone / "packaging/aws/release"
    assert os.access(release, os.X_OK)
    release.unlink()
    release.write_text(STAND_IN)
    release.chmod(0o755)
    ended, told = perform(clone, "deploy")
    assert ended.returncode == 0, ended.stderr
    assert told == [f"release --stack chat --over 900 {REPOSITORY}:{COMMIT}"]
