"""An OCI image in an archive: its configuration, and the files of its layers."""

import gzip
import json
import tarfile

import listing


class Image:
    def __init__(self, path):
        with tarfile.open(path) as archive:
            self._files = {
                info.name.removeprefix("./"): archive.extractfile(info).read()
                for info in archive
                if info.isreg()
            }
        described = json.loads(self._files["index.json"])["manifests"][0]
        manifest = json.loads(self._blob(described))
        self.digest = described["digest"]
        described = json.loads(self._blob(manifest["config"]))
        self.architecture = described["architecture"]
        self.config = described["config"]
        self.layers = [
            listing.of_bytes(gzip.decompress(self._blob(layer)))
            for layer in manifest["layers"]
        ]

    def _blob(self, descriptor):
        return self._files["blobs/" + descriptor["digest"].replace(":", "/")]
