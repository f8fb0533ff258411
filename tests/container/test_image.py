"""The image that buildah makes of the tree."""

import os
import subprocess

import buildah
import listing
import pytest
from conftest import CONTAINER, EPOCH
from image import Image


def make(archive, path, architecture):
    done = subprocess.run(
        [CONTAINER / "image.sh", archive, path, "0.1.0", "abc", architecture],
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def made(archive, architecture, tmp_path_factory):
    """(digest, image)."""
    buildah.require()
    path = tmp_path_factory.mktemp("image") / "chatd.tar"
    digest = make(archive, path, architecture)
    return digest, Image(path)


def test_it_has_the_files_of_the_tree_and_no_other(made, archive):
    _, image = made
    (layer,) = image.layers
    assert listing.difference(layer, listing.of_file(archive)) == {}


def test_it_says_how_it_is_run(made):
    config = made[1].config
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["/usr/bin/chatd"]
    assert "Cmd" not in config
    assert {"CHATD_LISTEN=0.0.0.0:7100", "CHATD_DATA=/var/lib/chatd"} < set(config["Env"])
    assert list(config["ExposedPorts"]) == ["7100/tcp"]
    assert list(config["Volumes"]) == ["/var/lib/chatd"]


def test_it_says_what_it_is(made):
    prefix = "org.opencontainers.image."
    assert made[1].config["Labels"] == {
        f"{prefix}title": "chatd",
        f"{prefix}description": "Chat rooms for terminals and browsers",
        f"{prefix}licenses": "MIT",
        f"{prefix}version": "0.1.0",
        f"{prefix}revision": "abc",
        f"{prefix}created": "2023-11-14T22:13:20Z",
    }


def test_it_says_what_processor_it_is_for(made, architecture):
    assert made[1].architecture == architecture


def test_the_same_tree_makes_the_same_digest(made, archive, architecture, tmp_path):
    digest, image = made
    assert image.digest == digest
    assert make(archive, tmp_path / "chatd.tar", architecture) == digest
