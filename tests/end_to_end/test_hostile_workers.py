"""Plugins that do harm, each in a worker process: the host lives, its neighbours miss no run, and
who did it is named with the reason. What a run emits is stored as a whole or not at all.

The deeds are those of tests/fixtures/plugins/hostile. Where a deed is bound to be seen, `EXPECTED`
says what the host says of it; the others only must not be noticed by anybody else."""
import collections
import json
import os
import re
import threading
import time
import unittest

from harness import BIN, HostTest, scripted, wait_for

NEIGHBOURS = 4
HANGS = r"its worker ended during collect\(\): its run did not return 200ms after being cancelled " \
        r"at its timeout of 300ms"
SEGMENTATION = r"its worker ended during collect\(\): killed by signal 11 \(Segmentation fault\)"

DYING = {
    "null": SEGMENTATION,
    "stack": SEGMENTATION,
    "thread_crash": SEGMENTATION,
    "handlers_crash": SEGMENTATION,
    "create_crash": SEGMENTATION,
    "thread_crash_later": r"its worker ended between two runs: killed by signal 11 ",
    "abort": r"killed by signal 6 \(Aborted\)",
    "kill_itself": r"killed by signal 9 \(Killed\)",
    "exit_0": r"it left by itself with exit code 0",
    "exit_3": r"it left by itself with exit code 3",
    "exit_at_once": r"it left by itself with exit code 0",
    "create_exit": r"it left by itself with exit code 3",
    "throw": r"it threw an exception through the plugin ABI: thrown through the wall",
}
HANGING = {
    "loop": HANGS,
    "sleep": HANGS,
    "ignore_token": HANGS,
    "stop_itself": HANGS,
    "create_sleep": HANGS,
}
GREEDY = {
    "allocate": r"limits\.memory",
    "allocate_unchecked": r"limits\.memory",
    "fork_bomb": r'it tried to start a process, which needs the permission "spawn": true',
    "thread_bomb": r"cannot start another thread",
    "leak": r"Too many open files",
}
LOUD = {
    "garbage": None,
    "emit_much": r"the run has emitted more than 67108864 bytes",
    "emit_late": None,
    "flood_output": None,
    "noise_output": None,
    "no_newline": None,
}
MEDDLING = {
    "close_all": r"it closed what connects it with the host, or wrote on it",
    "channels": r"is not of the protocol",
    "handlers": None,
    "locale": None,
    "folder": None,
    "umask": None,
    "shadow": r'reading /etc/shadow needs the permission "files": \["/etc/shadow:r"\]',
    "socket": r'it tried to open a network socket \(AF_INET\), which needs the permission "network"',
    "ptrace_parent": r"it tried to look into or change another process \(ptrace\)",
    "kill_parent": r"it tried to send a signal to another process \(kill\)",
}
# Their amount is what matters, and the time that it takes is not.
SLOW = {"allocate", "allocate_unchecked", "thread_bomb", "leak", "emit_much", "flood_output"}

# Sanitizers map more than any limit allows, so that there is none of memory.
SANITIZED = b"__asan_init" in BIN.read_bytes() or b"__tsan_init" in BIN.read_bytes()


def hostile(deed, **keys):
    options = {"deed": deed, **keys.pop("config", {})}
    return {"id": deed, "plugin": "zoo.hostile", "interval": "300ms", "retry_delay": "50ms",
            "timeout": "60s" if deed in SLOW else "300ms",
            "limits": {"memory": "512MiB" if deed == "emit_much" else "64MiB"},
            "config": options, **keys}


class Stalls:
    """Counts how often this machine was too busy to wake somebody up within half an interval, for
    whom nobody but the machine is to be blamed."""

    def __init__(self, interval):
        self.interval = interval
        self.count = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        due = time.monotonic() + self.interval
        while not self._over.wait(max(0.0, due - time.monotonic())):
            late = time.monotonic() - due
            if late > self.interval / 2:
                self.count += 1 + int(late / self.interval)
            due = time.monotonic() + self.interval


