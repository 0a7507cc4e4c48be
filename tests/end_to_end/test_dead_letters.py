"""Refused records: kept with the reason, listed, shown, replayed, purged."""
import json
import unittest

from harness import (BAD_CONFIG, DONE, HostTest, REFUSED, UNAVAILABLE, USAGE, scripted, unity,
                     wait_for)

OUT_OF_RANGE = {"metric": "bounded", "values": {"percent": 101}}


class DeadLetters(HostTest):
    def bad_host(self):
        """Runs a host until two collectors have had records refused."""
        host = self.host([scripted("b", bad="out_of_range"), scripted("c", text="{oops\x1b[2J")])
        host.start()
        wait_for(lambda: {"out of range", "unreadable"} <= set(self.by_reason(host)), "letters")
        return host

    @staticmethod
    def by_reason(host):
        return host.json("dlq", "ls")["by_reason"]

    def test_each_rejected_record_is_a_letter(self):
        host = self.bad_host()
        host.stop()
        listed = host.json("dlq", "ls", "--limit", 100000)
        self.assertEqual(listed["total"], len(listed["letters"]))
        ids = [one["id"] for one in listed["letters"]]
        self.assertEqual(ids, sorted(ids, reverse=True))
        self.assertEqual(listed["total"], sum(listed["by_reason"].values()))
        self.assertEqual({(one["instance"], one["plugin"], one["metric"], one["reason"])
                          for one in listed["letters"]},
                         {("b", "zoo.scripted", "bounded", "out of range"),
                          ("c", "zoo.scripted", "", "unreadable")})

    def test_ls_is_a_table_that_filters_narrow(self):
        host = self.bad_host()
        wait_for(lambda: host.json("dlq", "ls")["total"] > 3, "some dead letters")
        table = host.command("dlq", "ls", "--limit", 3).stdout
        self.assertEqual(table.split()[:7],
                         ["ID", "AGE", "INSTANCE", "METRIC", "STAGE", "REASON", "DETAIL"])
        self.assertIn("3 of ", table)
        self.assertNotIn("\x1b", table)
        for words, expected in ((["--instance", "b"], {"out of range"}),
                                (["--reason", "unreadable"], {"unreadable"}),
                                (["--stage", "read"], {"unreadable"}),
                                (["--since", "-1h"], {"out of range", "unreadable"}),
                                (["--older-than", "1h"], set()),
                                (["--instance", "b", "--reason", "unreadable"], set())):
            letters = host.json("dlq", "ls", *words)["letters"]
            self.assertEqual({one["reason"] for one in letters}, expected, words)

    def test_show_has_everything(self):
        host = self.bad_host()
        newest = host.json("dlq", "ls", "--instance", "b", "--limit", 1)["letters"][0]
        shown = host.json("dlq", "show", newest["id"])
        self.assertEqual(newest, {key: shown[key] for key in newest})
        record = json.loads(shown["payload"])
        record.pop("time", None)
        self.assertEqual(record, OUT_OF_RANGE)
        self.assertIn("as emitted", shown["replay"])
        text = host.command("dlq", "show", newest["id"]).stdout
        self.assertIn('"percent": 101', text)
        self.assertIn("out of range", text)
        unreadable = host.json("dlq", "ls", "--instance", "c", "--limit", 1)["letters"][0]
        self.assertIn("not possible", host.json("dlq", "show", unreadable["id"])["replay"])
        self.assertEqual(host.command("dlq", "show", 10 ** 9).returncode, UNAVAILABLE)

    def test_purge_removes_what_it_is_told_and_says_how_many(self):
        host = self.bad_host()
        for words in (["purge"], ["replay"], ["purge", "--all", "--reason", "x"], ["show"],
                      ["purge", "--older-than", "soon"], ["ls", "--since", "soon"]):
            answer = host.command("dlq", *words)
            self.assertEqual(answer.returncode, USAGE, words)
            self.assertTrue(answer.stderr)
        host.stop()
        before = self.by_reason(host)

        answer = host.command("dlq", "purge", "--reason", "unreadable")

        self.assertEqual(answer.returncode, DONE)
        self.assertEqual(answer.stdout, f"removed {before['unreadable']} dead letters\n")
        self.assertEqual(self.by_reason(host), {"out of range": before["out of range"]})
        first = host.json("dlq", "ls", "--limit", 1)["letters"][0]["id"]
        self.assertEqual(host.json("dlq", "purge", first, first + 1000), {"removed": 1})
        self.assertEqual(host.json("dlq", "purge", "--all"), {"removed": before["out of range"] - 1})
        self.assertEqual(host.json("dlq", "ls")["total"], 0)
        self.assertEqual(host.json("dlq", "ls")["purged"], sum(before.values()))

    def test_replay_needs_a_running_host(self):
        host = self.bad_host()
        host.stop()
        before = self.by_reason(host)
        answer = host.command("dlq", "replay", "--all")
        self.assertEqual(answer.returncode, UNAVAILABLE)
        self.assertIn("unity run", answer.stderr)
        self.assertEqual(self.by_reason(host), before)

    def test_without_a_host_ever_there_is_nothing(self):
        host = self.host()
        host.state_dir.mkdir()
        self.assertEqual(host.json("dlq", "ls")["letters"], [])
        self.assertIn("no dead letters", host.command("dlq", "ls").stdout)
        self.assertEqual(host.command("dlq", "purge", "--all").returncode, UNAVAILABLE)
        self.assertEqual(unity("dlq", "ls", "--config", self.root / "none").returncode, BAD_CONFIG)

    def test_a_damaged_file_is_moved_aside_at_the_start(self):
        host = self.bad_host()
        host.stop()
        file = host.state_dir / "dead-letters.db"
        file.write_bytes(b"garbage " * 1000)
        self.assertEqual(host.command("dlq", "ls").returncode, REFUSED)

        host.start()

        self.assertIn("dead-letters.db.damaged", host.log())
        self.assertEqual((host.state_dir / "dead-letters.db.damaged").read_bytes(), b"garbage " * 1000)
        wait_for(lambda: self.by_reason(host), "letters in the new file")

    def test_letters_survive_a_kill(self):
        host = self.bad_host()
        seen = self.by_reason(host)
        host.kill()
        host.start()
        for reason, count in seen.items():
            self.assertGreaterEqual(self.by_reason(host)[reason], count)


if __name__ == "__main__":
    unittest.main()
