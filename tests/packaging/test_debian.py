"""packaging/debian beside what it packages. Whether the packages work is what
`./dev package check` tells."""

import fnmatch
import os
import platform
import re
import shutil
import subprocess
import tarfile

import pytest
from conftest import ROOT

DEBIAN = ROOT / "packaging/debian"
EPOCH = 1700000000
# Parts of build-essential, or what another package depends on.
NOT_NAMED = {"build-essential", "libwebsockets-evlib-uv", "ninja-build"}


def paragraphs(path):
    uncommented = re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE)
    for text in re.split(r"\n\n+", uncommented.strip()):
        fields = re.findall(r"^([\w-]+):((?:.*\n?)(?:[ \t].*\n?)*)", text, re.MULTILINE)
        yield {name: value.strip() for name, value in fields}


def names(relation):
    return set(re.findall(r"(?:^|,)\s*([a-z0-9][a-z0-9+.-]+)", relation))


def developer_packages(array):
    text = re.search(rf"^{array}=\((.*?)\)", (ROOT / "dev").read_text(), re.M | re.S)[1]
    return set(text.split())


def patterns():
    """Of files that packages take out of what was installed."""
    for file in DEBIAN.glob("*.install"):
        for line in file.read_text().splitlines():
            source = line.split()[0]
            if re.match(r"(lib|usr)/", source):
                yield source.removeprefix("usr/")


def takes(pattern, path):
    return fnmatch.fnmatch(path, pattern) or path.startswith(f"{pattern}/")


def test_what_the_build_needs_is_named():
    source = next(paragraphs(DEBIAN / "control"))
    wanted = developer_packages("build_packages") - NOT_NAMED
    assert wanted <= names(source["Build-Depends"])


def test_the_plugin_that_no_program_names_is_depended_on():
    """libwebsockets loads it at run time, so dpkg-shlibdeps does not see it."""
    packages = paragraphs(DEBIAN / "control")
    (chatd,) = [fields for fields in packages if fields.get("Package") == "chatd"]
    assert "libwebsockets-evlib-uv" in names(chatd["Depends"])


def test_all_that_is_installed_is_in_a_package(installed):
    files = [re.sub(r"^lib/(?!.*linux-gnu|systemd|sysusers|tmpfiles)", "lib/any/", path)
             for path in installed]  # fmt: skip
    assert [p for p in files if not any(takes(q, p) for q in patterns())] == []


def test_all_that_packages_take_is_installed(installed):
    missing = [q for q in patterns() if not any(takes(q, p) for p in installed)]
    assert missing == []


def test_the_symbols_are_those_of_the_library(build, tmp_path):
    library = tmp_path / "usr/lib/libchatclient.so.0"
    library.parent.mkdir(parents=True)
    shutil.copy(build / "sdk/libchatclient.so.0", library)
    (tmp_path / "debian").mkdir()
    for name in ("control", "libchatclient0.symbols"):
        shutil.copy(DEBIAN / name, tmp_path / "debian" / name)
    done = subprocess.run(
        ["dpkg-gensymbols", "-plibchatclient0", "-P.", "-v0.1.0", "-c4", f"-e{library}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_overrides_say_why():
    for file in [*DEBIAN.glob("*.lintian-overrides"), DEBIAN / "source/lintian-overrides"]:
        lines = file.read_text().splitlines()
        for before, line in zip(["", *lines], lines):
            assert line.startswith("#") or before.startswith("#"), (file.name, line)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The folder of a source package."""
    folder = tmp_path_factory.mktemp("source")
    subprocess.run(
        [ROOT / "packaging/deb.sh", "source", folder],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)},
        check=True,
        capture_output=True,
    )
    return folder


@pytest.mark.parametrize("kind", ["orig", "debian"])
def test_nothing_of_this_machine_is_in_the_source(source, kind):
    """Two checkouts differ in times, owners and masks: the source must not."""
    (archive,) = source.glob(f"chat_*.{kind}.tar.xz")
    with tarfile.open(archive) as files:
        members = files.getmembers()
    names = [member.name for member in members if member.isfile()]
    assert names == sorted(names)
    for member in members:
        assert member.mtime == EPOCH and member.uid == member.gid == 0, member.name
        assert member.mode in (0o644, 0o755, 0o777), member.name


@pytest.mark.skipif(
    platform.freedesktop_os_release().get("VERSION_CODENAME") != "bookworm",
    reason="lintian of another system has other rules than Debian 12's",
)
def test_lintian_has_nothing_to_say_of_the_source(source):
    (described,) = source.glob("*.dsc")
    done = subprocess.run(
        ["lintian", "--allow-root", "--display-info", "--pedantic", described],
        capture_output=True,
        text=True,
    )
    assert done.stdout + done.stderr == ""


PURGES = """
mount -t tmpfs data /var/lib
mkdir /var/lib/chatd
mount -t tmpfs data /var/lib/chatd
touch /var/lib/chatd/chat.db
sh -e "$0" purge
test -z "$(ls -A /var/lib/chatd)"
umount /var/lib/chatd
sh -e "$0" purge
test ! -e /var/lib/chatd
sh -e "$0" purge
"""


def test_a_purge_empties_a_file_system_of_its_own():
    """A failure would leave the package half purged. Any may run once more."""
    private = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*private, "true"], capture_output=True).returncode != 0:
        pytest.skip("no mounts of one's own")
    command = [*private, "sh", "-ec", PURGES, DEBIAN / "chatd.postrm"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_round_trip_of_the_packages(build, tmp_path):
    """The autopkgtest, with what was built instead of what is installed."""
    path = f"{build}/server:{build}/client:{os.environ['PATH']}"
    subprocess.run(
        [DEBIAN / "tests/round-trip"],
        env={
            **os.environ,
            "PATH": path,
            "PKG_CONFIG_PATH": str(build / "meson-uninstalled"),
            "LD_LIBRARY_PATH": str(build / "sdk"),
            "AUTOPKGTEST_TMP": str(tmp_path),
        },
        check=True,
        timeout=120,
    )
