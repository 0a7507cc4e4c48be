"""Two hosts with the same plugins and the same names of collectors, writing to one database at the
same time from its first moment on."""
import unittest

from databases import OnMariadb, OnPostgres
from harness import DONE, HostTest, scripted, wait_for

COLLECTORS = [scripted("a", interval="50ms", records=3), scripted("b", interval="50ms")]


class TwoHosts:
    def test_no_error_no_double_right_device(self):
        self.clear()
        hosts = {}
        for name in ("left", "right"):
            (self.root / name).mkdir()
            hosts[name] = self.host(COLLECTORS, root=self.root / name, device=name,
                                    database=self.section())
        for host in hosts.values():
            host.launch()
        for host in hosts.values():
            wait_for(host.is_up, "the host to answer")
        for host in hosts.values():
            host.wait_stored(200)
        for host in hosts.values():
            self.assertEqual(host.status()["warnings"], [])
            self.assertEqual(host.stop(), DONE, host.log())
            self.assertNotIn("error", host.log().lower(), host.log())

        for name in hosts:
            numbers = [int(row[0]) for row in self.sql(
                f"SELECT {self.NUMBER} FROM plugin_metrics WHERE device = '{name}' "
                "AND instance = 'b' AND metric_name = 'numbered'")]
            # Each run of `b` counts on by one: each number is there once, and none is missing.
            self.assertGreater(len(numbers), 20)
            self.assertEqual(sorted(numbers), list(range(min(numbers), max(numbers) + 1)))
        self.assertEqual(sorted(row[0] for row in self.sql(
            "SELECT DISTINCT device FROM plugin_metrics WHERE metric_name = 'numbered'")),
            ["left", "right"])
        self.assertEqual(self.sql("SELECT count(*) FROM devices WHERE hostname IN "
                                  "('left', 'right')"), [["2"]])
        doubles = self.sql("SELECT count(*) FROM metric_sources GROUP BY device_id, plugin_id, "
                           "instance, tags_hash HAVING count(*) > 1")
        self.assertEqual(doubles, [])


class Postgres(OnPostgres, TwoHosts, HostTest):
    NUMBER = "value ->> 'number'"


class Mariadb(OnMariadb, TwoHosts, HostTest):
    NUMBER = "JSON_VALUE(value, '$.number')"


if __name__ == "__main__":
    unittest.main()
