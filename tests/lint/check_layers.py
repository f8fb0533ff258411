#!/usr/bin/env python3
"""Fails when a folder reaches against docs/architecture.md, "The rooms".

Each row of LAYERS says what the files that match may include of the project,
which libraries they may use, and which calls they must leave to others. A
file is held to the first row that matches. Headers that are neither the
project's nor a library's of LIBRARIES are the C library's.
"""

import fnmatch
import re
import sys
from dataclasses import dataclass

import source

DIGEST_HEADERS = ["crypto", "evp", "hmac", "sha", "types"]
LIBRARIES = {
    "argon2": ["argon2.h"],
    "cjson": ["cjson/*"],
    "curl": ["curl/*"],
    "hiredis": ["hiredis/*"],
    "icu": ["unicode/*"],
    "inih": ["ini.h", "INIReader.h"],
    "ncurses": ["curses.h", "ncurses*", "panel.h", "term.h"],
    "openssl": ["openssl/*"],
    "openssl digests": [f"openssl/{name}.h" for name in DIGEST_HEADERS],
    "addresses": ["arpa/inet.h", "netinet/in.h"],
    "sockets": ["arpa/*", "netdb.h", "netinet/*", "sys/socket.h", "sys/un.h"],
    "sqlite": ["sqlite3.h"],
    "threads": ["pthread.h", "threads.h", "semaphore.h"],
    "utf8proc": ["utf8proc.h"],
    "uv": ["uv.h", "uv/*"],
    "websockets": ["libwebsockets.h", "libwebsockets/*"],
}

CLOCK = ["time", "clock_gettime", "gettimeofday", "clock", "nanosleep"]
CHANCE = ["rand", "random", "rand_r", "getrandom", "getentropy", "RAND_bytes"]
FILES = ["open", "openat", "fopen", "creat", "unlink", "rename"]
SOCKETS = ["socket", "connect", "accept", "listen", "bind"]
# A tree of protocol/tree.h is not cJSON's to free, and input is not to parse.
TREES = [
    "cJSON_Delete",
    "cJSON_Parse",
    "cJSON_ParseWithLength",
    "cJSON_ParseWithLengthOpts",
    "cJSON_ParseWithOpts",
]
PURE = CLOCK + CHANCE + FILES + SOCKETS
# The SDK without its edge: what a test drives without a socket.
SDK_MODEL = [
    "backoff",
    "item",
    "outbox",
    "room_table",
    "session*",
    "slices",
    "timeline",
    "url",
]


@dataclass
class Layer:
    where: list  # patterns of paths from the root
    own: list  # patterns of the project's headers
    libraries: list
    forbidden_calls: list


