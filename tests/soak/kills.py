"""The phase `kills`: SIGKILL at random moments while the database goes down and up, many times over
on one state folder, from the first milliseconds of a start to some seconds of collecting.

At the end the host runs once more until nothing waits. Then each number that an accepted run
emitted must be in the database, exactly once, and no other.
"""
import pathlib
import random
from typing import Any

import report
from daemon import DaemonError
from numbered_stores import STORES, open_store
from numbers_host import Load, NumbersHost, Programs, Troubles
from report import Verdicts

LOADS = [Load("often", "20ms", 20, series=3), Load("large", "100ms", 200, values=5),
         Load("single", "50ms", 1), Load("frames", "70ms", 33, series=2, metrics=5)]
LIFE_SECONDS = (0.01, 1.5)  # of a life that is to be killed


def _lives(host: NumbersHost, count: int, chance: random.Random, verdicts: Verdicts) -> list[dict]:
    lives = []
    for turn in range(count):
        with host.start() as daemon:
            daemon.sleep(chance.uniform(*LIFE_SECONDS))
            daemon.kill()
        before = len(host.log_of_runs.entries)
        host.log_of_runs.read()
        lives.append({"accepted_entries": len(host.log_of_runs.entries) - before,
                      "emitted": host.emitted(), "spool_bytes": host.spool_bytes()})
        if (turn + 1) % 10 == 0 or turn + 1 == count:
            print(f"kill {turn + 1}/{count}: {lives[-1]}", flush=True)
    return lives


def run_on(name: str, programs: Programs, folder: pathlib.Path, count: int, seed: int,
           verdicts: Verdicts) -> dict[str, Any]:
    phase = f"kills, {name}"
    store = open_store(name, folder)
    host = NumbersHost(programs, folder, store, LOADS)
    chance = random.Random(seed)
    found: dict[str, Any] = {"lives": [], "troubles": {}}
    try:
        with Troubles(store, random.Random(seed + 1)) as troubles:
            found["lives"] = _lives(host, count, chance, verdicts)
        found["troubles"] = troubles.counts
        verdicts.add(f"{phase}: the database could be troubled", troubles.fault is None,
                     troubles.fault or str(troubles.counts))
        host.last_life()
        found["judged"] = host.judge(phase, verdicts)
        integrity = store.integrity()
        verdicts.add(f"{phase}: the database is whole", integrity == "ok", integrity)
    except DaemonError as error:
        verdicts.add(f"{phase}: each start works", False, str(error))
    finally:
        store.close()
    _print(phase, found)
    return found


def _print(phase: str, found: dict[str, Any]) -> None:
    judged = found.get("judged", {})
    report.print_table(
        f"{phase}: {len(found['lives'])} kills; {found['troubles']}",
        ("collector", "accepted", "stored", "missing", "invented", "doubled", "inexact"),
        [(name, *(str(verdict[key]) for key in
                  ("accepted", "stored", "missing_count", "invented_count", "doubled_count",
                   "inexact_count"))) for name, verdict in judged.items()])


def run(programs: Programs, folder: pathlib.Path, count: int, seed: int, verdicts: Verdicts,
        names: tuple[str, ...] = STORES) -> dict[str, Any]:
    return {"kills": {name: run_on(name, programs, folder / name, count, seed, verdicts)
                      for name in names}}
