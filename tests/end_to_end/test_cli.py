"""Every command: what it prints, on which stream, and with which exit code it leaves."""
import json
import unittest

from harness import (BAD_CONFIG, BUNDLED, DONE, FAILED, HostTest, UNAVAILABLE, USAGE, ZOO, unity)

COMMANDS = [
    "run",
    "check-config",
    "reload",
    "status",
    "expr",
    "pipeline test",
    "plugin list",
    "plugin inspect",
    "plugin run",
    "query latest",
    "query range",
    "query top",
    "db current",
    "db history",
    "db plan",
    "db upgrade",
    "db downgrade",
    "db stamp",
    "db check",
    "db jobs",
    "db lint",
    "db sql",
    "dlq ls",
    "dlq show",
    "dlq replay",
    "dlq purge",
    "spool ls",
    "spool verify",
    "spool cat",
    "spool export",
    "spool repair",
]
GROUPS = sorted({command.split()[0] for command in COMMANDS if " " in command})


class Cli(HostTest):
    def test_help_is_there_for_every_command(self):
        for command in ["", *GROUPS, *COMMANDS]:
            answer = unity(*command.split(), "--help")
            self.assertEqual(answer.returncode, DONE, command)
            self.assertIn("--help", answer.stdout)
            self.assertEqual(answer.stderr, "")
        self.assertIn("Exit codes", unity("--help").stdout)

    def test_the_version_is_printed(self):
        answer = unity("--version")
        self.assertEqual(answer.returncode, DONE)
        self.assertRegex(answer.stdout, r"^\d+\.\d+\.\d+\n$")

    def test_mistakes_of_usage_leave_with_2_and_say_what_is_meant(self):
        for words in ([], ["plugin"], ["query"], ["db"], ["run", "--nonsense"], ["run", "surplus"],
                      ["plugin", "inspect"], ["plugin", "run"], ["query", "range"],
                      ["query", "range", "m", "--from", "yesterday"],
                      ["query", "range", "m", "--from", "now", "--to", "-1h"],
                      ["query", "range", "m", "--limit", "many"],
                      ["query", "range", "m", "--step", "never"],
                      ["query", "range", "m", "--aggregate", "median"],
                      ["query", "top", "--tag", "name"], ["query", "top", "--from", "now"],
                      ["run", "--config"], ["expr"],
                      ["expr", "1", "--metric", "m"], ["expr", "1", "--unit", "GBB"]):
            answer = unity(*words)
            self.assertEqual(answer.returncode, USAGE, (words, answer.stderr))
            self.assertEqual(answer.stdout, "", words)
            self.assertTrue(answer.stderr, words)
        self.assertIn('did you mean "status"', unity("staus").stderr)
        self.assertIn('did you mean "latest"', unity("query", "lates").stderr)

    def test_spool_commands_look_at_the_folder_that_is_named(self):
        folder = self.root / "spool"
        for command in ("ls", "verify", "cat", "export", "repair"):
            answer = unity("spool", command, "--folder", folder)
            self.assertEqual(answer.returncode, UNAVAILABLE, command)
            self.assertIn(str(folder), answer.stderr)
        folder.mkdir()
        self.assertEqual(unity("spool", "verify", "--folder", folder).returncode, DONE)
        self.assertEqual(json.loads(unity("spool", "ls", "--json", "--folder", folder).stdout)
                         ["segments"], [])
        (folder / "0000000000000000.seg").write_bytes(b"x" * 1000)
        answer = unity("spool", "verify", "--folder", folder)
        self.assertEqual(answer.returncode, 3)
        self.assertIn("no readable header", answer.stdout)
        self.assertEqual(unity("spool", "repair", "--folder", folder).returncode, DONE)
        self.assertEqual(unity("spool", "verify", "--folder", folder).returncode, DONE)

    def test_spool_commands_look_where_the_configuration_has_the_spool(self):
        host = self.host(spool={"path": str(self.root / "elsewhere")}).start()
        host.wait_stored(1)
        self.assertEqual(host.stop(), DONE, host.log())
        self.assertTrue(host.json("spool", "ls")["segments"])
        self.assertEqual(host.command("spool", "verify").returncode, DONE)

    def test_plugin_list_shows_the_bundled_ones(self):
        answer = unity("plugin", "list", "--dir", BUNDLED, "--json")
        self.assertEqual(answer.returncode, DONE)
        report = json.loads(answer.stdout)
        self.assertLessEqual({"unity.system", "unity.disk", "unity.network", "unity.process"},
                             {one["id"] for one in report["plugins"]})
        self.assertEqual(report["unusable"], [])
        table = unity("plugin", "list", "--dir", BUNDLED).stdout
        self.assertEqual(table.split()[:4], ["PLUGIN", "VERSION", "COLLECTORS", "FILE"])
        self.assertEqual(unity("plugin", "list", "--dir", self.root / "none").returncode, UNAVAILABLE)

    def test_plugin_list_reports_what_is_unusable(self):
        host = self.host()
        (host.plugins / "text.so").write_text("x")
        answer = host.command("plugin", "list")
        self.assertEqual(answer.returncode, DONE)
        self.assertIn("zoo.scripted", answer.stdout)
        self.assertIn("text.so", answer.stderr)
        self.assertEqual(len(host.json("plugin", "list")["unusable"]), 1)

    def test_plugin_inspect_shows_the_manifest_without_running_the_plugin(self):
        host = self.host()
        host.add_plugin("entry_throws")
        answer = unity("plugin", "inspect", host.plugins / "entry_throws.so")
        self.assertEqual(answer.returncode, DONE)
        self.assertIn("zoo.entry_throws 1.0.0", answer.stdout)
        self.assertIn("asks for  nothing\n", answer.stdout)
        host.add_plugin("numbers")
        answer = unity("plugin", "inspect", host.plugins / "numbers.so")
        self.assertIn("asks for  read {file}; write {file}\n", answer.stdout)
        document = json.loads(unity("plugin", "inspect", host.plugins / "scripted.so",
                                    "--json").stdout)
        self.assertEqual(document["id"], "zoo.scripted")
        self.assertEqual(len(document["sha256"]), 64)
        text = self.root / "text.so"
        text.write_text("x")
        answer = unity("plugin", "inspect", text)
        self.assertEqual(answer.returncode, FAILED)
        self.assertIn("not an ELF file", answer.stderr)
        self.assertEqual(unity("plugin", "inspect", self.root / "no.so").returncode, UNAVAILABLE)

    def run_scripted(self, *words, **options):
        host = self.host()
        file = self.root / "options.yaml"
        file.write_text(json.dumps(options))
        return unity("plugin", "run", host.plugins / "scripted.so", "--once", "--instance-config",
                     file, *words)

    def test_plugin_run_prints_the_records_of_one_run(self):
        answer = self.run_scripted("--json", records=3)
        self.assertEqual(answer.returncode, DONE, answer.stderr)
        records = [json.loads(line) for line in answer.stdout.splitlines()]
        self.assertEqual([one["values"]["number"] for one in records], [1, 2, 3])
        self.assertEqual(records[0]["metric"], "numbered")
        self.assertIn("3 records", answer.stderr)
        self.assertIn("numbered lane=0: number=1", self.run_scripted().stdout)

    def test_plugin_run_says_what_is_wrong(self):
        answer = self.run_scripted(bad="undeclared_field")
        self.assertEqual(answer.returncode, FAILED)
        self.assertIn("nmuber", answer.stderr)
        answer = self.run_scripted(**{"class": "auth"})
        self.assertEqual(answer.returncode, FAILED)
        self.assertIn("auth error: the script says auth", answer.stderr)
        answer = self.run_scripted(recrods=3)
        self.assertEqual(answer.returncode, BAD_CONFIG)
        self.assertRegex(answer.stderr, r"options\.yaml:\d+:\d+: error: ")

    def test_plugin_run_survives_every_plugin_of_the_zoo(self):
        needs_options = {"numbers", "numbers_2", "scripted_wants_less"}
        # Some do their deed only where they are told to, or later.
        well = {"c_minimal", "scripted", "emit_from_thread", "larger_structs", "hostile",
                "crash_on_second_load", "hang_on_second_load", "scripted_2", "scripted_fails_later",
                "market"}
        for file in sorted(ZOO.glob("*.so")):
            if file.stem in needs_options:
                continue
            with self.subTest(file.stem):
                copy = self.root / file.name
                copy.write_bytes(file.read_bytes())
                answer = unity("plugin", "run", copy, "--once")
                expected = DONE if file.stem in well else FAILED
                self.assertEqual(answer.returncode, expected, answer.stderr)
                self.assertTrue(answer.stderr)

    def test_expr_evaluates_on_a_record(self):
        record = self.root / "record.json"
        record.write_text('{"metric": "numbered",\n "values": {"number": 5}}')
        words = ["expr", "--record", record, "--plugin", "zoo.scripted", "--dir", self.host().plugins]
        answer = unity(*words, "number * 2 > 9")
        self.assertEqual(answer.returncode, DONE, answer.stderr)
        self.assertEqual(answer.stdout.split(), ["value", "true", "type", "boolean", "unit", "-"])
        answer = unity(*words[:3], "number * 1 kB", "--unit", "By", "--json")
        self.assertEqual(json.loads(answer.stdout), {"value": 5000, "type": "number", "unit": "By"})

    def test_expr_says_what_is_wrong(self):
        plugins = ["--plugin", "zoo.scripted", "--dir", self.host().plugins]
        answer = unity("expr", "nmuber > 1", "--metric", "numbered", *plugins)
        self.assertEqual(answer.returncode, FAILED)
        self.assertIn("did you mean number?", answer.stderr)
        self.assertIn("\n  ^^^^^^\n", answer.stderr)
        self.assertEqual(answer.stdout, "")
        self.assertEqual(unity("expr", "1", "--metric", "m", *plugins).returncode, FAILED)
        self.assertEqual(unity("expr", "1", *plugins).returncode, FAILED)
        self.assertEqual(unity("expr", "1", "--plugin", "none").returncode, UNAVAILABLE)
        self.assertEqual(unity("expr", "1", "--record", self.root / "none").returncode, UNAVAILABLE)

    def test_status_without_a_host_leaves_with_69(self):
        answer = self.host().command("status")
        self.assertEqual(answer.returncode, UNAVAILABLE)
        self.assertIn("is it running?", answer.stderr)
        self.assertEqual(answer.stdout, "")

    def test_status_shows_the_documented_members(self):
        host = self.host().start()
        host.wait_stored(2)
        status = host.status()
        self.assertLessEqual({"collected", "stored", "rejected", "dropped", "in_flight",
                              "dropped_by"}, set(status["accounting"]))
        [one] = status["instances"]
        self.assertLessEqual({"id", "plugin", "state", "reason", "runs", "missed", "last_run",
                              "next_run"}, set(one))
        self.assertRegex(one["last_run"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        self.assertEqual(one["state"], "healthy")
        table = host.command("status").stdout
        self.assertIn("neighbour", table)
        self.assertIn("healthy", table)

    def test_db_commands_work_without_collectors(self):
        host = self.host([])
        before = host.json("db", "current")
        self.assertEqual(before["current"], 0)
        self.assertFalse(host.database.exists())

        applied = host.json("db", "upgrade")["applied"]
        self.assertEqual(len(applied), before["head"])
        self.assertEqual(host.json("db", "upgrade")["applied"], [])
        after = host.json("db", "current")
        self.assertEqual(after["current"], after["head"])
        self.assertEqual({one["state"] for one in after["migrations"]}, {"applied"})
        self.assertIn("APPLIED AT", host.command("db", "current").stdout)

    def test_queries_before_the_first_start_leave_with_69(self):
        host = self.host()
        for words in (["query", "latest"], ["query", "range", "m"], ["query", "top"]):
            answer = host.command(*words)
            self.assertEqual(answer.returncode, UNAVAILABLE, answer.stderr)
            self.assertTrue(answer.stderr)

    def test_a_query_that_finds_nothing_is_done(self):
        host = self.host()
        host.command("db", "upgrade")
        self.assertEqual(host.json("query", "latest"), [])
        self.assertEqual(host.json("query", "latest", "nothing"), [])
        answer = host.json("query", "range", "nothing", "--from", "2026-01-01T00:20:00Z",
                           "--to", "2026-01-03T00:00:00Z", "--step", "1h")
        self.assertEqual((answer["series"], answer["step"], answer["resolution"], answer["from"]),
                         ([], "1h", "raw", "2026-01-01T00:20:00Z"))  # no rollup was made yet
        self.assertEqual(host.json("query", "top", "--aggregate", "max")["series"], [])
        refused = host.command("query", "range", "nothing", "--from", "-1y", "--step", "1s")
        self.assertEqual(refused.returncode, USAGE)
        self.assertIn("the shortest round step", refused.stderr)

    def test_a_bad_configuration_leaves_with_78_everywhere(self):
        path = self.root / "bad.yaml"
        path.write_text("nonsense: 1\n")
        for words in (["run"], ["check-config"], ["status"], ["plugin", "list"], ["query", "latest"],
                      ["query", "range", "m"], ["db", "current"], ["db", "upgrade"]):
            self.assertEqual(unity(*words, "--config", path).returncode, BAD_CONFIG, words)


if __name__ == "__main__":
    unittest.main()
