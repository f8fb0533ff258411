"""What is published of a version, and the recipes for other distributions."""

import hashlib
import json
import os
import re
import shutil
import subprocess

import pytest
from conftest import ROOT

PACKAGING = ROOT / "packaging"
EPOCH = "1700000000"


def output(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def need(command):
    if shutil.which(command) is None:
        pytest.skip(f"no {command}")


@pytest.fixture(scope="module")
def version():
    return output(PACKAGING / "version.sh").strip()


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "key.pem"
    output("openssl", "genpkey", "-algorithm", "RSA", "-out", path)
    return path


@pytest.fixture(scope="module")
def release(tmp_path_factory, key):
    folder = tmp_path_factory.mktemp("release") / "folder"
    package = tmp_path_factory.mktemp("other") / "package.rpm"
    package.write_text("what was made elsewhere")
    sign = f"openssl dgst -sha256 -sign {key} -out SHA256SUMS.sig"
    output(
        PACKAGING / "release.sh",
        folder,
        package,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "CHAT_SIGN_COMMAND": sign},
    )
    return folder


def test_the_sums_are_of_all_and_right(release):
    output("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=release)
    summed = {line.split()[1] for line in (release / "SHA256SUMS").open()}
    there = {path.name for path in release.iterdir()}
    assert there - summed == {"SHA256SUMS", "SHA256SUMS.sig"}
    assert "package.rpm" in summed


def test_the_sums_are_signed(release, key):
    public = release.parent / "public.pem"
    output("openssl", "pkey", "-in", key, "-pubout", "-out", public)
    check = ["openssl", "dgst", "-sha256", "-verify", public]
    signature = ["-signature", release / "SHA256SUMS.sig"]
    output(*check, *signature, release / "SHA256SUMS")


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "old").touch()
    done = subprocess.run([PACKAGING / "release.sh", tmp_path], capture_output=True)
    assert done.returncode == 1
    assert b"is not empty" in done.stderr


def test_the_bill_has_the_archive_and_what_it_is_built_with(release, version):
    bill = json.loads((release / f"chat-{version}.spdx.json").read_text())
    root, *parts = bill["packages"]
    archive = release / f"chat-{version}.tar.xz"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert root["packageFileName"] == archive.name
    assert root["checksums"] == [{"algorithm": "SHA256", "checksumValue": digest}]
    named = {part["name"] for part in parts}
    files = [path.read_text() for path in ROOT.glob("*/**/meson.build")]
    files.append((ROOT / "meson.build").read_text())
    wanted = {name for text in files for name in re.findall(r"dependency\('([^']+)'", text)}
    assert named == wanted - {"cmocka", "threads"}
    depended = {r["relatedSpdxElement"] for r in bill["relationships"][1:]}
    assert depended == {part["SPDXID"] for part in parts}


def test_recipes_have_the_version_and_the_sum(release, version):
    archive = release / f"chat-{version}.tar.xz"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    for name in ("PKGBUILD", "chat.rb"):
        text = (release / name).read_text()
        assert version in text and digest in text
        assert not re.search(r"@[A-Z0-9]+@", text)
    assert re.search(rf"^Version: +{version}$", (release / "chat.spec").read_text(), re.M)


def test_the_recipe_for_arch_is_one(release, version, tmp_path):
    need("makepkg")
    shutil.copy(release / "PKGBUILD", tmp_path)
    command = ["makepkg", "--printsrcinfo"]
    if os.geteuid() == 0:  # which makepkg refuses
        for folder in [tmp_path, *tmp_path.parents[:2]]:
            folder.chmod(0o777)
        command = ["runuser", "-u", "nobody", "--", *command]
    shown = output(*command, cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)})
    assert f"pkgver = {version}" in shown
    output("shellcheck", "--shell=bash", "--exclude=SC2034,SC2154,SC2164", "PKGBUILD",
           cwd=tmp_path)  # fmt: skip


def test_the_formula_is_ruby(release):
    need("ruby")
    assert output("ruby", "-c", release / "chat.rb") == "Syntax OK\n"


def test_rpmlint_has_nothing_to_say_of_the_spec(release):
    need("rpmlint")
    settings = ["--config", PACKAGING / "rpm/rpmlint.toml"]
    assert "0 errors, 0 warnings" in output("rpmlint", *settings, release / "chat.spec")


def script(spec, name):
    return re.search(rf"^%{name} -n chatd\n(.*?)\n\n", spec, re.M | re.S)[1]


def test_the_spec_makes_the_user_of_sysusers():
    spec = (PACKAGING / "rpm/chat.spec.in").read_text()
    user = (PACKAGING / "systemd/chatd.sysusers").read_text()
    name, comment, home = re.fullmatch(r'u (\S+) - "(.*)" (\S+)\n', user).groups()
    made = script(spec, "pre")
    assert f"-d {home} " in made and f"-c '{comment}' {name}\n" in made


def test_the_spec_stops_the_socket_at_a_removal():
    spec = (PACKAGING / "rpm/chat.spec.in").read_text()
    assert "%systemd_preun chatd.service chatd.socket}" in script(spec, "preun")


def test_the_spec_takes_all_that_is_installed(installed):
    spec = (PACKAGING / "rpm/chat.spec.in").read_text()
    places = {
        "_bindir": "bin", "_datadir": "share", "_docdir": "share/doc",
        "_includedir": "include", "_mandir": "share/man",
        "_sysusersdir": "lib/sysusers.d", "_tmpfilesdir": "lib/tmpfiles.d",
        "_unitdir": "lib/systemd/system", "_libdir": "lib",
    }  # fmt: skip
    files = re.findall(r"^%{(\w+)}/(\S+)$", spec, re.M)
    patterns = [
        "^" + re.escape(f"{places[place]}/{rest}").replace(r"\*", ".*") + "(/|$)"
        for place, rest in files
        if place in places
    ]
    paths = [re.sub(r"^lib/[^/]*linux[^/]*/", "lib/", path) for path in installed]
    assert [p for p in paths if not any(re.match(q, p) for q in patterns)] == []
    assert [q for q in patterns if not any(re.match(q, p) for p in paths)] == []
