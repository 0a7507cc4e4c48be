"""A plugin that misbehaves harms neither the host nor its neighbours, and is named."""
import os
import unittest

from harness import BAD_CONFIG, HostTest, NEIGHBOUR, scripted, wait_for

# Refused when the folder is searched: the host starts without them.
UNUSABLE = {
    "wrong_abi": "it needs plugin ABI 2.0, this host offers 1.0",
    "no_note": "it carries no Unity manifest",
}
# Refused when they are loaded: what is configured cannot be, so the host does not start.
UNLOADABLE = {
    "no_entry": "it does not export unity_plugin_entry_v1",
    "wrong_abi_table": "it needs plugin ABI 1.9, this host offers 1.0",
    "short_struct": "its table has 24 bytes",
    "manifest_mismatch": "differs from the one in its ELF note",
    "collector_not_in_manifest": "is not in its manifest",
    "no_collector_list": "its manifest 1",
    "null_collector": "null pointer",
    "short_collector": "a collector table has 16 bytes",
    "bad_flags": "has flags 0x80",
    "no_collect": "lacks a function",
    "collector_count": "it offers 2 collectors, its manifest 1",
    "entry_refuses": "its entry refused this host",
    "entry_throws": "its entry threw an exception",
}
# Load well and fail in their runs.
FAILING = {
    "create_fails": ("paused", "the cage has no door"),
    "create_null": ("degraded", "create() succeeded without making an instance"),
    "throws": ("degraded", "the cage is open"),
    "throws_int": ("degraded", "not a std::exception"),
}


def zoo(name):
    return {"id": name, "plugin": f"zoo.{name}", "interval": "100ms", "retry_delay": "10ms"}


