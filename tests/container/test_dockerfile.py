"""The Dockerfile gives the tree of `./dev package tree`, to the last byte.

Takes two minutes, the network and root: only with CHAT_TEST_DOCKERFILE=1. No
registry is asked: the base is made of Debian's packages, and buildah reads the
Dockerfile where Docker is not.
"""

import os
import subprocess

import buildah
import listing
import pytest
from conftest import CONTAINER, EPOCH, ROOT, is_debian_12
from image import Image

BASE = "localhost/debian:bookworm-slim"


@pytest.fixture(scope="module")
def storage(tmp_path_factory):
    if os.environ.get("CHAT_TEST_DOCKERFILE") != "1":
        pytest.skip("CHAT_TEST_DOCKERFILE=1 runs it, in two minutes")
    if not is_debian_12():
        pytest.skip("the tree to compare with takes Debian 12")
    buildah.require()
    return buildah.Storage(tmp_path_factory.mktemp("buildah"))


@pytest.fixture
def base(storage, tmp_path):
    archive = tmp_path / "base.tar"
    command = ["mmdebstrap", "--quiet", "--variant=minbase", "bookworm", archive]
    subprocess.run(command, check=True)
    container = storage("from", "scratch")
    storage("add", "--quiet", container, archive, "/")
    storage("commit", "--quiet", container, BASE)
    return BASE


def test_it_gives_the_same_tree(storage, base, tmp_path):
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    subprocess.run([ROOT / "dev", "package", "tree"], env=environment, check=True)
    dockerfile = CONTAINER / "Dockerfile"
    storage(
        "bud",
        *("--isolation", "chroot", "--file", dockerfile),
        *("--ignorefile", f"{dockerfile}.dockerignore"),
        *("--build-arg", f"BASE={base}"),
        *("--build-arg", f"SOURCE_DATE_EPOCH={EPOCH}"),
        *("--tag", "chatd", ROOT),
    )
    storage.save("chatd", tmp_path / "chatd.tar")
    (layer,) = Image(tmp_path / "chatd.tar").layers
    expected = listing.of_file(ROOT / "build-container/tree.tar")
    assert listing.difference(layer, expected) == {}
