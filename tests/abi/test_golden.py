"""Plugins that were written when a minor was released, built from the sources of that day against
the header of that day, on today's host. None of them may ever be changed to make a test pass."""
import os
import pathlib
import tempfile
import unittest

from running import ABI, Ran, crossed, records

SOURCE = pathlib.Path(os.environ["UNITY_SOURCE"])
MINORS = ("1.0",)


def golden(name, minor="1.0"):
    return ABI / minor / f"{name}.so"


class Kept(unittest.TestCase):
    def test_every_released_minor_has_its_plugins(self):
        released = {path.stem for path in (SOURCE / "plugin-sdk/abi").glob("*.json")}
        self.assertEqual(released, set(MINORS))
        for minor in released:
            sources = {path.stem for path in (SOURCE / "tests/abi/golden" / minor).glob("*.c")}
            self.assertGreaterEqual(sources, {"polled", "streaming"})
            self.assertEqual({path.stem for path in (ABI / minor).glob("*.so")}, sources)


class OnTheBuiltHost(unittest.TestCase):
    def test_a_polled_one_has_its_three_records(self):
        ran = Ran(golden("polled"))

        self.assertEqual((ran.code, len(ran.records)), (0, 3), ran.said)
        lines, array, bare = ran.records
        self.assertEqual(lines["values"], {"runs": 1, "id_length": len("run"), "clock_advanced": 1,
                                           "deadline_ahead": 1, "cancelled": 0})
        self.assertEqual((lines["tags"], array["tags"]), ({"from": "lines"}, {"from": "array"}))
        self.assertEqual(bare["metric"], "golden_bare")
        self.assertEqual(list(bare["values"].values()), [2.5])
        self.assertIn("collects", ran.said)

    def test_a_partial_run_keeps_its_records_and_warns(self):
        ran = Ran(golden("polled"), {"partial": 1})

        self.assertEqual((ran.code, len(ran.records)), (0, 3), ran.said)
        self.assertIn("one of two was silent", ran.said)

    def test_each_class_of_error_has_its_name_and_no_records(self):
        for status, name in ((-1, "transient"), (-2, "config"), (-3, "auth"), (-4, "permanent"),
                             (-13, "internal"), (-999, "internal")):
            with self.subTest(status=status):
                ran = Ran(golden("failing"), {"status": status})
                self.assertEqual((ran.code, ran.records), (1, []))
                self.assertIn(f"{name} error: the source is closed on Sundays", ran.said)

    def test_a_status_of_success_that_no_minor_knows_is_success(self):
        ran = Ran(golden("failing"), {"status": 99})
        self.assertEqual((ran.code, ran.values()), (0, [{"discarded": 1}]), ran.said)

    def test_a_create_that_fails_says_why(self):
        ran = Ran(golden("failing"), {"create": 1})
        self.assertEqual((ran.code, ran.records), (1, []))
        self.assertIn("config error: create was told to fail", ran.said)

    def test_options_and_their_defaults_arrive(self):
        self.assertEqual(Ran(golden("changing")).values(), [{"step": 1, "value": 1}])
        self.assertEqual(Ran(golden("changing"), {"step": 4}).values(),
                         [{"step": 4, "value": 4}])

    def test_a_checkpoint_is_taken(self):
        ran = Ran(golden("checkpoint"))
        self.assertEqual([values["number"] for values in ran.values()], [1, 2, 3], ran.said)

    def test_state_is_kept_found_deleted_and_bounded(self):
        ran = Ran(golden("state"))
        self.assertEqual(ran.values(), [{"runs": 1, "found": -9, "deleted": 0, "after_delete": -9,
                                         "too_much": -12}], ran.said)

    def test_a_secret_is_given_to_whom_its_options_name_it(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("sesame\n")
            file.flush()
            ran = Ran(golden("secrets"), {"token": {"$secret": "door"}},
                      "--secret", f"door={file.name}")

        self.assertEqual(ran.values(), [{"times": 1, "length": len("sesame"),
                                         "sum": sum(b"sesame"), "not_ours": -10,
                                         "not_ours_times": 0}], ran.said)

    def test_a_secret_that_nobody_named_is_denied(self):
        ran = Ran(golden("secrets"), {})
        self.assertEqual(ran.records, [])
        self.assertIn("cannot get the secret", ran.said)

    def test_a_stream_ends_with_all_that_it_emitted(self):
        ran = Ran(golden("streaming"), {"count": 5})
        self.assertEqual([values["number"] for values in ran.values()], [1, 2, 3, 4, 5], ran.said)


class OnTheSmallHosts(unittest.TestCase):
    """The whole life cycle, with the tables of today and with those of a later minor: what a plugin
    of 1.0 sees and does must be the same."""

    def crossed(self, plugin, *actions):
        today = crossed("head", golden(plugin), *actions)
        later = crossed("later", golden(plugin), *actions)
        self.assertEqual(today, later)
        self.assertEqual(today[0], "abi_target 1.0")
        return today[1:]

    def test_polled(self):
        lines = self.crossed("polled", "create", "collect", "collect", "destroy")

        self.assertEqual(lines.count("collect 0"), 2)
        self.assertEqual([record["values"].get("runs") for record in records(lines)
                          if record["metric"] == "golden"], [1, 1, 2, 1])
        self.assertEqual(lines[-2:], ["log destroyed", "destroyed "])

    def test_failing(self):
        lines = self.crossed("failing", 'options={"status":-3}', "create", "collect", "destroy")

        self.assertEqual(lines[-6:], ["fail the source is closed on Sundays", "code golden.sunday",
                                      'detail {"day":7}', "retry_after_ms 1500", "collect -3",
                                      "destroyed "])

    def test_failing_to_be_created(self):
        self.assertEqual(self.crossed("failing", 'options={"create":1}', "create"),
                         ["fail create was told to fail", "code golden.failed", "create -2"])

    def test_state(self):
        lines = self.crossed("state", "create", "collect", "destroy", "create", "collect", "destroy")

        self.assertEqual([record["values"] for record in records(lines)],
                         [{"runs": 1, "found": -9, "deleted": 0, "after_delete": -9, "too_much": -12},
                          {"runs": 2, "found": 0, "deleted": 0, "after_delete": -9, "too_much": -12}])

    def test_secrets(self):
        lines = self.crossed("secrets", 'options={"token":{"$secret":"db"}}', "secret=db:hunter2",
                             "create", "collect", "destroy")

        self.assertEqual(records(lines)[0]["values"],
                         {"times": 1, "length": 7, "sum": sum(b"hunter2"), "not_ours": -10,
                          "not_ours_times": 0})
        self.assertNotIn("hunter2", "".join(lines))

    def test_a_secret_that_is_denied(self):
        lines = self.crossed("secrets", 'options={"token":{"$secret":"db"}}', "create", "collect")
        self.assertEqual(lines[-3:], ["fail cannot get the secret", "code golden.failed",
                                      "collect -10"])

    def test_checkpoint(self):
        lines = self.crossed("checkpoint", "checkpoint=41", "create", "collect", "destroy")

        self.assertEqual([record["values"]["number"] for record in records(lines)], [42, 43, 44])
        self.assertEqual([line for line in lines if line.startswith("checkpoint")],
                         ["checkpoint 42", "checkpoint 43", "checkpoint 44"])

    def test_changing(self):
        lines = self.crossed("changing", "create", "collect", 'options={"step":5}', "reconfigure",
                             "collect", 'options={"step":-1}', "reconfigure", "collect", "destroy")

        self.assertEqual([record["values"] for record in records(lines)],
                         [{"step": 1, "value": 1}, {"step": 5, "value": 6}, {"step": 5, "value": 11}])
        self.assertEqual([line for line in lines if line.startswith("reconfigure")],
                         ["reconfigure 0", "reconfigure -2"])

    def test_probing(self):
        self.assertEqual(self.crossed("changing", "create", "probe", "destroy"),
                         ["create 0", "probe 0", "destroyed "])
        self.assertEqual(self.crossed("changing", 'options={"step":13}', "create", "probe"),
                         ["create 0", "fail no step is unlucky today", "code golden.failed",
                          "probe -1"])

    def test_waiting_by_the_descriptor_of_the_token(self):
        self.assertEqual(self.crossed("waiting", "create", "wake", "wake", "destroy"),
                         ["create 0", "log waits", "collect -5", "log waits", "collect -5",
                          "destroyed "])

    def test_waiting_for_interrupt(self):
        self.assertEqual(self.crossed("waiting", 'options={"by_interrupt":1}', "create", "wake",
                                      "wake", "destroy"),
                         ["create 0", "log waits", "collect -5", "log waits", "collect -5",
                          "destroyed "])

    def test_streaming_to_the_end_of_the_source_past_a_full_host(self):
        lines = self.crossed("streaming", 'options={"count":4}', "full=3", "create", "stream",
                             "destroy")

        self.assertEqual([record["values"]["number"] for record in records(lines)], [1, 2, 3, 4])
        self.assertEqual(lines[1], "ready ")
        self.assertEqual(lines[-3:], ["log refused 3 times", "stream 2", "destroyed "])

    def test_streaming_until_it_is_cancelled_and_on_from_the_checkpoint(self):
        lines = self.crossed("streaming", "checkpoint=7", "create", "stream=3", "stream=2", "destroy")

        self.assertEqual([record["values"]["number"] for record in records(lines)],
                         [8, 9, 10, 11, 12])
        self.assertEqual([line for line in lines if line.startswith("stream")],
                         ["stream -5", "stream -5"])


if __name__ == "__main__":
    unittest.main()
