"""What is wrong with a database is told, with an exit code of its own, and nothing is changed."""
import json
import subprocess
import unittest

from databases import OnMariadb, OnPostgres, OnSqlite
from harness import BIN, DIFFERENCES, DONE, HostTest, PATIENCE, REFUSED, UNAVAILABLE


class BadInput:
    def assert_refused(self, host, code, *parts):
        """By the commands and by the host itself, which leave everything as it was."""
        for words in (("db", "upgrade"), ("db", "init"), ("db", "verify"), ("db", "health")):
            answer = host.command(*words)
            self.assertEqual(answer.returncode, code, (words, answer.stdout, answer.stderr))
            for part in parts:
                self.assertIn(part, answer.stderr, words)

    def assert_host_refuses(self, host, code, *parts):
        left_with, said = host.run_to_end()
        self.assertEqual(left_with, code, said)
        for part in parts:
            self.assertIn(part, said)

    def test_a_database_with_foreign_tables(self):
        host = self.empty()
        self.sql("CREATE TABLE songs (title INTEGER)")
        for words in (("db", "upgrade"), ("db", "init"), ("db", "verify"), ("db", "current")):
            answer = host.command(*words)
            self.assertEqual(answer.returncode, REFUSED, words)
            self.assertIn("belongs to something else", answer.stderr)
        self.assert_host_refuses(host, REFUSED, "belongs to something else")
        self.assertEqual(self.tables(), ["songs"])

    def test_a_newer_schema_than_the_binary(self):
        host = self.empty()
        host.command("db", "upgrade")
        head = host.json("db", "current")["head"]
        self.sql("INSERT INTO schema_migrations (seq, name, checksum, state, started_at, "
                 "finished_at, app_version, applied_by, dialect, sql_text, breaking) "
                 "SELECT 99, 'later', checksum, state, started_at, finished_at, '9.0', applied_by, "
                 f"dialect, '', {self.TRUE} FROM schema_migrations WHERE seq = 1")
        before = self.tables()
        for words in (("db", "upgrade"), ("db", "downgrade", "3", "--allow-data-loss"),
                      ("db", "check"), ("db", "repair", "3", "--reason", "none")):
            answer = host.command(*words)
            self.assertEqual(answer.returncode, REFUSED, (words, answer.stderr))
            self.assertIn("99", answer.stderr)
            self.assertIn(f"only up to {head}", answer.stderr)
        self.assert_host_refuses(host, REFUSED, "is at 99", f"only up to {head}")
        self.assertEqual(self.tables(), before)
        self.assertEqual(host.json("db", "current")["current"], 99)

    def test_a_hand_edited_table(self):
        host = self.empty()
        host.command("db", "upgrade")
        self.sql("ALTER TABLE devices DROP COLUMN metadata")
        self.sql("CREATE TABLE songs (title INTEGER)")
        for words in (("db", "check"), ("db", "verify"), ("db", "health"), ("db", "init")):
            answer = host.command(*words)
            self.assertEqual(answer.returncode, DIFFERENCES, (words, answer.stderr))
            self.assertIn("column metadata of devices is missing", answer.stdout)
            self.assertIn("songs is unexpected", answer.stdout)
        refused = host.command("db", "stamp", "head")
        self.assertEqual(refused.returncode, REFUSED)
        self.assertIn("songs", self.tables())
        self.assertEqual(host.command("db", "check").returncode, DIFFERENCES, "it was mended")

    def test_two_upgrades_at_once(self):
        host = self.empty()
        head = host.json("db", "current")["head"]
        upgrades = [subprocess.Popen([BIN, "db", "upgrade", "--json", "--config", host.config],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                    for _ in range(2)]
        applied = 0
        for upgrade in upgrades:
            out, error = upgrade.communicate(timeout=PATIENCE)
            self.assertEqual(upgrade.returncode, DONE, error)
            applied += len(json.loads(out)["applied"])
        self.assertEqual(applied, head)
        self.assertEqual(host.command("db", "verify").returncode, DONE)


class OfServers:
    def test_an_absent_server(self):
        nobody = {"host": str(self.root / "nowhere"), "connect_timeout": "1s"}
        host = self.host([], database=self.section(**nobody))
        self.assert_refused(host, UNAVAILABLE, "cannot connect to", "nowhere")
        self.assertEqual(host.command("db", "test").returncode, UNAVAILABLE)

    def test_a_wrong_password(self):
        host = self.empty(database={**self.guest(), "password": "wrong-one"})
        self.assert_refused(host, REFUSED, "correct database.username or database.password")
        self.assert_host_refuses(host, REFUSED, "database.password")
        self.assertNotIn("wrong-one", host.log())
        self.assertEqual(self.tables(), [])

        host = self.empty(database={**self.guest(), "password": "right-one"})
        self.assertEqual(host.command("db", "upgrade").returncode, DONE)


class Sqlite(OnSqlite, BadInput, HostTest):
    def test_a_folder_that_cannot_be(self):
        (self.root / "file").write_text("not a folder")
        host = self.host([], database={"type": "sqlite", "path": str(self.root / "file/unity.db")})
        for words in (("db", "upgrade"), ("db", "init")):
            answer = host.command(*words)
            self.assertEqual(answer.returncode, UNAVAILABLE, answer.stderr)
            self.assertIn(str(self.root / "file"), answer.stderr)
        self.assertEqual((self.root / "file").read_text(), "not a folder")

    def test_a_file_that_is_no_database(self):
        host = self.empty()
        host.database.write_bytes(b"x" * 8192)
        for words in (("db", "upgrade"), ("db", "init"), ("db", "verify"), ("db", "health")):
            answer = host.command(*words)
            self.assertEqual(answer.returncode, REFUSED, (words, answer.stderr))
            self.assertIn("is not an SQLite database", answer.stderr)
        self.assertEqual(host.database.read_bytes(), b"x" * 8192)


class Postgres(OnPostgres, BadInput, OfServers, HostTest):
    def guest(self):
        self.server.hba(["local all guest scram-sha-256", "local all all trust"])
        self.sql("DO $$ BEGIN CREATE ROLE guest LOGIN PASSWORD 'right-one'; "
                 "EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        self.sql("GRANT ALL ON SCHEMA public TO guest")
        return {"username": "guest"}

    def empty(self, *arguments, **sections):
        host = super().empty(*arguments, **sections)
        self.sql("DO $$ BEGIN GRANT ALL ON SCHEMA public TO guest; "
                 "EXCEPTION WHEN undefined_object THEN NULL; END $$")
        return host


class Mariadb(OnMariadb, BadInput, OfServers, HostTest):
    def guest(self):
        self.server.sql("CREATE USER IF NOT EXISTS guest@localhost IDENTIFIED BY 'right-one'; "
                        "GRANT ALL ON unity.* TO guest@localhost", database="mysql")
        return {"username": "guest"}


if __name__ == "__main__":
    unittest.main()
