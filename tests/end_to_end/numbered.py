"""Whether the database has what the host accepted: all of it, nothing else, each once.

The collector `zoo.numbers` numbers its records by their own microseconds. The spool writes a line
about each entry that is durable, so the log of accepted runs says which numbers must be there.
"""
import json
import pathlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

Interval = tuple[int, int]  # first and last number, both included


class Entry(NamedTuple):
    """The columns of one line that matter here. Several entries may be of one run."""

    first_seq: int
    run: int
    instance: str
    records: int
    emitted: int  # of these; the others the host made itself
    first_time_us: int
    last_time_us: int

    def numbers(self, in_frame: int) -> Interval | None:
        """The numbers of a run end at its last time; what the host adds is never later."""
        if self.emitted == 0:
            return None
        return self.last_time_us - self.emitted // in_frame + 1, self.last_time_us


class AcceptedLog:
    """Collects the log while it grows; it is bounded and rotates, so it is read after each life."""

    def __init__(self, state_dir: pathlib.Path) -> None:
        self.folder = state_dir / "spool"
        self.entries: dict[int, Entry] = {}  # by first_seq
        self.faults: list[str] = []

    def read(self) -> None:
        for path in sorted(self.folder.glob("accepted.log*")):
            for line in path.read_text().splitlines(keepends=True):
                if line.endswith("\n"):
                    self._add(path, line)

    def _add(self, path: pathlib.Path, line: str) -> None:
        try:
            first, run, instance, *rest = line.split()[:len(Entry._fields)]
            entry = Entry(int(first), int(run), instance, *map(int, rest))
        except (TypeError, ValueError):
            self.faults.append(f"{path.name}: not a line of the log: {line.strip()!r}")
            return
        known = self.entries.setdefault(entry.first_seq, entry)
        if known != entry:
            self.faults.append(f"{entry.first_seq} is both {known} and {entry}")

    def gaps(self) -> list[str]:
        """Sequence numbers count records: each entry begins where the one before it ends."""
        entries = [self.entries[key] for key in sorted(self.entries)]
        return [f"after {before} comes {after}" for before, after in zip(entries, entries[1:])
                if before.first_seq + before.records != after.first_seq]

    def accepted(self, instance: str, in_frame: int = 1) -> list[Interval]:
        """`in_frame`: how many records have the same number."""
        found = (entry.numbers(in_frame) for entry in self.entries.values() if entry.instance == instance)
        return sorted(interval for interval in found if interval is not None)


class Verdict(NamedTuple):
    accepted: int  # numbers
    stored: int  # distinct numbers
    missing: list[Interval]
    invented: list[int]  # stored, but never accepted
    doubled: list[int]
    inexact: list[str]
    missing_count: int
    invented_count: int
    doubled_count: int
    inexact_count: int

    def whole(self) -> bool:
        return (self.accepted == self.stored > 0 and not self.missing_count
                and not self.invented_count and not self.doubled_count and not self.inexact_count)

    def text(self) -> str:
        parts = [f"{self.accepted} accepted, {self.stored} stored"]
        for name in ("missing", "invented", "doubled", "inexact"):
            count, samples = getattr(self, name + "_count"), getattr(self, name)
            parts.append(f"{count} {name}" + (f" ({samples[:3]})" if samples else ""))
        return ", ".join(parts)


class _Faults:
    """Counts all and keeps a few."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list = []

    def add(self, fault, count: int = 1) -> None:
        self.count += count
        if len(self.kept) < 10:
            self.kept.append(fault)


class _Expected:
    """Walks along the accepted numbers beside the stored ones; what it steps over is missing."""

    def __init__(self, accepted: Iterable[Interval]) -> None:
        self._intervals = iter(accepted)
        self._low, self._high = 0, -1  # what is still to come of the interval at hand
        self.total = 0
        self.missing = _Faults()

    def take(self, number: int) -> bool:
        """Whether it was accepted."""
        while self._high < number and self._next_interval():
            pass
        if not self._low <= number <= self._high:
            return False
        self._miss(number - 1)
        self._low = number + 1
        return True

    def finish(self) -> None:
        while self._next_interval():
            pass

    def _next_interval(self) -> bool:
        self._miss(self._high)
        self._low, self._high = next(self._intervals, (0, -1))
        self.total += self._high - self._low + 1
        return self._low <= self._high

    def _miss(self, last: int) -> None:
        if self._low <= last:
            self.missing.add((self._low, last), last - self._low + 1)


def judge(accepted: Iterable[Interval], stored: Iterable[tuple[int, list[float]]],
          in_frame: int = 1) -> Verdict:
    """`accepted` and `stored` are sorted; `stored` are times and the values found there."""
    expected = _Expected(accepted)
    invented, doubled, inexact = _Faults(), _Faults(), _Faults()
    distinct = 0
    last = None
    for time, values in stored:
        if time == last:
            doubled.add(time)
            continue
        last = time
        distinct += 1
        if (len(values) not in (in_frame, 5 * in_frame)
                or values != [time + i for i in range(len(values))]):
            inexact.add(f"{time}: {values}")
        if not expected.take(time):
            invented.add(time)
    expected.finish()
    missing = expected.missing
    return Verdict(expected.total, distinct, missing.kept, invented.kept, doubled.kept,
                   inexact.kept, missing.count, invented.count, doubled.count, inexact.count)


STORED = """
SELECT {time}, f.vals FROM metric_frames f
  JOIN metric_sources s ON s.source_id = f.source_id
 WHERE s.instance = '{instance}' AND EXISTS (
   SELECT 1 FROM metric_series n WHERE n.source_id = s.source_id AND n.metric_name = 'numbers')
 ORDER BY f.time"""


def stored_in_sqlite(path: pathlib.Path, instance: str) -> Iterator[tuple[int, list[float]]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)
    try:
        for time, values in connection.execute(STORED.format(time="f.time", instance=instance)):
            yield time, json.loads(values)
    finally:
        connection.close()


def stored_in_postgres(server, instance: str) -> Iterator[tuple[int, list[float]]]:
    query = STORED.format(time="(extract(epoch FROM f.time) * 1000000)::bigint", instance=instance)
    for line in server.copy_out(query):
        time, values = line.split("\t")
        yield int(time), [float(value) for value in values[1:-1].split(",")]


def stored_in_mariadb(server, instance: str) -> Iterator[tuple[int, list[float]]]:
    for line in server.copy_out(STORED.format(time="f.time", instance=instance)):
        time, values = line.split("\t")
        yield int(time), json.loads(values)
