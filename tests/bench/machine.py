"""The machine that figures are of: processors, kernel, disk, commit."""

import os
import pathlib
import platform
import subprocess
import time

APPENDS = 200  # of one sample
APPEND_BYTES = 200


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def file_system(folder):
    """The type of the file system that the folder is on."""
    path, best, kind = folder.resolve(), "", "unknown"
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, mount, mounted, *_ = line.split()
        if path.is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, mounted
    return kind


def commit(root):
    command = ["git", "-C", root, "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


class Disk:
    """How long a small append needs to be on a disk.

    Sampled again and again through a run: what else goes on changes it.
    """

    def __init__(self, folder):
        self._path = folder / "fdatasync"
        self._took = []  # microseconds

    def sample(self):
        with self._path.open("wb", buffering=0) as file:
            for _ in range(APPENDS):
                begin = time.perf_counter()
                file.write(bytes(APPEND_BYTES))
                os.fdatasync(file.fileno())
                self._took.append((time.perf_counter() - begin) * 1e6)
        self._path.unlink()

    def result(self):
        took = sorted(self._took)
        return {
            "appends": len(took),
            "p50_us": took[len(took) // 2],
            "p99_us": took[len(took) * 99 // 100],
        }


def describe(root, folder):
    return {
        "processors": os.cpu_count(),
        "processor": processor(),
        "memory_gib": round(memory_gib(), 1),
        "kernel": platform.release(),
        "file_system": file_system(folder),
        "commit": commit(root),
    }
