"""Disks that are read-only or full. These mount small file systems, so they need root."""
import re
import subprocess
import unittest

from harness import DONE, HostTest, scripted, wait_for


class Disk(HostTest):
    def test_a_read_only_state_folder_is_refused_with_the_reason(self):
        folder = self.mount_tmpfs("size=4m,ro")
        host = self.host(state_dir=folder)

        code, said = host.run_to_end()

        self.assertNotEqual(code, DONE)
        self.assertIn("cannot use the state folder", said)
        self.assertIn("Read-only file system", said)

    def test_a_read_only_database_is_named_and_waited_for(self):
        folder = self.mount_tmpfs("size=4m")
        database = {"type": "sqlite", "path": str(folder / "unity.db")}
        host = self.host(database=database).start()
        host.wait_stored(1)
        host.stop()
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)

        host.start()
        problem = wait_for(lambda: host.status()["database"]["problem"], "the problem to be told")
        self.assertIn("unity.db", problem)
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
        wait_for(lambda: not host.status()["database"]["problem"], "the recovery")
        self.assert_balanced(host.wait_stored(1))
        self.assertEqual(host.stop(), DONE)

    def test_a_disk_that_is_full_at_the_start_is_refused_with_the_reason(self):
        folder = self.mount_tmpfs("size=1m")
        self.fill(folder)
        host = self.host(state_dir=folder)

        code, said = host.run_to_end()

        self.assertNotEqual(code, DONE)
        self.assertIn(str(folder), said)
        self.assertRegex(said, "No space left on device|full")

    def test_a_disk_that_fills_later_stops_nothing_but_the_storing(self):
        folder = self.mount_tmpfs("size=8m")
        host = self.host([scripted("a", "50ms", records=20)],
                         database={"type": "sqlite", "path": str(folder / "unity.db")}).start()
        host.wait_stored(100)
        ballast = self.fill(folder)

        # It says so, in status and by its readiness, and keeps everything.
        problem = wait_for(lambda: host.status()["database"]["problem"], "the problem to be told")
        self.assertIn("full", problem)
        self.assertTrue(any(problem in warning for warning in host.status()["warnings"]))
        self.assertEqual(host.http("/health/live")[0], 200)
        code, body = host.http("/health/ready")
        self.assertEqual(code, 503)
        self.assertIn("full", body)
        host.assert_goes_on("a")
        self.assert_balanced(host.accounting())

        # And it recovers by itself.
        before = host.accounting()["stored"]
        ballast.unlink()
        wait_for(lambda: not host.status()["database"]["problem"], "the recovery")
        account = host.wait_stored(before + 500)
        self.assert_balanced(account)
        self.assertEqual(account["dropped"], 0)
        self.assertEqual(host.http("/health/ready")[0], 200)
        self.assertIn("takes records again", host.log())

        self.assertEqual(host.stop(), DONE)
        self.assertEqual(host.sql("PRAGMA integrity_check"), [("ok",)])
        self.assertGreaterEqual(host.stored_records(), account["stored"])

    def test_an_end_with_a_full_disk_loses_nothing(self):
        folder = self.mount_tmpfs("size=8m")
        host = self.host([scripted("a", "50ms", records=20)],
                         database={"type": "sqlite", "path": str(folder / "unity.db")}).start()
        host.wait_stored(100)
        ballast = self.fill(folder)
        wait_for(lambda: host.status()["database"]["problem"], "the problem to be told")
        wait_for(lambda: host.accounting()["in_flight"], "records to wait")

        self.assertEqual(host.stop(), DONE)
        stored, waiting = self.told_at_the_end(host)
        self.assertGreater(waiting, 0)
        ballast.unlink()
        host.start()
        host.wait_stored(waiting)
        self.assertEqual(host.stop(), DONE)

        stored_then, waiting = self.told_at_the_end(host)
        self.assertEqual(waiting, 0)
        self.assertEqual(host.stored_records(), stored + stored_then)

    def told_at_the_end(self, host):
        """How many records were stored and how many wait, by the host's last words."""
        words = re.findall(r"ended: .* (\d+) stored, .* (\d+) wait in the spool", host.log())
        return tuple(map(int, words[-1]))

    def fill(self, folder):
        """Leaves no byte."""
        ballast = folder / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass
        return ballast


if __name__ == "__main__":
    unittest.main()
