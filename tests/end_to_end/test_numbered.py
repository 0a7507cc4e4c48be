"""The judge of the proofs can find each fault that it is there to find."""
import pathlib
import tempfile
import unittest

from numbered import AcceptedLog, judge


def exact(*times):
    return [(time, [time]) for time in times]


class Judge(unittest.TestCase):
    def test_is_content_when_all_is_there_once(self):
        verdict = judge([(10, 12), (13, 13), (20, 21)], exact(10, 11, 12, 13, 20, 21))

        self.assertTrue(verdict.whole(), verdict)
        self.assertEqual((verdict.accepted, verdict.stored), (6, 6))

    def test_is_not_content_with_nothing(self):
        self.assertFalse(judge([], []).whole())

    def test_finds_what_is_missing(self):
        for accepted, stored, missing in [
                ([(10, 12)], [11, 12], [(10, 10)]),
                ([(10, 12)], [10, 12], [(11, 11)]),
                ([(10, 12)], [10, 11], [(12, 12)]),
                ([(1, 2), (10, 12), (20, 21)], [1, 2, 20, 21], [(10, 12)]),
                ([(1, 2), (10, 12), (20, 21)], [1, 20], [(2, 2), (10, 12), (21, 21)]),
                ([(10, 12), (20, 21)], [], [(10, 12), (20, 21)])]:
            with self.subTest(accepted=accepted, stored=stored):
                verdict = judge(accepted, exact(*stored))

                self.assertEqual(verdict.missing, missing)
                self.assertEqual(verdict.accepted, sum(b - a + 1 for a, b in accepted))
                self.assertFalse(verdict.whole())

    def test_finds_what_nobody_accepted(self):
        for stored in ([9, 10, 11], [10, 11, 12], [10, 11, 15, 20], [10, 11, 20, 99]):
            with self.subTest(stored=stored):
                verdict = judge([(10, 11), (20, 20)], exact(*stored))

                self.assertEqual(verdict.invented_count, 1)
                self.assertFalse(verdict.whole())

    def test_finds_what_is_there_twice(self):
        verdict = judge([(10, 11)], exact(10, 10, 11))

        self.assertEqual(verdict.doubled, [10])
        self.assertFalse(verdict.whole())

    def test_finds_a_number_that_changed(self):
        for values in ([11], [10, 11], [10, 11, 12, 13, 15]):
            with self.subTest(values=values):
                self.assertEqual(judge([(10, 10)], [(10, values)]).inexact_count, 1)
        self.assertTrue(judge([(10, 10)], [(10, [10, 11, 12, 13, 14])]).whole())


class Log(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="unity-e2e-")
        self.addCleanup(folder.cleanup)
        self.state = pathlib.Path(folder.name)
        (self.state / "spool").mkdir()

    def log(self, text):
        (self.state / "spool" / "accepted.log").write_text(text)
        log = AcceptedLog(self.state)
        log.read()
        return log

    def test_knows_the_numbers_of_a_run_from_its_last_time(self):
        # Three emitted and one that the host made at the start of the run.
        log = self.log("0 7 a 4 3 990 1002 0 1f\n4 8 b 1 1 5 5 3 2e\n5 9 a 1 0 7 7 4 3d\n")

        self.assertEqual(log.accepted("a"), [(1000, 1002)])
        self.assertEqual(log.gaps(), [])

    def test_leaves_a_line_that_is_still_being_written(self):
        self.assertEqual(self.log("0 7 a 1 1 5 5\n1 8 a 1 1").accepted("a"), [(5, 5)])

    def test_finds_gaps_and_contradictions(self):
        self.assertEqual(len(self.log("0 7 a 1 1 5 5\n2 8 a 1 1 6 6\n").gaps()), 1)
        self.assertEqual(len(self.log("0 7 a 1 1 5 5\n0 7 a 1 1 5 5\n").faults), 0)
        self.assertEqual(len(self.log("0 7 a 1 1 5 5\n0 8 a 1 1 6 6\n").faults), 1)
        self.assertEqual(len(self.log("0 7 a one 1 5 5\n").faults), 1)
        self.assertEqual(len(self.log("0 7 a 1 1 5\n").faults), 1)


if __name__ == "__main__":
    unittest.main()
