"""Datasets: rows of a real plugin become a table, which changes with the plugin while the host runs."""
import json
import unittest

from harness import BAD_CONFIG, BUNDLED, DONE, REFUSED, NEIGHBOUR, HostTest, unity, wait_for

LEDGER = {"id": "ledger", "plugin": "zoo.ledger", "interval": "100ms"}


class Datasets(HostTest):
    def ledger(self, **sections):
        host = self.host([LEDGER], watch={"settle": "50ms"}, **sections)
        host.add_plugin("ledger")
        return host

    def count(self, host, what):
        return host.sql(f"SELECT count(*) FROM {what}")[0][0]

    def wait_rows(self, host, what, least=1):
        def there():
            try:
                return self.count(host, what) >= least
            except Exception:  # it may not be there yet
                return False
        wait_for(there, f"{least} rows of {what}")

    def dataset(self, host, name):
        return host.json("dataset", "show", name)

    def test_rows_become_a_table_and_metric_columns_a_series(self):
        host = self.ledger().start()
        self.wait_rows(host, "bookings", 4)
        self.wait_rows(host, "visits", 4)
        self.assertEqual(host.stop(), DONE)

        self.assertEqual(host.sql("SELECT DISTINCT account FROM bookings ORDER BY 1"),
                         [("one",), ("two",)])
        # Each visit is two events that are alike.
        self.assertEqual(host.sql("SELECT DISTINCT n FROM (SELECT count(*) AS n FROM ds_visits "
                                  "GROUP BY time)"), [(2,)])
        points = host.json("query", "range", "bookings", "--limit", "5")
        self.assertEqual({one["tags"]["account"] for one in points}, {"one", "two"})
        self.assertEqual({one["field"] for one in points}, {"amount"})
        rows = dict(host.sql("SELECT time_us, amount FROM bookings WHERE account = 'one'"))
        frames = host.sql("SELECT time_us, json_extract(value, '$.amount') FROM plugin_metrics "
                          "WHERE metric_name = 'bookings' AND json_extract(tags, '$.account') = 'one'")
        self.assertEqual(rows, dict(frames))

    def test_a_bad_row_costs_a_row_and_the_account_balances(self):
        host = self.ledger().start()
        self.wait_rows(host, "visits", 4)
        account = host.accounting()
        self.assert_balanced(account)
        self.assertEqual(account["rejected"], 1)
        letters = host.json("dlq", "ls")
        self.assertEqual([one["reason"] for one in letters["letters"]], ["undeclared"])
        self.assertEqual(host.stop(), DONE)

    def test_a_new_column_comes_without_a_restart(self):
        host = self.ledger().start()
        self.wait_rows(host, "bookings", 2)
        before = self.count(host, "bookings")

        host.add_plugin("ledger_2", "ledger")

        def has_notes():
            try:
                return self.count(host, "bookings WHERE note = 'new'") >= 2
            except Exception:
                return False
        wait_for(has_notes, "rows with the new column")
        self.assertGreaterEqual(self.count(host, "bookings WHERE note IS NULL"), before)
        self.assertEqual(self.dataset(host, "bookings")["version"], 2)
        changes = host.json("dataset", "changes", "bookings")["changes"]
        self.assertEqual([one["change"] for one in changes], ["add_column", "create_table"])
        self.assert_balanced(host.accounting())
        self.assertEqual(host.command("db", "check").returncode, DONE)
        self.assertEqual(host.stop(), DONE)

    def test_another_type_blocks_and_the_rest_goes_on(self):
        host = self.ledger().start()
        self.wait_rows(host, "bookings", 2)

        host.add_plugin("ledger_3", "ledger")

        wait_for(lambda: self.dataset(host, "bookings")["state"] == "blocked", "a blocked dataset")
        self.assertIn("column amount is i64", self.dataset(host, "bookings")["problem"])
        rows = self.count(host, "ds_bookings")
        wait_for(lambda: self.count(host, "ds_bookings WHERE amount IS NULL") >= 2,
                 "rows without the value that does not fit")
        self.wait_rows(host, "ds_bookings", rows + 2)
        wait_for(lambda: any("bookings" in one for one in host.status()["warnings"]), "a fault")
        wait_for(lambda: any(one["reason"] == "column"
                             for one in host.json("dlq", "ls")["letters"]), "a dead letter")
        visits = self.count(host, "ds_visits")
        self.wait_rows(host, "ds_visits", visits + 2)
        self.assert_balanced(host.accounting())
        self.assertEqual(host.stop(), DONE)

    def test_a_kill_neither_loses_nor_doubles_events(self):
        host = self.ledger().start()
        self.wait_rows(host, "ds_visits", 6)
        host.kill()
        host.start()
        self.wait_rows(host, "ds_visits", 12)
        self.assertEqual(host.stop(), DONE)
        counts = host.sql("SELECT DISTINCT n FROM (SELECT count(*) AS n FROM ds_visits "
                          "GROUP BY time)")
        self.assertEqual(counts, [(2,)])

    def test_the_bundled_plugin_fills_system_metrics(self):
        host = self.host([{"id": "system", "plugin": "unity.system", "interval": "100ms"}],
                         plugin_dirs=[str(BUNDLED)]).start()
        self.wait_rows(host, "system_metrics WHERE cpu_usage IS NOT NULL", 2)
        self.assertEqual(host.stop(), DONE)
        memory, network = host.sql("SELECT memory_usage, network_traffic FROM system_metrics")[0]
        self.assertTrue(0 < memory <= 100, memory)
        self.assertIn("received_bytes", json.loads(network))

    def test_the_sample_for_authors_works(self):
        host = self.host([{"id": "market", "plugin": "example.market", "interval": "100ms",
                           "config": {"jump_percent": 0.5}}])
        host.add_plugin("market")
        host.start()
        self.wait_rows(host, "market_data", 4)
        self.wait_rows(host, "price_jumps", 1)
        self.assertEqual(host.stop(), DONE)

    def test_the_operators_own_datasets_are_filled_from_records(self):
        kpi = {"name": "ledger_kpis", "from": {"metric": "bookings", "window": "1h"},
               "identity": ["kpi"],
               "columns": {"kpi": {"type": "str64", "value": "tags.account"},
                           "amount": {"type": "f64", "value": "amount * 2"}}}
        host = self.ledger(datasets=[kpi]).start()
        self.wait_rows(host, "ledger_kpis", 2)
        self.assertEqual(host.stop(), DONE)
        # A row for each KPI and window, however many records there were.
        rows = host.sql("SELECT kpi, amount, time_us % 3600000000 FROM ledger_kpis ORDER BY kpi, "
                        "time_us")
        self.assertLessEqual(len(rows), 4)
        self.assertEqual({row[0] for row in rows}, {"one", "two"})
        self.assertEqual({row[2] for row in rows}, {0})
        newest = host.sql("SELECT max(amount) FROM bookings WHERE account = 'one'")[0][0]
        self.assertEqual(max(row[1] for row in rows), newest * 2)

    def test_mistakes_of_the_operator_are_all_told_with_their_places(self):
        host = self.ledger(datasets=[
            {"name": "\"; DROP TABLE devices; --", "from": {"metric": "load"},
             "columns": {"a": {"type": "f64", "value": "one"}}},
            {"name": "select", "from": {"metric": "load"},
             "columns": {"a": {"type": "float", "value": "one +"}}},
            {"name": "x" * 64, "columns": {"device_id": {"type": "i64", "value": "1"}}}])
        answer = host.command("check-config")
        self.assertEqual(answer.returncode, BAD_CONFIG)
        for text in ("is no name", "is a word of SQL", 'type "float" is none of', '"from" is missing',
                     'every table has a column "device_id"'):
            self.assertIn(text, answer.stderr + answer.stdout)
        self.assertRegex(answer.stderr + answer.stdout, r"unity\.yaml:\d+:\d+")

    def test_check_names_what_somebody_changed_and_prune_wants_to_be_told_twice(self):
        host = self.ledger().start()
        self.wait_rows(host, "bookings", 2)
        self.assertEqual(host.stop(), DONE)
        import sqlite3
        with sqlite3.connect(host.database) as connection:
            connection.execute("ALTER TABLE ds_bookings ADD COLUMN mine INTEGER")
        answer = host.command("db", "check")
        self.assertEqual(answer.returncode, 3)
        self.assertIn("column mine of ds_bookings is unexpected", answer.stdout + answer.stderr)

        host.add_plugin("ledger_2", "ledger")
        host.start()
        wait_for(lambda: self.dataset(host, "bookings")["version"] == 2, "version 2")
        self.assertEqual(host.stop(), DONE)
        self.assertEqual(host.command("dataset", "prune").returncode, DONE)
        self.assertEqual(host.command("dataset", "show", "nothing").returncode, 1)


if __name__ == "__main__":
    unittest.main()
