"""The phase `hot_swaps`: the file of one plugin is replaced by its other version, again and again,
while its collectors and those of another plugin emit numbered records at a high rate.

Each swap is waited for, and so is the version's proof, but for every tenth, which comes at once.
Then: each number that was accepted is stored, once; nobody but the swapped one has missed a run or
failed; and the host has neither more processes nor descriptors, mappings or memory than when it
had made a few swaps.
"""
import json
import os
import pathlib
import statistics
import time
from typing import Any

import numbered_stores
import numbers_host
import report
from daemon import Daemon, DaemonError
from numbers_host import Load, NumbersHost, Programs
from report import Verdicts

# Of the plugin that is swapped, and the neighbours of another plugin: `zoo.scripted` numbers its
# records from one, so a gap shows as well.
SWAPPED = [Load("swapped", "20ms", 50, series=3), Load("too", "50ms", 50, values=5)]
NEIGHBOURS = ("calm", "busy")
WARM_UP = 20  # swaps, until everything that is kept once has been kept
SETTLE = "20ms"
MEMORY_MARGIN = 8 << 20
RUNS_AT_ONCE = 8
# The pool of threads grows to that when it first needs to, and a thread has two mappings; an
# allocator's own come and go. What leaks does so with each swap.
MARGINS = {"processes": 0, "descriptors": 0, "mappings": 16 + 2 * RUNS_AT_ONCE,
           "threads": RUNS_AT_ONCE}


def _descendants(pid: int) -> set[int]:
    found, new = set(), {pid}
    while new:
        found |= new
        children = set()
        for parent in new:
            for tasks in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
                try:
                    children |= {int(one) for one in tasks.read_text().split()}
                except OSError:
                    continue
        new = children - found
    return found - {pid}


def _holdings(pid: int) -> dict[str, int]:
    """What the host has of everything that might leak."""
    process = pathlib.Path(f"/proc/{pid}")
    maps = process.joinpath("maps").read_text().splitlines()
    status = dict(line.split(":", 1) for line in
                  process.joinpath("status").read_text().splitlines() if ":" in line)
    return {"processes": len(_descendants(pid)), "descriptors": len(os.listdir(process / "fd")),
            "mappings": len(maps), "images": sum("memfd:" in line for line in maps),
            "threads": int(status["Threads"]), "memory": int(status["VmRSS"].split()[0]) * 1024}


def _settled(daemon: Daemon) -> dict[str, int]:
    """The least of some looks: a worker that is just leaving is no leak."""
    looks = []
    for _ in range(20):
        looks.append(_holdings(daemon.pid))
        daemon.sleep(0.1)
    return {name: min(look[name] for look in looks) for name in looks[0]}


class SwapHost(NumbersHost):
    """`numbers.so` is the file that is swapped."""

    def configure(self, *rest: Any, total: int = 0) -> None:
        super().configure(*rest, total=total)
        document = json.loads(self.config.read_text())
        document["watch"] = {"settle": SETTLE}
        document["collection"] = {"max_concurrent": RUNS_AT_ONCE}
        plugins = self.folder / "plugins"
        other = plugins / "scripted.so"
        if not other.exists():
            other.write_bytes((self.zoo / "scripted.so").read_bytes())
        if total == 0:
            document["collectors"] += [
                {"id": "calm", "plugin": "zoo.scripted", "interval": "1s"},
                {"id": "busy", "plugin": "zoo.scripted", "interval": "100ms",
                 "config": {"records": 50}}]
        self.config.write_text(json.dumps(document, indent=2))

    def swap(self, version: int) -> None:
        source = self.zoo / ("numbers.so" if version == 1 else "numbers_2.so")
        part = self.folder / "plugins" / "numbers.part"
        part.write_bytes(source.read_bytes())
        part.rename(part.with_suffix(".so"))

    def instances(self, daemon: Daemon) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in self.wait_for_status(daemon, 60)["instances"]}

    def wait_for(self, daemon: Daemon, happened, what: str) -> None:
        until = daemon.age() + 60
        while not happened(self.instances(daemon)):
            if daemon.age() > until:
                raise DaemonError(f"waited a minute in vain for {what}")
            daemon.sleep(0.01)


