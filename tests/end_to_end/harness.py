"""Starts the built host with a configuration of the test's own and looks at it from outside.

Environment: UNITY_BIN, the binary; UNITY_PLUGINS, the bundled plugins (default: where an installed
host keeps them); UNITY_ZOO, the plugins of tests/fixtures; UNITY_PATIENCE, the seconds after which
something that should happen is taken to be lost (default 60)."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

BIN = pathlib.Path(os.environ["UNITY_BIN"])
BUNDLED = pathlib.Path(os.environ.get("UNITY_PLUGINS", BIN.parent / ".." / "lib/unity/plugins"))
ZOO = pathlib.Path(os.environ["UNITY_ZOO"])
GOLDEN = ZOO.parent / "abi" / "1.0"
PATIENCE = float(os.environ.get("UNITY_PATIENCE", "60"))

DONE, FAILED, USAGE, DIFFERENCES, REFUSED = 0, 1, 2, 3, 4
UNAVAILABLE, NOT_PERMITTED, BAD_CONFIG = 69, 77, 78
SANITIZER = 66  # no exit code of ours

# A healthy neighbour of whatever else a test configures.
NEIGHBOUR = {"id": "neighbour", "plugin": "zoo.scripted", "interval": "100ms"}


def unity(*arguments, env=None):
    """Runs a command to its end; returns the finished process with its output as text."""
    return subprocess.run([BIN, *map(str, arguments)], capture_output=True, text=True,
                          timeout=PATIENCE, env={**os.environ, **(env or {})})


def wait_for(happened, what, patience=PATIENCE):
    """Asks again and again until the answer is true; returns it."""
    end = time.monotonic() + patience
    while True:
        answer = happened()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}; last seen: {answer!r}")
        time.sleep(0.02)


class Host:
    """A configuration, its folders, and the process that runs on them."""

    def __init__(self, root, collectors=(NEIGHBOUR,), *, state_dir=None, **sections):
        self.root = pathlib.Path(root)
        self.state_dir = pathlib.Path(state_dir or self.root / "state")
        self.plugins = self.root / "plugins"
        self.plugins.mkdir(exist_ok=True)
        self.add_plugin("scripted")
        self.config = self.root / "unity.yaml"
        # JSON is YAML.
        document = {
            "state_dir": str(self.state_dir),
            "database": {"type": "sqlite", "path": "unity.db"},
            "collection": {"batch_timeout": "50ms"},
            "http": {"listen": "127.0.0.1:0"},
            "plugin_dirs": [str(self.plugins)],
            # Tests change files and say when that is to take effect.
            "watch": {"plugins": False, "config": False},
            "collectors": list(collectors),
        }
        if "storages" in sections:
            del document["database"]
        document.update(sections)
        self.config.write_text(json.dumps(document, indent=1))
        self.database = self.state_dir / document.get("database", {}).get("path", "unity.db")
        self.log_file = self.root / "log"
        self.process = None

    def add_plugin(self, name, as_name=None, origin=ZOO):
        """At once, as it should be done: another name of the whole file."""
        part = self.plugins / f"{name}.part"
        shutil.copyfile(origin / f"{name}.so", part)
        part.rename(self.plugins / f"{as_name or name}.so")

    # ---- its life

    def start(self, env=None):
        """Starts the process and waits until it answers."""
        self.launch(env)
        wait_for(self.is_up, "the host to answer")
        return self

    def launch(self, env=None):
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen([BIN, "run", "--config", self.config],
                                            stdout=subprocess.DEVNULL, stderr=log,
                                            env={**os.environ, **(env or {})})

    def is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the host left with {self.process.returncode}:\n{self.log()}")
        answer = self.command("status", "--json")
        # The reply must be from this process, not from one that was killed.
        return (answer.returncode == DONE
                and json.loads(answer.stdout)["pid"] == self.process.pid)

    def stop(self, number=signal.SIGTERM):
        """Asks it to leave; returns its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        if code == SANITIZER:
            raise AssertionError(f"ThreadSanitizer has something to say:\n{self.log()}")
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()

    def run_to_end(self):
        """For a host that is expected to refuse: returns its exit code and what it said."""
        self.launch()
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the host did not leave by itself:\n{self.log()}")
        return code, self.log()

    # ---- what is seen from outside

    def log(self):
        return self.log_file.read_text() if self.log_file.exists() else ""

    def command(self, *arguments):
        return unity(*arguments, "--config", self.config)

    def json(self, *arguments):
        answer = self.command(*arguments, "--json")
        if answer.returncode != DONE:
            raise AssertionError(f"{arguments} ended with {answer.returncode}: {answer.stderr}")
        return json.loads(answer.stdout)

    def status(self):
        return self.json("status")

    def accounting(self):
        return self.status()["accounting"]

    def instance(self, name):
        return next(one for one in self.status()["instances"] if one["id"] == name)

    def wait_stored(self, count):
        """Waits for so many stored records; returns the account."""
        def enough():
            account = self.accounting()
            return account if account["stored"] >= count else None
        return wait_for(enough, f"{count} stored records")

    def wait_state(self, name, state):
        def there():
            one = self.instance(name)
            return one if one["state"] == state else None
        return wait_for(there, f"collector {name} to be {state}")

    def assert_goes_on(self, name="neighbour", runs=3):
        before = self.instance(name)["runs"]
        wait_for(lambda: self.instance(name)["runs"] >= before + runs, f"more runs of {name}")

    def http(self, path):
        """Status and body."""
        try:
            with urllib.request.urlopen(self.status()["http"] + path, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def sql(self, query, *parameters):
        uri = f"file:{self.database}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as connection:
            return connection.execute(query, parameters).fetchall()

    def stored_records(self):
        """How many records collectors have in the database, without the host's own."""
        return self.sql("SELECT count(*) FROM plugin_metrics WHERE metric_name NOT LIKE '\\_%' "
                        "ESCAPE '\\'")[0][0]


class HostTest(unittest.TestCase):
    """A test with a folder of its own, whose hosts do not outlive it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="unity-e2e-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def host(self, collectors=(NEIGHBOUR,), **sections):
        host = Host(sections.pop("root", self.root), collectors, **sections)
        self.addCleanup(self._end, host)
        return host

    @staticmethod
    def _end(host):
        if host.process is not None and host.process.poll() is None:
            host.kill()

    def assert_balanced(self, account):
        self.assertEqual(account["collected"], account["stored"] + account["rejected"]
                         + account["dropped"] + account["in_flight"], account)

    def mount_tmpfs(self, options):
        """A small file system of the test's own. Needs root; CI has it."""
        folder = self.root / "mount"
        folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "unity-test", folder],
                              capture_output=True, text=True)
        if done.returncode != 0:
            if os.environ.get("CI"):
                self.fail(f"CI must be able to mount: {done.stderr}")
            self.skipTest(f"cannot mount: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)
        return folder


def scripted(name, interval="100ms", **options):
    """A collector that does what the options of tests/fixtures/plugins/scripted.json say."""
    timeout = options.pop("timeout", "30s")
    keys = {key: options.pop(key) for key in ("isolation", "retry_count", "retry_delay", "tags")
            if key in options}
    return {"id": name, "plugin": "zoo.scripted", "interval": interval, "timeout": timeout,
            "config": options, **keys}
