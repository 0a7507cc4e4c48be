"""Samples of the long proofs of `./dev soak`, small enough for every build: the database goes away,
the host is killed or told to leave, and every number that was accepted is stored, once.

What they say about seconds is left to `./dev soak`. UNITY_KILLS: how many kills (default 6).
"""
import os
import pathlib
import sys
import unittest

from harness import BIN, ZOO, HostTest

for folder in ("benchmarks", "soak"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / folder))

import backlog  # noqa: E402
import kills  # noqa: E402
import outage  # noqa: E402
import report  # noqa: E402
from numbers_host import Programs  # noqa: E402

KILLS = int(os.environ.get("UNITY_KILLS", "6"))
PROGRAMS = Programs(BIN.parent.parent, ZOO)


class UntimedVerdicts(report.Verdicts):
    """A test must hold on a machine that does other things as well."""

    def add_timed(self, name, passed, detail):
        print(f"told {name}: {detail}", flush=True)


class NothingIsLost(HostTest):
    def setUp(self):
        super().setUp()
        self.verdicts = UntimedVerdicts()

    def assert_claims(self):
        self.assertGreater(len(self.verdicts.lines), 0)
        self.assertEqual([line for line in self.verdicts.lines if not line["passed"]], [])

    def test_when_the_host_is_killed_and_sqlite_is_locked(self):
        kills.run(PROGRAMS, self.root, KILLS, 1, self.verdicts, ("sqlite",))
        self.assert_claims()

    def test_when_the_host_and_postgresql_are_killed(self):
        kills.run(PROGRAMS, self.root, KILLS, 2, self.verdicts, ("postgresql",))
        self.assert_claims()

    def test_when_the_host_and_mariadb_are_killed(self):
        kills.run(PROGRAMS, self.root, KILLS, 3, self.verdicts, ("mariadb",))
        self.assert_claims()

    def test_when_postgresql_is_gone_for_a_while(self):
        outage.run(PROGRAMS, self.root, 10, 2_000, self.verdicts)
        self.assert_claims()

    def test_when_a_backlog_waits_at_the_start(self):
        backlog.run(PROGRAMS, self.root, 20 * report.MIB, self.verdicts)
        self.assert_claims()

    def test_when_it_is_told_to_leave_with_a_backlog(self):
        backlog.run_sigterm(PROGRAMS, self.root, 10_000, self.verdicts)
        self.assert_claims()


if __name__ == "__main__":
    unittest.main()
