"""What is in a tree, as a document of SPDX 2.3, from dpkg's status."""

import datetime
import hashlib
import json
import re
import urllib.parse

ROOT = "SPDXRef-chat"


def identifier(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def locator(record):
    """A package URL, by which vulnerabilities are looked up."""
    version = urllib.parse.quote(record["Version"], safe="")
    name = urllib.parse.quote(record["Package"], safe="")
    architecture = record["Architecture"]
    return f"pkg:deb/debian/{name}@{version}?arch={architecture}&distro=debian-12"


def package(record):
    source = record.get("Source", record["Package"])
    return {
        "SPDXID": identifier(record["Package"]),
        "name": record["Package"],
        "versionInfo": record["Version"],
        "supplier": "Organization: Debian",
        "sourceInfo": f"built from the source package {source}",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "comment": f"licence: /usr/share/doc/{record['Package']}/copyright",
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": locator(record),
            }
        ],
    }


def chat(version):
    return {
        "SPDXID": ROOT,
        "name": "chat",
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "MIT",
        "licenseDeclared": "MIT",
        "copyrightText": "NOASSERTION",
        "comment": "chatd, chatctl and the browser client",
        "primaryPackagePurpose": "APPLICATION",
    }


def relation(element, kind, related):
    return {
        "spdxElementId": element,
        "relationshipType": kind,
        "relatedSpdxElement": related,
    }


def document(records, version, epoch):
    """Of an image: what dpkg's status has of it."""
    return assembled(f"chatd-{version}", chat(version), map(package, records), epoch)


def assembled(name, root, parts, epoch):
    """A package, and what it depends on."""
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    described = [root, *parts]
    # The same content has the same name, and other content another.
    digest = hashlib.sha256(json.dumps([described, epoch]).encode()).hexdigest()
    body = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"urn:sha256:{digest}",
        "creationInfo": {
            "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: packaging/container/spdx.py"],
        },
        "packages": described,
        "relationships": [
            relation("SPDXRef-DOCUMENT", "DESCRIBES", ROOT),
            *(
                relation(ROOT, "DEPENDS_ON", part["SPDXID"])
                for part in described[1:]
            ),
        ],
    }
    return json.dumps(body, indent=2) + "\n"
