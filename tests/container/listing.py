"""What is in a tree: path -> (kind, mode, user, group, link or digest)."""

import hashlib
import io
import tarfile


def of_archive(archive):
    """Of an open archive of tar's."""
    entries = {}
    for info in archive:
        if info.issym():
            content = info.linkname
        elif info.isreg():
            content = hashlib.sha256(archive.extractfile(info).read()).hexdigest()
        else:
            content = None
        kind = info.type.decode("ascii")
        name = info.name.strip("./")
        entries[name] = (kind, info.mode & 0o7777, info.uid, info.gid, content)
    entries.pop("", None)
    return entries


def of_file(path):
    with tarfile.open(path) as archive:
        return of_archive(archive)


def of_bytes(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return of_archive(archive)


def difference(one, two):
    return {
        path: (one.get(path), two.get(path))
        for path in {**one, **two}
        if one.get(path) != two.get(path)
    }
