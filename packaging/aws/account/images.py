"""chatd's image: what is in an archive, and how it gets into the registry."""

import json
import pathlib
import shutil
import tarfile

from traffic import Problem

from .cli import Refusal, say

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILT = ROOT / "build-container/chatd.tar"
ARCHITECTURES = {"arm64": "ARM64", "amd64": "X86_64"}
TAG_DIGITS = 16


class Archive:
    """An OCI archive, such as ./dev package container writes."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        try:
            with tarfile.open(self.path) as files:
                index = json.load(files.extractfile("index.json"))
                self._digest = index["manifests"][0]["digest"]
                manifest = self._blob(files, self._digest)
                config = self._blob(files, manifest["config"]["digest"])
        except (OSError, KeyError, IndexError, ValueError, tarfile.TarError) as error:
            raise Problem(f"{path} is no OCI archive: {error}") from None
        self.architecture = ARCHITECTURES.get(config["architecture"])
        if self.architecture is None:
            raise Problem(f"{path} is for {config['architecture']}: Fargate has none")

    @staticmethod
    def _blob(files, digest):
        return json.load(files.extractfile("blobs/" + digest.replace(":", "/")))

    @property
    def tag(self):
        """Of what is in it: the same image is not pushed twice, and a tag that
        cannot be moved need not be."""
        return self._digest.partition(":")[2][:TAG_DIGITS]


def find(text):
    """An Archive, or a reference as it is."""
    if pathlib.Path(text).is_file():
        return Archive(text)
    if text.endswith(".tar") or ":" not in text.rpartition("/")[2]:
        raise Problem(
            f"no image {text}: ./dev package container makes {BUILT.relative_to(ROOT)};"
            " an image in a registry has a tag or digest"
        )
    return text


# ---- programs that push ----


def push_by_skopeo(run, archive, target, login):
    run("skopeo", "login", *login)
    run("skopeo", "copy", f"oci-archive:{archive}", f"docker://{target}")


def push_by_buildah(run, archive, target, login):
    run("buildah", "login", *login)
    image = run("buildah", "pull", "--quiet", f"oci-archive:{archive}").strip()
    run("buildah", "push", image or "<image>", f"docker://{target}")


def push_by_docker(run, archive, target, login):
    run("docker", "login", *login)
    loaded = run("docker", "load", "--quiet", "--input", archive)
    image = loaded.strip().rpartition(" ")[2]
    run("docker", "tag", image or "<image>", target)
    run("docker", "push", "--quiet", target)


PUSHERS = {
    "skopeo": push_by_skopeo,
    "buildah": push_by_buildah,
    "docker": push_by_docker,
}


def find_pusher():
    for name, push in PUSHERS.items():
        if shutil.which(name):
            return push
    raise Problem(f"none of {', '.join(PUSHERS)}: one must push the image")


def is_there(aws, repository, tag):
    name = repository.partition("/")[2]
    words = ("--repository-name", name, "--image-ids", f"imageTag={tag}")
    try:
        return bool(aws.read("ecr", "describe-images", *words)["imageDetails"])
    except Refusal as refusal:
        if refusal.code in ("ImageNotFoundException", "RepositoryNotFoundException"):
            return False
        raise


def push(aws, image, outputs):
    """The reference by which tasks get it."""
    if not isinstance(image, Archive):
        return image
    repository = outputs["RepositoryUri"]
    target = f"{repository}:{image.tag}"
    if not repository.startswith("<") and is_there(aws, repository, image.tag):
        say(f"{target} is there already")
        return target
    say(f"pushing {target}")
    password = "" if aws.dry_run else aws.text("ecr", "get-login-password")
    login = ("--username", "AWS", "--password-stdin", repository.partition("/")[0])

    def run(*command):
        entry = password if command[1] == "login" else None
        return aws.program(*command, standard_input=entry)

    find_pusher()(run, image.path, target, login)
    return target
