"""A PostgreSQL server of a test's own: a cluster in a folder that nobody else has, reached by a
socket in that folder. It can be stopped, killed, frozen and started again.

PostgreSQL refuses to run as root, so root becomes the user `postgres` (or `nobody`) for it. The
folder is one of its own below the temporary folder, because that user must be able to reach it.

It does not sync unless asked to: a killed process takes nothing from the kernel, and a server that
syncs takes seconds to start again after a crash.
"""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

USER = "unity"  # the superuser of the cluster; no password is asked unless hba() says so
DEFAULT_PORT = 5432  # it only names the socket
START_SECONDS = 60.0  # a crash recovery included
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "PGOPTIONS": "-c timezone=UTC"}
MODES = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class ServerError(Exception):
    """The server did not do what it was told."""


def find_programs():
    """The folder with initdb and postgres, of the newest version; None if there is none."""
    installed = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"),
                       key=lambda path: int(path.parts[-3]))
    if installed:
        return installed[-1].parent
    elsewhere = shutil.which("initdb")
    return pathlib.Path(elsewhere).resolve().parent if elsewhere else None


def _server_user():
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerError("neither the user postgres nor nobody exists")


class PostgresServer:
    """Made and started on construction; `settings` are lines of postgresql.conf.

    With a port it also listens on 127.0.0.1.
    """

    def __init__(self, settings=None, database="unity", durable=False, port=None):
        self.programs = find_programs()
        if self.programs is None:
            raise ServerError("no PostgreSQL server is installed (Debian: postgresql)")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="unity-pg-"))
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.port = port
        self.process = None
        self._become = []
        if os.geteuid() == 0:
            user = _server_user()
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
                            "--clear-groups"]
        try:
            self._run("initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8",
                      "--locale=C.UTF-8", "--no-sync")
            lines = {"listen_addresses": "'127.0.0.1'" if port else "''",
                     "unix_socket_directories": f"'{self.folder}'",
                     "fsync": "on" if durable else "off", "port": port or DEFAULT_PORT, **(settings or {})}
            with (self.data / "postgresql.conf").open("a") as file:
                file.writelines(f"{key} = {value}\n" for key, value in lines.items())
            self.start()
            self.sql(f'CREATE DATABASE "{database}"', database="postgres")
        except BaseException:
            self.close()
            raise
        self.database = database

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _run(self, program, *arguments):
        done = subprocess.run([*self._become, self.programs / program, *map(str, arguments)],
                              capture_output=True, text=True, cwd="/", env=ENVIRONMENT)
        if done.returncode != 0:
            raise ServerError(f"{program}: {done.stdout}{done.stderr}")

    # ---- its life

    @property
    def pid(self):
        return self.process.pid if self.process else None

    def processes(self):
        """The server, then its children; those have none."""
        if self.process is None:
            return []
        found = [self.process.pid]
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and int(pathlib.Path("/proc", entry, "stat").read_text()
                                           .rpartition(")")[2].split()[1]) == self.process.pid:
                    found.append(int(entry))
            except OSError:
                continue  # it ended meanwhile
        return found

    def start(self):
        """Starts it, unless it runs, and waits until it takes connections."""
        if self.process is not None and self.process.poll() is None:
            return self
        end = time.monotonic() + START_SECONDS
        while True:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [*self._become, self.programs / "postgres", "-D", self.data],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")
            if self._wait_until_ready(end):
                return self
            # The rest of one that was killed may still hold the shared memory for a moment.
            if time.monotonic() > end:
                raise ServerError(f"does not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def _wait_until_ready(self, end):
        while self.process.poll() is None and time.monotonic() < end:
            if self.psql("SELECT 1", database="postgres").returncode == 0:
                return True
            time.sleep(0.02)
        return False

    def stop(self, mode="fast"):
        """fast: ends all sessions; immediate: without writing anything down."""
        if self.process is None:
            return
        self.process.send_signal(MODES[mode])
        try:
            self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            raise ServerError(f"does not stop:\n{self.log.read_text()[-2000:]}") from None
        self.process = None

    def kill(self):
        """SIGKILL for the server and then for all that it started."""
        self._signal_all(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def freeze(self):
        """All its processes stand still: connections stay open, and nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self):
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number):
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- what tests ask and say

    def psql_command(self, *arguments, database=None):
        """A psql on this server; rows are lines, columns are separated by tabs."""
        return [self.programs / "psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1",
                "-h", self.folder, "-p", str(self.port or DEFAULT_PORT), "-U", USER,
                "-d", database or self.database, *arguments]

    def psql(self, query, database=None, **options):
        """The finished psql."""
        return subprocess.run(self.psql_command("-c", query, database=database),
                              capture_output=True, text=True, cwd="/", env=ENVIRONMENT, **options)

    def sql(self, query, database=None):
        """Rows as lists of text."""
        done = self.psql(query, database)
        if done.returncode != 0:
            raise ServerError(f"{query}: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def script(self, text):
        """What somebody wrote for psql, as psql reads it."""
        done = subprocess.run(self.psql_command("-q", "-f", "-"), input=text, text=True, cwd="/",
                              env=ENVIRONMENT, capture_output=True, check=False)
        if done.returncode != 0:
            raise ServerError(done.stderr.strip())

    def copy_out(self, query, database=None):
        """The lines of COPY (query) TO STDOUT, one by one, for results that are too large to hold."""
        process = subprocess.Popen(
            self.psql_command("-c", f"COPY ({query}) TO STDOUT", database=database),
            stdout=subprocess.PIPE, text=True, cwd="/", env=ENVIRONMENT)
        with process.stdout:
            yield from (line.rstrip("\n") for line in process.stdout)
        if process.wait() != 0:
            raise ServerError(f"cannot copy out: {query}")

    def hba(self, lines):
        """Replaces pg_hba.conf and has it read again."""
        (self.data / "pg_hba.conf").write_text("\n".join(lines) + "\n")
        self.process.send_signal(signal.SIGHUP)

    def section(self, **more):
        """What `database:` says in a configuration that is to use this server."""
        place = ({"host": "127.0.0.1", "port": self.port} if self.port
                 else {"host": str(self.folder)})
        return {"type": "postgresql", **place, "database": self.database, "username": USER, **more}
