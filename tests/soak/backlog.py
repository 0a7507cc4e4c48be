"""The phases `backlog` and `sigterm`: a host with much waiting starts at once, drains in little
memory, and may be told to leave at any time.
"""
import pathlib
from collections.abc import Callable
from typing import Any

import report
from daemon import Daemon, DaemonError
from numbered_stores import Postgres
from numbers_host import Load, NumbersHost, Programs, stop_in_time
from outage import judge_memory, look
from report import Verdicts

READY_SECONDS = 1.0
END_SECONDS = 2.0
FILL_SECONDS = 900.0
# About 325 bytes a record, as fast as the spool takes them.
FILL = [Load(f"numbers-{i}", "50ms", 10_000, series=100, text=250) for i in range(2)]
STEADY = [Load("numbers", "100ms", 1_000, series=100)]


def _fill(daemon: Daemon, enough: Callable[[], bool]) -> None:
    while not enough():
        daemon.sleep(0.1)
        if daemon.age() > FILL_SECONDS:
            raise DaemonError(f"no such backlog after {FILL_SECONDS:.0f} s")


def run(programs: Programs, folder: pathlib.Path, bytes_wanted: int,
        verdicts: Verdicts) -> dict[str, Any]:
    phase = "backlog"
    store = Postgres()
    host = NumbersHost(programs, folder, store, FILL)
    try:
        with host.start() as daemon:
            host.wait_for_status(daemon, 60)
            store.server.kill()
            _fill(daemon, lambda: host.spool_bytes() >= bytes_wanted)
            daemon.kill()
        waiting_bytes = host.spool_bytes()
        store.server.start()
        host.configure(total=1)
        with host.start() as daemon:
            while not host.is_ready():
                daemon.sleep(0.001)
            ready = daemon.age()
            looks = [look(host, daemon)]
            while looks[-1].in_flight > 0:
                daemon.sleep(0.25)
                looks.append(look(host, daemon))
            daemon.terminate(30)
        verdicts.add_timed(f"{phase}: exec to ready", ready <= READY_SECONDS,
                           f"{ready * 1000:.0f} ms with {waiting_bytes / report.MIB:.0f} MiB waiting "
                           f"(at most {READY_SECONDS * 1000:.0f})")
        judge_memory(phase, looks, verdicts)
        judged = host.judge(phase, verdicts)
    finally:
        store.close()
    seconds = looks[-1].at - looks[0].at
    drained = looks[0].in_flight / seconds if seconds else 0.0
    report.print_table(
        f"{phase}: {waiting_bytes / report.MIB:.0f} MiB, {looks[0].in_flight} records waiting",
        ("", ""),
        [("exec to ready, ms", f"{ready * 1000:.0f}"), ("drained, s", f"{seconds:.1f}"),
         ("drained, records/s", f"{drained:.0f}"),
         ("resident KiB while draining",
          report.spread([one.resident_bytes / 1024 for one in looks], 0)),
         ("spool bytes left", str(looks[-1].spool_bytes))])
    return {"backlog": {"bytes": waiting_bytes, "ready_seconds": ready, "drain_seconds": seconds,
                        "records_per_second": drained, "judged": judged,
                        "looks": [one._asdict() for one in looks]}}


def _sigterm_once(programs: Programs, folder: pathlib.Path, records: int, frozen: bool,
                  verdicts: Verdicts) -> dict[str, Any]:
    """Frozen: the server stands still, so that a write waits for an answer that does not come."""
    phase = "sigterm, frozen server" if frozen else "sigterm, no server"
    store = Postgres()
    host = NumbersHost(programs, folder, store, STEADY)
    try:
        with host.start() as daemon:
            host.wait_for_status(daemon, 60)
            if frozen:
                store.server.freeze()
            else:
                store.server.kill()
            _fill(daemon, lambda: host.books(daemon)["in_flight"] >= records)
            waiting = host.books(daemon)["in_flight"]
            took = stop_in_time(daemon, phase, END_SECONDS, verdicts)
        if frozen:
            store.server.thaw()
        else:
            store.server.start()
        host.last_life()
        judged = host.judge(phase, verdicts)
    finally:
        store.close()
    return {"waiting": waiting, "seconds": took, "judged": judged}


def run_sigterm(programs: Programs, folder: pathlib.Path, records: int,
                verdicts: Verdicts) -> dict[str, Any]:
    found = {name: _sigterm_once(programs, folder / name, records, name == "frozen", verdicts)
             for name in ("gone", "frozen")}
    report.print_table(
        "sigterm: with a backlog and a server that is gone or frozen",
        ("server", "records waiting", "SIGTERM to gone, ms"),
        [(name, str(one["waiting"]), f"{one['seconds'] * 1000:.0f}") for name, one in found.items()])
    return {"sigterm": found}
