"""What is in the root file system, and what is not."""

import json
import re
import shutil
import ssl
import stat

import listing
import packages
import pytest
from tree import BUNDLE, DATA, USER

FOLDER, LINK = "5", "2"
LIBRARY = re.compile(r"usr/lib/.*\.so(\.[\d.]+)?$")
OURS = re.compile(r"usr/(bin|share/chat|share/doc/chat)/")


@pytest.fixture(scope="module")
def entries(archive):
    return listing.of_file(archive)


@pytest.fixture(scope="module")
def status(tree):
    return packages.parse((tree / "var/lib/dpkg/status").read_text())


def test_nothing_gives_rights_away(entries):
    for path, (kind, mode, user, group, _) in entries.items():
        assert not mode & (stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX), path
        assert kind == LINK or not mode & 0o022, path
        assert (user, group) == ((USER, USER) if path == DATA else (0, 0)), path
    assert entries[DATA][:2] == (FOLDER, 0o700)


def test_the_only_programs_are_ours(entries):
    programs = {
        path
        for path, (kind, mode, *_) in entries.items()
        if kind not in (FOLDER, LINK) and mode & 0o111 and not LIBRARY.match(path)
    }
    assert programs == {"usr/bin/chatd", "usr/bin/chatctl"}


def test_there_is_no_shell_package_manager_or_compiler(entries):
    names = {path.rsplit("/", 1)[-1] for path in entries}
    tools = {"sh", "bash", "dash", "busybox", "apt", "apt-get", "perl", "python3"}
    assert not names & (tools | {"gcc", "cc", "ld", "curl", "openssl", "su", "mount"})
    # The record of packages is there, dpkg is not.
    assert {path for path in entries if "dpkg" in path} == {
        "var/lib/dpkg",
        "var/lib/dpkg/status",
    }


def test_documents_are_licences(entries):
    kept = [path for path in entries if re.match(r"usr/share/(doc|man|locale|info)/", path)]
    files = {path.rsplit("/", 1)[-1] for path in kept if entries[path][0] != FOLDER}
    assert files == {"copyright", "sbom.spdx.json"}


def test_links_lead_to_files(tree, entries):
    unpacked = packages.Unpacked.__new__(packages.Unpacked)
    unpacked.folder = tree
    for path, (kind, *_) in entries.items():
        if kind == LINK:
            assert unpacked.real(f"/{path}").exists(), path


def test_each_package_has_its_licence(entries, status):
    assert status
    for record in status:
        assert f"usr/share/doc/{record['Package']}/copyright" in entries
        assert record["Status"] == "install ok installed"


def test_packages_that_nothing_uses_are_not_recorded(status):
    names = {record["Package"] for record in status}
    assert {"libc6", "libssl3", "libwebsockets-evlib-uv", "ca-certificates"} <= names
    assert not names & {"debconf", "openssl", "libdb5.3", "libsasl2-modules-db"}


def test_authorities_can_be_read(tree):
    context = ssl.create_default_context(cafile=tree / BUNDLE.lstrip("/"))
    assert len(context.get_ca_certs()) > 100


def test_openssl_finds_the_authorities_by_itself(tree):
    library = next(tree.glob("usr/lib/*/libcrypto.so.3")).read_bytes()
    assert b'OPENSSLDIR: "/usr/lib/ssl"' in library
    link = tree / "usr/lib/ssl/cert.pem"
    assert link.readlink().as_posix() == BUNDLE


def test_the_bill_of_materials_names_each_package(tree, status):
    bill = json.loads((tree / "usr/share/doc/chat/sbom.spdx.json").read_text())
    assert (bill["spdxVersion"], bill["dataLicense"]) == ("SPDX-2.3", "CC0-1.0")
    named = {each["name"]: each["versionInfo"] for each in bill["packages"]}
    named.pop("chat")
    assert named == {record["Package"]: record["Version"] for record in status}
    assert len(bill["relationships"]) == len(bill["packages"])
    identifiers = {each["SPDXID"] for each in bill["packages"]}
    assert len(identifiers) == len(bill["packages"])
    for each in bill["relationships"]:
        assert each["relatedSpdxElement"] in identifiers


def test_packages_have_locators(tree):
    bill = json.loads(tree.with_name("tree.spdx.json").read_text())
    locators = [
        reference["referenceLocator"]
        for each in bill["packages"]
        for reference in each.get("externalRefs", [])
    ]
    pattern = r"pkg:deb/debian/[\w.%-]+@[\w.%~-]+\?arch=\w+&distro=debian-12"
    assert len(locators) == len(bill["packages"]) - 1
    assert all(re.fullmatch(pattern, locator) for locator in locators), locators


def test_the_same_makes_the_same(build, make_tree, archive, tmp_path):
    assert make_tree(build / "server", tmp_path / "tree") == (0, "")
    assert (tmp_path / "tree.tar").read_bytes() == archive.read_bytes()


def test_a_library_that_no_package_has_is_named(build, make_tree, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    shutil.copy(build / "server/chatd", programs / "chatd")
    shutil.copy(build / "client/chat-tui", programs / "chatctl")
    status, message = make_tree(programs, tmp_path / "tree")
    assert status == 1
    assert re.search(r"no package has libchatclient\S+: add .* to packages.txt", message)
