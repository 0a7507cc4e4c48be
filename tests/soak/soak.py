#!/usr/bin/env python3
"""The long proofs: that Unity runs for an hour as it should, and that nothing is lost or doubled.

    soak.py --stage build/stage --build build/release [--phases hour,kills,outage,...]

hour       all bundled collectors at 1 s: no run missed, books that balance, flat memory
kills      SIGKILL at random moments while the database goes down and up, for each database:
           each number that was accepted is stored, once, and no other
outage     minutes without PostgreSQL at a steady rate: the same, no run missed, flat memory
reader     somebody reads in one transaction for a minute: no writer waits, partitions are made
backlog    a host with 1 GiB waiting is ready at once and drains in little memory
sigterm    with a backlog, while the server is gone or frozen: a quick end, and nothing is lost
hot_swaps  hundreds of swaps of a plugin that is at work: the same, no neighbour misses a run, and
           nothing leaks: no process, descriptor, mapping or memory
hostile    a minute around everything a hostile plugin can do: twenty healthy neighbours miss nothing
hang       1,000 runs that ignore their cancellation: each is over in time, and nobody else is late
thirty_days  a month of 1,000 series by a clock that runs ahead, on SQLite, PostgreSQL and MariaDB:
           sizes, partitions and jobs stay bounded, rollups are what one computes from scratch
purge      most of what is there goes from an SQLite file beside a writer, who hardly notices
spool      a crash or a failure at every call of the spool to the disk, every bit flipped
footprint  memory and cpu beside collectd (and Fluent Bit, if there is one), see tests/benchmarks

Progress goes to standard output line by line, then a line PASS or FAIL for each claim. Exit code: 1
if one fails, else 0. SIGKILL proves what a crash of the host does, not what a power cut does; that
is simulated.
"""
import argparse
import pathlib
import sys
import tempfile
from typing import Any

for folder in ("benchmarks", "end_to_end"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / folder))

import backlog  # noqa: E402
import footprint  # noqa: E402
import hot_swaps  # noqa: E402
import hostile  # noqa: E402
import hour  # noqa: E402
import kills  # noqa: E402
import outage  # noqa: E402
import reader  # noqa: E402
import report  # noqa: E402
import spool_proof  # noqa: E402
import thirty_days  # noqa: E402
from daemon import DaemonError  # noqa: E402
from numbered_stores import STORES  # noqa: E402
from numbers_host import Programs  # noqa: E402
from postgres_server import ServerError  # noqa: E402

