"""The phase `reader`: somebody reads in one transaction for a minute, as a report or a dump does,
while records keep coming and the host starts anew in the middle of it.

Claims: no more waits than while nobody read, the host makes the partition that is missing, and
nothing is lost.
"""
import contextlib
import pathlib
import subprocess
from collections.abc import Iterator
from typing import Any

from numbered_stores import Postgres
from numbers_host import NumbersHost, Programs, steady_loads
from outage import CALM_SECONDS, Look, watch
from postgres_server import ENVIRONMENT, PostgresServer
from report import Verdicts

STARTING_SECONDS = 5.0  # until a host that begins anew has caught up
LAST_PARTITION = ("SELECT max(inhrelid::regclass::text) FROM pg_inherits "
                  "WHERE inhparent = 'metric_frames'::regclass")


@contextlib.contextmanager
def reading(server: PostgresServer) -> Iterator[subprocess.Popen[str]]:
    """A transaction that has read all frames, and stays open."""
    process = subprocess.Popen(server.psql_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, cwd="/", env=ENVIRONMENT)
    assert process.stdin is not None and process.stdout is not None
    with process:
        process.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ;\n"
                            "SELECT count(*) FROM metric_frames;\n")
        process.stdin.flush()
        process.stdout.readline()
        try:
            yield process
        finally:
            process.stdin.close()


def _most_in_flight(looks: list[Look]) -> int:
    return max(one.in_flight for one in looks)


def run(programs: Programs, folder: pathlib.Path, seconds: float, rate: int,
        verdicts: Verdicts) -> dict[str, Any]:
    phase = "reader"
    loads, rate = steady_loads(rate)
    store = Postgres()
    host = NumbersHost(programs, folder, store, loads)
    try:
        with host.start() as daemon:
            watch(host, daemon, STARTING_SECONDS)
            calm = watch(host, daemon, CALM_SECONDS)
            last = store.server.sql(LAST_PARTITION)[0][0]
            store.server.sql(f"DROP TABLE {last}")  # before anybody reads it
            with reading(store.server) as reader:
                looks = watch(host, daemon, seconds / 2)
                daemon.terminate(60)
                with host.start() as second:
                    watch(host, second, STARTING_SECONDS)
                    looks += watch(host, second, max(0.0, seconds / 2 - STARTING_SECONDS))
                    made = store.server.sql(LAST_PARTITION)[0][0]
                    verdicts.add(f"{phase}: it read to the end", reader.poll() is None,
                                 f"{seconds:.0f} s")
                    second.terminate(60)
        # What comes in a second may be on its way at any moment.
        allowed = max(_most_in_flight(calm), rate)
        verdicts.add(f"{phase}: no writer waits", _most_in_flight(looks) <= allowed,
                     f"at most {_most_in_flight(looks)} in flight (before: {_most_in_flight(calm)}; "
                     f"{rate} records/s)")
        verdicts.add(f"{phase}: partitions are made meanwhile", made == last, f"{made}")
        host.last_life()
        judged = host.judge(phase, verdicts)
    finally:
        store.close()
    return {"reader": {"seconds": seconds, "rate": rate, "judged": judged,
                       "looks": [one._asdict() for one in looks]}}
