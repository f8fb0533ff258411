"""The unit and the AppArmor profile of the service."""

import re
import subprocess

from conftest import ROOT

# Tenths of what systemd-analyze says; 0 is none at all.
EXPOSURE_MOST = 20


def test_the_unit_is_closed(build):
    unit = build / "packaging/systemd/chatd.service"
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true"]
        + [f"--threshold={EXPOSURE_MOST}", unit],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_profile_is_valid():
    done = subprocess.run(
        ["apparmor_parser", "--skip-kernel-load", "--skip-cache"]
        + [ROOT / "packaging/apparmor/chatd"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_unit_asks_for_the_profile(build):
    unit = (build / "packaging/systemd/chatd.service").read_text()
    profile = (ROOT / "packaging/apparmor/chatd").read_text()
    name = re.search(r"^profile (\S+)", profile, re.MULTILINE)[1]
    assert f"\nAppArmorProfile=-{name}\n" in unit
