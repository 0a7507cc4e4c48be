#!/usr/bin/env python3
"""Benchmarks of an installed Unity beside its peers, on this machine, in one run.

    run.py --build build/release --stage build/stage [start] [footprint] [spool] [build]

start      exec -> first value stored; goal: at most 100 ms
footprint  PSS and cpu while watching this machine at 1 s; goals: at most 12 MiB, cpu of collectd
spool      bytes/s beside append + fdatasync, codec, a 1 GiB backlog; goal: at least 0.80
build      the costliest translation units, from ninja's log of a clean build

Without a name all of them run. Peers are started in turn with Unity, so that what else the machine
does falls on all of them; still, keep it quiet. collectd is a package of Debian; Fluent Bit is not:
it takes part if it is on PATH, or if $FLUENT_BIT names it. Exit code: 0, or 1 with --check if a goal
is missed; 2 for wrong arguments.
"""
import argparse
import pathlib
import sys
import tempfile
from typing import Any

import build_cost
import footprint
import postgres_cost
import report
import spool
import start

NAMES = ("start", "footprint", "spool", "build")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="start, footprint, spool, build")
    parser.add_argument("--build", type=pathlib.Path, help="build folder, for its .ninja_log")
    parser.add_argument("--stage", type=pathlib.Path, help="installed tree with bin/unity")
    parser.add_argument("--runs", type=int, default=20, help="of start (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60,
                        help="of each footprint (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="of footprint (default: %(default)s)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="also write all numbers")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a goal is missed")
    options = parser.parse_args(arguments)
    options.names = options.names or list(NAMES)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    if {"start", "footprint", "scheduler"} & set(options.names):
        if options.stage is None or not (options.stage / "bin" / "unity").exists():
            parser.error("--stage must name an installed tree with bin/unity")
    if {"spool", "build"} & set(options.names) and options.build is None:
        parser.error("--build must name a build folder")
    if options.runs < 1 or options.rounds < 1 or options.seconds < 1:
        parser.error("--runs, --rounds and --seconds must be at least 1")
    return options


def main() -> int:
    options = parse(sys.argv[1:])
    verdicts = report.Verdicts()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="unity-bench-") as name:
        folder = pathlib.Path(name)
        if "start" in options.names:
            results |= start.measure(options.stage, folder, options.runs)
            start.judge(results, verdicts)
        if "footprint" in options.names:
            results |= footprint.measure(options.stage, folder, options.seconds, options.rounds)
            footprint.judge(results, verdicts)
        if "spool" in options.names:
            results |= spool.measure(options.build, folder)
            spool.judge(results, verdicts)
    if "build" in options.names:
        results |= build_cost.measure(options.build)
    report.write_json(options.json, results | {"goals": verdicts.lines})
    return 1 if options.check and verdicts.failed else 0


if __name__ == "__main__":
    sys.exit(main())
