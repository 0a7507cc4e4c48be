#!/usr/bin/env python3
"""Holds unity/plugin.h to what was released of it.

    abi_lock.py check HEADER [--locks FOLDER]   exits 1 and says what moved, if anything did
    abi_lock.py write HEADER [--locks FOLDER]   adds the files of a new minor: its lock, a copy of
                                                the header, and their checksums

FOLDER (default: that of this file) has for each released minor MAJOR.MINOR.json, the lock, and
MAJOR.MINOR/unity/plugin.h, the header as it was released; released.sha256 has their checksums.
Nothing is taken on trust: a file that is missing, unknown or changed is a breach. docs/abi.md says
how a minor is released."""
import argparse
import hashlib
import json
import pathlib
import re
import sys

import header as headers
from assertions import RISING, breaches_by_compiling, may_grow

HERE = pathlib.Path(__file__).resolve().parent
CHECKSUMS = "released.sha256"
KINDS = {"structs": "struct", "opaque": "opaque struct", "typedefs": "type",
         "functions": "function", "enumerators": "enumerator", "macros": "macro"}


# ---- the files -----------------------------------------------------------------------------

def lock_name(minor):
    return f"{minor[0]}.{minor[1]}.json"


def frozen_name(minor):
    return f"{minor[0]}.{minor[1]}/unity/plugin.h"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_checksums(folder):
    """Name -> checksum; an absent list is an empty one, so that every file is missing from it."""
    path = folder / CHECKSUMS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {name: checksum for checksum, name in (line.split("  ", 1) for line in lines)}


def locked_minors(folder):
    """(major, minor) of each lock file, oldest first."""
    found = (re.fullmatch(r"(\d+)\.(\d+)\.json", path.name) for path in folder.glob("*.json"))
    return sorted((int(one[1]), int(one[2])) for one in found if one)


def file_breaches(folder, latest):
    """Whether the files are those of all released minors, and unchanged."""
    major, newest = latest
    wanted = [(major, minor) for minor in range(newest + 1)]
    for minor in locked_minors(folder):
        if minor not in wanted:
            yield (f"{lock_name(minor)} locks a minor that the header does not reach: "
                   f"UNITY_ABI_LATEST is {major}.{newest}")
    names = [name for minor in wanted for name in (lock_name(minor), frozen_name(minor))]
    checksums = read_checksums(folder)
    for name in names:
        if not (folder / name).is_file():
            yield f"{name} is missing: UNITY_ABI_LATEST is {major}.{newest}, so it was released"
        elif name not in checksums:
            yield f"{name} is not in {CHECKSUMS}"
        elif checksums[name] != sha256(folder / name):
            yield f"{name} was changed after its release; what was released never changes"
    for name in sorted(set(checksums) - set(names)):
        yield f"{CHECKSUMS} names {name}, which is of no released minor"


def read_lock(folder, minor):
    lock = json.loads((folder / lock_name(minor)).read_text(encoding="utf-8"))
    if lock["abi"] != f"{minor[0]}.{minor[1]}":
        raise headers.BadHeader(f"{lock_name(minor)} says that it locks {lock['abi']}")
    return lock


# ---- what moved ----------------------------------------------------------------------------

def by_name(things):
    return {thing["name"]: thing for thing in things}


def difference(locked, found):
    """"offset 12 became 16", for each property that differs."""
    return ", ".join(f"{key} {locked.get(key)!r} became {found.get(key)!r}"
                     for key in sorted(locked.keys() | found.keys())
                     if key not in ("name", "members") and locked.get(key) != found.get(key))


def struct_breaches(locked, found, newest):
    """A struct against its lock: the same members at the same places, later ones only after."""
    name = locked["name"]
    if found["size"] != locked["size"] and (newest or not may_grow(locked)):
        yield f"struct {name}: size {locked['size']} became {found['size']}"
    for position, member in enumerate(locked["members"]):
        if position >= len(found["members"]):
            yield f"struct {name}: member {member['name']} is gone"
            continue
        there = found["members"][position]
        if there["name"] != member["name"]:
            yield (f"struct {name}: member {position + 1} was {member['name']} and is now "
                   f"{there['name']}; members keep their order and are only appended")
            return
        if there != member:
            yield f"struct {name}: member {member['name']}: {difference(member, there)}"
    if newest or not may_grow(locked):
        for member in found["members"][len(locked["members"]):]:
            yield f"struct {name}: member {member['name']} is in no lock"


