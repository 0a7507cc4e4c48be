#!/usr/bin/env python3
"""Derives a simulated 1.1 from the header: one member more of a parameter struct, one function
more of the host, one optional function more of a collector.

    later_minor.py HEADER OUTPUT
"""
import pathlib
import sys

# What is replaced, and by what. Each must be found exactly once, so that this cannot silently
# derive nothing.
CHANGES = (
    ("#define UNITY_ABI_LATEST UNITY_ABI(1, 0)", "#define UNITY_ABI_LATEST UNITY_ABI(1, 1)"),
    ("} unity_batch;", "  uint64_t of_1_1; /* since 1.1; 0: as before */\n} unity_batch;"),
    ("} unity_host_api;",
     "  unity_status (*metric_add)(unity_host*, unity_str name, uint64_t add); /* since 1.1 */\n"
     "} unity_host_api;"),
    ("} unity_collector;",
     "  unity_status (*explain)(unity_instance*, unity_call*); /* since 1.1, optional */\n"
     "} unity_collector;"),
)
# What the header asserts of itself, where it does.
ASSERTED = (
    ("sizeof(unity_batch) == 64", "sizeof(unity_batch) == 72"),
    ("sizeof(unity_host_api) == 80", "sizeof(unity_host_api) == 88"),
    ("sizeof(unity_collector) == 80", "sizeof(unity_collector) == 88"),
)


def later_header(text):
    for old, new in CHANGES:
        if text.count(old) != 1:
            raise ValueError(f"the header has {old!r} {text.count(old)} times, not once")
        text = text.replace(old, new)
    for old, new in ASSERTED:
        text = text.replace(old, new)
    return text


def main():
    header, output = map(pathlib.Path, sys.argv[1:])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(later_header(header.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