class HostilePlugins(HostTest):
    def test_an_unusable_file_is_reported_and_the_others_go_on(self):
        host = self.host()
        for name in UNUSABLE:
            host.add_plugin(name)
        (host.plugins / "text.so").write_text("#!/bin/sh\n")
        (host.plugins / "noise.so").write_bytes(os.urandom(100_000))
        (host.plugins / "empty.so").write_bytes(b"")
        whole = (host.plugins / "scripted.so").read_bytes()
        (host.plugins / "cut.so").write_bytes(whole[:len(whole) // 2])
        (host.plugins / "folder.so").mkdir()
        os.mkfifo(host.plugins / "pipe.so")
        (host.plugins / "link.so").symlink_to("scripted.so")
        host.add_plugin("c_minimal")
        (host.plugins / "c_minimal.so").chmod(0o666)

        host.start()
        host.assert_goes_on()

        log = host.log()
        for name, reason in {**UNUSABLE, "text": "not an ELF file", "noise": "not an ELF file",
                             "empty": "not an ELF file", "cut": "truncated",
                             "folder": "not a regular file", "pipe": "not a regular file",
                             "link": "symbolic link",
                             "c_minimal": "can be written by others"}.items():
            [line] = [line for line in log.splitlines() if f"/{name}.so" in line]
            self.assertIn(reason, line)

    def test_an_unusable_file_that_is_configured_stops_the_start_with_the_reason(self):
        for name, reason in UNUSABLE.items():
            with self.subTest(name):
                root = self.root / name
                root.mkdir()
                host = self.host([NEIGHBOUR, zoo(name)], root=root)
                host.add_plugin(name)
                code, said = host.run_to_end()
                self.assertEqual(code, BAD_CONFIG)
                self.assertIn(reason, said)

    def test_an_unloadable_plugin_stops_the_start_with_the_reason(self):
        for name, reason in UNLOADABLE.items():
            with self.subTest(name):
                root = self.root / name
                root.mkdir()
                host = self.host([NEIGHBOUR, zoo(name)], root=root)
                host.add_plugin(name)
                code, said = host.run_to_end()
                self.assertIn(reason, said)
                self.assertIn(f"{name}.so", said)
                self.assertEqual(code, BAD_CONFIG)

    def test_an_unloadable_plugin_that_is_not_configured_does_no_harm(self):
        host = self.host()
        for name in UNLOADABLE:
            host.add_plugin(name)
        host.start()
        host.assert_goes_on()

    def test_a_file_cut_after_its_note_is_refused(self):
        host = self.host([NEIGHBOUR, zoo("c_minimal")])
        host.add_plugin("c_minimal")
        file = host.plugins / "c_minimal.so"
        file.write_bytes(file.read_bytes()[:0x1800])
        code, said = host.run_to_end()
        self.assertEqual(code, BAD_CONFIG)
        self.assertIn("c_minimal.so", said)

    def test_a_failing_plugin_is_named_with_its_reason_and_its_neighbour_goes_on(self):
        host = self.host([NEIGHBOUR, *[zoo(name) for name in FAILING]])
        for name in FAILING:
            host.add_plugin(name)
        host.start()
        for name, (state, reason) in FAILING.items():
            one = host.wait_state(name, state)
            self.assertIn(reason, one["reason"])
            self.assertIn(f"collector {name} (zoo.{name}) is {state}", host.log())
        host.assert_goes_on()
        self.assert_balanced(host.accounting())
        screen = " ".join(host.command("status").stdout.split())  # long lines are wrapped
        self.assertIn("the cage has no door", screen)
        self.assertEqual(host.stop(), 0)

    def test_a_plugin_that_repeats_its_failure_does_not_flood_the_log(self):
        host = self.host([NEIGHBOUR, zoo("throws")])
        host.add_plugin("throws")
        host.start()
        wait_for(lambda: host.instance("throws")["errors"] >= 10, "ten failures")
        self.assertEqual(host.log().count("the cage is open"), 1)

    def test_each_class_of_error_leads_to_its_state(self):
        expected = {"transient": "degraded", "auth": "degraded", "internal": "degraded",
                    "throw": "degraded", "throw_int": "degraded", "partial": "degraded",
                    "config": "paused", "permanent": "paused"}
        host = self.host([NEIGHBOUR, *[scripted(name, **{"class": name}) for name in expected]])
        host.start()
        for name, state in expected.items():
            host.wait_state(name, state)
        for name in ("config", "permanent"):
            self.assertIsNone(host.instance(name)["next_run"])
            self.assertEqual(host.instance(name)["runs"], 1)
        host.assert_goes_on()

    def test_a_plugin_recovers(self):
        host = self.host([scripted("shaky", **{"class": "transient"}, fail_runs=3,
                                   retry_delay="10ms")]).start()
        wait_for(lambda: host.instance("shaky")["runs"] >= 5, "runs after the failures")
        one = host.instance("shaky")
        self.assertEqual((one["state"], one["reason"], one["errors"]), ("healthy", "", 3))

    def test_garbage_is_rejected_record_by_record(self):
        garbage = '{"metric":\n{"metric":"numbered","values":{"number":1}} trailing\n[1,2]\n"text"\n'
        bad = ["undeclared_field", "undeclared_metric", "wrong_type", "out_of_range", "bad_time"]
        host = self.host([NEIGHBOUR, scripted("garbage", text=garbage),
                          *[scripted(name, bad=name) for name in bad]]).start()
        wait_for(lambda: all(host.instance(n)["runs"] >= 3 for n in ["garbage", *bad]), "the runs")
        host.assert_goes_on()
        account = host.accounting()
        self.assert_balanced(account)
        self.assertGreaterEqual(account["rejected"], 18)
        host.stop()
        for name in ["garbage", *bad]:
            points = [p for p in host.json("query", "range", "numbered") if p["instance"] == name]
            self.assertGreaterEqual(len(points), 3, f"the good records of {name}")

    def test_deep_nesting_is_rejected(self):
        host = self.host([NEIGHBOUR, scripted("deep", text="[" * 200_000)]).start()
        wait_for(lambda: host.accounting()["rejected"] >= 1, "the rejection")
        host.assert_goes_on()

    def test_a_flood_is_bounded(self):
        host = self.host([NEIGHBOUR, scripted("minds", "500ms", flood_mb=100),
                          scripted("ignores", "10m", flood_mb=100, ignore_refusals=True)],
                         collection={"batch_timeout": "50ms"}).start()
        self.assertIn("16777216", host.wait_state("minds", "degraded")["reason"])
        wait_for(lambda: host.instance("ignores")["runs"] >= 1, "the flood to end")
        self.assertIn("emit was refused", host.instance("ignores")["reason"])
        host.assert_goes_on()
        self.assert_balanced(host.accounting())

    def test_a_plugin_slower_than_its_timeout_is_cancelled(self):
        host = self.host([NEIGHBOUR, scripted("slow", block="10m", timeout="100ms")]).start()
        one = host.wait_state("slow", "degraded")
        self.assertIn("timeout", one["reason"])
        wait_for(lambda: host.instance("slow")["runs"] >= 3, "the next tries")
        host.assert_goes_on()

    def test_what_comes_after_the_deadline_comes_too_late(self):
        host = self.host([NEIGHBOUR, scripted("late", block="300ms", ignore_token=True,
                                              timeout="50ms")]).start()
        wait_for(lambda: host.instance("late")["errors"] >= 2, "two late returns")
        host.assert_goes_on()
        host.stop()
        self.assertEqual([p for p in host.json("query", "range", "numbered")
                          if p["instance"] == "late"], [])

    def test_a_wedged_plugin_is_taken_back_when_it_returns(self):
        host = self.host([NEIGHBOUR, scripted("wedged", block="2s", ignore_token=True,
                                              timeout="50ms", isolation="inline")]).start()
        host.wait_state("wedged", "wedged")
        wait_for(lambda: host.instance("wedged")["runs"] >= 1, "the run to return")
        self.assertIn("returned after all", host.log())

    def test_in_a_worker_a_run_that_hangs_is_killed_and_the_next_one_is_made(self):
        host = self.host([NEIGHBOUR, scripted("hangs", block="10m", ignore_token=True,
                                              timeout="50ms")]).start()
        one = wait_for(lambda: (lambda i: i if i["runs"] >= 2 else None)(host.instance("hangs")),
                       "two runs")
        self.assertIn("its run did not return 300ms after being cancelled at its timeout of 50ms",
                      one["last_error"])
        self.assertEqual(one["errors"], one["runs"])
        host.assert_goes_on()

    def test_a_thread_of_the_plugin_cannot_emit(self):
        host = self.host([zoo("emit_from_thread")])
        host.add_plugin("emit_from_thread")
        host.start()
        host.wait_stored(2)
        host.stop()
        values = {p["value"] for p in host.json("query", "range", "zoo")}
        self.assertEqual(values, {-11})


if __name__ == "__main__":
    unittest.main()
