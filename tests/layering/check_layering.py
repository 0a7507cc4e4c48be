#!/usr/bin/env python3
"""Checks who includes what: floors see only the floors below them, and each heavy third-party
header has one door. The compiler enforces the first for our own targets; this also covers system
headers, which every target could reach.

Usage: check_layering.py SOURCE_DIR. Prints each breach as file:line and exits 1 if there is any.
"""

import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).parents[2]


def folders_of(floor: str):
    """The folders of a floor whose files may all see each other, as prefixes of includes."""
    return sorted(f"{folder.name}/" for folder in (SOURCE / floor).iterdir() if folder.is_dir())


# Folder -> prefixes of our own headers that its files may include with quotes, beside those that
# lie in the same folder.
FLOORS = {
    "plugin-sdk": ("unity/plugin", "unity/sdk/", "unity/testkit", "unity_manifest.h"),
    "core/include": ("unity/core/",),
    "core/src": ("unity/core/",),
    "db": ("unity/core/", "unity/db/", "registry.hpp", *folders_of("db")),
}
# A bundled plugin sees the SDK, what plugins share, and itself.
PLUGIN = ("unity/plugin", "unity/sdk/", "unity_manifest.h", "support/")

# Third-party header -> the only folders that may include it (tests/ aside).
DOORS = {
    "rapidjson/": ("core/src/json",),
    "date/": ("core/src/base",),
    "nettle/": ("core/src/base",),
    "libpq-fe.h": ("db/postgres",),
    "mysql": ("db/mariadb",),
    "mariadb_": ("db/mariadb",),
    "sqlite3.h": ("db/sqlite",),
    "boost/asio": ("host/src/runtime", "host/src/http", "host/src/control"),
    "boost/crc": ("core/src/base",),
    "boost/beast": ("host/src/http",),
    "boost/dll": ("host/worker/runtime",),
    "spdlog/": ("host/src/log",),
    "yaml-cpp/": ("host/src/config",),
    "seccomp.h": ("host/src/workers",),
    "CLI/": ("host/src/cli",),
}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def includes(path: pathlib.Path):
    """Yields (line number, is ours, header) for each include of a file."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found[1] == '"', found[2]


def breaches(root: pathlib.Path):
    """Yields a line of text for each include that is not allowed."""
    for floor in ("plugin-sdk", "core", "db", "plugins", "host"):
        for path in sorted((root / floor).rglob("*")):
            if path.suffix not in (".h", ".hpp", ".c", ".cpp"):
                continue
            name = path.relative_to(root).as_posix()
            allowed = next((a for f, a in FLOORS.items() if name.startswith(f + "/")), None)
            if floor == "plugins":
                allowed = (*PLUGIN, name.split("/")[1] + "/")
            for number, ours, header in includes(path):
                beside = (path.parent / header).exists()  # a private header of the same folder
                if ours and allowed is not None and not beside and not header.startswith(allowed):
                    yield f"{name}:{number}: {header} belongs to another floor"
                for door, folders in DOORS.items():
                    if header.startswith(door) and not name.startswith(folders):
                        yield f"{name}:{number}: {header} may be included only in {folders}"


def main() -> int:
    found = list(breaches(pathlib.Path(sys.argv[1])))
    print("\n".join(found) if found else "every include is allowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