LAYERS = [
    Layer(["include/*"], [], [], []),
    Layer(["protocol/tree.c"], ["protocol/*"], ["cjson", "utf8proc"], PURE),
    Layer(["protocol/*"], ["protocol/*"], ["cjson", "utf8proc"], PURE + TREES),
    Layer(
        [f"sdk/{name}.*" for name in SDK_MODEL],
        ["sdk/*", "protocol/*", "chat/*"],
        ["addresses", "cjson", "openssl digests"],
        PURE + TREES,
    ),
    Layer(
        ["sdk/*"],
        ["sdk/*", "protocol/*", "chat/*"],
        ["cjson", "openssl", "sockets", "threads", "websockets"],
        TREES,
    ),
    Layer(["ini/*"], ["ini/*"], ["inih"], []),
    Layer(["client/model/*"], ["client/model/*"], ["utf8proc"], PURE),
    Layer(
        ["client/*"],
        ["client/*", "chat/*", "ini/ini_file.h"],
        ["cjson", "ncurses", "utf8proc"],
        [],
    ),
    Layer(
        ["server/core/*"],
        [
            "server/core/*",
            "protocol/*",
            "server/account/account.h",
            "server/bus/bus.h",
            "server/bus/cache.h",
            "server/completion.h",
            "server/ops/metrics.h",
            "server/ops/trace_context.h",
            "server/store/directory.h",
            "server/store/store.h",
            "server/table.h",
        ],
        ["cjson", "openssl digests"],
        PURE + TREES,
    ),
    Layer(
        ["server/account/*"],
        ["server/account/*", "server/completion.h", "server/store/store.h"],
        ["argon2", "icu", "threads"],
        CLOCK + FILES + SOCKETS,
    ),
    Layer(["server/bus/bus.h"], [], [], PURE),
    Layer(["server/bus/cache.h"], [], [], PURE),
    Layer(
        ["server/bus/packet.*", "server/bus/seal.*"],
        ["server/bus/bus.h", "server/bus/packet.h", "server/bus/seal.h", "protocol/*"],
        ["openssl"],
        PURE,
    ),
    Layer(
        ["server/bus/*"],
        ["server/bus/*", "server/table.h", "protocol/buffer.h"],
        ["hiredis", "openssl", "sockets", "threads", "uv"],
        CLOCK + CHANCE + FILES + SOCKETS,
    ),
    Layer(
        ["server/store/dynamodb*"],
        [
            "server/store/directory.h",
            "server/store/dynamodb*.h",
            "server/store/store.h",
            "server/completion.h",
            "server/table.h",
            "protocol/*",
        ],
        ["cjson"],
        PURE,
    ),
    Layer(
        ["server/store/*"],
        [
            "server/store/*",
            "server/completion*.h",
            "server/ops/metrics.h",
            "server/table.h",
            "protocol/*",
        ],
        ["sqlite", "threads"],
        CHANCE + SOCKETS + TREES,
    ),
    Layer(
        ["server/front/*"],
        [
            "server/front/*",
            "server/core/core.h",
            "server/ops/*",
            "server/store/directory.h",
            "server/table.h",
            "protocol/*",
        ],
        ["openssl", "sockets", "uv", "websockets"],
        [],
    ),
    Layer(
        ["server/aws/*"],
        [
            "server/aws/*",
            "server/front/gateway_client.h",
            "server/store/dynamodb_client.h",
            "protocol/buffer.h",
        ],
        ["addresses", "cjson", "curl", "openssl digests", "uv"],
        CHANCE + SOCKETS,
    ),
    Layer(
        ["server/ops/trace*"],
        ["server/ops/*", "server/aws/*", "protocol/*"],
        ["cjson", "uv"],
        CHANCE + SOCKETS,
    ),
    Layer(
        ["server/ops/*"],
        ["server/ops/*", "protocol/*"],
        ["addresses", "threads"],
        [],
    ),
    Layer(
        ["server/verify/tables*"],
        [
            "server/verify/*",
            "server/store/dynamodb*.h",
            "server/store/store.h",
            "protocol/*",
        ],
        ["cjson", "openssl digests", "sqlite"],
        PURE,
    ),
    Layer(
        ["server/verify/*"],
        [
            "server/verify/*",
            "server/core/members.h",
            "server/store/sqlite.h",
            "server/store/store.h",
            "protocol/*",
        ],
        ["cjson", "sqlite"],
        PURE + TREES,
    ),
    Layer(
        ["server/backup/*"],
        [
            "server/backup/*",
            "server/store/sqlite*.h",
            "server/store/store.h",
            "server/verify/verify.h",
        ],
        ["sqlite"],
        CHANCE + SOCKETS,
    ),
    Layer(
        ["server/chatctl/tables.*"],
        [
            "server/chatctl/*.h",
            "server/options/options.h",
            "server/server_dynamodb.h",
            "server/verify/tables.h",
        ],
        ["uv"],
        SOCKETS,
    ),
    Layer(
        ["server/chatctl/*"],
        [
            "server/chatctl/*.h",
            "server/backup/backup.h",
            "server/backup/restore.h",
            "server/options/data_folder.h",
            "server/standard_streams.h",
            "server/verify/verify.h",
            "protocol/*",
        ],
        ["cjson", "sockets", "utf8proc"],
        TREES,
    ),
    Layer(
        ["server/options/check.c"],
        [
            "server/options/*",
            "server/aws/endpoint.h",
            "server/bus/redis_*.h",
            "server/front/*",
        ],
        [],
        [],
    ),
    Layer(
        ["server/options/*"],
        ["server/options/*", "server/ops/log.h", "ini/ini_file.h"],
        ["addresses"],
        CLOCK + CHANCE + SOCKETS,
    ),
    Layer(
        ["server/control/*"],
        [
            "server/*.h",
            "server/control/*",
            "server/options/options.h",
            "server/core/admin.h",
            "server/core/core.h",
            "server/core/observer.h",
            "server/store/sqlite.h",
            "server/ops/*",
            "protocol/*",
        ],
        ["cjson", "sockets", "uv"],
        TREES,
    ),
    Layer(
        ["server/inherit*"],
        ["server/inherit.h", "server/options/options.h", "protocol/json.h"],
        ["cjson", "sockets"],
        TREES,
    ),
    Layer(["server/table.*"], ["server/table.h"], [], PURE),
    Layer(["server/completion*"], ["server/completion*"], ["threads"], CLOCK + CHANCE),
    Layer(
        ["server/*"],
        [
            "server/*.h",
            "server/account/*",
            "server/aws/*",
            "server/bus/cache.h",
            "server/bus/redis.h",
            "server/core/core.h",
            "server/core/observer.h",
            "server/store/metered.h",
            "server/store/store.h",
            "server/store/sqlite.h",
            "server/store/dynamodb.h",
            "server/front/*",
            "server/ops/*",
            "protocol/buffer.h",
            "protocol/limits.h",
        ],
        ["openssl", "sockets", "threads", "uv", "websockets"],
        [],
    ),
    Layer(["examples/*", "packaging/debian/tests/*"], ["chat/*"], [], []),
]

