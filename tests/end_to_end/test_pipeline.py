"""Stages as an operator writes them: mistakes at their place, and recorded records through them."""
import json
import os
import unittest

from harness import BAD_CONFIG, DONE, HostTest, UNAVAILABLE, scripted, unity

DIFFERENCES = 3

STAGES = [
    "validate",
    "timestamp",
    {"filter": {"drop": "percent > 95",
                "select": {"metric": "bounded", "when": "tags.host == 'spare'"}}},
    "collector",
    {"enrich": {"tags": {"site": "attic"}}},
    {"summary": {"templates": {"bounded": "{percent:.0f} % of {tags.site}"}}},
]

RECORDS = """\
{"metric":"bounded","tags":{"host":"spare"},"values":{"percent":99}}
{"metric":"bounded","tags":{"host":"main"},"values":{"percent":99}}
{"metric":"bounded","values":{"percent":101}}

not json
"""


class Pipeline(HostTest):
    def config(self, stages):
        return self.host([scripted("b")], pipeline=stages)

    def try_records(self, host, *words, records=RECORDS):
        path = self.root / "records.json"
        path.write_text(records, encoding="utf-8")
        return unity("pipeline", "test", "--config", host.config, "--instance", "b", "--records",
                     path, *words)

    def test_recorded_records_show_what_becomes_of_them(self):
        answer = self.try_records(self.config(STAGES))

        self.assertEqual(answer.returncode, DONE, answer.stderr)
        lines = [json.loads(line) for line in answer.stdout.splitlines()]
        self.assertEqual(len(lines), 4, answer.stdout)
        self.assertEqual((lines[0]["dropped"], lines[0]["stage"]), ("filtered", "filter"))
        self.assertEqual(lines[1]["values"], {"percent": 99, "_summary": "99 % of attic"})
        self.assertEqual(lines[1]["tags"]["site"], "attic")
        self.assertEqual((lines[2]["rejected"], lines[2]["stage"]), ("out of range", "validate"))
        self.assertEqual((lines[3]["rejected"], lines[3]["text"]), ("unreadable", "not json"))

    def test_expectations_hold_or_say_where_they_do_not(self):
        host = self.config(STAGES)
        expected = self.root / "expected.json"
        expected.write_text(self.try_records(host).stdout, encoding="utf-8")

        same = self.try_records(host, "--expect", expected)
        other = self.try_records(host, "--expect", expected, records=RECORDS.replace("99", "98", 2))

        self.assertEqual(same.returncode, DONE, same.stdout)
        self.assertIn("4 records came out as expected", same.stdout)
        self.assertEqual(other.returncode, DIFFERENCES, other.stdout)
        self.assertIn("record 2:", other.stdout)
        self.assertIn("2 of 4 records differ", other.stdout)

    def test_a_mistake_is_shown_at_its_line_and_column(self):
        host = self.config([{"rate": {"select": {"metric": "bounded", "when": "percent > 5 s"}}}])
        lines = host.config.read_text(encoding="utf-8").splitlines()
        line = next(i for i, text in enumerate(lines) if "percent > 5 s" in text)
        column = lines[line].index('"percent') + 1

        answer = unity("check-config", "--config", host.config)

        self.assertEqual(answer.returncode, BAD_CONFIG, answer.stdout)
        self.assertIn(f":{line + 1}:{column}: ", answer.stderr)
        self.assertIn("`percent > 5 s`: 1:1: cannot compare", answer.stderr)

    def test_what_does_not_exist_is_named(self):
        host = self.config(STAGES)
        answer = unity("pipeline", "test", "--config", host.config, "--instance", "other",
                       "--records", os.devnull)

        self.assertEqual(answer.returncode, UNAVAILABLE)
        self.assertIn('no enabled collector "other"', answer.stderr)


if __name__ == "__main__":
    unittest.main()
