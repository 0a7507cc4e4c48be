"""What is collected is stored, and every way of asking gives the same answer."""
import json
import unittest

from harness import BUNDLED, DONE, HostTest, scripted, wait_for

POINT = {"time", "device", "plugin", "instance", "metric", "field", "unit", "tags", "value"}


class Collecting(HostTest):
    def test_the_minimal_configuration_stores_values_of_this_machine(self):
        host = self.host(
            [{"id": "sys", "plugin": "unity.system", "interval": "1s",
              "tags": {"environment": "production"}}],
            plugin_dirs=[str(BUNDLED)],
            collection={"default_interval": 60, "batch_size": 100, "batch_timeout": 5,
                        "retry_count": 3, "retry_delay": 10, "retry_backoff": 2,
                        "max_concurrent": 10, "collection_timeout": 30}).start()
        wait_for(lambda: host.instance("sys")["runs"] >= 3, "three runs")
        self.assertEqual(host.stop(), DONE, host.log())

        latest = host.json("query", "latest")
        metrics = {point["metric"] for point in latest}
        self.assertLessEqual({"cpu", "load", "memory"}, metrics)
        for point in latest:
            self.assertEqual(point["tags"].get("environment"), "production", point)
            self.assertEqual((point["plugin"], point["instance"]), ("unity.system", "sys"))

    def test_latest_and_range_agree_with_the_database(self):
        host = self.host([scripted("a", records=2), scripted("b", tags={"room": "attic"})]).start()
        host.wait_stored(20)
        self.assertEqual(host.stop(), DONE, host.log())

        rows = host.sql("SELECT time, device, plugin_id, instance, tags, value FROM plugin_metrics "
                        "WHERE metric_name = 'numbered'")
        stored = {(time.replace(".000000Z", "Z"), device, plugin, instance,
                   json.dumps(json.loads(tags), sort_keys=True), json.loads(value)["number"])
                  for time, device, plugin, instance, tags, value in rows}
        points = host.json("query", "range", "numbered", "--from", "-1h", "--to", "now")
        asked = {(p["time"], p["device"], p["plugin"], p["instance"],
                  json.dumps(p["tags"], sort_keys=True), p["value"]) for p in points}
        self.assertEqual(asked, stored)
        self.assertEqual(len(points), len(rows))

        newest = {}
        for point in points:
            key = (point["instance"], json.dumps(point["tags"], sort_keys=True))
            newest[key] = max(newest.get(key, ("", 0)), (point["time"], point["value"]))
        latest = host.json("query", "latest", "numbered")
        self.assertEqual(
            {(p["instance"], json.dumps(p["tags"], sort_keys=True)): (p["time"], p["value"])
             for p in latest}, newest)

    def test_points_have_exactly_the_documented_keys(self):
        host = self.host().start()
        host.wait_stored(1)
        for command in (("query", "latest"), ("query", "range", "numbered")):
            for point in host.json(*command):
                self.assertEqual(set(point), POINT, command)
                self.assertRegex(point["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$")

    def test_the_table_shows_what_the_json_says(self):
        host = self.host().start()
        host.wait_stored(3)
        host.stop()

        points = host.json("query", "range", "numbered")
        lines = host.command("query", "range", "numbered").stdout.splitlines()

        self.assertEqual(len(lines), len(points) + 1)
        for line, point in zip(lines[1:], points):
            cells = line.split()
            self.assertEqual(cells[0], point["time"])
            self.assertIn(str(point["value"]), cells)

    def test_each_way_to_write_a_time_is_understood(self):
        host = self.host().start()
        host.wait_stored(3)
        host.stop()
        points = host.json("query", "range", "numbered")

        second = points[1]["time"]
        rest = host.json("query", "range", "numbered", "--from", second)
        self.assertEqual(rest, points[1:])
        before = host.json("query", "range", "numbered", "--to", second)
        self.assertEqual(before, points[:1])
        self.assertEqual(host.json("query", "range", "numbered", "--from", "-2h", "--to", "-1h"), [])

    def test_status_accounts_for_every_row(self):
        host = self.host([scripted("a", records=7), scripted("b", bad="out_of_range"),
                          scripted("c", text="{oops")]).start()
        account = host.wait_stored(50)
        self.assert_balanced(account)
        self.assertGreater(account["rejected"], 0)
        self.assertTrue(account["balanced"])
        host.stop()

        self.assertGreaterEqual(host.stored_records(), account["stored"])
        letters = host.json("dlq", "ls")
        self.assertEqual(set(letters["by_reason"]), {"out of range", "unreadable"})

    def test_metrics_are_in_the_form_of_prometheus(self):
        host = self.host(http={"listen": "127.0.0.1:0", "metrics_values": True}).start()
        host.wait_stored(3)

        code, body = host.http("/metrics")

        self.assertEqual(code, 200)
        seen, family = set(), None
        for line in body.splitlines():
            if line.startswith("# TYPE "):
                family = line.split()[2]
                self.assertNotIn(family, seen, "a family must not come in two pieces")
                seen.add(family)
            elif not line.startswith("#"):
                self.assertRegex(line, r'^[a-z_][a-z0-9_]*(\{([a-z_]+="[^"]*",?)*\})? [-+0-9.einfa]+$')
                self.assertEqual(line.split("{")[0].split(" ")[0], family)
        self.assertIn("unity_value_numbered_number", seen)
        self.assertIn('unity_records_balanced{storage="main"} 1', body)
        self.assertIn('unity_collector_healthy{instance="neighbour",plugin="zoo.scripted"} 1', body)

    def test_health_is_served(self):
        host = self.host().start()

        self.assertEqual(host.http("/health/live"), (200, "live\n"))
        self.assertEqual(host.http("/health/ready"), (200, "ready\n"))
        code, body = host.http("/nowhere")
        self.assertEqual(code, 404)
        self.assertIn("/metrics", body)

    def test_numbers_go_on_after_a_restart(self):
        host = self.host().start()
        host.wait_stored(3)
        host.stop()
        first = host.stored_records()

        host.start()
        host.wait_stored(3)
        host.stop()

        self.assertGreaterEqual(host.stored_records(), first + 3)
        self.assertEqual(host.sql("SELECT count(*) FROM devices"), [(1,)])


if __name__ == "__main__":
    unittest.main()