def _swap(host: SwapHost, daemon: Daemon, turn: int) -> float:
    """Returns the seconds until all collectors of the plugin are of the new version."""
    version = 2 - turn % 2
    before = host.instances(daemon)
    began = time.perf_counter()
    host.swap(version)
    wanted = f"{version}.0.0"
    names = [load.id for load in host.loads]
    host.wait_for(daemon, lambda now: all(now[name]["version"] == wanted for name in names),
                  f"version {wanted}")
    took = time.perf_counter() - began
    if turn % 10 != 0:  # else the next one comes while this one is on trial
        host.wait_for(daemon, lambda now: all(now[name]["runs"] >= before[name]["runs"] + 5
                                              for name in names), "runs of the new version")
    return took


def run(programs: Programs, folder: pathlib.Path, count: int, verdicts: Verdicts,
        names: tuple[str, ...]) -> dict[str, Any]:
    return {"hot_swaps": {name: _run_on(name, programs, folder / name, count, verdicts)
                          for name in names}}


def _run_on(name: str, programs: Programs, folder: pathlib.Path, count: int,
            verdicts: Verdicts) -> dict[str, Any]:
    phase = f"hot swaps, {name}"
    store = numbered_stores.open_store(name, folder)
    host = SwapHost(programs, folder, store, SWAPPED)
    found: dict[str, Any] = {}
    took = []
    try:
        with host.start() as daemon:
            host.wait_for(daemon, lambda now: all(one["runs"] > 5 for one in now.values()
                                                  if one["id"] != "calm"), "the first runs")
            first: dict[str, int] = {}
            for turn in range(1, count + 1):
                took.append(_swap(host, daemon, turn))
                host.log_of_runs.read()  # it rotates
                if turn == min(WARM_UP, count // 2):
                    first = _settled(daemon)
                if turn % 50 == 0:
                    print(f"swap {turn}/{count}: {_holdings(daemon.pid)}", flush=True)
            last = _settled(daemon)
            found = {"first": first, "last": last, "took": took,
                     "instances": host.instances(daemon), "books": host.books(daemon)}
            numbers_host.stop_in_time(daemon, phase, 2.0, verdicts)
        host.last_life()
        _judge(phase, found, verdicts)
        found["judged"] = host.judge(phase, verdicts)
        _judge_log(phase, host, verdicts)
    except DaemonError as error:
        verdicts.add(f"{phase}: each swap takes effect", False, str(error))
    finally:
        store.close()
    _print(phase, found)
    return found


def _judge(phase: str, found: dict[str, Any], verdicts: Verdicts) -> None:
    first, last = found["first"], found["last"]
    for what, margin in MARGINS.items():
        verdicts.add(f"{phase}: no more {what} than before", last[what] <= first[what] + margin,
                     f"{first[what]}, at the end {last[what]}")
    verdicts.add(f"{phase}: no more memory than before",
                 last["memory"] <= first["memory"] + MEMORY_MARGIN,
                 f"{first['memory'] >> 10} KiB, at the end {last['memory'] >> 10} KiB")
    for name, one in found["instances"].items():
        if name in NEIGHBOURS:
            verdicts.add_timed(f"{phase}: {name} has missed no run", one["missed"] == 0,
                               f"{one['missed']} of {one['runs']}")
        verdicts.add(f"{phase}: {name} has not failed", one["errors"] == 0,
                     f"{one['errors']} of {one['runs']} runs; {one['last_error']}")
        verdicts.add(f"{phase}: {name}: nothing was rolled back", not one["notice"],
                     one["notice"] or "nothing")
    verdicts.add(f"{phase}: the account balances", found["books"]["balanced"],
                 str(found["books"]))


def _judge_log(phase: str, host: SwapHost, verdicts: Verdicts) -> None:
    """A number of a run that was not accepted is no row lost, but none should be."""
    lost = host.emitted() - sum(last - first + 1 for load in host.loads
                                for first, last in host.log_of_runs.accepted(load.id))
    verdicts.add(f"{phase}: each number that was used was accepted", lost == 0,
                 f"{host.emitted()} used, {lost} not accepted")


def _print(phase: str, found: dict[str, Any]) -> None:
    if "took" not in found:
        return
    took = sorted(1000 * one for one in found["took"])
    print(f"{phase}: {len(took)} swaps; from the new file to all collectors of the new version: "
          f"median {statistics.median(took):.0f} ms, p99 {took[int(len(took) * 0.99)]:.0f} ms")
    report.print_table(f"{phase}: what the host holds", ("what", "first", "last"),
                       [(what, str(found["first"][what]), str(found["last"][what]))
                        for what in found["first"]])
