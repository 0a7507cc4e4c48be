"""Setting a database up and looking after it: the same words for every kind of it."""
import json
import os
import signal
import subprocess
import unittest

from databases import OnMariadb, OnPostgres, OnSqlite
from harness import (BIN, DIFFERENCES, DONE, HostTest, NOT_PERMITTED, REFUSED, USAGE, scripted,
                     wait_for)


class Commands:
    def test_init_does_all_and_says_what_is_there_and_may_be_repeated(self):
        host = self.empty()
        first = host.json("db", "init")
        self.assertEqual(first["current"], first["head"])
        self.assertEqual(len(first["applied"]), first["head"])
        self.assertGreaterEqual(first["tables"], 30)
        self.assertTrue(first["server"]["version"])
        self.assertEqual(first["findings"], [])
        again = host.json("db", "init")
        self.assertEqual(again["applied"], [])
        self.assertFalse(again["created"])
        told = host.command("db", "init").stdout
        self.assertIn(first["server"]["product"], told)
        self.assertIn("nothing to apply", told)

        self.sql("ALTER TABLE devices DROP COLUMN metadata")
        answer = host.command("db", "init")
        self.assertEqual(answer.returncode, DIFFERENCES)
        self.assertIn("column metadata of devices is missing", answer.stdout)

    def test_sample_data_is_loaded_once_and_not_among_other_data(self):
        host = self.empty()
        host.command("db", "init")
        seeded = host.json("db", "seed", "demo")
        rows = self.sql("SELECT count(*) FROM metric_frames")
        self.assertGreater(int(rows[0][0]), 2000)
        host.json("db", "seed", "demo")
        # Five minutes may have passed, which add one moment of nine sources.
        self.assertLessEqual(int(self.sql("SELECT count(*) FROM metric_frames")[0][0]),
                             int(rows[0][0]) + 9)
        points = host.json("query", "latest", "load")
        self.assertEqual(len(points), 9)  # three fields of three devices
        self.assertGreater(seeded["records"], 5000)

        self.sql("INSERT INTO client_configs (id, config_data, created_at, updated_at) "
                 "SELECT 'x', '{}', created_at, updated_at FROM devices LIMIT 1")
        refused = host.command("db", "seed", "demo")
        self.assertEqual(refused.returncode, REFUSED)
        self.assertIn("has data in client_configs;", refused.stderr)
        self.sql("DELETE FROM client_configs")

        self.sql("UPDATE metric_sources SET plugin_id = 'somebody'")
        before = self.sql("SELECT count(*) FROM metric_frames")
        refused = host.command("db", "seed", "demo")
        self.assertEqual(refused.returncode, REFUSED)
        self.assertIn("has data in metric_sources", refused.stderr)
        self.assertEqual(self.sql("SELECT count(*) FROM metric_frames"), before)
        self.assertEqual(host.command("db", "seed", "demo", "--force").returncode, DONE)

    def test_a_row_of_the_history_is_repaired_only_if_the_schema_is_right(self):
        host = self.empty()
        host.command("db", "init")
        self.sql("UPDATE schema_migrations SET name = 'spoilt' WHERE seq = 3")
        self.sql("DELETE FROM schema_migrations WHERE seq = 4")
        answer = host.command("db", "verify", "--json")
        self.assertEqual(answer.returncode, DIFFERENCES)
        history = {one["seq"]: one["history"] for one in json.loads(answer.stdout)["migrations"]}
        self.assertEqual(history[4], "not recorded")

        self.assertEqual(host.command("db", "repair", "4").returncode, USAGE)
        self.assertEqual(host.command("db", "repair", "4", "--reason", " ").returncode, USAGE)
        self.sql("ALTER TABLE devices DROP COLUMN metadata")
        refused = host.command("db", "repair", "4", "--reason", "lost in a restore")
        self.assertEqual(refused.returncode, REFUSED)
        self.assertIn("column metadata of devices is missing", refused.stderr)
        self.put_back_metadata()
        repaired = host.command("db", "repair", "4", "--reason", "lost in a restore")
        self.assertEqual(repaired.returncode, DONE, repaired.stderr)
        self.assertEqual(repaired.stdout, "repaired 4 compatibility\n")
        text = self.sql("SELECT sql_text FROM schema_migrations WHERE seq = 4")
        self.assertIn("lost in a restore", str(text))
        self.assertEqual(host.command("db", "verify").returncode, DONE)

    def test_health_and_report_tell_of_the_database_and_of_the_host(self):
        host = self.empty([scripted("a")])
        host.start()
        host.wait_stored(10)
        health = host.json("db", "health")
        self.assertTrue(health["healthy"], health)
        self.assertTrue(health["host"]["answers"])
        self.assertIn("waiting", health["host"])
        if self.KIND != "sqlite":
            self.assertGreaterEqual(health["host"]["pool"]["created"], 1)
            self.assertIn("unity_pool_in_use{storage=\"main\"}", host.http("/metrics")[1])
            self.assertIn("unity_pool_wait_seconds_bucket", host.http("/metrics")[1])
        wait_for(lambda: [job for job in host.json("db", "health")["jobs"]
                          if job["status"] == "success"], "the first job")
        report = host.json("db", "report")
        self.assertIn("zoo.scripted", [row["plugin"] for row in report["plugins"]["rows"]])
        self.assertIn("metric_frames", [row["table"] for row in report["tables"]["rows"]])
        self.assertIn("what takes room", host.command("db", "report", "--top", "3").stdout)
        self.assertEqual(host.stop(), DONE, host.log())

        alone = host.json("db", "health")
        self.assertFalse(alone["host"]["answers"])
        self.sql("UPDATE maintenance_jobs SET last_status = 'failed', last_error = 'no luck'")
        answer = host.command("db", "health")
        self.assertEqual(answer.returncode, DIFFERENCES)
        self.assertIn("no luck", answer.stdout)

    def test_health_names_what_somebody_changed(self):
        host = self.empty()
        host.command("db", "upgrade", "3")
        answer = host.command("db", "health")
        self.assertEqual(answer.returncode, DIFFERENCES)
        self.assertIn("the schema is at 3", answer.stdout)
        host.command("db", "upgrade")
        self.assertEqual(host.command("db", "health").returncode, DONE)
        self.sql("DROP VIEW alerts")
        answer = host.command("db", "health")
        self.assertEqual(answer.returncode, DIFFERENCES)
        self.assertIn("alerts is missing", answer.stdout)


