"""The phase `hour`: all bundled collectors at 1 s, looked at once a minute.

A shorter run looks more often, for about 30 looks, but at most once a second.
"""
import pathlib
import statistics
import time
from typing import Any, NamedTuple

import proc
import report
import unity_store
from daemon import Daemon, DaemonError
from report import Verdicts
from unity_host import UnityHost

LOOK_SECONDS = 60.0
LOOKS_LEAST = 30
END_SECONDS = 2.0  # from SIGTERM to gone
GROWTH_BYTES = 256 * 1024
GROWTH_SHARE = 0.05
KIB = 1024
PSS_MAX_BYTES = 12 * 1024 * KIB


class Look(NamedTuple):
    """The host at one moment, `at` seconds after its start."""

    at: float
    pss_bytes: int
    resident_bytes: int
    anonymous_bytes: int
    cpu_ns: int
    threads: int
    fds: int
    database_bytes: int  # with its write-ahead log
    books: dict[str, Any]
    missed: int
    errors: int
    runs: int


def _look(host: UnityHost, daemon: Daemon) -> Look:
    daemon.check_alive()
    status = host.status()
    if status is None:
        raise DaemonError("the running host does not answer `status`")
    usage = proc.usage(daemon.pid)
    size = sum(file.stat().st_size for file in host.database.parent.glob("unity.db*"))
    instances = status["instances"]
    return Look(daemon.age(), usage.pss_bytes, usage.resident_bytes, usage.anonymous_bytes,
                usage.cpu_ns, usage.threads, usage.fds, size, status["accounting"], sum(i["missed"] for i in instances),
                sum(i["errors"] for i in instances), sum(i["runs"] for i in instances))


def balanced(books: dict[str, Any]) -> bool:
    """Each record that was collected is in exactly one of the other columns."""
    there = sum(books[key] for key in ("stored", "rejected", "dropped", "in_flight"))
    return books["collected"] == there and books["dropped"] == sum(books["dropped_by"].values())


def _print(look: Look, first: Look) -> None:
    minutes = (look.at - first.at) / 60
    cpu = (look.cpu_ns - first.cpu_ns) / 1e6 / minutes if minutes else 0.0
    books = look.books
    print(f"{look.at:7.0f} s  PSS {look.pss_bytes / KIB:6.0f} KiB  "
          f"anonymous {look.anonymous_bytes / KIB:6.0f} KiB  cpu {cpu:5.0f} ms/min  "
          f"threads {look.threads}  fds {look.fds}  db {look.database_bytes / KIB:7.0f} KiB  "
          f"collected {books['collected']}  stored {books['stored']}  "
          f"in flight {books['in_flight']}  runs {look.runs}  missed {look.missed}  "
          f"errors {look.errors}", flush=True)


def _watch(host: UnityHost, daemon: Daemon, seconds: float) -> list[Look]:
    """The first look comes after a few seconds, when everything has run at least once."""
    host.wait_for_status(daemon)
    daemon.sleep(max(0.0, min(5.0, seconds / 10) - daemon.age()))
    pace = max(1.0, min(LOOK_SECONDS, seconds / LOOKS_LEAST))
    looks = []
    due = time.perf_counter()
    while True:
        looks.append(_look(host, daemon))
        _print(looks[-1], looks[0])
        rest = seconds - daemon.age()
        if rest <= 0:
            return looks
        due += pace
        daemon.sleep(max(0.0, min(rest, due - time.perf_counter())))


def _judge_memory(looks: list[Look], seconds: float, verdicts: Verdicts) -> None:
    """The second sixth of the time against the last (of an hour: ten minutes each).

    Resident and anonymous memory must be flat. PSS is judged by its highest value alone: it moves
    by megabytes when other processes begin or cease to share libraries. Anonymous memory grows
    until SQLite's page cache is full, which at 1 s takes some minutes: runs of less than an hour
    may see that.
    """
    highest = max(look.pss_bytes for look in looks)
    verdicts.add("little memory, PSS", highest <= PSS_MAX_BYTES,
                 f"at most {highest / KIB:.0f} KiB (goal: at most {PSS_MAX_BYTES / KIB:.0f})")
    sixth = seconds / 6
    early = [look for look in looks if sixth <= look.at < 2 * sixth]
    late = [look for look in looks if look.at >= 5 * sixth]
    for name, field in (("resident", "resident_bytes"), ("anonymous", "anonymous_bytes")):
        if not early or not late:
            verdicts.add(f"flat memory, {name}", False, "too few looks to tell")
            continue
        before, after = (statistics.median(getattr(look, field) for look in part)
                         for part in (early, late))
        allowed = max(GROWTH_BYTES, before * GROWTH_SHARE)
        verdicts.add(f"flat memory, {name}", after - before <= allowed,
                     f"{before / KIB:.0f} KiB, then {after / KIB:.0f} KiB: "
                     f"{(after - before) / KIB:+.0f} KiB (at most {allowed / KIB:+.0f})")


