"""The golden plugins in a running host, with a database: what takes more than one run to see."""
import os
import pathlib
import shutil
import sys
import unittest

from running import ABI

SOURCE = pathlib.Path(os.environ["UNITY_SOURCE"])
sys.path.insert(0, str(SOURCE / "tests/end_to_end"))
from harness import DONE, HostTest, wait_for  # pylint: disable=wrong-import-position


def golden(name, interval="100ms", timeout="30s", **options):
    return {"id": name, "plugin": f"golden.{name}", "interval": interval, "timeout": timeout,
            "config": options}


class InAHost(HostTest):
    def started(self, *collectors):
        host = self.host(collectors)
        for plugin in (ABI / "1.0").glob("*.so"):
            shutil.copyfile(plugin, host.plugins / plugin.name)
        return host.start()

    def numbers(self, host):
        return sorted(int(value) for (value,) in host.sql(
            "SELECT json_extract(value, '$.number') FROM plugin_metrics WHERE metric_name = 'golden'"))

    def test_a_stream_is_stored_to_its_end(self):
        host = self.started(golden("streaming", count=50))

        wait_for(lambda: self.numbers(host) == list(range(1, 51)), "the fifty numbers")
        one = host.wait_state("streaming", "paused")
        self.assertIn("its source has come to its end", one["reason"])
        self.assertEqual(one["errors"], 0)

    def test_an_endless_stream_ends_when_the_host_does(self):
        host = self.started(golden("streaming"))
        wait_for(lambda: len(self.numbers(host)) > 50, "many numbers")

        self.assertEqual(host.stop(), DONE)

        numbers = self.numbers(host)
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_a_checkpoint_is_where_the_next_start_goes_on(self):
        host = self.started(golden("checkpoint"))
        wait_for(lambda: len(self.numbers(host)) >= 9, "nine numbers")
        self.assertEqual(host.stop(), DONE)
        before = self.numbers(host)

        host.start()
        wait_for(lambda: len(self.numbers(host)) >= len(before) + 9, "nine numbers more")
        self.assertEqual(host.stop(), DONE)

        numbers = self.numbers(host)
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_state_outlives_the_host(self):
        host = self.started(golden("state"))
        runs = self.count_runs(host, 2)
        self.assertEqual(host.stop(), DONE)

        host.start()
        self.assertGreater(self.count_runs(host, runs + 2), runs)

    def count_runs(self, host, enough):
        """Waits until the plugin has counted so many runs in its state; returns how many."""
        def counted():
            self.assertEqual(host.instance("state")["last_error"], "")
            (runs,), = host.sql("SELECT max(json_extract(value, '$.runs')) FROM plugin_metrics "
                                "WHERE metric_name = 'golden'")
            return runs if runs is not None and runs >= enough else None
        return int(wait_for(counted, f"{enough} runs in the state"))

    def test_a_call_that_waits_is_woken_at_its_deadline_either_way(self):
        for by_interrupt in (0, 1):
            with self.subTest(by_interrupt=by_interrupt):
                root = self.root / str(by_interrupt)
                root.mkdir()
                host = self.host([golden("waiting", timeout="100ms", by_interrupt=by_interrupt)],
                                 root=root)
                shutil.copyfile(ABI / "1.0/waiting.so", host.plugins / "waiting.so")
                host.start()

                wait_for(lambda: host.instance("waiting")["errors"] >= 2, "two runs past their deadline")
                one = host.instance("waiting")
                self.assertIn("its timeout is 100ms", one["last_error"])
                self.assertNotIn(one["state"], ("wedged", "quarantined"))
                self.assertEqual(host.stop(), DONE)


if __name__ == "__main__":
    unittest.main()