class Sqlite(OnSqlite, Commands, HostTest):
    def put_back_metadata(self):
        # A column comes back at the end, which is as good: columns have names.
        self.sql("ALTER TABLE devices ADD COLUMN metadata TEXT CHECK (json_valid(metadata))")

    def test_a_report_counts_a_table_of_any_name(self):
        host = self.empty()
        host.command("db", "init")
        self.sql('CREATE TABLE "odd ""name" (x INTEGER)')
        self.sql('CREATE TABLE "two; words" (x INTEGER)')
        report = host.json("db", "report")
        rows = {row["table"]: row["rows"] for row in report["tables"]["rows"]}
        self.assertEqual((rows['odd "name'], rows["two; words"]), (0, 0))
        self.assertIsNone(report["tables"]["note"])

    def test_migrations_are_tried_in_a_file_that_goes_again(self):
        host = self.empty()
        tried = host.json("db", "test")
        self.assertEqual(len(tried["applied"]), len(tried["taken_back"]))
        self.assertFalse(host.database.exists())
        self.assertFalse(os.path.exists(tried["scratch"]))


class Postgres(OnPostgres, Commands, HostTest):
    def put_back_metadata(self):
        self.sql("ALTER TABLE devices ADD COLUMN metadata jsonb")

    def test_migrations_are_tried_in_a_schema_that_goes_again(self):
        host = self.empty()
        tried = host.json("db", "test")
        self.assertEqual(len(tried["applied"]), len(tried["taken_back"]))
        self.assertEqual(self.tables(), [])
        self.assertEqual(self.sql("SELECT nspname FROM pg_namespace WHERE nspname LIKE '%test%'"),
                         [])

    def test_a_rehearsal_that_is_interrupted_leaves_nothing(self):
        host = self.empty()
        scratch = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'unity_test_%'"
        process = subprocess.Popen([BIN, "db", "test", "--config", host.config],
                                   stdout=subprocess.DEVNULL)
        wait_for(lambda: process.poll() is not None or self.sql(scratch), "the rehearsal to begin")
        process.send_signal(signal.SIGINT)
        self.assertIn(process.wait(), (DONE, -signal.SIGINT))
        self.assertEqual(self.sql(scratch), [])

    def test_a_role_without_rights_is_told_so(self):
        host = self.empty(database={"username": "visitor"})
        self.sql("DROP ROLE IF EXISTS visitor")
        self.sql("CREATE ROLE visitor LOGIN")
        answer = host.command("db", "test")
        self.assertEqual(answer.returncode, NOT_PERMITTED)
        self.assertIn("PostgreSQL", answer.stdout)
        self.assertIn("permission denied", answer.stderr)
        self.assertEqual(host.command("db", "init").returncode, REFUSED)

    def test_init_makes_the_database_if_the_role_may(self):
        self.server.sql("DROP DATABASE IF EXISTS fresh", database="postgres")
        host = self.empty(database={"database": "fresh"})
        self.assertTrue(host.json("db", "init")["created"])
        self.assertFalse(host.json("db", "init")["created"])
        host = self.empty(database={"database": "other", "username": "visitor"})
        self.sql("DROP ROLE IF EXISTS visitor")
        self.sql("CREATE ROLE visitor LOGIN")
        answer = host.command("db", "init")
        self.assertEqual(answer.returncode, REFUSED)
        self.assertIn("create the database other", answer.stderr)


class Mariadb(OnMariadb, Commands, HostTest):
    def put_back_metadata(self):
        self.sql("ALTER TABLE devices ADD COLUMN metadata JSON")

    def grant(self, what):
        self.server.sql(f"{what} ON `unity\\_test\\_%`.* {'TO' if 'GRANT' in what else 'FROM'} "
                        "unity@localhost", database="mysql")

    def test_migrations_are_tried_in_a_database_that_goes_again(self):
        host = self.empty()
        answer = host.command("db", "test")
        self.assertEqual(answer.returncode, NOT_PERMITTED)
        self.assertIn("MariaDB", answer.stdout)
        self.assertIn("Access denied", answer.stderr)
        self.grant("GRANT ALL")
        self.addCleanup(self.grant, "REVOKE ALL")
        tried = host.json("db", "test")
        self.assertEqual(len(tried["applied"]), len(tried["taken_back"]))
        self.assertEqual(self.sql("SHOW DATABASES LIKE '%test%'"), [])
        self.assertEqual(self.tables(), [])

    def test_init_makes_the_database_if_the_user_may(self):
        self.server.sql("GRANT ALL ON fresh.* TO unity@localhost", database="mysql")
        self.server.sql("DROP DATABASE IF EXISTS fresh", database="mysql")
        host = self.empty(database={"database": "fresh"})
        self.assertTrue(host.json("db", "init")["created"])
        self.assertFalse(host.json("db", "init")["created"])
        host = self.empty(database={"database": "other"})
        answer = host.command("db", "init")
        self.assertEqual(answer.returncode, REFUSED)
        self.assertIn("other", answer.stderr)


if __name__ == "__main__":
    unittest.main()
