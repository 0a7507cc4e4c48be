"""`start`: from exec to the first value that is stored.

Unity: a committed frame with a collector's number in the SQLite file, seen by a second connection,
which opens once there is a write-ahead log and then disturbs no writer. collectd: a row in a csv
file. Fluent Bit: a byte in its output file.
"""
import itertools
import pathlib
import time
from collections.abc import Callable
from typing import Any

import peers
import report
import unity_store
from daemon import Daemon, DaemonError
from unity_host import UnityHost

GOAL_MS = 100.0
PATIENCE_SECONDS = 20.0
POLL_SECONDS = 0.0002

UNITY_FRESH = "unity, fresh state"
UNITY_AGAIN = "unity, existing state"


def _wait(daemon: Daemon, seen: Callable[[], bool]) -> float:
    """Milliseconds from exec until `seen`; ends the daemon."""
    with daemon:
        while daemon.age() < PATIENCE_SECONDS:
            if seen():
                return daemon.age() * 1000
            time.sleep(POLL_SECONDS)
            daemon.check_alive()
    raise DaemonError(f"nothing stored within {PATIENCE_SECONDS} s")


def _start_unity(host: UnityHost) -> float:
    daemon = host.start()
    with unity_store.Watcher(host.database, daemon.started_us) as watcher:
        return _wait(daemon, watcher.has_value)


def _start_peer(peer: peers.Collectd | peers.FluentBit) -> float:
    return _wait(peer.start(), peer.has_value)


def measure(stage: pathlib.Path, folder: pathlib.Path, runs: int) -> dict[str, Any]:
    """Alternates: each of `runs` rounds starts everything once."""
    number = itertools.count()

    def fresh() -> pathlib.Path:
        return folder / f"start-{next(number)}"

    again = UnityHost(stage, folder / "start-again")
    _start_unity(again)
    subjects: dict[str, Callable[[], float]] = {
        UNITY_FRESH: lambda: _start_unity(UnityHost(stage, fresh())),
        UNITY_AGAIN: lambda: _start_unity(again)}
    if collectd := peers.find_collectd():
        subjects["collectd, csv"] = lambda: _start_peer(peers.Collectd(collectd, fresh()))
    if fluent_bit := peers.find_fluent_bit():
        subjects["fluent-bit, defaults"] = lambda: _start_peer(
            peers.FluentBit(fluent_bit, fresh()))
        subjects["fluent-bit, flush 0.05"] = lambda: _start_peer(
            peers.FluentBit(fluent_bit, fresh(), flush_seconds=0.05))
        dummy = peers.FluentBit(fluent_bit, fresh(), flush_seconds=0.05, dummy=True)
        if dummy.runs():
            subjects["fluent-bit, dummy at start, flush 0.05"] = lambda: _start_peer(
                peers.FluentBit(fluent_bit, fresh(), flush_seconds=0.05, dummy=True))
        else:
            print("this Fluent Bit has no input `dummy`, left out")

    took: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(runs):
        for name, start in subjects.items():
            took[name].append(start())

    collectd_took = took.get("collectd, csv", [])
    report.print_table(
        f"start: exec -> first value stored, ms, {runs} runs each",
        ("", "median [min..max]", "to collectd"),
        [(name, report.spread(values), report.ratio(values, collectd_took))
         for name, values in took.items()])
    if not peers.find_collectd():
        print("collectd not found, left out")
    if not fluent_bit:
        print(peers.FLUENT_BIT_MISSING)
    return {"start_ms": {name: report.summary(values) for name, values in took.items()}}


def judge(result: dict[str, Any], verdicts: report.Verdicts) -> None:
    for name in (UNITY_FRESH, UNITY_AGAIN):
        median = result["start_ms"][name]["median"]
        verdicts.add(f"start, {name}", median <= GOAL_MS,
                     f"median {median:.1f} ms (goal: at most {GOAL_MS:.0f})")
