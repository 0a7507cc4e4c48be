"""How Unity is configured, started and asked in a folder of its own."""
import itertools
import json
import pathlib
import re
import subprocess
from typing import Any

from daemon import Daemon, DaemonError

BUNDLED = ("system", "disk", "network", "process")
ENDED = re.compile(r"ended: (\d+) records collected, (\d+) stored, (\d+) rejected, (\d+) dropped")


class UnityHost:
    """One state folder; the host may be started in it again and again.

    `stage` is an installed tree: `bin/unity`, and the bundled plugins where it looks for them.
    What is not set here is the host's default; the HTTP server takes any free port.
    """

    def __init__(self, stage: pathlib.Path, folder: pathlib.Path, interval: str = "1s",
                 collection: dict[str, Any] | None = None, top: int | None = None,
                 copies: int = 1) -> None:
        self.binary = stage.resolve() / "bin" / "unity"
        self.folder = folder
        self.config = folder / "unity.yaml"
        self.database = folder / "state" / "unity.db"
        self.log = folder / "unity.log"
        folder.mkdir(parents=True, exist_ok=True)
        self.configure(interval, collection, top, copies)

    def configure(self, interval: str, collection: dict[str, Any] | None = None,
                  top: int | None = None, copies: int = 1) -> None:
        """Writes the file: all bundled collectors, `copies` of each, at one interval.

        JSON is YAML too.
        """
        collectors = []
        for name, copy in itertools.product(BUNDLED, range(1, copies + 1)):
            identity = name if copy == 1 else f"{name}-{copy}"
            entry: dict[str, Any] = {"id": identity, "plugin": f"unity.{name}",
                                     "interval": interval}
            if name == "process" and top is not None:
                entry["config"] = {"top": top}
            collectors.append(entry)
        self.config.write_text(json.dumps({
            "state_dir": str(self.folder / "state"),
            "database": {"type": "sqlite", "path": self.database.name},
            "http": {"listen": "127.0.0.1:0"},
            "collection": collection or {},
            "collectors": collectors}, indent=2))

    def start(self) -> Daemon:
        return Daemon([str(self.binary), "run", "--config", str(self.config)], self.log)

    def status(self) -> dict[str, Any] | None:
        """What the running host says of itself; None if it does not answer (yet)."""
        asked = subprocess.run(
            [str(self.binary), "status", "--json", "--config", str(self.config)],
            capture_output=True, text=True, timeout=30, check=False)
        return json.loads(asked.stdout) if asked.returncode == 0 else None

    def wait_for_status(self, daemon: Daemon, patience: float = 20) -> dict[str, Any]:
        """Asks until there is an answer, at most `patience` seconds."""
        until = daemon.age() + patience
        while daemon.age() < until:
            daemon.check_alive()
            if (answer := self.status()) is not None:
                return answer
            daemon.sleep(0.02)
        raise DaemonError(f"no status within {patience} s")

    def closing_books(self) -> dict[str, int] | None:
        """The counts in the last line of the log, after an orderly end."""
        found = ENDED.findall(self.log.read_text(errors="replace"))
        if not found:
            return None
        return dict(zip(("collected", "stored", "rejected", "dropped"), map(int, found[-1])))
