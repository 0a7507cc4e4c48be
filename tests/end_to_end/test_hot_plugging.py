"""Plugins and configuration that come, change and go while a host runs.

Each new version has a number in its manifest; `bad_version.cpp` are those that are broken."""
import json
import os
import unittest

from harness import BUNDLED, DONE, NEIGHBOUR, ZOO, HostTest, scripted, wait_for

SETTLE = "50ms"
FIRST_OF_A_RATE = "first of a rate"


class HotPlugging(HostTest):
    def watching(self, collectors=(NEIGHBOUR, ), watch=None, **sections):
        """Its neighbour is another plugin than the one that the tests change."""
        host = self.host(collectors, watch={"settle": SETTLE, **(watch or {})}, **sections)
        host.conf_d = self.root / "conf.d"
        (self.root / "notes").touch()
        return host

    def beside_numbers(self, collectors, **sections):
        """A host with `numbers` as the neighbour whom nothing may disturb."""
        (self.root / "numbers.notes").touch()  # what is not there, a worker may not make
        neighbour = {"id": "other", "plugin": "zoo.numbers", "interval": "100ms",
                     "config": {"file": str(self.root / "numbers.notes")}}
        host = self.watching([neighbour, *collectors], **sections)
        host.add_plugin("numbers")
        return host

    # ---- what is changed

    def drop_config(self, host, name, **sections):
        host.conf_d.mkdir(exist_ok=True)
        part = self.root / f"{name}.part"
        part.write_text(json.dumps(sections))
        part.rename(host.conf_d / f"{name}.yaml")

    # ---- what is seen

    def ids(self, host):
        return {one["id"] for one in host.status()["instances"]}

    def wait_there(self, host, name):
        wait_for(lambda: name in self.ids(host), f"collector {name} to be there")

    def wait_gone(self, host, name):
        wait_for(lambda: name not in self.ids(host), f"collector {name} to be gone")

    def wait_version(self, host, version, name="swapped"):
        wait_for(lambda: host.instance(name)["version"] == version, f"version {version}")

    def wait_log(self, host, text, count=1):
        wait_for(lambda: host.log().count(text) >= count, f"{count} times {text!r} in the log")

    def assert_undisturbed(self, host, name="other"):
        host.assert_goes_on(name)
        one = host.instance(name)
        self.assertEqual((one["errors"], one["state"]), (0, "healthy"), one)
        self.assertNotIn("FAULT", host.log())
        self.assert_balanced(host.accounting())

    def numbers_of(self, host, name):
        return [int(one["value"]) for one in host.json("query", "range", "numbered")
                if one["instance"] == name]

    # ---- plugins

    def test_the_plugin_comes_before_its_collector(self):
        host = self.watching().start()
        host.add_plugin("numbers")
        self.drop_config(host, "numbers", collectors=[
            {"id": "late", "plugin": "zoo.numbers", "interval": "100ms",
             "config": {"file": str(self.root / "notes")}}])
        self.wait_there(host, "late")
        host.assert_goes_on("late")
        self.assert_undisturbed(host, "neighbour")

    def test_the_collector_comes_before_its_plugin(self):
        host = self.watching().start()
        self.drop_config(host, "numbers", collectors=[
            {"id": "late", "plugin": "zoo.numbers", "interval": "100ms",
             "config": {"file": str(self.root / "notes")}}])
        self.wait_log(host, 'collector late is not started: there is no plugin "zoo.numbers"')
        self.assertEqual(self.ids(host), {"neighbour"})
        host.add_plugin("numbers")
        self.wait_there(host, "late")
        host.assert_goes_on("late")
        self.assert_undisturbed(host, "neighbour")

    def test_a_new_version_replaces_the_old_one(self):
        rate = {"id": "rate", "plugin": "unity.network", "interval": "100ms"}
        host = self.beside_numbers([scripted("swapped"), scripted("too"), rate],
                                   plugin_dirs=[str(self.root / "plugins"), str(BUNDLED)])
        host.start()
        for name in ("swapped", "too", "rate"):
            host.assert_goes_on(name)
        firsts = host.accounting()["dropped_by"].get(FIRST_OF_A_RATE, 0)
        runs = host.instance("swapped")["runs"]

        host.add_plugin("scripted_2", "scripted")

        self.wait_version(host, "2.0.0")
        self.wait_version(host, "2.0.0", "too")
        host.assert_goes_on("swapped", runs=5)
        host.assert_goes_on("rate")
        self.assertEqual(host.accounting()["dropped_by"].get(FIRST_OF_A_RATE, 0), firsts)
        one = host.instance("swapped")
        self.assertEqual((one["errors"], one["notice"]), (0, ""))
        self.assertGreater(one["runs"], runs)
        self.assertIn("reloaded: replace  swapped", host.log())
        self.assertIn("version from 1.0.0 to 2.0.0", host.log())
        self.assert_undisturbed(host)
        self.assertEqual(host.stop(), DONE)
        # The numbers of each version begin with 1: two of them, and no more.
        self.assertEqual(self.numbers_of(host, "swapped").count(1), 2)

    def test_rates_go_on_over_a_new_version(self):
        # The same network collector with other bytes behind its end, which nobody loads.
        plugins = self.root / "plugins"
        plugins.mkdir()
        source = next(BUNDLED.glob("*network*.so")).read_bytes()
        (plugins / "network.so").write_bytes(source)
        host = self.beside_numbers([{"id": "swapped", "plugin": "unity.network",
                                     "interval": "100ms"}]).start()
        host.assert_goes_on("swapped", runs=5)
        firsts = host.accounting()["dropped_by"].get(FIRST_OF_A_RATE, 0)
        self.assertGreater(firsts, 0)
        part = plugins / "network.part"
        part.write_bytes(source + b"\0")
        part.rename(plugins / "network.so")
        self.wait_log(host, "reloaded: replace  swapped")
        host.assert_goes_on("swapped", runs=5)
        self.assertEqual(host.accounting()["dropped_by"][FIRST_OF_A_RATE], firsts)
        self.assert_undisturbed(host)

    def test_a_removed_plugin_stops_its_collectors_until_it_is_back(self):
        host = self.beside_numbers([scripted("swapped"), scripted("too")]).start()
        host.assert_goes_on("swapped")

        (host.plugins / "scripted.so").unlink()
        self.wait_gone(host, "swapped")
        self.wait_gone(host, "too")
        self.assertIn("collector swapped is stopped: there is no plugin", host.log())
        self.assert_undisturbed(host)

        host.add_plugin("scripted_2", "scripted")
        self.wait_there(host, "swapped")
        self.wait_there(host, "too")
        self.assertEqual(host.instance("swapped")["version"], "2.0.0")
        host.assert_goes_on("swapped")
        self.assert_undisturbed(host)

    def refuse(self, fault, reason, ran):
        """A version that is broken; `ran`: it is found out only when it runs."""
        host = self.beside_numbers([scripted("swapped")]).start()
        host.assert_goes_on("swapped")

        host.add_plugin(f"scripted_{fault}", "scripted")
        notice = wait_for(lambda: host.instance("swapped")["notice"], "the notice")
        self.assertRegex(notice, reason)
        self.assertIn(notice, host.log())
        self.assertIn("collector swapped:", host.command("status").stdout)
        self.wait_version(host, "1.0.0")
        host.assert_goes_on("swapped", runs=5)
        self.assertEqual(host.instance("swapped")["state"], "healthy")
        if ran:
            self.assertEqual(host.log().count("its new version was rolled back"), 1)

        # Other changes are none of its business.
        replaced = host.log().count("reloaded: replace  swapped")
        host.add_plugin("c_minimal")
        self.drop_config(host, "more", collectors=[
            {"id": "more", "plugin": "zoo.c_minimal", "interval": "100ms"}])
        self.wait_there(host, "more")
        host.assert_goes_on("more")
        self.assertEqual(host.log().count("reloaded: replace  swapped"), replaced)
        self.assertRegex(host.instance("swapped")["notice"], "its new file was tried and failed: "
                         if ran else reason)
        self.assertEqual(host.instance("swapped")["version"], "1.0.0")

        # Other bytes are.
        host.add_plugin("scripted_2", "scripted")
        self.wait_version(host, "2.0.0")
        host.assert_goes_on("swapped", runs=5)
        self.assertEqual(host.instance("swapped")["notice"], "")
        self.assert_undisturbed(host)

    def test_a_version_that_crashes_when_it_is_loaded(self):
        self.refuse("crashes_on_load", "loaded for the first time, .*killed by signal 11", False)

    def test_a_version_whose_entry_refuses(self):
        self.refuse("is_refused", "scripted.so", False)

    def test_a_version_that_does_not_go_with_the_configuration(self):
        # It wants to run no more often than once an hour.
        self.refuse("wants_less", "does not go with its configuration: .*interval 100ms is shorter",
                    False)

    def test_a_version_that_fails_in_create(self):
        self.refuse("fails_in_create", "its new version was rolled back: ", True)

    def test_a_version_that_crashes_in_create(self):
        self.refuse("crashes_in_create", r"rolled back: .*killed by signal 11", True)

    def test_a_version_whose_runs_fail(self):
        self.refuse("fails", "its new version was rolled back: ", True)

    def test_a_version_whose_first_run_crashes(self):
        self.refuse("crashes", r"rolled back: .*killed by signal 11", True)

    def test_a_version_whose_second_run_fails(self):
        self.refuse("fails_later", "its new version was rolled back: ", True)

    def test_a_bad_version_after_an_unproven_one(self):
        # The second comes while the first is on trial: what comes back is what was proven.
        host = self.beside_numbers([scripted("swapped", "1h")]).start()
        wait_for(lambda: host.instance("swapped")["runs"] == 1, "a run of the first version")
        host.add_plugin("scripted_2", "scripted")
        wait_for(lambda: host.instance("swapped")["runs"] == 2, "a run of the second")
        host.add_plugin("scripted_fails", "scripted")
        wait_for(lambda: "rolled back" in host.instance("swapped")["notice"], "the way back")
        self.wait_version(host, "1.0.0")
        host.add_plugin("scripted_2", "scripted")
        self.wait_version(host, "2.0.0")
        self.wait_log(host, "version from 1.0.0 to 2.0.0", count=2)
        self.assertEqual(host.instance("swapped")["notice"], "")
        self.assert_undisturbed(host)

    def test_an_inline_collector_needs_a_restart(self):
        host = self.beside_numbers([scripted("swapped", isolation="inline"),
                                    scripted("apart")]).start()
        host.assert_goes_on("swapped")
        host.add_plugin("scripted_2", "scripted")
        self.wait_version(host, "2.0.0", "apart")
        notice = wait_for(lambda: host.instance("swapped")["notice"], "the notice")
        self.assertIn("takes effect with the next start of the host", notice)
        self.assertEqual(host.instance("swapped")["version"], "1.0.0")
        host.assert_goes_on("swapped")
        self.assertIn("takes effect with the next start", host.command("reload").stderr
                      + host.command("reload").stdout)
        self.assertEqual(host.stop(), DONE)
        self.assertEqual(self.numbers_of(host, "swapped").count(1), 1)
        host.start()
        self.assertEqual(host.instance("swapped")["version"], "2.0.0")

    # ---- half-written files

    def half_written(self, write):
        """`write` leaves a file unfinished and returns who finishes it."""
        host = self.beside_numbers([scripted("swapped")]).start()
        host.assert_goes_on("swapped")
        file = host.plugins / "scripted.so"
        image = (ZOO / "scripted_2.so").read_bytes()
        finish = write(host, file, image)
        # The host looks at its folder meanwhile: there is something else to be done.
        host.add_plugin("c_minimal")
        self.drop_config(host, "more", collectors=[
            {"id": "more", "plugin": "zoo.c_minimal", "interval": "100ms"}])
        self.wait_there(host, "more")
        self.assertEqual(host.instance("swapped")["version"], "1.0.0")
        host.assert_goes_on("swapped")
        finish()
        self.wait_version(host, "2.0.0")
        host.assert_goes_on("swapped", runs=5)
        self.assertEqual(host.instance("swapped")["errors"], 0)
        self.assertEqual(host.instance("swapped")["notice"], "")
        self.assertEqual(host.json("plugin", "quarantine", "list")["plugins"], [])
        self.assert_undisturbed(host)

    def open_in_place(self, file, flags):
        fd = os.open(file, os.O_WRONLY | flags)
        self.addCleanup(lambda: self.closed.get(fd) or os.close(fd))
        return fd

    def setUp(self):
        super().setUp()
        self.closed = {}

    def close(self, fd):
        self.closed[fd] = True
        os.close(fd)

    def test_a_file_written_in_place_piece_by_piece(self):
        def write(_, file, image):
            fd = self.open_in_place(file, os.O_TRUNC)
            os.write(fd, image[:len(image) // 2])

            def finish():
                os.write(fd, image[len(image) // 2:])
                self.close(fd)
            return finish
        self.half_written(write)

    def test_a_file_copied_over_in_place_without_being_truncated(self):
        # Whole at any time, as far as its structure goes.
        def write(_, file, image):
            fd = self.open_in_place(file, 0)
            os.write(fd, image[:len(image) // 2])

            def finish():
                os.write(fd, image[len(image) // 2:])
                os.ftruncate(fd, len(image))
                self.close(fd)
            return finish
        self.half_written(write)

    def test_a_file_that_looks_whole_but_is_still_open(self):
        # Whoever has it open may have more to write, or other bytes for the middle of it.
        def write(_, file, image):
            fd = self.open_in_place(file, os.O_TRUNC)
            os.write(fd, image)
            return lambda: self.close(fd)
        self.half_written(write)

    def test_a_truncated_file_that_nobody_writes_any_more(self):
        def write(_, file, image):
            part = file.with_suffix(".part")
            part.write_bytes(image[:-100])
            part.rename(file)

            def finish():
                with file.open("ab") as out:
                    out.write(image[-100:])
            return finish
        self.half_written(write)

    def test_a_file_that_was_given_its_size_first(self):
        def write(_, file, image):
            half = len(image) // 2
            part = file.with_suffix(".part")
            part.write_bytes(image[:half] + bytes(len(image) - half))
            part.rename(file)

            def finish():
                with file.open("r+b") as out:
                    out.seek(half)
                    out.write(image[half:])
            return finish
        self.half_written(write)

    # ---- configuration

    def test_a_file_of_conf_d_comes_changes_and_goes(self):
        host = self.watching().start()  # the folder is not there yet
        self.drop_config(host, "one", collectors=[scripted("one")])
        self.wait_there(host, "one")
        self.drop_config(host, "one", collectors=[scripted("one", "50ms"), scripted("two")])
        self.wait_there(host, "two")
        self.assertEqual(host.instance("one")["interval_seconds"], 0.05)

        (host.conf_d / "bad.yaml").write_text("collectors: [{id: one, plugin: zoo.missing")
        self.wait_log(host, "nothing was changed, the configuration has mistakes")
        self.assertEqual(self.ids(host), {"neighbour", "one", "two"})
        [warning] = host.status()["warnings"]
        self.assertRegex(warning, r"the configuration has mistakes .*bad\.yaml:1:\d+: ")
        (host.conf_d / "bad.yaml").unlink()

        (host.conf_d / "one.yaml").unlink()
        self.wait_gone(host, "one")
        self.assertEqual(host.status()["warnings"], [])
        self.assertEqual(self.ids(host), {"neighbour"})
        self.assert_undisturbed(host, "neighbour")

    def test_the_file_itself(self):
        host = self.watching().start()
        document = json.loads(host.config.read_text())
        document["collectors"].append(scripted("fresh"))
        host.config.write_text(json.dumps(document))
        self.wait_there(host, "fresh")
        self.assert_undisturbed(host, "neighbour")

    def test_what_is_not_watched_waits_to_be_asked_for(self):
        host = self.beside_numbers([scripted("swapped")], watch={"plugins": False}).start()
        host.add_plugin("scripted_2", "scripted")
        (host.plugins / "numbers.so").touch()
        host.assert_goes_on("other", runs=10)
        self.assertEqual(host.instance("swapped")["version"], "1.0.0")
        self.assertEqual(host.command("reload").returncode, DONE)
        self.wait_version(host, "2.0.0")


if __name__ == "__main__":
    unittest.main()
