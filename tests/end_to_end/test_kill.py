"""kill -9 at any moment: the database stays whole, no row comes twice, and what was reported as
stored is there. UNITY_KILLS says how often (default 5)."""
import os
import random
import time
import unittest

from harness import HostTest, scripted, wait_for

KILLS = int(os.environ.get("UNITY_KILLS", "5"))


class Kill(HostTest):
    def test_with_writes_pending_keeps_all_that_was_reported_as_stored(self):
        random.seed(7)
        host = self.host([scripted(f"c{i}", "20ms", records=100) for i in range(3)])
        known = 0
        for kill in range(KILLS):
            host.start()
            reported = host.wait_stored(200)["stored"]
            time.sleep(random.uniform(0, 0.05))  # to hit another moment of a write each time
            host.kill()

            with self.subTest(kill=kill):
                self.assertEqual(host.sql("PRAGMA integrity_check"), [("ok",)])
                self.assertEqual(host.sql("PRAGMA foreign_key_check"), [])
                rows = host.stored_records()
                self.assertGreaterEqual(rows, known + reported)
                self.assertEqual(self.doubles(host), [])
                known = rows

    def doubles(self, host):
        """One frame a source and moment is the key; but each record must also be whole."""
        return host.sql("SELECT time_us, instance, tags, count(*) FROM plugin_metrics "
                        "GROUP BY metric_name, time_us, instance, tags HAVING count(*) > 1 LIMIT 5")

    def test_during_the_first_start_leaves_a_database_that_the_next_can_use(self):
        host = self.host()
        for delay in (0.0, 0.005, 0.01, 0.02, 0.04):
            host.launch()
            time.sleep(delay)
            host.kill()
        host.start()
        host.wait_stored(3)
        self.assertEqual(host.sql("PRAGMA integrity_check"), [("ok",)])

    def test_leaves_neither_lock_nor_socket_in_the_way(self):
        host = self.host().start()
        host.kill()
        self.assertTrue((host.state_dir / "unity.sock").exists())
        self.assertEqual(host.command("status").returncode, 69)
        host.start()
        wait_for(lambda: host.instance("neighbour")["runs"] > 0, "a run")


if __name__ == "__main__":
    unittest.main()
