#!/usr/bin/env python3
"""`unity plugin check` from outside: what is good passes, and the reports say what they should.

UNITY_BIN, UNITY_PLUGINS (the bundled ones), UNITY_EXAMPLES (those of the SDK), UNITY_CHECK_ZOO and
UNITY_SOURCE lead to what it needs.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml

UNITY = os.environ["UNITY_BIN"]
BUNDLED = sorted(pathlib.Path(os.environ["UNITY_PLUGINS"]).glob("*.so"))
EXAMPLES = pathlib.Path(os.environ["UNITY_EXAMPLES"])
ZOO = pathlib.Path(os.environ["UNITY_CHECK_ZOO"])
SOURCE = pathlib.Path(os.environ["UNITY_SOURCE"])

PASSED, FAILED, USAGE, MISSING = 0, 3, 2, 69


class CheckTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="unity-check-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def plugin(self, path):
        """A copy whose owner and mode are those of a plugin, whatever the build tree's are."""
        copy = self.folder / path.name
        shutil.copyfile(path, copy)
        copy.chmod(0o644)
        return copy

    def check(self, *words):
        return subprocess.run([UNITY, "plugin", "check", *map(str, words)], capture_output=True,
                              text=True, timeout=280)

    def report(self, *words):
        done = self.check(*words, "--json")
        self.assertIn(done.returncode, (PASSED, FAILED), done.stderr)
        return json.loads(done.stdout)

    def assert_passes(self, plugin, *words):
        report = self.report(self.plugin(plugin), *words)
        bad = [rule for rule in report["rules"] if rule["verdict"] == "FAIL"]
        self.assertEqual(bad, [], f"{plugin.name}: {json.dumps(bad, indent=1)}")
        return report

    def config(self, options):
        path = self.folder / "options.json"
        path.write_text(json.dumps(options))
        return path


class GoodPlugins(CheckTest):
    def test_the_bundled_plugins_pass(self):
        self.assertGreaterEqual(len(BUNDLED), 4)
        for plugin in BUNDLED:
            with self.subTest(plugin.name):
                self.assert_passes(plugin)

    def test_the_example_in_c_passes(self):
        self.assert_passes(EXAMPLES / "uptime.so")

    def test_the_example_in_cpp_passes_with_options_for_it(self):
        report = self.assert_passes(EXAMPLES / "folder.so", "--config",
                                    self.config({"path": str(self.folder)}))

        rows = next(rule for rule in report["rules"] if rule["id"] == "E30")
        self.assertEqual(rows["verdict"], "PASS")
        self.assertIn("records in", rows["findings"][0]["text"])


class Reports(CheckTest):
    def test_json_has_every_rule_with_a_verdict_and_says_what_to_do(self):
        report = self.report(self.plugin(ZOO / "lazy.so"), "--seed", "7")

        self.assertFalse(report["passed"])
        self.assertEqual(report["seed"], "7")
        self.assertEqual(sum(report["counts"].values()), len(report["rules"]))
        lazy = next(rule for rule in report["rules"] if rule["id"] == "A4")
        self.assertEqual(lazy["verdict"], "FAIL")
        self.assertIn("bound lazily", lazy["findings"][0]["text"])
        self.assertIn("unity_add_plugin", lazy["advice"])

    def test_junit_has_a_case_for_each_rule_and_a_failure_for_each_that_failed(self):
        file = self.folder / "report.xml"

        self.check(self.plugin(ZOO / "lazy.so"), "--only", "A", "--junit", file)

        suite = xml.parse(file).getroot().find("testsuite")
        cases = suite.findall("testcase")
        self.assertEqual(len(cases), int(suite.get("tests")))
        failed = [case.get("name") for case in cases if case.find("failure") is not None]
        self.assertEqual(failed, ["A4 elf.hardening"])

    def test_text_is_in_the_order_of_the_rules_and_ends_with_the_sum(self):
        done = self.check(self.plugin(ZOO / "tame.so"), "--only", "A,B")

        ids = re.findall(r"^(?:PASS|WARN|SKIP|FAIL) +(\w+)", done.stdout, re.M)
        self.assertEqual(ids, ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "B11",
                               "B12", "B13", "B14"])
        self.assertIn("14 passed, 0 failed", done.stdout.splitlines()[-1])

    def test_a_crash_names_the_call_and_what_it_touched(self):
        report = self.report(self.plugin(ZOO / "keeps_borrowed_text.so"), "--only", "E34")

        text = report["rules"][0]["findings"][0]["text"]
        self.assertIn("SIGSEGV in collect() of one", text)
        self.assertIn("config->json after create() returned", text)