def _judge_end(host: UnityHost, daemon: Daemon, verdicts: Verdicts) -> None:
    try:
        took = daemon.terminate(30)
    except DaemonError as error:
        verdicts.add("orderly end", False, str(error))
        return
    code = daemon.process.returncode
    verdicts.add("orderly end", code == 0 and took <= END_SECONDS,
                 f"exit code {code}, {took * 1000:.0f} ms after SIGTERM "
                 f"(at most {END_SECONDS * 1000:.0f})")
    books = host.closing_books()
    content = unity_store.read(host.database)
    if books is None:
        verdicts.add("books balance at the end", False, "the log has no closing line")
        return
    rest = books["collected"] - books["stored"] - books["rejected"] - books["dropped"]
    verdicts.add("books balance at the end", rest == 0, f"{books}, unaccounted {rest}")
    verdicts.add("the database has each stored record once",
                 content.records == books["stored"] and not content.problems,
                 f"{content.records} records in {content.frames} frames with {content.values} "
                 f"values, {books['stored']} said to be stored; "
                 f"{content.problems or 'nothing twice'}")
    verdict = unity_store.integrity(host.database)
    verdicts.add("integrity_check", verdict == "ok", verdict)


def run(stage: pathlib.Path, folder: pathlib.Path, seconds: float,
        verdicts: Verdicts) -> dict[str, Any]:
    host = UnityHost(stage, folder)
    with host.start() as daemon:
        looks = _watch(host, daemon, seconds)
        instances = (host.status() or {}).get("instances", [])
        for instance in instances:
            verdicts.add(f"on time, {instance['id']}",
                         instance["missed"] == 0 and instance["errors"] == 0,
                         f"{instance['runs']} runs, {instance['missed']} missed, "
                         f"{instance['errors']} errors; state {instance['state']}"
                         f" {instance['last_error']}")
        # `runs` must be what the time allows: a scheduler that forgets runs misses none.
        due = len(instances) * (seconds - 2)
        runs = sum(instance["runs"] for instance in instances)
        verdicts.add("every run happened", runs >= due > 0, f"{runs} runs, at least {due:.0f} due")
        wrong = [f"at {look.at:.0f} s: {look.books}" for look in looks if not balanced(look.books)]
        verdicts.add("books balance", not wrong,
                     "; ".join(wrong[:3]) or f"at each of {len(looks)} looks")
        _judge_memory(looks, seconds, verdicts)
        _judge_end(host, daemon, verdicts)

    minutes = (looks[-1].at - looks[0].at) / 60
    cpu = (looks[-1].cpu_ns - looks[0].cpu_ns) / 1e6 / minutes
    report.print_table(
        f"hour: {seconds:.0f} s, {len(looks)} looks", ("", "median [min..max]"),
        [("resident KiB", report.spread([look.resident_bytes / KIB for look in looks], 0)),
         ("PSS KiB", report.spread([look.pss_bytes / KIB for look in looks], 0)),
         ("anonymous KiB", report.spread([look.anonymous_bytes / KIB for look in looks], 0)),
         ("threads", report.spread([look.threads for look in looks], 0)),
         ("open files", report.spread([look.fds for look in looks], 0)),
         ("in flight, records", report.spread([look.books["in_flight"] for look in looks], 0)),
         ("cpu ms per minute", f"{cpu:.0f}"),
         ("database KiB at the end", f"{looks[-1].database_bytes / KIB:.0f}")])
    return {"hour": {"seconds": seconds, "cpu_ms_per_minute": cpu,
                     "looks": [look._asdict() for look in looks]}}
