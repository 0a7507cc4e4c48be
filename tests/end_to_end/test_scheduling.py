"""What an operator asks of the schedule: run this now, pause that, and what the host says of it."""
import unittest

from harness import (BAD_CONFIG, DONE, FAILED, UNAVAILABLE, USAGE, HostTest, scripted,
                     wait_for)


class Scheduling(HostTest):
    def test_run_now_waits_for_the_outcome_and_prints_it(self):
        host = self.host([scripted("slow", interval="1h", records=3)]).start()
        wait_for(lambda: host.instance("slow")["runs"] == 1, "the first run")

        answer = host.command("run-now", "slow")
        self.assertEqual(answer.returncode, DONE, answer.stderr)
        self.assertIn("collector slow: ok, 3 records in ", answer.stdout)
        self.assertEqual(host.instance("slow")["runs"], 2)

        outcome = host.json("run-now", "slow", "--if-older", "1h")
        self.assertFalse(outcome["ran"])
        self.assertEqual(host.instance("slow")["runs"], 2)
        self.assertTrue(host.json("run-now", "slow", "--if-older", "0")["ran"])
        self.assertEqual(host.command("run-now", "slow", "--if-older", "soon").returncode,
                         USAGE)
        self.assertEqual(host.stop(), DONE, host.log())

    def test_run_now_tells_a_failure_by_its_exit_code(self):
        host = self.host([{**scripted("bad", interval="1h", retry_count=0),
                           "config": {"class": "transient"}}]).start()
        answer = host.command("run-now", "bad")
        self.assertEqual(answer.returncode, FAILED)
        self.assertIn("transient", answer.stdout)

    def test_an_unknown_collector_is_answered_with_the_nearest_name(self):
        host = self.host([scripted("memory")]).start()
        for command in ("run-now", "pause", "resume"):
            answer = host.command(command, "memroy")
            self.assertEqual(answer.returncode, UNAVAILABLE)
            self.assertIn('did you mean "memory"?', answer.stderr)
        host.stop()
        answer = host.command("pause", "memory")
        self.assertEqual(answer.returncode, UNAVAILABLE)
        self.assertIn("no host answers on", answer.stderr)

    def test_a_pause_outlives_the_host_until_it_is_resumed(self):
        host = self.host([scripted("a"), scripted("neighbour")]).start()
        wait_for(lambda: host.instance("a")["runs"] >= 2, "two runs")
        self.assertEqual(host.json("pause", "a"), {"instance": "a", "paused": True})
        host.wait_state("a", "paused")
        host.kill()

        host.start()
        host.assert_goes_on("neighbour")
        paused = host.instance("a")
        self.assertEqual((paused["state"], paused["runs"]), ("paused", 0))
        self.assertIn("unity resume", paused["reason"])
        self.assertIsNone(paused["next_run"])

        self.assertEqual(host.command("resume", "a").returncode, DONE)
        host.assert_goes_on("a")
        self.assertEqual(host.stop(), DONE, host.log())

    def test_a_collector_that_keeps_failing_is_paused_and_says_when_it_is_tried_again(self):
        host = self.host([{**scripted("bad", interval="50ms", retry_count=0), "pause_after": 3,
                           "config": {"class": "transient"}}]).start()
        reason = host.wait_state("bad", "paused")["reason"]
        self.assertIn("paused after 3 slots failed in a row; next try in ", reason)
        self.assertIn("3 failures in a row", reason)

    def test_the_host_ends_if_a_first_run_fails_that_must_not(self):
        host = self.host([{**scripted("must"), "on_start_error": "error",
                           "config": {"class": "config"}}])
        code, log = host.run_to_end()
        self.assertEqual(code, BAD_CONFIG, log)
        self.assertIn("collector must cannot start", log)


if __name__ == "__main__":
    unittest.main()
