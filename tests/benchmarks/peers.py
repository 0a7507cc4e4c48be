"""How collectd and Fluent Bit are configured and started in a folder of their own.

Both measure what Unity's bundled collectors measure, every second, into files. Neither of them
syncs those files to the disk; Unity commits to SQLite with full durability.
"""
import json
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

from daemon import Daemon

COLLECTD_PLUGINS = ("cpu", "memory", "load", "df", "disk", "interface", "processes")
# Beside those: what else Unity measures, and vmem, to come near its number of values.
COLLECTD_MORE = ("swap", "uptime", "contextswitch", "protocols", "vmem")
FLUENT_BIT_MISSING = "Fluent Bit not found, left out"


def find_collectd() -> str | None:
    """The program, also where PATH lacks the folders for administrators."""
    return shutil.which("collectd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def find_fluent_bit() -> str | None:
    """$FLUENT_BIT, else what PATH has."""
    return shutil.which(os.environ.get("FLUENT_BIT") or "fluent-bit")


class Collectd:
    """csv writer with StoreRates, at 1 s; `more` asks for about as many values as Unity stores."""

    def __init__(self, program: str, folder: pathlib.Path, more: bool = False) -> None:
        self.program = program
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "collectd.conf"
        folder.mkdir(parents=True, exist_ok=True)
        lines = ['Hostname "bench"', "FQDNLookup false", "Interval 1", f'BaseDir "{folder}"',
                 f'PIDFile "{folder}/pid"', "LoadPlugin csv", "<Plugin csv>",
                 f'  DataDir "{self.data}"', "  StoreRates true", "</Plugin>"]
        plugins = COLLECTD_PLUGINS + (COLLECTD_MORE if more else ())
        lines += [f"LoadPlugin {plugin}" for plugin in plugins]
        if more:
            lines += ["<Plugin protocols>", '  Value "/^Tcp:/"', "</Plugin>"]
        self.config.write_text("\n".join(lines) + "\n")

    def start(self) -> Daemon:
        return Daemon([self.program, "-f", "-C", str(self.config)], self.folder / "log")

    def _rows(self) -> Iterator[str]:
        for folder, _, files in os.walk(self.data):
            for name in files:
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    next(file, None)  # names of the columns
                    yield from file

    def has_value(self) -> bool:
        return any(self._rows())

    def values(self) -> int:
        """Columns beside the time, of all complete rows."""
        return sum(row.count(",") for row in self._rows() if row.endswith("\n"))


class FluentBit:
    """Inputs at 1 s into one file.

    `dummy` replaces them by one input that emits as soon as it starts, which nothing real does: the
    best that its pipeline can do.
    """

    def __init__(self, program: str, folder: pathlib.Path, flush_seconds: float | None = None,
                 dummy: bool = False) -> None:
        self.program = program
        self.folder = folder
        self.config = folder / "fluent-bit.conf"
        self.out = folder / "out"
        folder.mkdir(parents=True, exist_ok=True)
        service = {"daemon": "off", "log_level": "error"}
        if flush_seconds is not None:
            service["flush"] = str(flush_seconds)
        sections = [("SERVICE", service)]
        if dummy:
            sections.append(("INPUT", {"name": "dummy", "flush_on_startup": "true"}))
        else:
            sections += [("INPUT", options | {"interval_sec": "1"}) for options in self._inputs()]
        sections.append(("OUTPUT", {"name": "file", "match": "*", "path": str(folder),
                                    "file": self.out.name}))
        self.config.write_text("".join(
            f"[{name}]\n" + "".join(f"    {key} {value}\n" for key, value in options.items())
            for name, options in sections))

    @staticmethod
    def _inputs() -> Iterator[dict[str, str]]:
        for name in ("cpu", "mem", "disk"):
            yield {"name": name, "tag": name}
        for interface in sorted(os.listdir("/sys/class/net")):
            yield {"name": "netif", "tag": "netif", "interface": interface}
        yield {"name": "proc", "tag": "proc", "proc_name": "fluent-bit"}

    def start(self) -> Daemon:
        return Daemon([self.program, "-q", "-c", str(self.config)], self.folder / "log")

    def runs(self) -> bool:
        """Whether it takes its configuration; it may have been built without some plugins."""
        return subprocess.run([self.program, "--dry-run", "-c", str(self.config)],
                              capture_output=True, check=False).returncode == 0

    def has_value(self) -> bool:
        try:
            return self.out.stat().st_size > 0
        except FileNotFoundError:
            return False

    def values(self) -> int:
        """Keys of all complete records (`tag: [time, {...}]`)."""
        total = 0
        if not self.out.exists():
            return 0
        with self.out.open(encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):
                    total += len(json.loads(line.partition(": ")[2])[1])
        return total
