"""What is old: refused when it comes, and forgotten when its time has come."""
import contextlib
import datetime
import json
import sqlite3
import unittest

from harness import BAD_CONFIG, DONE, HostTest, scripted, unity, wait_for


def emitted(*ages):
    """Records of these ages, as a collector emits them; the age is the number."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return "\n".join(json.dumps({
        "metric": "numbered", "tags": {"lane": "old"},
        "time": (now - datetime.timedelta(days=age)).isoformat(),
        "values": {"number": round(age * 1000)}}) for age in ages)


class Retention(HostTest):
    def old(self, *ages):
        return scripted("old", "1h", records=0, text=emitted(*ages))

    def numbers(self, host):
        return {number for number, in host.sql(
            "SELECT value ->> '$.number' FROM plugin_metrics WHERE metric_name = 'numbered'")}

    def reconfigure(self, host, **sections):
        document = json.loads(host.config.read_text())
        document.update(sections)
        host.config.write_text(json.dumps(document))

    def test_late_and_early_records_become_dead_letters(self):
        host = self.host([self.old(6.9, 7.1, -0.01, 0)]).start()
        host.wait_stored(2)
        self.assertEqual(self.numbers(host), {6900, 0})
        letters = host.json("dlq", "ls")["letters"]
        self.assertEqual(sorted(one["reason"] for one in letters), ["from_future", "too_late"])
        self.assert_balanced(host.accounting())

    def test_what_is_old_goes_and_its_rollups_stay(self):
        host = self.host([self.old(35, 33, 20)],
                         retention={"raw_metrics": "60d", "late_window": "40d"}).start()
        host.wait_stored(3)
        self.assertEqual(host.stop(), DONE)
        host.start()  # jobs run at the start, and each minute
        wait_for(lambda: host.sql("SELECT count(*) FROM metric_rollup_1d")[0][0] >= 3, "rollups")
        self.assertEqual(host.stop(), DONE)

        self.reconfigure(host, retention={"raw_metrics": "30d", "late_window": "7d"})
        host.start()
        floor = wait_for(lambda: host.sql(
            "SELECT floor_time FROM retention_state WHERE table_name = 'metric_frames' AND "
            "floor_time > (unixepoch() - 32 * 86400) * 1000000"), "the floor to be raised")
        self.assertEqual(host.stop(), DONE)
        self.assertEqual(self.numbers(host), {35000, 33000, 20000}, "not before writers know it")

        # The two minutes in which writers learn of it are over.
        with contextlib.closing(sqlite3.connect(host.database)) as connection, connection:
            connection.execute("UPDATE retention_state SET raised_at = raised_at - 180000000")
        host.start()
        wait_for(lambda: self.numbers(host) == {20000}, "what is old to go")
        self.assertEqual(host.sql("SELECT count(*) FROM metric_frames WHERE time < ?", *floor[0]),
                         [(0,)])
        self.assertEqual({time for time, in host.sql(
            "SELECT last_value FROM metric_rollup_1h JOIN metric_series USING (series_id) "
            "WHERE metric_name = 'numbered'")}, {35000, 33000, 20000})
        jobs = wait_for(lambda: [one for one in host.json("db", "jobs")["jobs"]
                                 if one["job"] == "retention"
                                 and one["target"] == "metric_frames"
                                 and one["last_status"] == "success"], "the job to be noted")
        self.assertEqual(jobs[0]["total_failures"], 0)
        self.assertEqual(host.json("status")["warnings"], [])

    def test_numbers_must_outlive_what_comes_late(self):
        host = self.host(retention={"raw_metrics": "7d"})
        answer = unity("check-config", "--config", host.config)
        self.assertEqual(answer.returncode, BAD_CONFIG)
        self.assertRegex(answer.stderr, r"`raw_metrics` \(1w\) .* `late_window` \(1w\)")


if __name__ == "__main__":
    unittest.main()
