"""The host with a database server in place of a file."""
import unittest

from databases import OnMariadb, OnPostgres
from harness import BAD_CONFIG, DONE, HostTest, scripted, unity, wait_for


class Storing:
    def setUp(self):
        super().setUp()
        if self.server.process is None:
            self.server.start()
        self.clear()
        self.database = self.section()

    def stored(self):
        return self.sql(f"SELECT time_us, {self.NUMBER} FROM plugin_metrics "
                        "WHERE metric_name = 'numbered' ORDER BY time_us")

    def test_what_is_collected_is_stored_and_every_command_finds_it(self):
        host = self.host([scripted("a", records=2)], database=self.database).start()
        account = host.wait_stored(20)
        self.assert_balanced(account)
        status = host.status()
        self.assertEqual(status["database"]["type"], self.KIND)
        self.assertIn(str(self.server.folder), status["database"]["path"])
        self.assertEqual(host.stop(), DONE, host.log())

        rows = self.stored()
        points = host.json("query", "range", "numbered", "--from", "-1h", "--to", "now")
        self.assertGreaterEqual(len(rows), 20)
        self.assertEqual(sorted(int(row[1]) for row in rows),
                         sorted(point["value"] for point in points))
        latest = host.json("query", "latest", "numbered")
        self.assertIn(points[-1]["value"], [point["value"] for point in latest])
        schema = host.json("db", "current")
        self.assertEqual(schema["current"], schema["head"])
        self.assertEqual(host.json("db", "upgrade"), {"applied": []})

    def test_the_server_may_go_and_come_back(self):
        host = self.host([scripted("a", interval="50ms")], database=self.database).start()
        host.wait_stored(5)
        self.server.kill()
        before = host.instance("a")["runs"]
        wait_for(lambda: host.instance("a")["runs"] >= before + 10, "runs during the outage")
        self.server.start()
        host.wait_stored(host.accounting()["stored"] + 10)
        self.assertEqual(host.stop(), DONE, host.log())

        numbers = [int(row[1]) for row in self.stored()]
        self.assertEqual(sorted(set(numbers)), list(range(min(numbers), max(numbers) + 1)))
        self.assertEqual(len(numbers), len(set(numbers)))

    def test_a_password_is_shown_nowhere(self):
        self.demand_password("hunter2")
        database = {**self.database, "password": "hunter2"}
        host = self.host(database=database).start()
        host.wait_stored(1)
        shown = [host.command(*words).stdout + host.command(*words).stderr for words in
                 (("status",), ("status", "--json"), ("check-config",), ("check-config", "--json"))]
        self.assertEqual(host.stop(), DONE, host.log())
        for text in (*shown, host.log()):
            self.assertNotIn("hunter2", text)

        host = self.host(database={**database, "sslmode": "perhaps"}, root=self.root)
        answer = unity("check-config", "--config", host.config)
        self.assertEqual(answer.returncode, BAD_CONFIG)
        self.assertNotIn("hunter2", answer.stderr)


class Postgres(OnPostgres, Storing, HostTest):
    NUMBER = "value ->> 'number'"

    def demand_password(self, text):
        """This server trusts whoever reaches its socket, and takes any password."""


class Mariadb(OnMariadb, Storing, HostTest):
    NUMBER = "JSON_VALUE(value, '$.number')"

    def demand_password(self, text):
        self.server.password(text)
        self.addCleanup(self.server.password, "")


if __name__ == "__main__":
    unittest.main()
