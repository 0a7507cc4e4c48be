"""A MariaDB server of a test's own: a data folder that nobody else has, reached by a socket in it.
It can be stopped, killed, frozen and started again.

MariaDB refuses to run as root, so root becomes the user `mysql` (or `nobody`) for it. It does not
sync unless asked to: a killed process takes nothing from the kernel.
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

from postgres_server import ServerError

USER = "unity"  # may do everything in the database, and needs no password
START_SECONDS = 60.0  # a crash recovery included
SERVER = "/usr/sbin/mariadbd"
INSTALL = "/usr/bin/mariadb-install-db"
CLIENT = "/usr/bin/mariadb"
UNSYNCED = ("--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--debug-no-sync")


def _server_user():
    for name in ("mysql", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerError("neither the user mysql nor nobody exists")


class MariadbServer:
    """Made and started on construction."""

    def __init__(self, database="unity", port=None, arguments=(), durable=False):
        """`arguments` are more of the server's; with a port it also listens on 127.0.0.1."""
        for program in (SERVER, INSTALL, CLIENT):
            if not os.path.exists(program):
                raise ServerError("no MariaDB server is installed (Debian: mariadb-server)")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="unity-maria-"))
        self.socket = self.folder / "mysqld.sock"
        self.log = self.folder / "log"
        self.database = database
        self.port = port
        self.arguments = [*arguments, *(() if durable else UNSYNCED)]
        self.process = None
        self._become = []
        if os.geteuid() == 0:
            user = _server_user()
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
                            "--clear-groups"]
        try:
            done = subprocess.run(
                [*self._become, INSTALL, "--no-defaults", f"--datadir={self.folder / 'data'}",
                 "--auth-root-authentication-method=normal", "--skip-test-db"],
                capture_output=True, text=True, cwd="/")
            if done.returncode != 0:
                raise ServerError(f"mariadb-install-db: {done.stdout}{done.stderr}")
            self.start()
            self.sql(f"CREATE USER {USER}@localhost; GRANT ALL ON `{database}`.* TO {USER}@localhost",
                     database="mysql")
            self.clear()
        except BaseException:
            self.close()
            raise

    # ---- its life

    def start(self):
        """Starts it, unless it runs, and waits until it takes connections."""
        if self.process is not None and self.process.poll() is None:
            return self
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._become, SERVER, "--no-defaults", f"--datadir={self.folder / 'data'}",
                 f"--socket={self.socket}", f"--pid-file={self.folder / 'pid'}",
                 f"--tmpdir={self.folder}", *self._network(), "--innodb-buffer-pool-size=64M",
                 "--innodb-log-file-size=32M", *self.arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")
        end = time.monotonic() + START_SECONDS
        while self._client("SELECT 1", "mysql").returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise ServerError(f"does not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.02)
        return self

    @property
    def pid(self):
        return self.process.pid if self.process else None

    def stop(self):
        """It writes everything down first."""
        self.process.terminate()
        try:
            self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            raise ServerError(f"does not stop:\n{self.log.read_text()[-2000:]}") from None
        self.process = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def freeze(self):
        """Connections stay open, and nothing answers."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _network(self):
        return (["--bind-address=127.0.0.1", f"--port={self.port}"] if self.port
                else ["--skip-networking"])

    # ---- what tests ask and say

    def _command(self, *arguments):
        return [CLIENT, "--no-defaults", "--default-character-set=utf8mb4",
                f"--socket={self.socket}", "--user=root", *arguments]

    def _client(self, query, database):
        return subprocess.run(
            self._command("--batch", "--skip-column-names", database, "--execute", query),
            capture_output=True, text=True, cwd="/")

    def sql(self, query, database=None):
        """Rows as lists of text."""
        done = self._client(query, database or self.database)
        if done.returncode != 0:
            raise ServerError(f"{query}: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def copy_out(self, query):
        """Its rows as lines with tabs, one by one, for results that are too large to hold."""
        process = subprocess.Popen(
            self._command("--batch", "--quick", "--skip-column-names", self.database, "--execute",
                          query), stdout=subprocess.PIPE, text=True, cwd="/")
        with process.stdout:
            yield from (line.rstrip("\n") for line in process.stdout)
        if process.wait() != 0:
            raise ServerError(f"cannot copy out: {query}")

    def script(self, text):
        """What somebody wrote for the server's own client, as that reads it."""
        done = subprocess.run(self._command(self.database), input=text, capture_output=True,
                              text=True, cwd="/")
        if done.returncode != 0:
            raise ServerError(done.stderr.strip())

    def clear(self):
        """An empty database."""
        self.sql(f"DROP DATABASE IF EXISTS `{self.database}`; CREATE DATABASE `{self.database}`",
                 database="mysql")

    def password(self, text):
        """What the user is asked for from now on; nothing if it is empty."""
        self.sql(f"SET PASSWORD FOR {USER}@localhost = PASSWORD('{text}')", database="mysql")

    def section(self, **more):
        """What `database:` says in a configuration that is to use this server."""
        place = ({"host": "127.0.0.1", "port": self.port} if self.port
                 else {"host": str(self.folder)})
        return {"type": "mariadb", **place, "database": self.database, "username": USER, **more}
