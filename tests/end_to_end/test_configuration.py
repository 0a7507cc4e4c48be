"""Mistakes in the configuration are reported all at once, each at its place."""
import re
import unittest

from harness import BAD_CONFIG, DONE, HostTest, unity

TEN_MISTAKES = """\
state_dir: /tmp/unity
databse: { type: sqlite }
database: { type: oracle }
collection:
  default_interval: soon
  batch_size: -1
  max_concurrent: many
http: { listen: "0.0.0.0:8787" }
log_level: loud
collectors:
  - { id: a, plugin: unity.system, intervall: 1s }
  - { id: a, plugin: unity.system, interval: 0s }
  - { plugin: unity.system }
"""


class Configuration(HostTest):
    def written(self, text):
        path = self.root / "unity.yaml"
        path.write_text(text)
        return path

    def test_ten_mistakes_are_ten_lines_with_their_places(self):
        path = self.written(TEN_MISTAKES)
        for command in ("check-config", "run", "db current"):
            with self.subTest(command):
                answer = unity(*command.split(), "--config", path)

                self.assertEqual(answer.returncode, BAD_CONFIG)
                places = re.findall(rf"^{re.escape(str(path))}:(\d+):(\d+): error: ", answer.stderr,
                                    re.M)
                self.assertEqual([int(line) for line, _ in places],
                                 [2, 3, 5, 6, 7, 8, 9, 11, 12, 12, 13], answer.stderr)
                self.assertIn("did you mean", answer.stderr)

    def test_the_report_is_there_as_json(self):
        path = self.written(TEN_MISTAKES)

        answer = unity("check-config", "--json", "--config", path)

        self.assertEqual(answer.returncode, BAD_CONFIG)
        import json
        report = json.loads(answer.stdout)
        self.assertFalse(report["valid"])
        self.assertGreaterEqual(len(report["errors"]), 10)
        for error in report["errors"]:
            self.assertEqual(set(error), {"file", "line", "column", "message"})
            self.assertEqual(error["file"], str(path))
            self.assertGreater(error["line"], 0)
            self.assertGreater(error["column"], 0)

    def test_wrong_options_of_plugins_have_places_too(self):
        host = self.host([{"id": "a", "plugin": "zoo.scripted", "config": {"recrods": 3}},
                          {"id": "b", "plugin": "zoo.scirpted"}])

        code, said = host.run_to_end()

        self.assertEqual(code, BAD_CONFIG)
        self.assertEqual(len(re.findall(r"unity\.yaml:\d+:\d+: error: ", said)), 2, said)
        self.assertIn('did you mean "zoo.scripted"', said)

    def test_a_valid_file_is_said_to_be_valid(self):
        host = self.host()

        answer = host.command("check-config")
        self.assertEqual(answer.returncode, DONE)
        self.assertIn("1 collectors", answer.stdout)
        report = host.json("check-config")
        self.assertEqual((report["valid"], report["collectors"], report["errors"]), (True, 1, []))

    def test_each_name_of_a_database_type_is_taken(self):
        for kind in ("mariadb", "mysql", "postgres", "postgresql"):
            path = self.written(f"database: {{ type: {kind}, host: db, database: u, username: u, "
                                "password: p }\n")
            answer = unity("check-config", "--config", path)
            self.assertEqual(answer.returncode, DONE, answer.stderr)

    def test_sections_of_later_versions_are_warnings(self):
        path = self.written("alerts: {}\ncache: { type: redis }\n")
        answer = unity("check-config", "--config", path)
        self.assertEqual(answer.returncode, DONE, answer.stderr)
        self.assertEqual(answer.stderr.count("warning: "), 2, answer.stderr)

    def test_what_is_not_yaml_is_refused_at_its_place(self):
        for text in ("collectors: [", "a: b: c\n", "\x00\x01\x02", "\t- x\n", "&a [*a]", "- 1\n"):
            path = self.written(text)
            answer = unity("check-config", "--config", path)
            self.assertEqual(answer.returncode, BAD_CONFIG, repr(text))
            self.assertRegex(answer.stderr, r"unity\.yaml:\d+")

    def test_a_missing_file_is_named(self):
        answer = unity("run", "--config", self.root / "none.yaml")
        self.assertEqual(answer.returncode, BAD_CONFIG)
        self.assertIn("none.yaml", answer.stderr)

    def test_the_environment_is_filled_in(self):
        path = self.written("state_dir: ${UNITY_TEST_STATE}\n")
        self.assertEqual(unity("check-config", "--config", path,
                               env={"UNITY_TEST_STATE": "/tmp/u"}).returncode, DONE)
        answer = unity("check-config", "--config", path)
        self.assertEqual(answer.returncode, BAD_CONFIG)
        self.assertIn("UNITY_TEST_STATE", answer.stderr)


if __name__ == "__main__":
    unittest.main()
