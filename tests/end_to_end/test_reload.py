"""What a changed configuration does to a running host, and what it leaves alone."""
import json
import signal
import socket
import unittest

from harness import BAD_CONFIG, BUNDLED, DONE, GOLDEN, NEIGHBOUR, HostTest, scripted, wait_for

FIRST_OF_A_RATE = "first of a rate"
KINDS = ("inline", "pooled", "dedicated")  # of isolation


class ReloadTest(HostTest):
    def document(self, host):
        return json.loads(host.config.read_text())

    def write(self, host, **sections):
        document = self.document(host)
        document.update(sections)
        host.config.write_text(json.dumps(document, indent=1))

    def reload(self, host, *arguments, **sections):
        """Changes these sections of the file; returns the plan by the ids of collectors."""
        self.write(host, **sections)
        answer = host.json("reload", *arguments)
        self.assertTrue(answer["valid"])
        return answer

    def actions(self, answer):
        return {one["id"]: one["action"] for one in answer["plan"]["instances"]}

    def assert_never_restarted(self, host, instance):
        numbers = [int(one["value"]) for one in host.json("query", "range", "numbered")
                   if one["instance"] == instance]
        self.assertEqual(sorted(numbers), list(range(1, len(numbers) + 1)))

    def golden(self, name, config, **sections):
        """A host with that golden plugin, once in each kind of isolation."""
        host = self.host([NEIGHBOUR, *self.in_each_isolation(name, config)], **sections)
        host.add_plugin(name, origin=GOLDEN)
        host.start()
        for kind in KINDS:
            host.assert_goes_on(kind)
        return host

    @staticmethod
    def in_each_isolation(name, config):
        return [{"id": kind, "plugin": f"golden.{name}", "interval": "50ms", "isolation": kind,
                 "config": config} for kind in KINDS]

    def values(self, host, instance, field):
        rows = host.sql("SELECT value FROM plugin_metrics WHERE metric_name = 'golden' "
                        "AND instance = ? ORDER BY time_us", instance)
        return [json.loads(value)[field] for value, in rows]

    def test_another_value_of_a_secret_reaches_what_uses_it(self):
        config = {"token": {"$secret": "door"}}
        host = self.golden("secrets", config, secrets={"door": {"value": "four"}})

        answer = self.reload(host, secrets={"door": {"value": "of twelve"}})

        self.assertTrue(answer["applied"], answer)
        for kind in KINDS:
            wait_for(lambda: 9 in self.values(host, kind, "length"), f"the new secret in {kind}")
            self.assertEqual(sorted(set(self.values(host, kind, "length"))), [4, 9])
        self.assertNotIn("of twelve", host.log() + json.dumps(answer))
        host.assert_goes_on()

    def test_a_secret_that_cannot_be_read_changes_nothing(self):
        config = {"token": {"$secret": "door"}}
        host = self.golden("secrets", config, secrets={"door": {"value": "four"}})

        self.write(host, secrets={"door": {"file": str(self.root / "nowhere")}})

        self.assertNotEqual(host.command("reload").returncode, DONE)
        for kind in KINDS:
            host.assert_goes_on(kind)
            self.assertEqual(set(self.values(host, kind, "length")), {4})

    def test_a_collector_that_can_takes_other_options_and_keeps_what_it_knows(self):
        host = self.golden("changing", {"step": 1})

        answer = self.reload(host, collectors=[NEIGHBOUR,
                                               *self.in_each_isolation("changing", {"step": 1000})])

        self.assertTrue(answer["applied"], answer)
        for kind in KINDS:
            wait_for(lambda: 1000 in self.values(host, kind, "step"), f"the new step of {kind}")
            values = self.values(host, kind, "value")
            small = [one for one in values if one < 1000]
            self.assertEqual(sorted(small), list(range(1, len(small) + 1)))
            self.assertEqual(min(one for one in values if one >= 1000), len(small) + 1000)

    def test_only_what_changed_is_touched(self):
        host = self.host([NEIGHBOUR, scripted("adjusted"), scripted("other"), scripted("tagged"),
                          scripted("gone")]).start()
        for one in ("adjusted", "other", "tagged", "gone"):
            host.assert_goes_on(one)
        runs = {one["id"]: one["runs"] for one in host.status()["instances"]}

        answer = self.reload(host, collectors=[
            scripted("fresh"), NEIGHBOUR, scripted("adjusted", "50ms"),
            scripted("other", records=2), scripted("tagged", tags={"rack": "7"})])

        self.assertTrue(answer["applied"])
        self.assertEqual(self.actions(answer), {
            "fresh": "start", "neighbour": "keep", "adjusted": "adjust", "other": "replace",
            "tagged": "replace", "gone": "stop"})
        for one in ("fresh", "neighbour", "adjusted", "other", "tagged"):
            host.assert_goes_on(one)
        seen = {one["id"]: one for one in host.status()["instances"]}
        self.assertNotIn("gone", seen)
        self.assertEqual(seen["adjusted"]["interval_seconds"], 0.05)
        for one in ("neighbour", "adjusted", "other", "tagged"):
            self.assertGreater(seen[one]["runs"], runs[one], "counts go on")
        self.assert_balanced(host.accounting())

        self.assertEqual(host.stop(), DONE)
        for one in ("neighbour", "adjusted", "tagged", "fresh"):
            self.assert_never_restarted(host, one)
        tags = {json.dumps(one["tags"], sort_keys=True)
                for one in host.json("query", "range", "numbered") if one["instance"] == "tagged"}
        self.assertEqual(tags, {'{"lane": "0"}', '{"lane": "0", "rack": "7"}'})

    def test_rates_of_what_did_not_change_go_on(self):
        def system(**keys):
            return {"id": "sys", "plugin": "unity.network", "interval": "100ms", **keys}

        host = self.host([NEIGHBOUR, system()], plugin_dirs=[str(self.root / "plugins"),
                                                             str(BUNDLED)])
        host.start()
        host.assert_goes_on("sys")
        firsts = host.accounting()["dropped_by"].get(FIRST_OF_A_RATE, 0)
        self.assertGreater(firsts, 0)

        # Kept, adjusted, and with other tags: no rate begins anew.
        for collectors in ([system()], [system(timeout="9s")], [system(tags={"rack": "7"})]):
            self.reload(host, collectors=[scripted("fresh"), *collectors])
            host.assert_goes_on("sys")
            self.assertEqual(host.accounting()["dropped_by"][FIRST_OF_A_RATE], firsts)

        # Another device may be measured now.
        answer = self.reload(host, collectors=[system(device="other")])
        self.assertFalse(answer["plan"]["instances"][0]["keeps_rates"])
        host.assert_goes_on("sys")
        self.assertGreater(host.accounting()["dropped_by"][FIRST_OF_A_RATE], firsts)

    def test_a_dry_run_only_tells(self):
        host = self.host().start()

        answer = self.reload(host, "--dry-run", collectors=[scripted("fresh")])

        self.assertFalse(answer["applied"])
        self.assertEqual(self.actions(answer), {"fresh": "start", "neighbour": "stop"})
        self.assertEqual([one["id"] for one in host.status()["instances"]], ["neighbour"])
        text = host.command("reload", "--dry-run").stdout
        self.assertIn("  start    fresh", text)

    def test_an_invalid_file_disturbs_nothing(self):
        host = self.host().start()
        for mistake, where in (({"interval": "5 parsecs"}, "`interval` must be a duration"),
                               ({"plugin": "zoo.missing"}, 'there is no plugin "zoo.missing"'),
                               ({"config": {"records": -1}}, "config/records")):
            self.write(host, collectors=[scripted("fresh"), {**NEIGHBOUR, **mistake}])

            answer = host.command("reload")

            self.assertEqual(answer.returncode, BAD_CONFIG, answer.stderr)
            self.assertRegex(answer.stderr, rf"{host.config}:\d+:\d+: error: ")
            self.assertIn(where, answer.stderr)
            self.assertIn("nothing was changed", answer.stderr)
            self.assertEqual([one["id"] for one in host.status()["instances"]], ["neighbour"])
            host.assert_goes_on()
        self.assertEqual(host.stop(), DONE)
        self.write(host, collectors=[NEIGHBOUR])
        self.assert_never_restarted(host, "neighbour")

    def test_what_cannot_be_loaded_stops_nothing(self):
        host = self.host([NEIGHBOUR, scripted("gone")]).start()
        host.add_plugin("entry_throws")
        self.write(host, collectors=[NEIGHBOUR, {"id": "bad", "plugin": "zoo.entry_throws"}])

        answer = host.command("reload")

        self.assertNotEqual(answer.returncode, DONE)
        self.assertIn("nothing was changed", answer.stderr)
        self.assertEqual({one["id"] for one in host.status()["instances"]}, {"neighbour", "gone"})
        host.assert_goes_on("gone")

    def test_a_port_that_is_taken_changes_nothing(self):
        host = self.host().start()
        url = host.status()["http"]
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.write(host, http={"listen": f"127.0.0.1:{port}"}, collectors=[scripted("fresh")])
            answer = host.command("reload")
            self.assertIn("nothing was changed", answer.stderr)
            self.assertIn("Address already in use", answer.stderr)
        self.assertEqual(host.status()["http"], url)
        self.assertEqual([one["id"] for one in host.status()["instances"]], ["neighbour"])

        self.assertEqual(host.command("reload").returncode, DONE)
        self.assertEqual(host.status()["http"], f"http://127.0.0.1:{port}")
        self.assertEqual(host.http("/health/live")[0], 200)
        host.assert_goes_on("fresh")

    def test_what_needs_a_restart_is_told_each_time(self):
        host = self.host().start()
        for _ in range(2):
            answer = self.reload(host, spool={"sync": "os"})
            self.assertEqual(answer["plan"]["needs_restart"], ["spool.sync from group to os"])
        self.assertEqual(host.status()["spool"]["sync"], "group")

    def test_another_state_folder_is_refused(self):
        host = self.host().start()
        document = {**self.document(host), "state_dir": str(self.root / "elsewhere")}
        before = host.config.read_text()
        host.config.write_text(json.dumps(document))
        host.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "reload: nothing was changed: state_dir from" in host.log(), "the refusal")
        host.config.write_text(before)
        host.assert_goes_on()

    def test_sighup_reloads_and_logs_mistakes(self):
        host = self.host().start()
        self.write(host, collectors=[NEIGHBOUR, scripted("fresh")])
        host.process.send_signal(signal.SIGHUP)
        wait_for(lambda: any(one["id"] == "fresh" for one in host.status()["instances"]),
                 "the new collector")
        self.assertIn("reloaded: start    fresh", host.log())

        host.config.write_text(host.config.read_text().replace('"interval"', '"intervall"', 1))
        host.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "did you mean `interval`?" in host.log(), "the mistake to be logged")
        wait_for(lambda: "nothing was changed" in host.log(), "the end of the reload")
        host.assert_goes_on("fresh")

    def test_twenty_reloads_under_load_miss_nothing(self):
        busy = [scripted(f"busy{i}", "20ms", records=20) for i in range(5)]
        host = self.host([NEIGHBOUR, *busy]).start()
        for i in range(20):
            changing = [scripted(f"extra{j}", "20ms", records=1 + i % 3) for j in range(i % 4)]
            answer = self.reload(host, collectors=[NEIGHBOUR, *busy, *changing])
            for one in [NEIGHBOUR, *busy]:
                self.assertEqual(self.actions(answer)[one["id"]], "keep")
        host.assert_goes_on()
        self.assert_balanced(host.accounting())
        for storage in host.status()["storages"]:
            self.assertTrue(storage["accounting"]["balanced"])

        self.assertEqual(host.stop(), DONE)
        self.assert_never_restarted(host, "neighbour")
        self.assertNotIn("FAULT", host.log())


if __name__ == "__main__":
    unittest.main()
