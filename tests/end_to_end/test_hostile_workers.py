"""Plugins that do harm, each in a worker process: the host lives, its neighbours miss no run, and
who did it is named with the reason. What a run emits is stored as a whole or not at all."""
import collections
import json
import os
import re
import signal
import unittest

from harness import BIN, HostTest, scripted, wait_for
from hostile_deeds import DYING, GREEDY, HANGING, HANGS, LOUD, MEDDLING, hostile
from stalls import Stalls

NEIGHBOURS = 4

# Sanitizers map more than any limit allows, so that there is none of memory.
SANITIZED = b"__asan_init" in BIN.read_bytes() or b"__tsan_init" in BIN.read_bytes()


class HostileWorkers(HostTest):
    def hostile_host(self, collectors, isolation="dedicated", quarantine_after=0, interval="100ms",
                     **sections):
        neighbours = [scripted(f"neighbour{i}", interval) for i in range(NEIGHBOURS)]
        host = self.host([{"isolation": isolation, **one} for one in [*neighbours, *collectors]],
                         collection={"batch_timeout": "50ms", "max_concurrent": 16,
                                     "quarantine_after": quarantine_after}, **sections)
        host.add_plugin("hostile")
        return host

    # ---- what must be true of each of them

    def live_through(self, deeds, isolation="dedicated"):
        """A host with one offender for each deed."""
        deeds = {name: reason for name, reason in deeds.items()
                 if not (SANITIZED and name in ("allocate", "allocate_unchecked", "thread_bomb"))}
        host = self.hostile_host([hostile(name) for name in deeds], isolation)
        with Stalls(0.1, self.root) as stalls:
            host.start()
            for name, reason in deeds.items():
                with self.subTest(name):
                    self.see(host, name, reason)
            seen = self.neighbours(host)
            host.assert_goes_on("neighbour0")
        # In the pool, each end of it may cost a neighbour one interval.
        ends = len(deeds) if isolation == "pooled" else 0
        self.assert_unharmed(host, seen, stalls.count + ends)
        self.assert_balanced(host.accounting())
        self.assertEqual(host.stop(), 0, host.log())
        self.assert_whole(host, deeds)
        return host

    def see(self, host, name, reason):
        if reason is None:
            wait_for(lambda: host.instance(name)["runs"] >= 6, f"six runs of {name}")
            self.assertEqual(host.instance(name)["errors"], 0, host.instance(name))
            return
        pattern = re.compile(reason)
        # A line that begins or ends a failure has both.
        said = re.compile(rf"collector {name} .*{reason}|collector {name}: .*{reason}")

        def named():
            one = host.instance(name)
            there = pattern.search(one["reason"]) or pattern.search(one["last_error"])
            return (there and said.search(host.log())) or None
        try:
            wait_for(named, f"the reason of {name}", patience=30)
        except AssertionError:
            self.fail(f"{name} is not named with {reason!r}: {json.dumps(host.instance(name))}")

    @staticmethod
    def neighbours(host):
        return [one for one in host.status()["instances"] if one["id"].startswith("neighbour")]

    def assert_unharmed(self, host, neighbours, stalls):
        self.assertEqual(len(neighbours), NEIGHBOURS)
        for one in neighbours:
            self.assertEqual((one["state"], one["errors"]), ("healthy", 0), one)
            self.assertLessEqual(one["missed"], stalls, str(one))
            self.assertGreaterEqual(one["runs"], 3)

    def assert_whole(self, host, names):
        """Each run has all three of its records in the database, or none."""
        points = host.json("query", "range", "part")
        for name in names:
            runs = collections.defaultdict(set)
            for point in points:
                if point["instance"] == name:
                    runs[point["value"]].add(point["tags"]["part"])
            for run, parts in runs.items():
                self.assertEqual(parts, {"0", "1", "2"}, f"run {run} of {name}")

    # ---- each in a process of its own

    def test_those_that_die(self):
        self.live_through(DYING)

    def test_those_that_hang(self):
        self.live_through(HANGING)

    def test_those_that_take_too_much(self):
        self.live_through(GREEDY)

    def test_those_that_are_loud(self):
        host = self.live_through(LOUD)
        log = host.log()
        shown = log.count("collector flood_output prints: fff")
        suppressed = sum(map(int, re.findall(r"flood_output prints too much: (\d+) lines", log)))
        self.assertGreater(shown, 0)
        self.assertGreater(suppressed, 10 * shown)
        self.assertIn("collector noise_output prints: noise ", log)
        self.assertRegex(log, "collector no_newline prints: (cut short by )+nnn")
        self.assertNotIn("\x1b", log)

    def test_one_that_emits_a_gigabyte(self):
        # What is refused is gone, and said to be; what was accepted before counts.
        host = self.hostile_host([hostile("emit_much", timeout="60s", interval="1h",
                                          limits={"memory": "512MiB"}, config={"good_runs": 0})],
                                 interval="1s")
        with Stalls(1, self.root) as stalls:
            host.start()
            one = host.wait_state("emit_much", "degraded")
            self.assertIn("the run has emitted more than 67108864 bytes", one["reason"])
            host.assert_goes_on("neighbour0")
        self.assert_unharmed(host, self.neighbours(host), stalls.count)
        self.assertEqual(host.stop(), 0)

    def test_those_that_meddle(self):
        self.live_through(MEDDLING)


    # ---- all of them in one process with their neighbours

    def live_through_pooled(self, deeds):
        host = self.live_through(deeds, "pooled")
        for name, reason in deeds.items():
            if reason is not None:
                self.assertIn(f"collector {name} has a worker of its own from now on", host.log())
        return host

    def test_in_the_pool_a_call_that_ends_it_is_known(self):
        host = self.live_through_pooled({
            "loop": HANGS, **{name: DYING[name] for name in
                              ("null", "abort", "stack", "create_crash", "thread_crash",
                               "thread_crash_later")}})
        self.assertNotIn("collector neighbour0 has a worker of its own", host.log())

    def test_in_the_pool_whoever_ends_it_without_a_word_is_found(self):
        self.live_through_pooled({name: {**DYING, **MEDDLING}[name] for name in
                                  ("exit_0", "exit_at_once", "create_exit", "kill_itself",
                                   "handlers_crash", "close_all", "channels")})

    def test_in_the_pool_what_ends_nothing_stays_there(self):
        host = self.live_through({**LOUD, "throw": DYING["throw"],
                                  **{name: MEDDLING[name] for name in MEDDLING
                                     if name not in ("close_all", "channels")}}, "pooled")
        self.assertEqual([line for line in host.log().splitlines()
                          if "has a worker of its own" in line], [])

    # ---- before and after the runs

    def test_a_file_that_does_not_survive_its_first_contact_is_quarantined_unseen(self):
        names = ["crash_on_load", "hang_on_load"]
        host = self.hostile_host([{"id": name, "plugin": f"zoo.{name}", "interval": "300ms"}
                                  for name in names])
        for name in names:
            host.add_plugin(name)
        host.start()
        crashed = host.wait_state("crash_on_load", "quarantined")["reason"]
        self.assertIn("while it was loaded for the first time, killed by signal 11 (Segm", crashed)
        hung = host.wait_state("hang_on_load", "quarantined")["reason"]
        self.assertIn("while it was loaded for the first time, it was not loaded within 5s", hung)
        for name in names:
            self.assertEqual(host.instance(name)["errors"], 1)
        host.assert_goes_on("neighbour0")
        self.assertEqual(host.stop(), 0)

        # The next start knows it without another look.
        host.start()
        host.wait_state("crash_on_load", "quarantined")
        host.assert_goes_on("neighbour0")

    def test_a_file_that_behaves_only_at_its_first_contact_is_killed_and_named(self):
        for isolation in ("dedicated", "pooled"):
            with self.subTest(isolation):
                names = ["crash_on_second_load", "hang_on_second_load"]
                limits = {"files": 123}
                root = self.root / isolation
                root.mkdir()
                host = self.hostile_host(
                    [{"id": name, "plugin": f"zoo.{name}", "interval": "300ms",
                      "timeout": "300ms", "limits": limits}
                     for name in names], isolation, root=root)
                for name in names:
                    host.add_plugin(name)
                document = json.loads(host.config.read_text())
                document["collection"]["limits"] = limits
                host.config.write_text(json.dumps(document))
                host.start()
                self.see(host, names[0], r"killed by signal 11 \(Segmentation fault\)")
                self.see(host, names[1], r"its run did not return .* after being cancelled")
                for one in self.neighbours(host):
                    self.assertEqual(one["errors"], 0, one)
                host.assert_goes_on("neighbour0")
                self.assertEqual(host.stop(), 0)

    def test_a_pool_that_may_less_is_another_process(self):
        reader = {**scripted("reader"), "isolation": "pooled"}
        host = self.hostile_host([{**reader, "permissions": {"files": ["/etc/shadow:r"]}}],
                                 "pooled").start()
        host.assert_goes_on("reader")
        before = self.workers_of(host)
        document = json.loads(host.config.read_text())
        document["collectors"] = [reader]
        host.config.write_text(json.dumps(document))

        self.assertTrue(host.json("reload")["applied"])

        # The old one goes when nobody needs it any more.
        wait_for(lambda: len(self.workers_of(host)) == 1 and self.workers_of(host) != before,
                 "another pool in place of the old one")
        host.assert_goes_on("reader")
        self.assertEqual(host.stop(), 0)

    def workers_of(self, host):
        """The processes that the host has started."""
        return {int(entry) for entry in os.listdir("/proc")
                if entry.isdigit() and self.parent_of(entry) == host.process.pid}

    def test_who_ends_the_host_from_inside_is_named_at_its_next_start(self):
        calls = {"null": "collect()", "create_crash": "create()", "destroy_crash": "destroy()"}
        for deed, call in calls.items():
            with self.subTest(deed):
                root = self.root / deed
                root.mkdir()
                host = self.hostile_host([hostile(deed, isolation="inline")], quarantine_after=1,
                                         root=root)
                host.launch()
                if call == "destroy()":
                    wait_for(host.is_up, "the host to answer")
                    host.assert_goes_on(deed)
                    host.process.terminate()
                self.assertEqual(host.process.wait(30), -signal.SIGSEGV)

                host.start()

                one = host.wait_state(deed, "quarantined")
                reason = f"it ended the host during {call}: signal 11 in its run "
                self.assertIn(reason, one["reason"])
                self.assertIn(f"collector {deed}: {reason}", host.log())
                host.assert_goes_on("neighbour0")
                self.assertEqual(host.stop(), 0)

    def test_what_happens_in_destroy_is_named(self):
        reasons = {"destroy_crash": "killed by signal 11 (Segmentation fault)",
                   "destroy_exit": "it left by itself with exit code 3",
                   "destroy_sleep": "it did not return within 1s"}
        for isolation in ("dedicated", "pooled"):
            with self.subTest(isolation):
                root = self.root / isolation
                root.mkdir()
                host = self.hostile_host([hostile(name) for name in reasons], isolation, root=root)
                host.start()
                document = json.loads(host.config.read_text())
                for name, reason in reasons.items():
                    host.assert_goes_on(name, runs=2)
                    document["collectors"] = [one for one in document["collectors"]
                                              if one["id"] != name]
                    host.config.write_text(json.dumps(document))
                    self.assertTrue(host.json("reload")["applied"])
                    said = f"collector {name}: its worker ended during destroy(): {reason}"
                    wait_for(lambda: said in host.log(), said)
                host.assert_goes_on("neighbour0")
                for one in self.neighbours(host):
                    self.assertEqual(one["errors"], 0, one)
                self.assertEqual(host.stop(), 0)

    def test_what_a_plugin_has_started_goes_with_its_worker(self):
        host = self.hostile_host([hostile("fork_bomb", permissions={"spawn": True},
                                          config={"amount": 20})]).start()
        group = wait_for(lambda: self.children_of_bomb(host), "the children")
        self.see(host, "fork_bomb", HANGS)
        wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in group), "their end")
        self.assertEqual(host.stop(), 0)

    @staticmethod
    def children_of_bomb(host):
        """The processes of the group of a worker that has started some, without itself."""
        groups = collections.defaultdict(set)
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                    name, rest = file.read().rsplit(") ", 1)
            except OSError:
                continue
            if name.endswith("(unity-worker"):
                groups[int(rest.split()[2])].add(int(entry))
        for group, members in groups.items():
            try:
                with open(f"/proc/{group}/stat", encoding="ascii", errors="replace") as file:
                    parent = int(file.read().rsplit(") ", 1)[1].split()[1])
            except OSError:
                continue
            if parent == host.process.pid and len(members) > 1:
                return members - {group}
        return None

    # ---- the end of patience

    def test_repeated_offences_lead_to_quarantine_which_outlives_the_host(self):
        host = self.hostile_host([hostile("null", config={"good_runs": 1})],
                                 quarantine_after=3).start()
        one = host.wait_state("null", "quarantined")
        self.assertIn("killed by signal 11 (Segmentation fault)", one["reason"])
        self.assertIn("hostile.so is in quarantine since ", one["reason"])
        self.assertIn("plugin zoo.hostile (", host.log())
        self.assertIn("is in quarantine: 3 offences within ten minutes, the last: ", host.log())
        host.assert_goes_on("neighbour0")
        self.assertEqual(host.stop(), 0)
        [record] = json.loads((host.state_dir / "quarantine.json").read_text())["plugins"]
        self.assertEqual((record["plugin"], len(record["offences"])), ("zoo.hostile", 3))
        for offence in record["offences"]:
            self.assertEqual((offence["instance"], offence["signal"]), ("null", 11))
            self.assertRegex(offence["backtrace"][0], r"null_dereference.* at hostile\.so\+0x")
            self.assertRegex(offence["backtrace"][-1], r"hostile\.so\+0x", "no frame of ours")

        host.start()
        one = host.wait_state("null", "quarantined")
        self.assertEqual(one["runs"], 1)
        host.assert_goes_on("neighbour0")

    def test_the_last_output_is_kept_with_the_offence(self):
        host = self.hostile_host([hostile("print_and_exit", config={"good_runs": 0})],
                                 quarantine_after=1).start()
        host.wait_state("print_and_exit", "quarantined")
        self.assertEqual(host.stop(), 0)
        [record] = json.loads((host.state_dir / "quarantine.json").read_text())["plugins"]
        self.assertEqual(record["offences"][0]["last_output"], ["my last words"])

    def test_no_worker_outlives_a_host_that_is_killed(self):
        host = self.hostile_host([hostile("sleep", timeout="10m")]).start()
        wait_for(lambda: host.instance("sleep")["running"] and host.instance("sleep")["runs"] >= 2,
                 "the run to hang")
        workers = self.workers_of(host)
        self.assertGreaterEqual(len(workers), NEIGHBOURS + 1)
        host.kill()
        wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers), "their end")

    @staticmethod
    def parent_of(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                return int(file.read().rsplit(") ", 1)[1].split()[1])
        except OSError:
            return None


if __name__ == "__main__":
    unittest.main()