class HostileWorkers(HostTest):
    def hostile_host(self, collectors, isolation="dedicated", quarantine_after=0, **sections):
        neighbours = [scripted(f"neighbour{i}") for i in range(NEIGHBOURS)]
        host = self.host([{"isolation": isolation, **one} for one in [*neighbours, *collectors]],
                         collection={"batch_timeout": "50ms", "max_concurrent": 16,
                                     "quarantine_after": quarantine_after}, **sections)
        host.add_plugin("hostile")
        return host

    # ---- what must be true of each of them

    def live_through(self, deeds, isolation="dedicated"):
        """A host with one offender for each deed."""
        deeds = {name: reason for name, reason in deeds.items()
                 if not (SANITIZED and name in ("allocate", "allocate_unchecked", "thread_bomb"))}
        host = self.hostile_host([hostile(name) for name in deeds], isolation)
        with Stalls(0.1) as stalls:
            host.start()
            for name, reason in deeds.items():
                with self.subTest(name):
                    self.see(host, name, reason)
            seen = self.neighbours(host)
            host.assert_goes_on("neighbour0")
        self.assert_unharmed(host, seen, stalls.count)
        self.assert_balanced(host.accounting())
        self.assertEqual(host.stop(), 0, host.log())
        self.assert_whole(host, [name for name in deeds if name != "emit_much"])
        return host

    def see(self, host, name, reason):
        if reason is None:
            wait_for(lambda: host.instance(name)["runs"] >= 6, f"six runs of {name}")
            self.assertEqual(host.instance(name)["errors"], 0, host.instance(name))
            return
        pattern = re.compile(reason)
        # A line that begins or ends a failure has both.
        said = re.compile(rf"collector {name} .*{reason}|collector {name}: .*{reason}")

        def named():
            one = host.instance(name)
            there = pattern.search(one["reason"]) or pattern.search(one["last_error"])
            return (there and said.search(host.log())) or None
        try:
            wait_for(named, f"the reason of {name}", patience=30)
        except AssertionError:
            self.fail(f"{name} is not named with {reason!r}: {json.dumps(host.instance(name))}")

    @staticmethod
    def neighbours(host):
        return [one for one in host.status()["instances"] if one["id"].startswith("neighbour")]

    def assert_unharmed(self, host, neighbours, stalls):
        self.assertEqual(len(neighbours), NEIGHBOURS)
        for one in neighbours:
            self.assertEqual((one["state"], one["errors"]), ("healthy", 0), one)
            self.assertLessEqual(one["missed"], stalls, f"{one}\n{host.log()[-5000:]}")
            self.assertGreater(one["runs"], 3)

    def assert_whole(self, host, names):
        """Each run has all three of its records in the database, or none."""
        points = host.json("query", "range", "part")
        for name in names:
            runs = collections.defaultdict(set)
            for point in points:
                if point["instance"] == name:
                    runs[point["value"]].add(point["tags"]["part"])
            for run, parts in runs.items():
                self.assertEqual(parts, {"0", "1", "2"}, f"run {run} of {name}")

    # ---- each in a process of its own

    def test_those_that_die(self):
        self.live_through(DYING)

    def test_those_that_hang(self):
        self.live_through(HANGING)

    def test_those_that_take_too_much(self):
        self.live_through(GREEDY)

    def test_those_that_are_loud(self):
        host = self.live_through(LOUD)
        log = host.log()
        shown = log.count("collector flood_output prints: fff")
        suppressed = sum(map(int, re.findall(r"flood_output prints too much: (\d+) lines", log)))
        self.assertGreater(shown, 0)
        self.assertGreater(suppressed, 10 * shown)
        self.assertIn("collector noise_output prints: noise ", log)
        self.assertIn("collector no_newline prints: cut short by nnn", log)
        self.assertNotIn("\x1b", log)

    def test_those_that_meddle(self):
        self.live_through(MEDDLING)


if __name__ == "__main__":
    unittest.main()