UNCHECKED = ["tests/*"]
OWN_FOLDERS = {"ini", "protocol", "sdk", "client", "server", "chat", "include", "tests"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def layer_of(path):
    return next((layer for layer in LAYERS if matches(path, layer.where)), None)


def is_own(header, quoted):
    return quoted or header.split("/")[0] in OWN_FOLDERS


def owners(header):
    """The libraries that a header belongs to; none for the C library."""
    return [name for name, has in LIBRARIES.items() if matches(header, has)]


def header_problem(layer, header, quoted):
    if is_own(header, quoted):
        if not matches(header, layer.own):
            return f"may not include {header}"
        return None
    libraries = owners(header)
    if libraries and not set(libraries) & set(layer.libraries):
        return f"may not use {libraries[0]} ({header})"
    return None


def check_file(root, path):
    name = path.relative_to(root).as_posix()
    if matches(name, UNCHECKED):
        return []
    layer = layer_of(name)
    if layer is None:
        return [f"{name}:1: no layer has this file"]
    code = source.code_of(path.read_text())
    rule = next(p for p in layer.where if fnmatch.fnmatchcase(name, p))
    problems = []
    for match in INCLUDE.finditer(code):
        problem = header_problem(layer, match[2], match[1] == '"')
        if problem:
            line = code.count("\n", 0, match.start()) + 1
            problems.append(f"{name}:{line}: {rule} {problem}")
    own = source.static_functions(code)
    forbidden = [call for call in layer.forbidden_calls if call not in own]
    for line, call in source.calls(code, forbidden):
        problems.append(f"{name}:{line}: {rule} may not call {call}()")
    return problems


def check(root=source.ROOT):
    return [
        problem for path in source.c_files(root) for problem in check_file(root, path)
    ]


if __name__ == "__main__":
    sys.exit(source.report(check()))
