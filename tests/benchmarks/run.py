#!/usr/bin/env python3
"""Benchmarks of an installed Unity beside its peers, on this machine, in one run.

    run.py --build build/release --stage build/stage [NAME ...]

start      exec -> first value stored; goal: at most 100 ms
footprint  PSS and cpu while watching this machine at 1 s; goals: at most 12 MiB, cpu of collectd
scheduler  lateness and cpu of collectors that do nothing, or block 1 ms; goals: those of collectd
pipeline   records through the stages beside RapidJSON reading the same bytes; goals: 0.40 of it,
           more bytes/s than Fluent Bit
spool      bytes/s beside append + fdatasync, codec, a 1 GiB backlog; goal: at least 0.80
adapter    rows/s into PostgreSQL beside a bare COPY of the same frames; goal: at least 0.8 of it
ingest     the writer's stage, spool to database, beside the raw writer of each database: COPY, array
           binding, multi-row inserts; goals: 0.8, 0.8 and for SQLite 0.6 of it, commits p95 10 ms
whole      records through the whole host into each database, beside its halves alone: collectors
           into the spool, spool into the database; goal: 0.8 of the slower
query      answers beside the documents' schema in the same server, at ten million numbers; goals: a
           week a hundred times as fast, an hour five times, p95 below 500 ms for 50 clients
postgres   records through the host into PostgreSQL beside collectd and Fluent Bit, and how long one
           takes; goals: 15 times collectd, more than Fluent Bit, p95 below 50 ms at 1,000 records/s
isolation  calls and streams of a worker beside the bare transport, faults, starts, memory, and
           1,000 pooled collectors at 1 s; goals: 1.5 times the transport, 1 M records/s, p99 below
           1 ms, ready in 5 ms, 1 MiB each
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

# The PostgreSQL server of the tests is that of the benchmarks.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))

import build_cost  # noqa: E402
import footprint  # noqa: E402
import into_postgres  # noqa: E402
import isolation  # noqa: E402
import pipeline  # noqa: E402
import postgres_cost  # noqa: E402
import report  # noqa: E402
import scheduler  # noqa: E402
import spool  # noqa: E402
import start  # noqa: E402
import stores  # noqa: E402
import whole  # noqa: E402

NAMES = ("start", "footprint", "scheduler", "pipeline", "spool", "adapter", "ingest",
         "whole", "query", "postgres", "isolation", "build")
INSTALLED = {"start", "footprint", "scheduler", "postgres", "whole"}
BUILT = {"scheduler", "pipeline", "spool", "adapter", "ingest", "query", "postgres",
         "isolation", "build", "whole"}


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--build", type=pathlib.Path, help="build folder, for its .ninja_log")
    parser.add_argument("--stage", type=pathlib.Path, help="installed tree with bin/unity")
    parser.add_argument("--runs", type=int, default=20, help="of start (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60,
                        help="of each footprint (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3,
                        help="of footprint, scheduler, isolation, ingest, whole and postgres (default: %(default)s)")
    parser.add_argument("--records", type=int, default=2_000_000,
                        help="of Unity into postgres; collectd writes a twentieth (default: %(default)s)")
    parser.add_argument("--metrics", type=int, default=500_000,
                        help="of each shape of ingest (default: %(default)s)")
    parser.add_argument("--minutes", type=int, help="of data in query (default: a week and an hour)")
    parser.add_argument("--whole-records", type=int, default=1_000_000,
                        help="of each half in whole (default: %(default)s)")
    parser.add_argument("--latency-seconds", type=float, default=30, help="default: %(default)s")
    parser.add_argument("--fluent-bit", metavar="FILE", help="the program, for postgres")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="also write all numbers")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a goal is missed")
    options = parser.parse_args(arguments)
    options.names = options.names or list(NAMES)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    if INSTALLED & set(options.names):
        if options.stage is None or not (options.stage / "bin" / "unity").exists():
            parser.error("--stage must name an installed tree with bin/unity")
    if BUILT & set(options.names) and options.build is None:
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
        if "scheduler" in options.names:
            results |= scheduler.measure(options.stage, options.build, folder, options.seconds,
                                         options.rounds)
            scheduler.judge(results, verdicts)
        if "isolation" in options.names:
            results |= isolation.measure(options.build, folder, options.rounds)
            isolation.judge(results, verdicts)
        if "spool" in options.names:
            results |= spool.measure(options.build, folder)
            spool.judge(results, verdicts)
        if "postgres" in options.names:
            results |= into_postgres.measure(options.stage, options.build / "zoo", folder,
                                             options.records, options.rounds,
                                             options.latency_seconds, options.fluent_bit)
            into_postgres.judge(results, verdicts)
        if "whole" in options.names:
            results |= whole.measure(options.stage, options.build / "zoo", folder / "whole",
                                     options.whole_records, options.rounds)
            whole.judge(results, verdicts)
    if "pipeline" in options.names:
        results |= pipeline.measure(options.build)
        pipeline.judge(results, verdicts)
    if "adapter" in options.names:
        results |= postgres_cost.measure(options.build)
        postgres_cost.judge(results, verdicts)
    if "ingest" in options.names:
        results |= stores.measure_ingest(options.build, options.metrics, options.rounds)
        stores.judge_ingest(results, verdicts)
    if "query" in options.names:
        results |= stores.measure_query(options.build, options.minutes)
        stores.judge_query(results, verdicts)
    if "build" in options.names:
        results |= build_cost.measure(options.build)
    report.write_json(options.json, results | {"goals": verdicts.lines})
    return 1 if options.check and verdicts.failed else 0


if __name__ == "__main__":
    sys.exit(main())
