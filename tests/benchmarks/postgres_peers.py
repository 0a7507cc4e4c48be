"""collectd's postgresql writer, Fluent Bit's pgsql output, and psql's COPY as the floor: each writes
records of its own into one PostgreSQL server, and tells what that cost.
"""
import pathlib
import shutil
import subprocess
import time
from typing import NamedTuple

import proc
from daemon import Daemon, DaemonError
from postgres_server import PostgresServer

SERIES = 1000
PATIENCE_SECONDS = 300.0
FLOOR_BATCH = 1000
COLLECTD_TYPES = pathlib.Path("/usr/share/collectd/types.db")
COLLECTD_HEADERS = pathlib.Path("/usr/include/collectd")
# As the rows arrive, which for collectd's long transactions is before they are committed.
SPAN_OF_COLUMN = "SELECT extract(epoch FROM max(inserted) - min(inserted)), count(*) FROM flat"
# Between the first and the last commit; the rows of the first are not counted.
SPAN_OF_COMMITS = """
WITH moments AS (SELECT pg_xact_commit_timestamp(xmin) AS at FROM {table} {condition}),
     ends AS (SELECT min(at) AS first, max(at) AS last FROM moments)
SELECT extract(epoch FROM last - first), (SELECT count(*) FROM moments WHERE at > first)
  FROM ends"""


class Written(NamedTuple):
    """`values` numbers in each of so many records."""

    values: int
    records: int
    seconds: float
    daemon_us: float  # processor time of the writer for each record
    server_us: float  # and of the server

    @property
    def records_per_second(self) -> float:
        return self.records / self.seconds if self.seconds else 0.0

    @property
    def values_per_second(self) -> float:
        return self.records_per_second * self.values


def span(server: PostgresServer, query: str) -> tuple[float, int]:
    seconds, rows = server.sql(query)[0]
    return float(seconds or 0), int(rows)


def wait_until_idle(server: PostgresServer, daemon: Daemon) -> None:
    """Until the daemon's connection has had nothing to do for two seconds."""
    query = ("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
             "AND pid <> pg_backend_pid() AND now() - state_change > '2 s'")
    while server.sql(query) == [["0"]]:
        if daemon.age() > PATIENCE_SECONDS:
            raise DaemonError(f"still writing after {PATIENCE_SECONDS:.0f} s")
        daemon.sleep(0.5)


def collectd_plugin(folder: pathlib.Path) -> pathlib.Path | None:
    """Builds the plugin that dispatches; None without the headers (Debian: collectd-dev)."""
    if not (COLLECTD_HEADERS / "core" / "daemon" / "plugin.h").exists():
        return None
    built = folder / "flood.so"
    source = pathlib.Path(__file__).with_name("collectd_flood.c")
    includes = [f"-I{COLLECTD_HEADERS / each}" for each in ("", "core", "core/daemon")]
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-DHAVE_CONFIG_H", *includes, str(source),
                    "-o", str(built)], check=True)
    return built


class CollectdWriter:
    """One row for each value list, in the columns that its documentation shows, without an index."""

    def __init__(self, program: str, plugin: pathlib.Path, folder: pathlib.Path,
                 server: PostgresServer, values: int, commit_interval: int) -> None:
        self.program = program
        self.plugin = plugin
        self.folder = folder
        self.server = server
        self.values = values
        self.commit_interval = commit_interval
        folder.mkdir(parents=True, exist_ok=True)

    def _configure(self, lists: int) -> pathlib.Path:
        kind = "gauge" if self.values == 1 else "five"
        types = self.folder / "types.db"
        types.write_text("five " + ", ".join(f"v{i}:GAUGE:U:U" for i in range(1, 6)) + "\n")
        modules = self.folder / "modules"
        modules.mkdir(exist_ok=True)
        for module in (self.plugin, pathlib.Path("/usr/lib/collectd/postgresql.so")):
            shutil.copyfile(module, modules / module.name)
        config = self.folder / "collectd.conf"
        config.write_text(f"""
Hostname "bench"
FQDNLookup false
Interval 3600
BaseDir "{self.folder}"
PIDFile "{self.folder}/pid"
PluginDir "{modules}"
TypesDB "{COLLECTD_TYPES}" "{types}"
LoadPlugin postgresql
LoadPlugin flood
<Plugin postgresql>
  <Writer flat>
    Statement "INSERT INTO flat (time, host, plugin, plugin_inst, type, type_inst, value_names, value_types, vals) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);"
    StoreRates false
  </Writer>
  <Database {self.server.database}>
    Host "127.0.0.1"
    Port "{self.server.port}"
    User "unity"
    SSLMode "disable"
    Writer flat
    CommitInterval {self.commit_interval}
  </Database>
</Plugin>
<Plugin flood>
  Lists {lists}
  Series {SERIES}
  Type "{kind}"
</Plugin>
""")
        return config

    def run(self, lists: int) -> Written:
        server = self.server
        server.sql("DROP TABLE IF EXISTS flat; CREATE TABLE flat (time timestamptz, host text, "
                   "plugin text, plugin_inst text, type text, type_inst text, value_names text[], "
                   "value_types text[], vals float8[], inserted timestamptz DEFAULT clock_timestamp())")
        before = proc.tree_cpu_ns(server.pid)
        with Daemon([self.program, "-f", "-C", str(self._configure(lists))],
                    self.folder / "log") as daemon:
            wait_until_idle(server, daemon)
            daemon_ns, server_ns = proc.cpu_ns(daemon.pid), proc.tree_cpu_ns(server.pid) - before
            daemon.terminate(10)  # which commits
        seconds, rows = span(server, SPAN_OF_COLUMN)
        if rows == 0:
            raise DaemonError(f"collectd wrote nothing: {(self.folder / 'log').read_text()[-500:]}")
        return Written(self.values, rows, seconds, daemon_ns / 1e3 / rows, server_ns / 1e3 / rows)