def lock_breaches(lock, found, newest):
    """The header's description against one lock. The newest lock must say all that there is."""
    for kind, word in KINDS.items():
        locked, there = by_name(lock[kind]), by_name(found[kind])
        for name in locked:
            if name not in there:
                yield f"{word} {name} is gone"
            elif kind == "structs":
                yield from struct_breaches(locked[name], there[name], newest)
            elif locked[name] != there[name] and (newest or name not in RISING):
                yield f"{word} {name}: {difference(locked[name], there[name])}"
        if newest:
            for name in there.keys() - locked.keys():
                yield f"{word} {name} is in no lock"


def shape_breaches(found):
    """What no minor may have, whatever its lock says: holes, and growth inside another struct."""
    growing = {struct["name"] for struct in found["structs"] if may_grow(struct)}
    for struct in found["structs"]:
        end = 0
        for member in struct["members"]:
            where = f"struct {struct['name']}: member {member['name']}"
            if member["offset"] != end:
                yield f"{where} follows a hole of {member['offset'] - end} bytes; name the padding"
            end = member["offset"] + member["size"]
            if member["type"].removeprefix("const ").removeprefix("struct ") in growing:
                yield f"{where} embeds a struct that may grow; use a pointer"
        if end != struct["size"]:
            yield f"struct {struct['name']} ends with a hole of {struct['size'] - end} bytes"
    if [one["name"] for one in found["functions"]] != ["unity_plugin_entry_v1"]:
        yield "the entry unity_plugin_entry_v1 is not the only function"


def check(header, folder):
    """Every breach, as one line of text each."""
    try:
        found = headers.describe(header)
        latest = headers.latest_of(found)
    except headers.BadHeader as bad:
        return [f"{header}: {bad}"]
    breaches = list(file_breaches(folder, latest))
    breaches += shape_breaches(found)
    for minor in locked_minors(folder):
        newest = minor == latest
        try:
            lock = read_lock(folder, minor)
            breaches += (f"{lock['abi']}: {breach}" for breach in lock_breaches(lock, found, newest))
            breaches += breaches_by_compiling(header, lock, newest)
            breaches += frozen_breaches(folder / frozen_name(minor), lock)
        except (headers.BadHeader, ValueError, KeyError, IndexError) as bad:
            breaches.append(f"{lock_name(minor)} cannot be used: {bad!r}")
    frozen = folder / frozen_name(latest)
    if frozen.is_file() and differs(header, frozen):
        breaches.append(f"{header} differs from {frozen} in more than comments")
    return breaches


def frozen_breaches(frozen, lock):
    """The header as it was released against its lock, of which it must be all."""
    if frozen.is_file():
        for breach in lock_breaches(lock, headers.describe(frozen), newest=True):
            yield f"{lock['abi']}, the released header: {breach}"


def differs(header, frozen):
    one, other = (headers.without_comments(pathlib.Path(path).read_text(encoding="utf-8"))
                  for path in (header, frozen))
    return one != other


# ---- a new minor ---------------------------------------------------------------------------

def to_text(description, latest):
    """The lock as JSON with one line for each thing, so that a review sees what is added."""
    def lines(things, indent):
        return ",\n".join(" " * indent + json.dumps(thing) for thing in things)

    parts = [f'  "abi": "{latest[0]}.{latest[1]}"']
    structs = []
    for struct in description["structs"]:
        structs.append(f'    {{"name": "{struct["name"]}", "size": {struct["size"]}, "members": [\n'
                       f'{lines(struct["members"], 6)}\n    ]}}')
    parts.append('  "structs": [\n' + ",\n".join(structs) + "\n  ]")
    for kind in list(KINDS)[1:]:
        parts.append(f'  "{kind}": [\n{lines(description[kind], 4)}\n  ]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(header, folder):
    """Adds the files of the minor that the header describes. One that has a lock is not touched."""
    found = headers.describe(header)
    latest = headers.latest_of(found)
    lock, frozen = folder / lock_name(latest), folder / frozen_name(latest)
    if lock.exists():
        raise headers.BadHeader(f"{lock.name} exists; what was released never changes. "
                                "Raise UNITY_ABI_LATEST for a new minor")
    lock.write_text(to_text(found, latest), encoding="utf-8")
    frozen.parent.mkdir(parents=True, exist_ok=True)
    frozen.write_bytes(pathlib.Path(header).read_bytes())
    with (folder / CHECKSUMS).open("a", encoding="utf-8") as checksums:
        for path in (lock, frozen):
            checksums.write(f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("check", "write"))
    parser.add_argument("header", type=pathlib.Path)
    parser.add_argument("--locks", type=pathlib.Path, default=HERE)
    given = parser.parse_args()
    if given.command == "write":
        try:
            write(given.header, given.locks)
        except headers.BadHeader as bad:
            print(f"cannot lock {given.header}: {bad}", file=sys.stderr)
            return 1
    breaches = check(given.header, given.locks)
    for breach in breaches:
        print(breach)
    if not breaches:
        print(f"{given.header} keeps what was released")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
