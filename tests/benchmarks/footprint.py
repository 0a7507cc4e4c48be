"""`footprint`: memory and processor time while this machine is watched at 1 s.

Everything measures cpu, memory, load, file systems, disks, interfaces and processes, each with what
its plugins give for that; how many values that is stands in the table, and so does the cost of one.
Each is warmed up first, which is not counted; its values are counted over the same time as its cpu.
"""
import itertools
import pathlib
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import peers
import proc
import report
import unity_store
from daemon import Daemon
from unity_host import UnityHost

GOAL_PSS_MIB = 12.0
UNITY = "unity, sqlite"
COLLECTD = "collectd, csv"
NOTE = ("Unity commits to SQLite with full durability (WAL, synchronous=FULL); collectd and "
        "Fluent Bit write\nfiles that nobody syncs. Unity: the bundled collectors without top "
        "processes. collectd: cpu, memory,\nload, df, disk, interface, processes; \"more values\""
        " adds swap, uptime, contextswitch, TCP, vmem.\nFluent Bit: cpu, mem, disk, netif, proc.")


class Sample(NamedTuple):
    pss_mib: float
    cpu_ms_per_minute: float
    values_per_second: float
    cpu_us_per_value: float
    threads: int
    processes: int


def _watch(daemon: Daemon, values: Callable[[], int], seconds: float) -> Sample:
    with daemon:
        daemon.sleep(min(5.0, seconds / 4))
        began, before, stored_before = time.perf_counter(), proc.usage(daemon.pid), values()
        daemon.sleep(seconds)
        after, took = proc.usage(daemon.pid), time.perf_counter() - began
        stored = values() - stored_before
    cpu_ns = after.cpu_ns - before.cpu_ns
    return Sample(after.pss_bytes / report.MIB, cpu_ns / 1e6 * 60 / took, stored / took,
                  cpu_ns / 1e3 / stored if stored else 0.0, after.threads, after.processes)


def _watch_unity(stage: pathlib.Path, folder: pathlib.Path, seconds: float) -> Sample:
    host = UnityHost(stage, folder, top=0)
    return _watch(host.start(), lambda: unity_store.read(host.database).values, seconds)


def _watch_peer(peer: peers.Collectd | peers.FluentBit, seconds: float) -> Sample:
    return _watch(peer.start(), peer.values, seconds)


def measure(stage: pathlib.Path, folder: pathlib.Path, seconds: float,
            rounds: int) -> dict[str, Any]:
    """Alternates: each round watches every daemon once, alone."""
    number = itertools.count()

    def fresh() -> pathlib.Path:
        return folder / f"footprint-{next(number)}"

    subjects: dict[str, Callable[[], Sample]] = {
        UNITY: lambda: _watch_unity(stage, fresh(), seconds)}
    if collectd := peers.find_collectd():
        subjects[COLLECTD] = lambda: _watch_peer(peers.Collectd(collectd, fresh()), seconds)
        subjects["collectd, more values"] = lambda: _watch_peer(
            peers.Collectd(collectd, fresh(), more=True), seconds)
    if fluent_bit := peers.find_fluent_bit():
        subjects["fluent-bit, file"] = lambda: _watch_peer(
            peers.FluentBit(fluent_bit, fresh()), seconds)

    samples: dict[str, list[Sample]] = {name: [] for name in subjects}
    for turn in range(rounds):
        for name, watch in subjects.items():
            samples[name].append(watch())
            last = samples[name][-1]
            print(f"footprint round {turn + 1}/{rounds}: {name}: PSS {last.pss_mib:.2f} MiB, cpu "
                  f"{last.cpu_ms_per_minute:.0f} ms/min, {last.values_per_second:.1f} values/s, "
                  f"{last.threads} threads, {last.processes} processes", flush=True)

    _print(samples, seconds, rounds)
    if not collectd:
        print("collectd not found, left out")
    if not fluent_bit:
        print(peers.FLUENT_BIT_MISSING)
    return {"footprint": {
        name: {field: report.summary([getattr(s, field) for s in taken])
               for field in Sample._fields} for name, taken in samples.items()}}


def _print(samples: dict[str, list[Sample]], seconds: float, rounds: int) -> None:
    columns = (("PSS MiB", "pss_mib", 2), ("cpu ms/min", "cpu_ms_per_minute", 0),
               ("values/s", "values_per_second", 1), ("cpu us/value", "cpu_us_per_value", 1),
               ("threads", "threads", 0))
    rows = []
    for name, taken in samples.items():
        cells = [name] + [report.spread([getattr(s, field) for s in taken], digits)
                          for _, field, digits in columns]
        for field in ("pss_mib", "cpu_ms_per_minute", "cpu_us_per_value"):
            cells.append(report.ratio([getattr(s, field) for s in taken],
                                      [getattr(s, field) for s in samples.get(COLLECTD, [])]))
        rows.append(cells)
    report.print_table(
        f"footprint: {seconds:.0f} s at 1 s interval, {rounds} rounds, median [min..max]; "
        "the ratios are to collectd, csv",
        ["", *(title for title, _, _ in columns), "PSS", "cpu", "cpu/value"], rows)
    print(NOTE)


def judge(result: dict[str, Any], verdicts: report.Verdicts) -> None:
    taken = result["footprint"]
    pss = taken[UNITY]["pss_mib"]["median"]
    verdicts.add("footprint, memory", pss <= GOAL_PSS_MIB,
                 f"PSS {pss:.2f} MiB (goal: at most {GOAL_PSS_MIB:.0f})")
    if COLLECTD not in taken:
        return
    ours, theirs = (taken[name]["cpu_ms_per_minute"]["median"] for name in (UNITY, COLLECTD))
    each, their_each = (taken[name]["cpu_us_per_value"]["median"] for name in (UNITY, COLLECTD))
    verdicts.add("footprint, cpu", ours <= theirs,
                 f"{ours:.0f} ms/min, collectd {theirs:.0f} (goal: no more than collectd); "
                 f"for each value {each:.1f} us, collectd {their_each:.1f}")