class FluentBitWriter:
    """Its input `dummy` for some seconds, at more records/s than it can write; rows of tag, time,
    JSON. Its cpu is that of what it took in as well."""

    SECONDS = 10.0
    TABLE = "fluentbit"

    def __init__(self, program: str, folder: pathlib.Path, server: PostgresServer,
                 values: int, rate: int) -> None:
        self.program = program
        self.folder = folder
        self.server = server
        self.values = values
        self.rate = rate
        folder.mkdir(parents=True, exist_ok=True)

    @staticmethod
    def can_write(program: str) -> bool:
        """Whether it was built with the output pgsql."""
        told = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
        return "pgsql" in told.stdout

    def run(self) -> Written:
        server = self.server
        server.sql(f"DROP TABLE IF EXISTS {self.TABLE}")
        fields = {f"v{i}": 1795269870000000 + i for i in range(1, self.values + 1)}
        text = ",".join(f'"{name}":{value}' for name, value in fields.items())
        config = self.folder / "fluent-bit.conf"
        config.write_text(f"""[SERVICE]
    daemon off
    log_level warn
    flush 0.5
[INPUT]
    name dummy
    tag bench
    rate {self.rate}
    dummy {{"metric":"numbers","series":"17","values":{{{text}}}}}
[OUTPUT]
    name pgsql
    match *
    host 127.0.0.1
    port {server.port}
    user unity
    database {server.database}
    table {self.TABLE}
""")
        before = proc.tree_cpu_ns(server.pid)
        with Daemon([self.program, "-q", "-c", str(config)], self.folder / "log") as daemon:
            daemon.sleep(self.SECONDS)
            daemon_ns, server_ns = proc.cpu_ns(daemon.pid), proc.tree_cpu_ns(server.pid) - before
            # What is counted is over the same time as its cpu; the rest may come or not.
            found = int(server.sql(f"SELECT count(*) FROM {self.TABLE}")[0][0])
            seconds, rows = span(server, SPAN_OF_COMMITS.format(table=self.TABLE, condition=""))
            daemon.kill()
        if found == 0:
            raise DaemonError(f"fluent-bit wrote nothing: {(self.folder / 'log').read_text()[-500:]}")
        return Written(self.values, rows, seconds, daemon_ns / 1e3 / found, server_ns / 1e3 / found)


def copy_floor(server: PostgresServer, folder: pathlib.Path, values: int, records: int,
               table: str) -> Written:
    """One psql that copies batches, each its own durable transaction, into a table like Unity's."""
    script = folder / f"floor-{values}.sql"
    base = 1_795_269_870_000_000
    with script.open("w") as file:
        for first in range(0, records, FLOOR_BATCH):
            file.write(f"COPY {table} (source_id, time, vals) FROM STDIN;\n")
            for number in range(base + first, base + min(first + FLOOR_BATCH, records)):
                seconds, micros = divmod(number, 1_000_000)
                moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
                numbers = ",".join(str(number + i) for i in range(values))
                file.write(f"{number % SERIES}\t{moment}.{micros:06d}+00\t{{{numbers}}}\n")
            file.write("\\.\n")
    before = proc.tree_cpu_ns(server.pid)
    began = time.perf_counter()
    with Daemon([str(word) for word in server.psql_command("-f", str(script))],
                folder / "floor.log") as daemon:
        code = daemon.process.wait(PATIENCE_SECONDS)
        seconds = time.perf_counter() - began
    if code != 0:
        raise DaemonError(f"psql: {(folder / 'floor.log').read_text()[-500:]}")
    server_ns = proc.tree_cpu_ns(server.pid) - before
    script.unlink()
    return Written(values, records, seconds, 0.0, server_ns / 1e3 / records)
