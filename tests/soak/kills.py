"""The phase `kills`: SIGKILL with writes pending, again and again on one state folder.

Several copies of all collectors run at their shortest interval, 100 ms. After a random number of
stored records, at the first answer that also has records in flight, the host is killed at a random
moment of the milliseconds that follow. What that answer said was stored must be in the database,
everything only once. The file is judged on a copy, so that the next start finds exactly what the
kill left.
"""
import pathlib
import random
import shutil
import time
from typing import Any, NamedTuple

import report
import unity_store
from daemon import Daemon, DaemonError
from report import Verdicts
from unity_host import UnityHost

INTERVAL = "100ms"
COPIES = 4  # of each collector: 160 runs a second
MOST_RECORDS = 2000  # stored before a kill
AFTER_STATUS_SECONDS = (0.001, 0.03)  # at most; a commit takes about a millisecond
PATIENCE_SECONDS = 30.0
PENDING_TRIES = 100


class Kill(NamedTuple):
    promised: int  # records that must be there: found after the last kill + status' `stored`
    found: int
    pending: int  # records in flight when status was asked
    integrity: str
    problems: list[str]


def _wait_until_stored(host: UnityHost, daemon: Daemon, records: int,
                       pending: bool = False) -> dict[str, Any]:
    """The books when at least so many records are stored and, if `pending`, others are on the way.

    After some tries without luck with the latter, also when none are.
    """
    until = daemon.age() + PATIENCE_SECONDS
    tries = 0
    while True:
        books = host.wait_for_status(daemon)["accounting"]
        if books["stored"] >= records:
            if not pending or books["in_flight"] > 0 or tries >= PENDING_TRIES:
                return books
            tries += 1
        if daemon.age() > until:
            raise DaemonError(f"{books['stored']} records stored in {PATIENCE_SECONDS:.0f} s, "
                              f"expected {records}")


def _examine(host: UnityHost, folder: pathlib.Path) -> tuple[unity_store.Content, str]:
    """Of a copy, without the shared memory that the killed process left."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / host.database.name
    for suffix in ("", "-wal"):
        source = pathlib.Path(f"{host.database}{suffix}")
        target = pathlib.Path(f"{copy}{suffix}")
        target.unlink(missing_ok=True)
        if source.exists():
            shutil.copyfile(source, target)
    pathlib.Path(f"{copy}-shm").unlink(missing_ok=True)
    return unity_store.read(copy), unity_store.integrity(copy)


def _kill_once(host: UnityHost, copies: pathlib.Path, chance: random.Random,
               before: int) -> Kill:
    # Small batches commit all the time; the host's defaults commit what a run gave.
    small = {"batch_size": chance.choice((1, 5, 25)), "batch_timeout": "10ms"}
    host.configure(INTERVAL, chance.choice((small, None)), copies=COPIES)
    with host.start() as daemon:
        books = _wait_until_stored(host, daemon, chance.randint(1, MOST_RECORDS), pending=True)
        time.sleep(chance.uniform(0, chance.choice(AFTER_STATUS_SECONDS)))
        daemon.check_alive()
        daemon.kill()
    content, integrity = _examine(host, copies)
    return Kill(before + books["stored"], content.records, books["in_flight"], integrity,
                content.problems)


def _judge(taken: list[Kill], wanted: int, verdicts: Verdicts) -> None:
    verdicts.add("kills: each start worked", len(taken) == wanted,
                 f"{len(taken)} of {wanted} kills done")
    broken = [kill.integrity for kill in taken if kill.integrity != "ok"]
    verdicts.add("kills: integrity_check", not broken, "; ".join(broken[:3]) or "ok each time")
    twice = [problem for kill in taken for problem in kill.problems]
    verdicts.add("kills: no row and no field twice", not twice,
                 "; ".join(twice[:3]) or f"{taken[-1].found if taken else 0} records")
    lost = [kill.promised - kill.found for kill in taken if kill.found < kill.promised]
    more = [kill.found - kill.promised for kill in taken]
    verdicts.add("kills: all that was reported stored is there", not lost,
                 f"lost {lost}" if lost else f"beyond it, by kill: {report.spread(more, 0)}")
    pending = sum(kill.pending > 0 for kill in taken)
    later = sum(kill.found > kill.promised for kill in taken)
    print(f"at the last status before the kill, {pending} of {len(taken)} hosts had records in "
          f"flight; {later} committed more before they died")


def _last_start(host: UnityHost, before: int, verdicts: Verdicts) -> None:
    """After all kills: an orderly life, whose books must agree with the database exactly."""
    host.configure(INTERVAL, copies=COPIES)
    with host.start() as daemon:
        _wait_until_stored(host, daemon, 100)
        daemon.terminate(10)
        code = daemon.process.returncode
    books, content = host.closing_books(), unity_store.read(host.database)
    stored = books["stored"] if books else -1
    verdicts.add("kills: an orderly life after them",
                 code == 0 and content.records == before + stored and not content.problems,
                 f"exit code {code}; {content.records} records in the database: {before} before, "
                 f"{stored} stored in this life; {content.problems or 'nothing twice'}")


def run(stage: pathlib.Path, folder: pathlib.Path, count: int, seed: int,
        verdicts: Verdicts) -> dict[str, Any]:
    host = UnityHost(stage, folder / "host", INTERVAL)
    chance = random.Random(seed)
    taken: list[Kill] = []
    found = 0
    try:
        for turn in range(count):
            kill = _kill_once(host, folder / "copy", chance, found)
            taken.append(kill)
            found = kill.found
            print(f"kill {turn + 1}/{count}: promised {kill.promised}, found {kill.found}, "
                  f"in flight {kill.pending}, integrity {kill.integrity}", flush=True)
        _last_start(host, found, verdicts)
    except DaemonError as error:
        verdicts.add("kills: start after a kill", False, str(error))
    _judge(taken, count, verdicts)
    return {"kills": [kill._asdict() for kill in taken]}