PHASES = ("hour", "spool", "kills", "outage", "reader", "backlog", "sigterm", "hot_swaps", "hostile",
          "hang", "thirty_days", "purge", "footprint")


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", type=pathlib.Path, required=True,
                        help="installed tree with bin/unity")
    parser.add_argument("--build", type=pathlib.Path, required=True,
                        help="build folder, with zoo/ and the tests of the spool")
    parser.add_argument("--phases", default=",".join(PHASES), help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=3600,
                        help="of the phase hour (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=500,
                        help="for each database (default: %(default)s)")
    parser.add_argument("--databases", default=",".join(STORES),
                        help="of the phases kills and hot_swaps (default: %(default)s)")
    parser.add_argument("--swaps", type=int, default=500,
                        help="for each database (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="for the moments of the kills")
    parser.add_argument("--outage-seconds", type=float, default=300, help="default: %(default)s")
    parser.add_argument("--rate", type=int, default=10_000,
                        help="records/s of outage and reader (default: %(default)s)")
    parser.add_argument("--reader-seconds", type=float, default=60, help="default: %(default)s")
    parser.add_argument("--backlog-mib", type=int, default=1024, help="default: %(default)s")
    parser.add_argument("--sigterm-records", type=int, default=300_000,
                        help="waiting at SIGTERM (default: %(default)s)")
    parser.add_argument("--fault-seconds", type=float, default=60,
                        help="around each fault of the phase hostile (default: %(default)s)")
    parser.add_argument("--hangs", type=int, default=1000, help="default: %(default)s")
    parser.add_argument("--days", type=int, default=30,
                        help="of the phase thirty_days (default: %(default)s)")
    parser.add_argument("--purge-mib", type=int, default=256,
                        help="of rows; the file is larger (default: %(default)s)")
    parser.add_argument("--footprint-seconds", type=float, default=60,
                        help="of each footprint (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="of footprint (default: %(default)s)")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER",
                        help="work there and leave everything for a look; it must be empty")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="also write all numbers")
    options = parser.parse_args(arguments)
    options.phases = options.phases.split(",")
    options.databases = tuple(options.databases.split(","))
    if unknown := set(options.phases) - set(PHASES):
        parser.error(f"no such phase: {', '.join(sorted(unknown))}")
    if unknown := set(options.databases) - set(STORES):
        parser.error(f"no such database: {', '.join(sorted(unknown))}")
    if not (options.stage / "bin" / "unity").exists():
        parser.error("--stage must name an installed tree with bin/unity")
    if not (options.build / "zoo" / "numbers.so").exists():
        parser.error("--build must name a build folder with the tests")
    if options.seconds < 20 or min(options.kills, options.rounds) < 1 or options.swaps < 2:
        parser.error("--seconds must be at least 20, --kills and --rounds at least 1, "
                     "--swaps at least 2")
    if options.days < 20:
        parser.error("--days must be at least 20: what is kept must have reached its age")
    if options.fault_seconds < 8 or options.hangs < 1:
        parser.error("--fault-seconds must be at least 8, --hangs at least 1")
    if options.keep and options.keep.exists() and any(options.keep.iterdir()):
        parser.error("--keep must name an empty folder")
    return options


def run_phase(name: str, options: argparse.Namespace, folder: pathlib.Path,
              verdicts: report.Verdicts) -> dict[str, Any]:
    programs = Programs(options.stage, options.build / "zoo")
    if name == "hour":
        return hour.run(options.stage, folder / name, options.seconds, verdicts)
    if name == "kills":
        return kills.run(programs, folder / name, options.kills, options.seed, verdicts,
                         options.databases)
    if name == "outage":
        return outage.run(programs, folder / name, options.outage_seconds, options.rate, verdicts)
    if name == "reader":
        return reader.run(programs, folder / name, options.reader_seconds, options.rate, verdicts)
    if name == "backlog":
        return backlog.run(programs, folder / name, options.backlog_mib * report.MIB, verdicts)
    if name == "sigterm":
        return backlog.run_sigterm(programs, folder / name, options.sigterm_records, verdicts)
    if name == "hot_swaps":
        return hot_swaps.run(programs, folder / name, options.swaps, verdicts, options.databases)
    if name == "hostile":
        return hostile.run(programs, folder / name, options.fault_seconds, verdicts)
    if name == "hang":
        return hostile.run_hang(programs, folder / name, options.hangs, verdicts)
    if name == "thirty_days":
        return thirty_days.run(options.build, options.days, verdicts)
    if name == "purge":
        return thirty_days.run_purge(options.build, options.purge_mib, verdicts)
    if name == "spool":
        return spool_proof.run(options.build, verdicts)
    measured = footprint.measure(options.stage, folder, options.footprint_seconds, options.rounds)
    footprint.judge(measured, verdicts)
    return measured


def main() -> int:
    options = parse(sys.argv[1:])
    verdicts = report.Verdicts()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="unity-soak-") as temporary:
        folder = (options.keep or pathlib.Path(temporary)).resolve()
        for phase in options.phases:
            print(f"== {phase}", flush=True)
            try:
                results |= run_phase(phase, options, folder, verdicts)
            except (DaemonError, ServerError) as error:
                verdicts.add(phase, False, str(error))
    report.write_json(options.json, results | {"verdicts": verdicts.lines})
    print(f"\n{len(verdicts.lines)} claims, {verdicts.failed} failed")
    return 1 if verdicts.failed else 0


if __name__ == "__main__":
    sys.exit(main())
