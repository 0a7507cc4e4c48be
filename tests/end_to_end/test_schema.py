"""What a person does with the schema of a database: the same words for every kind of it."""
import json
import unittest

from databases import OnMariadb, OnPostgres, OnSqlite
from harness import DIFFERENCES, DONE, HostTest, REFUSED, USAGE

FIRST_TABLES = 3  # the last migration that only makes tables which hosts write


class Commands:
    """The tests; what a kind of database adds says how to look into one and how to begin anew."""

    def test_up_and_down_and_up_again(self):
        host = self.empty()
        head = host.json("db", "current")["head"]
        plan = host.json("db", "plan")
        self.assertEqual([one["seq"] for one in plan["migrations"]], list(range(1, head + 1)))
        self.assertEqual(host.json("db", "current")["current"], 0, "planning changed something")

        self.assertEqual(len(host.json("db", "upgrade", str(FIRST_TABLES))["applied"]),
                         FIRST_TABLES)
        self.assertEqual(host.json("db", "upgrade", "+1")["applied"][0]["seq"], FIRST_TABLES + 1)
        self.assertEqual(host.command("db", "upgrade", "head").returncode, DONE)
        self.assertEqual(host.json("db", "plan")["migrations"], [])
        refused = host.command("db", "downgrade", str(FIRST_TABLES))
        self.assertEqual(refused.returncode, REFUSED)
        self.assertIn("--allow-data-loss", refused.stderr)
        self.assertEqual(host.json("db", "current")["current"], head)
        taken = host.json("db", "downgrade", "-1")["applied"]
        self.assertEqual([one["state"] for one in taken], ["taken back"])
        self.assertEqual(host.json("db", "current")["current"], head - 1)
        # All of them, which are more than nine.
        taken = host.json("db", "downgrade", f"-{head - 1}", "--allow-data-loss")["applied"]
        self.assertEqual(len(taken), head - 1)
        self.assertEqual(host.json("db", "current")["current"], 0)
        self.assertEqual(host.command("db", "upgrade").returncode, DONE)
        host.command("db", "downgrade", "base", "--allow-data-loss")
        self.assertEqual(host.json("db", "current")["current"], 0)
        self.assertEqual(host.command("db", "upgrade").returncode, DONE)
        self.assertEqual(host.command("db", "check").returncode, DONE)

    def test_what_somebody_changed_by_hand_is_named_and_nothing_is_mended(self):
        host = self.empty()
        host.command("db", "upgrade")
        self.sql("ALTER TABLE devices DROP COLUMN metadata")
        for _ in range(2):
            answer = host.command("db", "check")
            self.assertEqual(answer.returncode, DIFFERENCES, answer.stderr)
            self.assertEqual(answer.stdout, "column metadata of devices is missing\n")
        [drift] = json.loads(host.command("db", "check", "--json").stdout)["drift"]
        self.assertEqual((drift["table"], drift["part"], drift["kind"]),
                         ("devices", "column metadata", "missing"))

    def test_a_script_for_the_databases_own_client_is_as_good_as_an_upgrade(self):
        host = self.empty()
        self.run_script(host.command("db", "sql", f"0:{FIRST_TABLES}").stdout)
        self.assertEqual(host.json("db", "current")["current"], FIRST_TABLES)
        self.run_script(host.command("db", "sql", f"{FIRST_TABLES}:head").stdout)
        self.assertEqual(host.command("db", "check").stdout.count("what its migrations make"), 1)
        self.assertEqual(host.json("db", "upgrade")["applied"], [])
        self.run_script(host.command("db", "sql", f"head:{FIRST_TABLES}").stdout)
        self.assertEqual(host.json("db", "current")["current"], FIRST_TABLES)
        self.assertEqual(host.command("db", "check").returncode, DONE)

    def test_only_what_is_true_can_be_stamped(self):
        host = self.empty()
        host.command("db", "upgrade", str(FIRST_TABLES))
        self.sql("DELETE FROM schema_migrations")
        wrong = host.command("db", "stamp", "head")
        self.assertEqual(wrong.returncode, REFUSED)
        self.assertIn("incidents is missing", wrong.stderr)
        self.assertEqual(host.command("db", "stamp", str(FIRST_TABLES)).returncode, DONE)
        self.assertEqual(host.json("db", "current")["current"], FIRST_TABLES)

    def test_a_target_that_is_none_is_told_and_nothing_happens(self):
        host = self.empty()
        for words in (("upgrade", "99"), ("upgrade", "soon"), ("upgrade", "+99"),
                      ("downgrade", "99"), ("stamp", "soon"), ("sql", "1:99"),
                      ("downgrade", "-99"), ("downgrade", "-1", "base"), ("stamp", "+1"),
                      ("upgrade", "+2147483647"), ("sql", "0:head", "--dialect", "oracle")):
            answer = host.command("db", *words)
            self.assertEqual(answer.returncode, USAGE, words)
            self.assertTrue(answer.stderr, words)
        self.assertEqual(host.command("db", "downgrade").returncode, USAGE)
        self.assertEqual(host.json("db", "current")["current"], 0)


class Sqlite(OnSqlite, Commands, HostTest):
    pass


class Postgres(OnPostgres, Commands, HostTest):
    pass


class Mariadb(OnMariadb, Commands, HostTest):
    pass


if __name__ == "__main__":
    unittest.main()
