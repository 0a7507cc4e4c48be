"""The databases of the long proofs: how each is made, kept from the host for a while, and read for
what the collectors that number their records have stored there."""
import contextlib
import pathlib
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numbered
import proc
from mariadb_server import MariadbServer
from postgres_server import PostgresServer

TROUBLE_SECONDS = (0.2, 2.0)


class Store(Protocol):
    name: str
    section: dict[str, Any]  # of the host's configuration

    def stored(self, instance: str) -> Iterator[tuple[int, list[float]]]:
        """Times in microseconds and the numbers found there, by time."""

    def unreachable(self) -> contextlib.AbstractContextManager[None]:
        """Nothing can be written to it meanwhile."""

    def trouble(self, chance: random.Random, over: threading.Event) -> str | None:
        """Keeps it from the host for a moment; returns in which way, None if that failed."""

    def integrity(self) -> str:
        """`ok`, or what is wrong with it."""

    def cpu_ns(self) -> int:
        """Processor time of its own processes since it was started, if it runs."""

    def close(self) -> None: ...


class Sqlite:
    """The file of the host; trouble holds it locked, as another program might."""

    name = "sqlite"

    def __init__(self, folder: pathlib.Path) -> None:
        self.path = folder / "state" / "unity.db"
        self.section = {"type": "sqlite", "path": self.path.name}

    def stored(self, instance: str) -> Iterator[tuple[int, list[float]]]:
        return numbered.stored_in_sqlite(self.path, instance)

    @contextlib.contextmanager
    def unreachable(self) -> Iterator[None]:
        with contextlib.closing(sqlite3.connect(self.path, timeout=5, isolation_level=None)) as c:
            c.execute("BEGIN EXCLUSIVE")
            yield
            c.execute("ROLLBACK")

    def trouble(self, chance: random.Random, over: threading.Event) -> str | None:
        if not self.path.exists():
            return None
        try:
            with self.unreachable():
                over.wait(chance.uniform(*TROUBLE_SECONDS))
        except sqlite3.OperationalError:
            return None  # the host was quicker for all that time
        return "locked"

    def integrity(self) -> str:
        with contextlib.closing(sqlite3.connect(self.path, timeout=60)) as connection:
            return "; ".join(row[0] for row in connection.execute("PRAGMA integrity_check(5)"))

    def cpu_ns(self) -> int:
        return 0  # it works in the host

    def close(self) -> None:
        pass


class _Server:
    """A server of its own; trouble ends it in one of its ways, or freezes it for a while."""

    name: str

    def __init__(self, server: PostgresServer | MariadbServer,
                 ends: dict[str, Callable[[], None]]) -> None:
        self.server = server
        self.section = server.section()
        self._ends = {"killed": server.kill, **ends}

    @contextlib.contextmanager
    def unreachable(self) -> Iterator[None]:
        self.server.kill()
        yield
        self.server.start()

    def trouble(self, chance: random.Random, over: threading.Event) -> str:
        kind = chance.choice((*self._ends, "frozen"))
        if kind == "frozen":
            self.server.freeze()
            over.wait(chance.uniform(*TROUBLE_SECONDS))
            self.server.thaw()
            return kind
        self._ends[kind]()
        over.wait(chance.uniform(*TROUBLE_SECONDS))
        self.server.start()
        return kind

    def cpu_ns(self) -> int:
        return proc.tree_cpu_ns(self.server.pid) if self.server.pid else 0

    def close(self) -> None:
        self.server.close()


class Postgres(_Server):
    name = "postgresql"

    def __init__(self, **options: Any) -> None:
        server = PostgresServer(**options)
        super().__init__(server, {"stopped": lambda: server.stop("fast"),
                                  "stopped at once": lambda: server.stop("immediate")})

    def stored(self, instance: str) -> Iterator[tuple[int, list[float]]]:
        return numbered.stored_in_postgres(self.server, instance)

    def integrity(self) -> str:
        """PostgreSQL says by itself when a page is broken; the keys are checked by counting."""
        doubles = self.server.sql("SELECT count(*) FROM (SELECT 1 FROM metric_frames "
                                  "GROUP BY source_id, time HAVING count(*) > 1) AS twice")
        return "ok" if doubles == [["0"]] else f"{doubles[0][0]} keys are there twice"


class Mariadb(_Server):
    name = "mariadb"

    def __init__(self, **options: Any) -> None:
        server = MariadbServer(**options)
        super().__init__(server, {"stopped": server.stop})

    def stored(self, instance: str) -> Iterator[tuple[int, list[float]]]:
        return numbered.stored_in_mariadb(self.server, instance)

    def integrity(self) -> str:
        tables = [row[0] for row in self.server.sql("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")]
        answers = self.server.sql("CHECK TABLE " + ", ".join(f"`{table}`" for table in tables))
        return "; ".join(": ".join(row) for row in answers if row[2:] != ["status", "OK"]) or "ok"


STORES = (Sqlite.name, Postgres.name, Mariadb.name)


def open_store(name: str, folder: pathlib.Path, durable: bool = False) -> Store:
    """`durable`: a server syncs as it does when nothing is said about that."""
    folder.mkdir(parents=True, exist_ok=True)
    if name == Sqlite.name:
        return Sqlite(folder)
    return (Postgres if name == Postgres.name else Mariadb)(durable=durable)