class Options(CheckTest):
    def test_only_and_exclude_take_ids_names_and_groups(self):
        tame = self.plugin(ZOO / "tame.so")

        def ids(*words):
            return [rule["id"] for rule in self.report(tame, *words)["rules"]]

        self.assertEqual(ids("--only", "A4,manifest.note"), ["A4", "B11"])
        self.assertEqual(ids("--only", "manifest", "--exclude", "B13"), ["B11", "B12", "B14"])
        self.assertEqual(ids("--only", "C", "--exclude", "entry"), ["C16", "C18", "C19",
                                                                       "C47"])

    def test_a_rule_is_skipped_if_what_it_needs_failed(self):
        report = self.report(self.plugin(ZOO / "short_collector.so"))

        verdicts = {rule["id"]: rule["verdict"] for rule in report["rules"]}
        self.assertEqual(verdicts["C18"], "FAIL")
        self.assertEqual((verdicts["C19"], verdicts["E25"], verdicts["F46"]), ("SKIP",) * 3)

    def test_a_warning_is_a_failure_if_strict(self):
        exits = self.plugin(ZOO / "exits.so")

        self.assertEqual(self.check(exits, "--only", "A8").returncode, PASSED)
        self.assertEqual(self.check(exits, "--only", "A8", "--strict").returncode, FAILED)

    def test_a_scenario_that_fails_can_be_reproduced(self):
        plugin = self.plugin(ZOO / "emits_from_a_thread.so")
        found = self.report(plugin, "--only", "F46", "--seed", "7")["rules"][0]
        seed = re.search(r"--reproduce (\d+)", found["findings"][0]["text"]).group(1)

        again = [self.report(plugin, "--only", "F46", "--reproduce", seed)["rules"][0]
                 for _ in range(2)]

        self.assertEqual([rule["verdict"] for rule in again], ["FAIL", "FAIL"])
        self.assertEqual(again[0]["findings"], again[1]["findings"])
        self.assertEqual(again[0]["findings"][0], found["findings"][0])
        tame = self.report(self.plugin(ZOO / "tame.so"), "--only", "F46", "--reproduce", seed)
        self.assertEqual(tame["rules"][0]["verdict"], "PASS")

    def test_options_that_do_not_fit_the_schema_are_a_reason_to_skip(self):
        report = self.report(self.plugin(ZOO / "tame.so"), "--only", "E25", "--config",
                             self.config({"legs": -1}))

        self.assertEqual(report["rules"][0]["verdict"], "SKIP")
        self.assertIn("do not fit its schema", report["rules"][0]["findings"][0]["text"])

    def test_mistakes_of_the_caller(self):
        tame = self.plugin(ZOO / "tame.so")

        self.assertEqual(self.check().returncode, USAGE)
        self.assertEqual(self.check(tame, "--only", "Z9").returncode, USAGE)
        self.assertEqual(self.check(tame, "--fuzz", "soon").returncode, USAGE)
        self.assertEqual(self.check(tame, "--config", self.folder / "none").returncode, USAGE)
        self.assertEqual(self.check(self.folder / "none.so").returncode, MISSING)


class Documentation(CheckTest):
    def test_the_page_lists_exactly_the_rules_that_there_are(self):
        listed = self.check("--list").stdout
        rules = re.findall(r"^  ([A-F]\d+) +(\S+) +(.*)$", listed, re.M)
        page = (SOURCE / "docs" / "plugin-check.md").read_text()
        documented = re.findall(r"^\| ([A-F]\d+) \| `([^`]+)` \| (.*) \|$", page, re.M)

        self.assertGreater(len(rules), 40)
        self.assertEqual([(i, n, m.strip()) for i, n, m in rules], documented)

    def test_the_page_lists_what_is_left_out(self):
        listed = self.check("--list").stdout.split("Left out\n")[1]
        page = (SOURCE / "docs" / "plugin-check.md").read_text()

        for line in listed.splitlines():
            self.assertIn("- " + line.strip(), page)

    def test_every_rule_has_an_animal(self):
        rules = re.findall(r"^  ([A-F]\d+) ", self.check("--list").stdout, re.M)
        zoo = (SOURCE / "tests" / "check" / "zoo" / "CMakeLists.txt").read_text()
        fails = {rule for words in re.findall(r"FAILS ((?:[A-F]\d+ ?)+)", zoo)
                 for rule in words.split()}

        self.assertEqual([rule for rule in rules if rule not in fails], [])


if __name__ == "__main__":
    unittest.main()
