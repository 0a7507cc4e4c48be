"""`postgres`: records through the whole host into PostgreSQL, beside collectd's postgresql writer,
Fluent Bit's pgsql output and psql's COPY, in one run on one server with its default durability.

Each record of Unity is one row here, with a time and a series of its own: the hardest case for a
layout that puts what one run says about one thing into one row. Rates are by the server's clock.
Latency is from the moment that the plugin wrote into the record to the server's commit.
"""
import itertools
import pathlib
import sys
from typing import Any

import peers
import proc
import report
from daemon import DaemonError

for _folder in ("end_to_end", "soak"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / _folder))

import postgres_peers  # noqa: E402
from numbered_stores import Postgres  # noqa: E402
from numbers_host import Load, NumbersHost, Programs, free_port  # noqa: E402
from postgres_peers import SERIES, SPAN_OF_COMMITS, Written  # noqa: E402

SETTINGS = {"track_commit_timestamp": "on"}
UNITY = "unity"
COLLECTD = "collectd, a transaction in 10 s"
FLUENT_BIT = "fluent-bit"
FLOOR = "psql COPY, 1,000 rows each"
COLLECTD_GOAL = 15.0
LATENCY_GOAL_MS = 50.0
BATCH_SIZE = 5_000  # for the rates; the latency is that of the default
LATENCY_INSTANCES = 100  # each at 1 s
LATENCY_WARM_SECONDS = 5.0
OURS = ("WHERE source_id IN (SELECT source_id FROM metric_series WHERE metric_name = 'numbers')")


