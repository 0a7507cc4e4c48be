#!/usr/bin/env python3
"""Writes the first inputs of each fuzz target, made from the manifests in this tree.

    seeds.py --source . FOLDER     writes FOLDER/elf_note, FOLDER/manifest and FOLDER/record

Those of protocol are written by fuzz_protocol_seeds (protocol_seeds.cpp), which has the encoders.

Small ones: a fuzzer changes few bytes at a time, and learns more from ten small inputs than from
one large. What a fuzzer found later is in corpus/, beside this script.
"""
import argparse
import copy
import json
import pathlib
import platform
import shutil
import struct

MACHINES = {"x86_64": 62, "aarch64": 183, "riscv64": 243}
PT_LOAD, PT_NOTE = 1, 4
SHT_SYMTAB, SHT_STRTAB = 2, 3
HEADER_SIZE, SEGMENT_SIZE = 64, 56

MANIFEST = {
    "manifest": 1, "id": "a.b", "version": "1", "name": "A", "abi_min": "1.0",
    "collectors": [{"name": "c"}],
}


def compact(value) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def manifests(source: pathlib.Path):
    """Yields (name, document): the smallest, and of each in the tree one for each metric."""
    yield "smallest", MANIFEST
    paths = [*source.glob("plugins/*/plugin.json"), *source.glob("tests/fixtures/plugins/*.json")]
    for path in sorted(paths):
        document = json.loads(path.read_text(encoding="utf-8"))
        metrics = document.get("metrics", [])
        for index, metric in enumerate(metrics):
            one = copy.deepcopy(document)
            one["metrics"] = [metric]
            if index > 0:  # the options of the collectors need be there once
                one["collectors"] = [{"name": "c", "mode": "polled"}]
            yield f"{document['id']}-{metric['name']}", one
        if not metrics:
            yield document["id"], document
    everything = copy.deepcopy(MANIFEST)
    everything.update({
        "description": "d", "category": "c", "license": "l", "homepage": "h",
        "requires_worker": True, "runtime": {"language": "c", "cancel_grace_ms": 1500.5},
        "permissions": {
            "files": ["/proc:r", "/var/lib/x/**:rw", "/usr/bin:rx", "{config.l}:r"],
            "network": ["tcp:*:5432", "listen:tcp:8125", "udp", "unix", "netlink"],
            "spawn": True, "secrets": ["config"], "state": "1MiB",
        },
        "datasets": [{
            "name": "d", "description": "d", "version": 1, "shape": "event", "time": "t",
            "key": ["k"], "columns": [{"name": "t", "type": "time"}, {"name": "k", "type": "str8"}],
        }],
        "experimental": {},
    })
    everything["collectors"] = [{
        "name": "s", "mode": "streaming", "many_devices": True, "concurrency": 1,
        "interval": {"default": "15s", "min": "1.5m"},
        "config": {
            "type": "object", "required": ["n"], "additionalProperties": False,
            "properties": {
                "n": {"type": ["integer", "null"], "minimum": 1, "exclusiveMaximum": 9,
                      "default": 3},
                "t": {"type": "string", "minLength": 1, "maxLength": 9, "enum": ["a", "b"]},
                "l": {"type": "array", "items": {"$ref": "unity:duration"}, "minItems": 1,
                      "uniqueItems": True, "default": ["5s"]},
                "p": {"$ref": "unity:secret", "description": "d"},
                "o": {"const": {"x": [1, 2.5, None]}},
            },
        },
    }, {"name": "p"}]
    everything["metrics"] = [{
        "name": "m", "summary": "{f:.2f} {{on}} {tags.if}", "schema": {"type": "object"},
        "fields": [
            {"name": "f", "unit": "By", "kind": "counter", "minimum": -1, "maximum": 1e9},
            {"name": "e", "kind": "text", "enum": ["up", 1, True, 2.5], "required": True},
        ],
    }, {"name": "o", "open": True}]
    yield "everything", everything
    mistakes = {
        "manifest": 2, "id": "a b", "abi_min": "one", "requires_worker": "yes", "runtime": 5,
        "permissions": {"files": ["proc:r", "/*:q", "/a/../b:r", "{config.}:r", 5], "state": "1TB",
                        "network": ["tcp:host:1", "tcp:*:0", "udp:1", "icmp"], "spawn": 1,
                        "secrets": ["a"], "colour": "red"},
        "datasets": [{"name": "metrics", "shape": "s", "columns": [{"name": "c"}, {"name": "c"}]}],
        "licence": "x", "collectors": [{"name": "c", "mode": "m", "interval": {"min": 5}}, 7],
        "metrics": [{"name": "_m", "summary": "{x} }"}, {"name": "m", "fields": [
            {"name": "f", "kind": "rate", "enum": [[]]}, {"name": "f", "minimum": "0"}]}],
    }
    yield "mistakes", mistakes


def note(owner: bytes, kind: int, text: bytes) -> bytes:
    def pad(data: bytes) -> bytes:
        return data + bytes(-len(data) % 4)
    return struct.pack("<III", len(owner), len(text), kind) + pad(owner) + pad(text)


def library(notes: list[bytes], sections: int = 0, times: int = 1) -> bytes:
    """The least of an ELF shared library that holds these note segments, and names each so often."""
    count = len(notes) * times + 1
    at = HEADER_SIZE + SEGMENT_SIZE * count
    size = at + sum(map(len, notes))
    header = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 3, MACHINES[platform.machine()], 1, 0, HEADER_SIZE,
        size if sections else 0, 0, HEADER_SIZE, SEGMENT_SIZE, count, 64, sections, 0)
    segments = struct.pack("<IIQQQQQQ", PT_LOAD, 5, 0, 0, 0, size, size, 4096)
    for data in notes:
        segments += times * struct.pack("<IIQQQQQQ", PT_NOTE, 4, at, at, at, len(data), len(data), 4)
        at += len(data)
    return header + segments + b"".join(notes) + bytes(64 * sections)


