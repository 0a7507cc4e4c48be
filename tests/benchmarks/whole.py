"""`whole`: records through the whole host into each database, beside its two halves alone: from the
collectors into the spool while nothing can be written to the database, and from the spool into the
database when the collectors have ended. The same records, one host, one run.

Both halves want the same processors when they work at once, so what the processor time of both
would allow on this machine is printed as well.
"""
import contextlib
import os
import pathlib
import statistics
import sys
from typing import Any, NamedTuple

import proc
import report
from daemon import Daemon, DaemonError

for _folder in ("end_to_end", "soak"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / _folder))

from numbered_stores import STORES, Store, open_store  # noqa: E402
from numbers_host import Load, NumbersHost, Programs  # noqa: E402

GOAL = 0.8
IN_FRAME = 5  # records; each of five values
LOADS = [Load(f"numbers-{i}", "10ms", 2_000, values=5, series=100, metrics=IN_FRAME)
         for i in range(2)]
LOOK_SECONDS = 0.1  # between two questions to the host
PATIENCE_SECONDS = 600.0


class Stage(NamedTuple):
    """One of the three, once."""

    records_per_second: float
    cpu_us: float  # processor time per record: host, workers and server


def _pace(host: NumbersHost, daemon: Daemon, store: Store, count: str, total: int) -> Stage:
    """How fast a count of the host's books grows from its first look above 0 until `total`."""
    def processors() -> int:
        return proc.tree_cpu_ns(daemon.pid) + store.cpu_ns()

    cpu = processors()
    until = daemon.age() + PATIENCE_SECONDS
    first = None
    while (there := host.books(daemon)[count]) < total:
        if first is None and there > 0:
            first = there, daemon.age()
        if daemon.age() > until:
            raise DaemonError(f"{there} of {total} records {count} after {PATIENCE_SECONDS:.0f} s")
        daemon.sleep(LOOK_SECONDS)
    if first is None:
        raise DaemonError(f"{total} records were {count} at once; ask for more")
    return Stage((there - first[0]) / (daemon.age() - first[1]), (processors() - cpu) / 1e3 / total)


def _stages(programs: Programs, folder: pathlib.Path, name: str,
            records: int) -> dict[str, Stage]:
    store = open_store(name, folder, durable=True)
    try:
        host = NumbersHost(programs, folder, store, LOADS)
        host.last_life()  # makes the tables
        host.configure(total=records // len(LOADS) // IN_FRAME)
        unreachable = contextlib.ExitStack()
        unreachable.enter_context(store.unreachable())
        with unreachable, host.start() as daemon:
            collecting = _pace(host, daemon, store, "collected", records)
            daemon.sleep(1)
            unreachable.close()
            writing = _pace(host, daemon, store, "stored", records)
            daemon.terminate(60)
        with host.start() as daemon:
            both = _pace(host, daemon, store, "stored", records)
            daemon.terminate(60)
        return {"collecting": collecting, "writing": writing, "whole": both}
    finally:
        store.close()


def measure(stage: pathlib.Path, zoo: pathlib.Path, folder: pathlib.Path, records: int,
            rounds: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in STORES:
        taken = [_stages(Programs(stage, zoo), folder / f"{name}-{turn}", name, records)
                 for turn in range(rounds)]
        rates = {part: [one[part].records_per_second for one in taken] for part in taken[0]}
        cpu = {part: [one[part].cpu_us for one in taken] for part in taken[0]}
        slower = min(statistics.median(rates["collecting"]), statistics.median(rates["writing"]))
        needs = statistics.median(cpu["collecting"]) + statistics.median(cpu["writing"])
        allowed = (os.cpu_count() or 1) * 1e6 / needs
        report.print_table(
            f"whole, {name}: {records:,} records in frames of {IN_FRAME}; median [min..max]",
            ["", "records/s", "cpu us/record"],
            [[part, report.spread(rates[part], 0), report.spread(cpu[part], 2)] for part in rates]
            + [["what the processors allow", f"{allowed:.0f}", f"{needs:.2f}"]])
        whole = statistics.median(rates["whole"])
        found[name] = {"rates": rates, "cpu_us": cpu, "allowed": allowed,
                       "of_slower": whole / slower, "of_allowed": whole / min(slower, allowed)}
    return {"whole": found}


def judge(result: dict[str, Any], verdicts: report.Verdicts) -> None:
    for name, one in result["whole"].items():
        verdicts.add_timed(f"whole, {name}", one["of_slower"] >= GOAL,
                           f"{one['of_slower']:.2f} of the slower half (goal: at least {GOAL}); "
                           f"{one['of_allowed']:.2f} of what the processors allow")
