"""A simulated 1.1 against 1.0, in both directions: one member more of a parameter, one function more
of the host, one optional function more of a collector (later_minor.py). That a plugin of 1.0 runs
on a host of 1.1 is shown in test_golden.py, for every golden plugin."""
import unittest

from later_minor import CHANGES, later_header
from running import ABI, Ran, crossed, records

LATER = ABI / "later/later.so"
NEEDS_LATER = ABI / "later/needs_later.so"
E_UNSUPPORTED, E_TOO_NEW = -6, -7


class ALaterPlugin(unittest.TestCase):
    def test_finds_on_the_built_host_that_the_function_is_absent_and_does_without(self):
        ran = Ran(LATER)

        self.assertEqual(ran.code, 0, ran.said)
        # The record itself came in a batch that is longer than those of 1.0, with a tail of zeroes.
        self.assertEqual(ran.values(), [{"host_minor": 0, "offered": 0, "added": E_UNSUPPORTED,
                                         "used": E_TOO_NEW}])
        self.assertEqual([record.get("tags") for record in ran.records], [None])

    def test_is_told_that_the_member_it_used_is_too_new_for_the_host(self):
        self.assertIn("emit was refused", Ran(LATER).said)

    def test_that_cannot_do_without_is_refused_with_both_versions(self):
        ran = Ran(NEEDS_LATER)

        self.assertNotEqual(ran.code, 0)
        self.assertIn("1.1", ran.said)
        self.assertIn("1.0", ran.said)
        self.assertEqual(ran.records, [])
        with self.assertRaisesRegex(AssertionError, "needs a later one"):
            crossed("head", NEEDS_LATER, "create")
        self.assertIn("create 0", crossed("later", NEEDS_LATER, "create", "destroy"))

    def test_does_the_same_on_the_small_host_of_today(self):
        lines = crossed("head", LATER, "create", "collect", "explain", "destroy")

        self.assertEqual(lines[0], "abi_target 1.1")
        self.assertEqual([record["values"] for record in records(lines)],
                         [{"host_minor": 0, "offered": 0, "added": E_UNSUPPORTED, "used": E_TOO_NEW}])
        self.assertIn("explain -6", lines)

    def test_uses_what_is_new_on_a_host_of_its_own_minor(self):
        lines = crossed("later", LATER, "create", "collect", "explain", "destroy")

        self.assertEqual(lines, [
            "abi_target 1.1", "create 0", "metric_add golden.collects",
            'emit {"metric":"golden","tags":{"of":"1.1"},"value":1}', "of_1_1 7",
            'emit {"metric":"golden","values":{"host_minor":1,"offered":1,"added":0,"used":0}}',
            "collect 0", "explain 0", "destroyed "])


class TheSimulation(unittest.TestCase):
    def test_it_refuses_to_derive_nothing(self):
        whole = "\n".join(old for old, _ in CHANGES)
        later_header(whole)
        for old, _ in CHANGES:
            with self.subTest(old=old), self.assertRaises(ValueError):
                later_header(whole.replace(old, ""))


if __name__ == "__main__":
    unittest.main()