def with_symbols(name: int = 1) -> bytes:
    """A library with two functions in its table of symbols; the first's name begins at `name`."""
    names = b"\0first\0second\0"
    symbols = struct.pack("<IBBHQQ", 0, 0, 0, 0, 0, 0)
    symbols += struct.pack("<IBBHQQ", name, 0x12, 0, 1, 0x1000, 0x40)
    symbols += struct.pack("<IBBHQQ", 7, 0x12, 0, 1, 0x1040, 0x40)
    at = HEADER_SIZE
    sections = at + len(symbols) + len(names)
    header = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 3, MACHINES[platform.machine()], 1, 0, 0, sections, 0, HEADER_SIZE,
        SEGMENT_SIZE, 0, 64, 3, 0)

    def section(kind: int, offset: int, size: int, link: int) -> bytes:
        return struct.pack("<IIQQQQIIQQ", 0, kind, 0, 0, offset, size, link, 0, 1, 24)
    # The last eight bytes of the file are a place to be looked up too.
    return (header + symbols + names + bytes(64) + section(SHT_SYMTAB, at, len(symbols), 2) +
            section(SHT_STRTAB, at + len(symbols), len(names), 0) + struct.pack("<Q", 0x1050))


def libraries():
    manifest = compact(MANIFEST) + b"\0"
    ours = note(b"UNITY\0", 1, manifest)
    build_id = note(b"GNU\0", 3, bytes(range(20)))
    yield "plain", library([ours])
    yield "after_others", library([build_id, build_id + ours], sections=2)
    yield "twice", library([ours + ours])
    yield "without", library([build_id])
    yield "no_note", library([])
    yield "too_many_notes", library([40 * note(b"", 0, b"")], times=25)
    yield "empty_manifest", library([note(b"UNITY\0", 1, b"")])
    yield "no_final_nul", library([note(b"UNITY\0", 1, b"{}")])
    yield "other_type", library([note(b"UNITY\0", 2, manifest)])
    yield "cut_in_its_header", library([])[:40]
    yield "cut_in_its_note", library([ours])[:-3]
    yield "symbols", with_symbols()
    yield "symbol_with_a_name_beyond", with_symbols(99)
    yield "a_script", b"#!/bin/sh\n"


def lines() -> dict[str, str]:
    """Emissions by name."""
    smallest = '{"metric":"m","value":1}'
    full = ('{"metric":"net","time":"2026-01-31T12:00:00Z","tags":{"if":"eth0","a":"b"},'
            '"values":{"rx":12,"up":true,"x":null,"t":"a\\u00e9\\n"},"summary":"fine"}')
    numbers = ('{"metric":"cpu","time":1700000000000000000,"values":{"a":1.5e-3,'
               '"b":18446744073709551615,"c":-0,"d":0.1234567890123456789,"e":-9223372036854775808,'
               '"f":1e308,"g":12345678.87654321}}')
    blanks = ' { "metric" : "m" ,\t"values" : { "a" : 1 , "b" : false } } \r'
    escapes = '{"metric":"\\ud83d\\ude00","value":"\\"\\\\\\/\\b\\f\\r\\t\\u0000","summary":"ä€😀"}'
    wrong = ('{"metric":"m","values":{"a":1,"a":2}}', '{"metric":5,"value":{"a":[1]}}',
             '{"metric":"m","value":1,"colour":"red"}', '{"metric":"m","value":1,}', "nonsense",
             '{"metric":"m","value":01}', '{"metric":"m","value":1e400}', '{"metric":"\\ud800"')
    stored = ('{"device":"d","plugin":"p","instance":"i","metric":"m","time":1700000000000000,'
              '"tags":{"a":"b"},"fields":[{"name":"f","kind":"counter","unit":"By","value":1,'
              '"type":"u64"},{"name":"g","kind":"gauge","value":"NaN","type":"f64"}],"summary":"s"}')
    return {
        "smallest": smallest, "full": full, "numbers": numbers, "blanks": blanks,
        "escapes": escapes, "stored": stored,
        "same_metric_again": f"{full}\n{full}\n{smallest}\n{full}",
        "other_order": f'{full}\n{{"values":{{"t":1,"rx":2}},"tags":{{"a":"","if":""}},'
                       '"metric":"net"}',
        "many": "\n".join((smallest, numbers, blanks, escapes, "")),
        "array": f"[{smallest}, {full},\n{numbers}]", "empty_array": " [ ] ",
        "array_with_others": f'[{smallest},5,"x",[1],{{}},{blanks}] ',
        "array_cut": f"[{smallest},{full[:40]}",
        "wrong": "\n".join(wrong), "array_wrong": "[" + ",".join(wrong[:3]) + "," + wrong[3] + "]",
    }


def write(folder: pathlib.Path, inputs) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in inputs:
        (folder / name).write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=pathlib.Path, required=True, help="root of the tree")
    parser.add_argument("folder", type=pathlib.Path)
    given = parser.parse_args()
    write(given.folder / "elf_note", libraries())
    write(given.folder / "manifest", ((n, compact(d)) for n, d in manifests(given.source)))
    write(given.folder / "record", ((n, text.encode()) for n, text in lines().items()))


if __name__ == "__main__":
    main()
