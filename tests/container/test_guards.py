"""The guards against libwebsockets' known bugs, on the library of the tree.

Debian 12 has 4.1.6, without the fixes of CVE-2025-11677 and CVE-2026-19773.
chatd does not reach that code; these are the tests that say so for any build.
"""

from test_handshake import (  # noqa: F401
    test_an_unknown_upgrade_after_another_request,
    test_an_unknown_upgrade_in_a_pipeline,
    test_an_unknown_upgrade_never_switches,
    test_http2_without_asking_is_refused,
)


def test_it_is_the_library_of_the_tree(server, tree):
    """By inode: the machine may have one of the same name."""
    with open(f"/proc/{server.process.pid}/maps") as maps:
        loaded = {int(line.split()[4]) for line in maps if "libwebsockets" in line}
    files = tree.glob("usr/lib/*/libwebsockets*.so*")
    assert loaded == {file.stat().st_ino for file in files if not file.is_symlink()}
