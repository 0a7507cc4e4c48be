"""What Unity's SQLite file holds, read without Unity.

A frame is all that is known of one source at one moment: an array of numbers by position, and
texts as {"metric": {"field": "text"}}. A record, as collectors emit them, is one metric in one
frame. What the host adds itself (`_collection`) is left out everywhere.
"""
import json
import pathlib
import sqlite3
from typing import NamedTuple

HOST_METRIC = "_collection"

FIRST_VALUE = """
SELECT 1 FROM metric_frames f JOIN metric_series s ON s.source_id = f.source_id
 WHERE f.time >= ? AND s.metric_name <> '_collection' AND f.vals ->> s.position IS NOT NULL LIMIT 1
"""


class Content(NamedTuple):
    frames: int
    records: int
    values: int  # fields that are present, texts included
    problems: list[str]  # what must never be: something twice, or a value without a name


def connect(path: pathlib.Path) -> sqlite3.Connection:
    """For reading only; beside a running host this does not delay it."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)


class Watcher:
    """Tells when a committed frame of `time_us` or later has a collector's number.

    Made for asking again and again: it opens the file when there is a write-ahead log to read (any
    earlier, and the host could not switch that on), and looks only after somebody committed.
    """

    def __init__(self, path: pathlib.Path, time_us: int) -> None:
        self._path = path
        self._wal = pathlib.Path(f"{path}-wal")
        self._time_us = time_us
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None  # of the data that was looked at last

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def has_value(self) -> bool:
        try:
            if self._connection is None:
                if not self._wal.exists() or self._wal.stat().st_size == 0:
                    return False
                self._connection = connect(self._path)
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
            if version == self._version:
                return False
            found = self._connection.execute(FIRST_VALUE, (self._time_us,)).fetchone()
        except (FileNotFoundError, sqlite3.OperationalError):
            return False  # the file or its tables are being made
        self._version = version
        return found is not None


def integrity(path: pathlib.Path) -> str:
    """`ok`, or what SQLite found."""
    connection = connect(path)
    try:
        return "; ".join(row[0] for row in connection.execute("PRAGMA integrity_check(5)"))
    except sqlite3.DatabaseError as error:
        return str(error)
    finally:
        connection.close()


class _Problems:
    """Keeps the first few; a broken file has thousands."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def add(self, text: str) -> None:
        if len(self.kept) < 10:
            self.kept.append(text)


def _unique_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """json.loads keeps the last of two equal names; here that is an error."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name occurs twice")
    return made


def _names(connection: sqlite3.Connection, problems: _Problems) -> dict[int, dict[int, tuple]]:
    """(metric, field) by source and position."""
    names: dict[int, dict[int, tuple]] = {}
    seen = set()
    for source, position, metric, field in connection.execute(
            "SELECT source_id, position, metric_name, field FROM metric_series"):
        if (source, metric, field) in seen:
            problems.add(f"series {metric}.{field} of source {source} is there twice")
        seen.add((source, metric, field))
        places = names.setdefault(source, {})
        if position in places:
            problems.add(f"position {position} of source {source} has two series")
        if position is not None:
            places[position] = (metric, field)
    return names


def _check_sources(connection: sqlite3.Connection, problems: _Problems) -> None:
    for instance, tags, count in connection.execute(
            "SELECT instance, tags, count(*) FROM metric_sources"
            " GROUP BY device_id, plugin_id, instance, tags HAVING count(*) > 1"):
        problems.add(f"source {instance} {tags} is there {count} times")


def read(path: pathlib.Path) -> Content:
    """Counts everything and looks for what is there twice; about 10 µs a frame."""
    connection = connect(path)
    problems = _Problems()
    frames = records = values = 0
    try:
        connection.execute("BEGIN")  # one moment for all queries
        names = _names(connection, problems)
        _check_sources(connection, problems)
        keys = set()
        for source, moment, vals, doc in connection.execute(
                "SELECT source_id, time, vals, doc FROM metric_frames NOT INDEXED"):
            frames += 1
            if (source, moment) in keys:
                problems.add(f"frame of source {source} at {moment} is there twice")
            keys.add((source, moment))
            try:
                fields = _fields(names.get(source, {}), vals, doc)
            except (ValueError, KeyError) as error:
                problems.add(f"frame of source {source} at {moment}: {error}")
                continue
            if len(fields) != len(set(fields)):
                problems.add(f"a field twice in source {source} at {moment}")
            values += len(fields)
            records += len({metric for metric, _ in fields})
    finally:
        connection.close()
    return Content(frames, records, values, problems.kept)


def _fields(names: dict[int, tuple], vals: str, doc: str | None) -> list[tuple]:
    """The (metric, field) of each value in a frame, texts included, in no order."""
    found = []
    for position, value in enumerate(json.loads(vals)):
        if value is None:
            continue
        if position not in names:
            raise KeyError(f"a number at position {position} has no series")
        found.append(names[position])
    if doc is not None:
        for metric, texts in json.loads(doc, object_pairs_hook=_unique_object).items():
            found.extend((metric, field) for field in texts)
    return [name for name in found if name[0] != HOST_METRIC]