def _unity(programs: Programs, folder: pathlib.Path, store: Postgres, values: int,
           records: int) -> Written:
    """Emitted faster than it can be written, so that a backlog forms in the spool and drains."""
    loads = [Load(f"numbers-{i}", "50ms", 10_000, values=values, series=SERIES) for i in range(2)]
    host = NumbersHost(programs, folder, store, loads, collection={"batch_size": BATCH_SIZE})
    host.configure(total=records // len(loads))
    before = store.cpu_ns()
    with host.start() as daemon:
        host.wait_for_status(daemon, 60)
        while host.books(daemon)["stored"] < records:
            daemon.sleep(0.2)
        daemon_ns = proc.usage(daemon.pid).cpu_ns
        server_ns = store.cpu_ns() - before
        daemon.terminate(30)
    seconds, rows = postgres_peers.span(
        store.server, SPAN_OF_COMMITS.format(table="metric_frames", condition=OURS))
    return Written(values, rows, seconds, daemon_ns / 1e3 / records, server_ns / 1e3 / records)


def _latency(programs: Programs, folder: pathlib.Path, seconds: float,
             rate: int) -> dict[str, float]:
    """Many collectors at 1 s, so that records come as they do on a busy machine."""
    store = Postgres(durable=True, settings=SETTINGS, port=free_port())
    loads = [Load(f"numbers-{i}", "1s", rate // LATENCY_INSTANCES) for i in range(LATENCY_INSTANCES)]
    try:
        host = NumbersHost(programs, folder, store, loads)
        with host.start() as daemon:
            host.wait_for_status(daemon, 60)
            daemon.sleep(LATENCY_WARM_SECONDS + seconds)
            daemon.terminate(30)
        row = store.server.sql(f"""
            WITH waits AS (SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - time) * 1000 AS ms
                             FROM metric_frames {OURS} AND time >
                              (SELECT min(time) + interval '{LATENCY_WARM_SECONDS} s'
                                 FROM metric_frames {OURS}))
            SELECT count(*), percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY ms),
                   max(ms) FROM waits""")[0]
    finally:
        store.close()
    p50, p95, p99 = (float(number) for number in row[1][1:-1].split(","))
    return {"records": int(row[0]), "p50_ms": p50, "p95_ms": p95, "p99_ms": p99,
            "max_ms": float(row[2])}


def _subjects(programs: Programs, folder: pathlib.Path, store: Postgres, values: int, records: int,
              fluent_bit: str | None) -> dict[str, Any]:
    """What can write, by name; each call writes once and leaves its table empty."""
    number = itertools.count()
    server = store.server

    def fresh(name: str) -> pathlib.Path:
        path = folder / f"{name}-{values}-{next(number)}"
        path.mkdir(parents=True)
        return path

    def unity() -> Written:
        server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return _unity(programs, fresh("unity"), store, values, records)

    def floor() -> Written:
        server.sql("DROP TABLE IF EXISTS floor; CREATE TABLE floor (source_id bigint, "
                   "time timestamptz, vals float8[], doc jsonb, PRIMARY KEY (source_id, time))")
        return postgres_peers.copy_floor(server, fresh("floor"), values, records // 4, "floor")

    found: dict[str, Any] = {UNITY: unity, FLOOR: floor}
    collectd = peers.find_collectd()
    plugin = postgres_peers.collectd_plugin(fresh("plugin")) if collectd else None
    if plugin:
        found[COLLECTD] = lambda: postgres_peers.CollectdWriter(
            collectd, plugin, fresh("collectd"), server, values, 10).run(records // 20)
    if fluent_bit:
        for rate in (100_000, 300_000):
            found[f"{FLUENT_BIT}, offered {rate:,}/s"] = (
                lambda rate=rate: postgres_peers.FluentBitWriter(
                    fluent_bit, fresh("fluent-bit"), server, values, rate).run())
    return found


def _find_fluent_bit(wanted: str | None) -> str | None:
    program = wanted or peers.find_fluent_bit()
    if program is None:
        print(peers.FLUENT_BIT_MISSING)
    elif not postgres_peers.FluentBitWriter.can_write(program):
        print(f"{program} was built without the output pgsql, left out")
        program = None
    return program


def measure(stage: pathlib.Path, zoo: pathlib.Path, folder: pathlib.Path, records: int, rounds: int,
            seconds: float, fluent_bit: str | None) -> dict[str, Any]:
    """Alternates: each round lets every writer write once, alone."""
    programs = Programs(stage, zoo)
    fluent_bit = _find_fluent_bit(fluent_bit)
    taken: dict[int, dict[str, list[Written]]] = {}
    for values in (1, 5):
        store = Postgres(durable=True, settings=SETTINGS, port=free_port())
        try:
            subjects = _subjects(programs, folder, store, values, records, fluent_bit)
            taken[values] = {name: [] for name in subjects}
            for turn, name in itertools.product(range(rounds), subjects):
                try:
                    written = subjects[name]()
                except DaemonError as error:
                    print(f"{name}: {error}", flush=True)
                    continue
                taken[values][name].append(written)
                print(f"postgres, {values} values, round {turn + 1}/{rounds}: {name}: "
                      f"{written.records_per_second:,.0f} records/s", flush=True)
        finally:
            store.close()
        _print(values, records, taken[values])
    latency = _latency(programs, folder / "latency", seconds, 1000)
    print(f"\nemitted to committed at 1,000 records/s, {latency['records']} records: "
          f"p50 {latency['p50_ms']:.1f} ms, p95 {latency['p95_ms']:.1f} ms, "
          f"p99 {latency['p99_ms']:.1f} ms, longest {latency['max_ms']:.1f} ms", flush=True)
    return {"postgres": {
        "latency": latency,
        "writers": {str(values): {
            name: {"records_per_second": report.summary([one.records_per_second for one in runs]),
                   "runs": [one._asdict() for one in runs]} for name, runs in by_name.items()}
            for values, by_name in taken.items()}}}


def _print(values: int, records: int, taken: dict[str, list[Written]]) -> None:
    collectd = [one.records_per_second for one in taken.get(COLLECTD, [])]
    floor = [one.records_per_second for one in taken[FLOOR]]
    rows = []
    for name, runs in taken.items():
        rates = [one.records_per_second for one in runs]
        rows.append([name, report.spread(rates, 0),
                     report.spread([one.values_per_second for one in runs], 0),
                     report.spread([one.daemon_us / values for one in runs], 2),
                     report.spread([one.server_us / values for one in runs], 2),
                     report.ratio(rates, collectd), report.ratio(rates, floor)])
    report.print_table(
        f"postgres: records with {values} value{'s' if values > 1 else ''}, {records:,} of Unity; "
        "median [min..max]",
        ["", "records/s", "values/s", "writer us/value", "server us/value", "to collectd",
         "to COPY"], rows)


def judge(result: dict[str, Any], verdicts: report.Verdicts) -> None:
    writers = result["postgres"]["writers"]["1"]
    medians = {name: one["records_per_second"]["median"] for name, one in writers.items()}
    ours = medians.get(UNITY)
    if ours is None:
        verdicts.add("postgres", False, "Unity wrote nothing")
        return
    if theirs := medians.get(COLLECTD):
        verdicts.add("postgres, one-value records beside collectd", ours >= COLLECTD_GOAL * theirs,
                     f"{ours:,.0f}/s, collectd {theirs:,.0f}: {ours / theirs:.1f} x "
                     f"(goal: at least {COLLECTD_GOAL:.0f} x)")
    fluent_bit = max((rate for name, rate in medians.items() if name.startswith(FLUENT_BIT) and rate),
                     default=None)
    if fluent_bit:
        verdicts.add("postgres, one-value records beside Fluent Bit", ours > fluent_bit,
                     f"{ours:,.0f}/s, Fluent Bit {fluent_bit:,.0f} (goal: more)")
    p95 = result["postgres"]["latency"]["p95_ms"]
    verdicts.add("postgres, latency", p95 < LATENCY_GOAL_MS,
                 f"p95 {p95:.1f} ms (goal: below {LATENCY_GOAL_MS:.0f})")
