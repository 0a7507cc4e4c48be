"""The phase `outage`: PostgreSQL is gone for minutes while records keep coming.

Claims: nothing is lost, no run is missed, memory stays flat, and afterwards the backlog drains
while new records flow.
"""
import pathlib
import statistics
import time
from typing import Any, NamedTuple

import proc
import report
from daemon import Daemon
from numbered_stores import Postgres
from numbers_host import NumbersHost, Programs, steady_loads, stop_in_time
from report import Verdicts

CALM_SECONDS = 5.0  # before the outage
PACE_SHARE = 0.99  # of the records that are due
GROWTH_BYTES = 1024 * 1024
GROWTH_SHARE = 0.05
FLAT_SECONDS = 10.0
LITTLE_BYTES = 32 * 1024 * 1024
END_SECONDS = 2.0
KIB = 1024


class Look(NamedTuple):
    at: float
    resident_bytes: int
    anonymous_bytes: int
    cpu_ns: int
    in_flight: int
    collected: int
    missed: int
    spool_bytes: int


def look(host: NumbersHost, daemon: Daemon) -> Look:
    status = host.wait_for_status(daemon, 60)
    usage = proc.usage(daemon.pid)
    books = status["accounting"]
    return Look(daemon.age(), usage.resident_bytes, usage.anonymous_bytes, usage.cpu_ns,
                books["in_flight"], books["collected"],
                sum(instance["missed"] for instance in status["instances"]), host.spool_bytes())


def watch(host: NumbersHost, daemon: Daemon, seconds: float, pace: float = 1.0) -> list[Look]:
    """A look each `pace` seconds, one at the start and one at the end at least."""
    looks = [look(host, daemon)]
    until = daemon.age() + seconds
    while daemon.age() < until:
        daemon.sleep(min(pace, max(0.0, until - daemon.age())))
        looks.append(look(host, daemon))
        if len(looks) % 10 == 0:
            print(f"{looks[-1].at:6.0f} s  in flight {looks[-1].in_flight}  resident "
                  f"{looks[-1].resident_bytes / KIB:.0f} KiB  spool "
                  f"{looks[-1].spool_bytes / report.MIB:.1f} MiB", flush=True)
    return looks


def judge_memory(phase: str, looks: list[Look], verdicts: Verdicts) -> None:
    """The second sixth of the looks against the last sixth; when that is too short a time for
    buffers to have their final size, only how much it is.
    """
    if looks[-1].at - looks[0].at < FLAT_SECONDS:
        highest = max(one.anonymous_bytes for one in looks)
        verdicts.add(f"{phase}: little memory", highest <= LITTLE_BYTES,
                     f"anonymous {highest / KIB:.0f} KiB (at most {LITTLE_BYTES / KIB:.0f})")
        return
    sixth = max(1, len(looks) // 6)
    for name, field in (("resident", "resident_bytes"), ("anonymous", "anonymous_bytes")):
        early, late = (statistics.median(getattr(one, field) for one in part)
                       for part in (looks[sixth:2 * sixth] or looks[:1], looks[-sixth:]))
        allowed = max(GROWTH_BYTES, early * GROWTH_SHARE)
        highest = max(getattr(one, field) for one in looks)
        verdicts.add(f"{phase}: flat memory, {name}", late - early <= allowed,
                     f"{early / KIB:.0f} KiB, then {late / KIB:.0f} KiB: {(late - early) / KIB:+.0f} "
                     f"KiB (at most {allowed / KIB:+.0f}); highest {highest / KIB:.0f} KiB")


def _judge_pace(phase: str, looks: list[Look], rate: float, verdicts: Verdicts) -> None:
    seconds = looks[-1].at - looks[0].at
    collected = looks[-1].collected - looks[0].collected
    verdicts.add_timed(f"{phase}: collection keeps its pace", collected >= PACE_SHARE * rate * seconds,
                       f"{collected / seconds:.0f} records/s during the outage of {seconds:.0f} s "
                       f"(due: {rate:.0f})")
    missed = looks[-1].missed - looks[0].missed
    verdicts.add_timed(f"{phase}: no run is missed", missed == 0, f"{missed} missed")


def _drain(host: NumbersHost, daemon: Daemon, rate: float) -> dict[str, float]:
    """Until no more waits than a tenth of a second brings; new records flow all the while."""
    before = look(host, daemon)
    seconds = host.drain(daemon, at_most=int(rate / 10))
    after = look(host, daemon)
    stored = before.in_flight - after.in_flight + after.collected - before.collected
    return {"seconds": seconds, "backlog": before.in_flight, "new": after.collected - before.collected,
            "records_per_second": stored / seconds if seconds else 0.0,
            "highest_resident_bytes": max(before.resident_bytes, after.resident_bytes)}


def run(programs: Programs, folder: pathlib.Path, seconds: float, rate: int,
        verdicts: Verdicts) -> dict[str, Any]:
    phase = "outage"
    loads, rate = steady_loads(rate)
    store = Postgres()
    host = NumbersHost(programs, folder, store, loads)
    try:
        with host.start() as daemon:
            watch(host, daemon, CALM_SECONDS)
            store.server.kill()
            looks = watch(host, daemon, seconds)
            began = time.perf_counter()
            store.server.start()
            print(f"the server is back after {time.perf_counter() - began:.1f} s", flush=True)
            drained = _drain(host, daemon, rate)
            stop_in_time(daemon, phase, END_SECONDS, verdicts)
        _judge_pace(phase, looks, rate, verdicts)
        judge_memory(phase, looks, verdicts)
        verdicts.add(f"{phase}: drained while new records flow", drained["new"] > 0,
                     f"{drained['backlog']} waiting and {drained['new']} new in "
                     f"{drained['seconds']:.1f} s: {drained['records_per_second']:.0f} records/s")
        host.last_life()
        judged = host.judge(phase, verdicts)
    finally:
        store.close()
    cpu = (looks[-1].cpu_ns - looks[0].cpu_ns) / 1e9 / (looks[-1].at - looks[0].at)
    report.print_table(
        f"{phase}: {seconds:.0f} s without PostgreSQL at {rate} records/s", ("", ""),
        [("resident KiB", report.spread([one.resident_bytes / KIB for one in looks], 0)),
         ("anonymous KiB", report.spread([one.anonymous_bytes / KIB for one in looks], 0)),
         ("cpu, share of a core", f"{cpu:.3f}"),
         ("spool MiB at the end", f"{looks[-1].spool_bytes / report.MIB:.1f}"),
         ("spool bytes a waiting record",
          f"{looks[-1].spool_bytes / max(1, looks[-1].in_flight):.1f}"),
         ("drained, records/s", f"{drained['records_per_second']:.0f}")])
    return {"outage": {"seconds": seconds, "rate": rate, "cpu_cores": cpu, "drained": drained,
                       "looks": [one._asdict() for one in looks], "judged": judged}}
