"""The same test on each kind of database: what a kind adds to a HostTest is how to begin with an
empty one, how to look into it behind the host's back, and how its own client runs a script."""
import contextlib
import os
import pathlib
import sqlite3
import subprocess

from harness import NEIGHBOUR
from mariadb_server import MariadbServer
from postgres_server import PostgresServer


class OnSqlite:
    KIND = "sqlite"

    def empty(self, collectors=(NEIGHBOUR,), **sections):
        """A host whose database does not exist yet."""
        self.one = self.host(list(collectors), **sections)
        self.one.database.parent.mkdir(parents=True, exist_ok=True)  # for other clients
        return self.one

    def section(self, **more):
        return {"type": "sqlite", "path": "unity.db", **more}

    def sql(self, text):
        """The rows of one statement, as lists of text."""
        with contextlib.closing(sqlite3.connect(self.one.database, timeout=30)) as database:
            with database:
                return [["NULL" if cell is None else str(cell) for cell in row]
                        for row in database.execute(text)]

    def run_script(self, text):
        subprocess.run(["sqlite3", self.one.database], input=text, text=True, check=True,
                       stdout=subprocess.DEVNULL)

    def tables(self):
        return sorted(row[0] for row in self.sql(
            "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'"))

    TRUE = "1"


class OnServer:
    """A server for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.make_server()
        cls.addClassCleanup(cls.server.close)

    def empty(self, collectors=(NEIGHBOUR,), **sections):
        self.clear()
        database = {**self.section(), **sections.pop("database", {})}
        self.one = self.host(list(collectors), database=database, **sections)
        return self.one

    def section(self, **more):
        return self.server.section(**{"connect_timeout": "2s", **more})

    def sql(self, text):
        return self.server.sql(text)

    def run_script(self, text):
        self.server.script(text)

    def tables(self):
        return sorted(row[0] for row in self.sql(
            f"SELECT table_name FROM information_schema.tables WHERE table_schema = {self.SCHEMA}"))

    TRUE = "TRUE"


class OnPostgres(OnServer):
    KIND = "postgresql"
    SCHEMA = "current_schema()"
    make_server = PostgresServer

    def clear(self):
        self.server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


class OnMariadb(OnServer):
    KIND = "mariadb"
    SCHEMA = "DATABASE()"
    make_server = MariadbServer

    def clear(self):
        self.server.clear()


def self_signed(folder, user=None):
    """A key and a certificate of its own for 127.0.0.1; returns the paths (certificate, key)."""
    folder = pathlib.Path(folder)
    certificate, key = folder / "server.crt", folder / "server.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
         certificate], check=True, capture_output=True)
    key.chmod(0o600)
    if user is not None:
        os.chown(key, user.pw_uid, user.pw_gid)
    return certificate, key
