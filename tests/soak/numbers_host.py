"""A host whose collectors number their records, on a database of the proof's own, and the account
at the end: whether the database has exactly what the spool accepted.
"""
import json
import os
import pathlib
import random
import socket
import threading
import time
import urllib.error
import urllib.request
from typing import Any, NamedTuple

import numbered
from daemon import Daemon, DaemonError
from numbered_stores import Store
from postgres_server import ServerError
from report import Verdicts
from unity_host import UnityHost

DRAIN_SECONDS = 600.0


class Load(NamedTuple):
    """One collector: `records` each `interval`."""

    id: str
    interval: str
    records: int
    values: int = 1
    series: int = 1
    text: int = 0
    metrics: int = 1  # of each number: so many records are one frame


def steady_loads(rate: int) -> tuple[list[Load], int]:
    """Four collectors that emit ten times a second, and the records/s of all of them: the nearest
    to `rate` that is not above it."""
    collectors, runs_per_second = 4, 10
    each = rate // (collectors * runs_per_second)
    loads = [Load(f"numbers-{i}", f"{1000 // runs_per_second}ms", each, series=100)
             for i in range(collectors)]
    return loads, each * collectors * runs_per_second


class Programs(NamedTuple):
    stage: pathlib.Path  # with bin/unity
    zoo: pathlib.Path  # with numbers.so


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class NumbersHost(UnityHost):
    """`collection` and `more` are sections of the configuration beside the collectors."""

    def __init__(self, programs: Programs, folder: pathlib.Path, database: Store,
                 loads: list[Load], **more: Any) -> None:
        self.zoo = programs.zoo
        self.store = database
        self.loads = loads
        self.more = more
        self.port = free_port()
        super().__init__(programs.stage, folder)
        self.state = folder / "state"
        self.log_of_runs = numbered.AcceptedLog(self.state)

    def configure(self, *_: Any, total: int = 0) -> None:
        """`total` ends each collector after so many records of a life; 0: never."""
        plugins = self.folder / "plugins"
        plugins.mkdir(exist_ok=True)
        for load in self.loads:  # what is not there, a worker may not make
            (self.folder / f"{load.id}.notes").touch()
        plugin = plugins / "numbers.so"
        if not plugin.exists():
            plugin.write_bytes((self.zoo / "numbers.so").read_bytes())
        document = {
            "state_dir": str(self.folder / "state"), "database": self.store.section,
            "http": {"listen": f"127.0.0.1:{self.port}"}, "plugin_dirs": [str(plugins)],
            "collectors": [
                {"id": load.id, "plugin": "zoo.numbers", "interval": load.interval,
                 "config": {"file": str(self.folder / f"{load.id}.notes"), "total": total,
                            "records": load.records, "values": load.values,
                            "series": load.series, "text": load.text, "metrics": load.metrics}}
                for load in self.loads], **self.more}
        self.config.write_text(json.dumps(document, indent=2))

    def is_ready(self) -> bool:
        """/health/ready; False while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready",
                                        timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def books(self, daemon: Daemon) -> dict[str, Any]:
        return self.wait_for_status(daemon, 60)["accounting"]

    def emitted(self) -> int:
        """Numbers used so far, accepted or not."""
        total = 0
        for load in self.loads:
            notes = self.folder / f"{load.id}.notes"
            for line in notes.read_text().splitlines() if notes.exists() else ():
                first, last = map(int, line.split())
                total += last - first + 1
        return total

    def spool_bytes(self) -> int:
        return sum(file.stat().st_size for file in (self.state / "spool").glob("*.seg"))

    def drain(self, daemon: Daemon, at_most: int = 0, patience: float = DRAIN_SECONDS) -> float:
        """Waits until so few records are in flight; returns the seconds it took."""
        began = time.perf_counter()
        while (waiting := self.books(daemon)["in_flight"]) > at_most:
            if time.perf_counter() - began > patience:
                raise DaemonError(f"{waiting} records are still waiting after {patience:.0f} s")
            daemon.sleep(0.05)
        return time.perf_counter() - began

    def last_life(self) -> None:
        """Starts it once more with hardly anything to collect, until everything is stored."""
        self.configure(total=1)
        with self.start() as daemon:
            self.drain(daemon)
            daemon.terminate(30)
            if daemon.process.returncode != 0:
                raise DaemonError(f"ended with {daemon.process.returncode}")

    def judge(self, phase: str, verdicts: Verdicts) -> dict[str, Any]:
        """What was accepted against what is stored, for each collector."""
        self.log_of_runs.read()
        faults = self.log_of_runs.faults + self.log_of_runs.gaps()
        entries = len(self.log_of_runs.entries)
        verdicts.add(f"{phase}: the log of accepted runs has no gap", entries > 0 and not faults,
                     "; ".join(faults[:3]) or f"{entries} entries")
        found = {}
        for load in self.loads:
            verdict = numbered.judge(self.log_of_runs.accepted(load.id, load.metrics),
                                     self.store.stored(load.id), load.metrics)
            verdicts.add(f"{phase}: {load.id}: each accepted number is stored once",
                         verdict.whole(), verdict.text())
            found[load.id] = verdict._asdict()
        return found


class Troubles:
    """Goes on making trouble for the database, with pauses, until the context is left."""

    def __init__(self, store: Store, chance: random.Random) -> None:
        self.counts: dict[str, int] = {}
        self.fault: str | None = None
        self._store = store
        self._chance = chance
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Troubles":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._over.wait(self._chance.uniform(0.2, 2.0)):
                if (kind := self._store.trouble(self._chance, self._over)) is not None:
                    self.counts[kind] = self.counts.get(kind, 0) + 1
        except (ServerError, OSError) as error:
            self.fault = str(error)


def stop_in_time(daemon: Daemon, phase: str, seconds: float, verdicts: Verdicts) -> float:
    """SIGTERM; a claim about the exit code and one about the time."""
    took = daemon.terminate(60)
    code = daemon.process.returncode
    verdicts.add(f"{phase}: exit code of SIGTERM", code == os.EX_OK, f"{code}")
    verdicts.add_timed(f"{phase}: SIGTERM to gone", took <= seconds,
                       f"{took * 1000:.0f} ms (at most {seconds * 1000:.0f})")
    return took
