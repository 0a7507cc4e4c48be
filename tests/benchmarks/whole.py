"""`whole`: records through the whole host into each database, beside its two halves alone: from the
collectors into the spool while nothing can be written to the database, and from the spool into the
database when the collectors have ended. Then the collectors emit as much as the slower half alone
could take, for as long as it is measured: how much of that is stored? The same records, one host,
one run.

Both halves want the same processors when they work at once, so what the processor time of both
would allow on this machine is printed as well.
"""
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
BATCH_SIZE = 1_000
COLLECTORS = 2
RUNS_PER_SECOND = 50  # of each, at the pace of a half
WARM_SECONDS = 2.0
WINDOW_SECONDS = 10.0
LOOK_SECONDS = 0.1  # between two questions to the host
PATIENCE_SECONDS = 600.0


class Stage(NamedTuple):
    """One of the three, once."""

    records_per_second: float
    cpu_us: float  # processor time per record: host, workers and server


def _loads(interval: str, frames: int) -> list[Load]:
    return [Load(f"numbers-{i}", interval, frames, values=5, series=100, metrics=IN_FRAME)
            for i in range(COLLECTORS)]


class _Pace:
    """Looks at a running host, and says how fast a count of its books has grown between two looks."""

    def __init__(self, host: NumbersHost, daemon: Daemon, store: Store, count: str) -> None:
        self._host, self._daemon, self._store, self._count = host, daemon, store, count

    def look(self) -> tuple[int, float, int]:
        there = self._host.books(self._daemon)[self._count]
        return there, self._daemon.age(), proc.tree_cpu_ns(self._daemon.pid) + self._store.cpu_ns()

    @staticmethod
    def between(first: tuple[int, float, int], last: tuple[int, float, int]) -> Stage:
        records = last[0] - first[0]
        if records <= 0:
            raise DaemonError(f"{last[0]} records at {first[1]:.1f} s and at {last[1]:.1f} s")
        return Stage(records / (last[1] - first[1]), (last[2] - first[2]) / 1e3 / records)

    def until(self, total: int) -> Stage:
        """From the first look that finds something until `total`."""
        until = self._daemon.age() + PATIENCE_SECONDS
        first = last = self.look()
        while last[0] < total:
            if first[0] == 0:
                first = last
            if last[1] > until:
                raise DaemonError(f"{last[0]} of {total} records {self._count} in all that time")
            self._daemon.sleep(LOOK_SECONDS)
            last = self.look()
        return self.between(first, last)


def _halves(host: NumbersHost, store: Store, records: int) -> tuple[Stage, Stage]:
    with store.unreachable(), host.start() as daemon:
        collecting = _Pace(host, daemon, store, "collected").until(records)
        daemon.terminate(60)
    host.configure(total=1)
    with host.start() as daemon:
        writing = _Pace(host, daemon, store, "stored").until(records)
        daemon.terminate(60)
    return collecting, writing


def _at_pace(programs: Programs, folder: pathlib.Path, store: Store, offered: float) -> Stage:
    frames = max(1, round(offered / RUNS_PER_SECOND / COLLECTORS / IN_FRAME))
    host = NumbersHost(programs, folder, store, _loads(f"{1000 // RUNS_PER_SECOND}ms", frames),
                       collection={"batch_size": BATCH_SIZE})
    with host.start() as daemon:
        pace = _Pace(host, daemon, store, "stored")
        daemon.sleep(WARM_SECONDS)
        first = pace.look()
        daemon.sleep(WINDOW_SECONDS)
        whole = pace.between(first, pace.look())
        daemon.kill()
    return whole


def _stages(programs: Programs, folder: pathlib.Path, name: str,
            records: int) -> dict[str, Stage]:
    frames = records // IN_FRAME // COLLECTORS  # of each, as fast as they can
    store = open_store(name, folder, durable=True)
    try:
        host = NumbersHost(programs, folder, store, _loads("10ms", 2_000),
                           collection={"batch_size": BATCH_SIZE})
        host.last_life()  # makes the tables
        host.configure(total=frames)
        collecting, writing = _halves(host, store, frames * IN_FRAME * COLLECTORS)
        offered = min(collecting.records_per_second, writing.records_per_second)
        return {"collecting": collecting, "writing": writing,
                "whole": _at_pace(programs, folder, store, offered)}
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
            f"whole, {name}: {records:,} records in frames of {IN_FRAME}, batches of "
            f"{BATCH_SIZE:,}; median [min..max]",
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
