"""`unity export` and `unity import`, as an operator would use them."""
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import unittest

from harness import BIN, DONE, REFUSED, UNAVAILABLE, USAGE, HostTest, scripted, wait_for
from mariadb_server import MariadbServer
from postgres_server import PostgresServer

FRAMES = 40_000


def fill(database, frames, sources=1):
    """Puts frames into a file that `unity db upgrade` made."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO devices (uid, hostname, created_at, updated_at) "
                           "VALUES (zeroblob(16), 'nas', 1, 1)")
        for source in range(1, sources + 1):
            connection.execute("INSERT INTO metric_sources (device_id, plugin_id, instance, tags, "
                               "tags_hash) VALUES (1, 'p', ?, '{}', zeroblob(32))", (str(source),))
            connection.execute("INSERT INTO metric_series (source_id, position, metric_name, field)"
                               " VALUES (?, 0, 'm', 'x')", (source,))
        connection.executemany(
            "INSERT INTO metric_frames (source_id, time, vals) VALUES (?, ?, ?)",
            ((1 + n % sources, 1_772_000_000_000_000 + n * 1_000_000,
              f"[{n}.5,{n * 7},null,{n / 3!r}]") for n in range(frames)))


class Transfer(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.postgres = PostgresServer()
        cls.addClassCleanup(cls.postgres.close)

    def setUp(self):
        super().setUp()
        self.postgres.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def place(self, name, **sections):
        """A configuration of its own."""
        root = self.root / name
        root.mkdir()
        return self.host(root=root, **sections)

    def filled(self, frames=FRAMES, sources=1):
        host = self.place("source")
        host.state_dir.mkdir()
        self.assertEqual(host.command("db", "upgrade").returncode, DONE)
        fill(host.database, frames, sources)
        return host

    def export(self, host, name="out", *more):
        path = self.root / name
        answer = host.command("export", "--output", path, "--json", *more)
        self.assertEqual(answer.returncode, DONE, answer.stderr)
        return path, json.loads(answer.stdout)

    def hashes(self, summary):
        return {name: table["sha256"] for name, table in summary["tables"].items()}

    # ---- the documents' command lines

    def test_the_way_of_the_documents_from_sqlite_to_postgresql(self):
        old = self.host([scripted("a", records=2)], root=self.root).start()
        old.wait_stored(20)
        self.assertEqual(old.stop(), DONE, old.log())
        config = self.root / "unity.yaml"

        def run(*words):
            return subprocess.run([BIN, *words, "--config", config], cwd=self.root,
                                  capture_output=True, text=True)

        done = run("export", "--format", "json", "--output", "unity_data.json")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertIn("exported", done.stdout)
        document = json.loads((self.root / "unity_data.json").read_text())
        self.assertEqual(len(document["tables"]["metric_frames"]),
                         document["manifest"]["tables"]["metric_frames"]["rows"])
        settings = json.loads(config.read_text())
        settings["database"] = self.postgres.section()
        config.write_text(json.dumps(settings))
        done = run("import", "--input", "unity_data.json")
        self.assertEqual(done.returncode, DONE, done.stderr)

        stored = old.sql("SELECT time_us, json_extract(value, '$.number') FROM plugin_metrics "
                         "WHERE metric_name = 'numbered' ORDER BY time_us, tags")
        moved = self.postgres.sql("SELECT time_us, value ->> 'number' FROM plugin_metrics "
                                  "WHERE metric_name = 'numbered' ORDER BY time_us, tags::text")
        self.assertEqual([[str(cell) for cell in row] for row in stored], moved)
        # And the host goes on there.
        host = self.host([scripted("a", records=2)], root=self.root,
                         database=self.postgres.section()).start()
        host.wait_stored(4)
        self.assertEqual(host.stop(), DONE, host.log())
        self.assertGreater(len(self.postgres.sql("SELECT 1 FROM plugin_metrics "
                                                 "WHERE metric_name = 'numbered'")), len(moved))

    def test_mariadb_to_postgresql_beside_a_running_host(self):
        server = MariadbServer()
        self.addCleanup(server.close)
        host = self.host([scripted("a", "50ms", records=2)], database=server.section()).start()
        host.wait_stored(20)
        path, exported = self.export(host)
        host.assert_goes_on("a")
        self.assertEqual(host.stop(), DONE, host.log())

        target = self.place("target", database=self.postgres.section())
        done = target.command("import", "--input", path, "--verify", "--json")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertTrue(json.loads(done.stdout)["verified"])
        _, again = self.export(target, "again")
        self.assertEqual(self.hashes(exported), self.hashes(again))

    # ---- what goes wrong

    def test_an_import_that_is_killed_is_repeated_and_gives_the_same(self):
        path, exported = self.export(self.filled())
        target = self.place("target", database=self.postgres.section())

        def kill_after(rows):
            process = subprocess.Popen([BIN, "import", "--input", path, "--config", target.config],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                wait_for(lambda: process.poll() is not None or self.count() >= rows,
                         f"{rows} imported rows")
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()

        kill_after(1)
        first = self.count()
        self.assertGreater(first, 0)
        kill_after(first + 1)
        done = target.command("import", "--input", path, "--verify", "--json")

        self.assertEqual(done.returncode, DONE, done.stderr)
        summary = json.loads(done.stdout)
        self.assertGreaterEqual(summary["rows_before"], first)
        self.assertEqual(self.count(), FRAMES)
        self.assertEqual(self.hashes(summary), self.hashes(exported))

    def count(self):
        done = self.postgres.psql("SELECT count(*) FROM metric_frames")
        return int(done.stdout) if done.returncode == 0 else 0

    def test_an_export_that_is_killed_has_no_name(self):
        host = self.filled(200_000)
        path = self.root / "out"
        process = subprocess.Popen([BIN, "export", "--output", path, "--config", host.config],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: process.poll() is not None or
                 list(self.root.glob("out.partial-*/metric_frames.jsonl")), "the export to begin")
        process.kill()
        process.wait()
        self.assertFalse(path.exists())
        self.export(host)
        left, = self.root.glob("out.*")
        self.assertTrue(left.is_dir(), "it is removed by nobody but who made it")

    def test_a_byte_that_changed_is_refused_and_nothing_is_changed(self):
        path, _ = self.export(self.filled(1000))
        file = path / "metric_frames.jsonl"
        whole = bytearray(file.read_bytes())
        whole[len(whole) // 2] ^= 4
        file.write_bytes(whole)
        target = self.place("target", database=self.postgres.section())

        done = target.command("import", "--input", path)

        self.assertEqual(done.returncode, REFUSED)
        self.assertIn("table metric_frames", done.stderr)
        self.assertEqual(self.postgres.sql("SELECT count(*) FROM pg_tables "
                                           "WHERE schemaname = 'public'"), [["0"]])

    def test_a_disk_that_fills_during_an_export_leaves_nothing(self):
        host = self.filled()
        folder = self.mount_tmpfs("size=2m")
        for format in ("jsonl", "csv", "json", "sqlite"):
            done = host.command("export", "--format", format, "--output", folder / "out")
            self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
            self.assertRegex(done.stderr, "No space left on device|disk is full")
            self.assertEqual(list(folder.iterdir()), [], format)

    def test_a_disk_that_fills_during_an_import_is_no_harm(self):
        path, exported = self.export(self.filled())
        folder = self.mount_tmpfs("size=2m")
        target = self.place("target", database={"type": "sqlite", "path": str(folder / "unity.db")})

        done = target.command("import", "--input", path)
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn("disk is full", done.stderr)

        subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
        done = target.command("import", "--input", path, "--verify", "--json")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertEqual(self.hashes(json.loads(done.stdout)), self.hashes(exported))

    def test_a_wrong_password_and_an_absent_server(self):
        path, _ = self.export(self.filled(10))
        self.postgres.sql("ALTER ROLE unity PASSWORD 'right'", database="postgres")
        hba = (self.postgres.data / "pg_hba.conf").read_text().splitlines()
        self.postgres.hba(["local all all scram-sha-256"])
        self.addCleanup(self.postgres.hba, hba)
        wrong = self.place("wrong", database=self.postgres.section(password="wrong"))

        def refused():
            done = wrong.command("import", "--input", path)
            return done if done.returncode == REFUSED else None
        done = wait_for(refused, "the server to ask for a password")
        self.assertIn("password", done.stderr)
        self.assertNotIn("wrong", done.stderr.replace(str(self.root), ""))
        done = wrong.command("export", "--output", self.root / "none")
        self.assertEqual(done.returncode, REFUSED, done.stderr)

        absent = self.place("absent", database={"type": "postgresql", "host": str(self.root)})
        for words in (("import", "--input", path), ("export", "--output", self.root / "none")):
            done = absent.command(*words)
            self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertFalse((self.root / "none").exists())

    def test_what_was_asked_for_wrongly(self):
        host = self.filled(10)
        out = self.root / "x"
        self.assertEqual(host.command("export").returncode, USAGE)
        self.assertEqual(host.command("export", "--format", "xml", "--output", out).returncode, USAGE)
        self.assertEqual(host.command("export", "--since", "soon", "--output", out).returncode, USAGE)
        done = host.command("export", "--table", "nothing", "--output", out)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("there are: devices", done.stderr)
        for words in (("export", "--output", out), ("import", "--input", out), ("query", "latest"),
                      ("db", "current"), ("db", "jobs")):
            self.assertEqual(host.command(*words, "--storage", "x").returncode, USAGE, words)
        for words in (("upgrade", "99"), ("plan", "99"), ("downgrade", "99"), ("stamp", "x")):
            self.assertEqual(host.command("db", *words).returncode, USAGE, words)
        self.assertFalse(out.exists())

    def test_since_takes_whole_days_of_utc(self):
        host = self.filled(90_000)  # from 06:13:20 on 2026-02-25 on, one a second
        path, summary = self.export(host, "out", "--since", "2026-02-26T06:30:00+01:00")
        self.assertEqual(summary["since"], "2026-02-26T00:00:00Z")
        rows = json.loads((path / "manifest.json").read_text())["tables"]["metric_frames"]
        self.assertEqual(rows["min_time"], "2026-02-26T00:00:00.000000Z")
        done = host.command("export", "--output", self.root / "again", "--since", "-1h")
        self.assertRegex(done.stdout, "since the day of UTC that begins at .*T00:00:00Z\n$")

    def test_an_import_makes_the_folder_of_an_sqlite_file(self):
        path, _ = self.export(self.filled(10))
        target = self.place("target")
        self.assertFalse(target.state_dir.exists())
        done = target.command("import", "--input", path, "--verify")
        self.assertEqual(done.returncode, DONE, done.stderr)

    # ---- how it does it

    def test_memory_does_not_grow_with_the_tables(self):
        peaks = []
        for name, frames in (("small", 2_000), ("large", 200_000)):
            folder = self.root / name
            folder.mkdir()
            host = self.host(root=folder)
            host.state_dir.mkdir()
            self.assertEqual(host.command("db", "upgrade").returncode, DONE)
            fill(host.database, frames, sources=10)
            target_folder = folder / "target"
            target_folder.mkdir()
            target = self.host(root=target_folder)
            target.state_dir.mkdir()
            peaks.append((self.peak("export", "--output", folder / "out", "--config", host.config),
                          self.peak("import", "--input", folder / "out", "--config",
                                    target.config)))
        moved = (self.root / "large" / "out" / "metric_frames.jsonl").stat().st_size
        for small, large in zip(*peaks):
            self.assertLess(large - small, moved / 2, peaks)

    def peak(self, *words):
        """The most memory that the command had, in bytes."""
        # AddressSanitizer would keep what was freed.
        options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=0"
        process = subprocess.Popen([BIN, *map(str, words)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL,
                                   env={**os.environ, "ASAN_OPTIONS": options})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, DONE)
        return usage.ru_maxrss * 1024

    def test_a_terminal_sees_how_far_it_is_and_others_see_lines(self):
        host = self.filled(5_000)
        done = host.command("export", "--output", self.root / "plain")
        self.assertIn("exporting: metric_frames, 5000 rows\n", done.stderr)
        self.assertNotIn("\r", done.stderr)

        master, slave = os.openpty()
        words = [BIN, "export", "--output", self.root / "shown", "--config", host.config]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        seen = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while part := os.read(master, 4096):
                seen += part
        os.close(master)
        self.assertEqual(process.wait(), DONE)
        self.assertIn(b"exporting [", seen)
        self.assertIn(b"rows", seen)

    def test_an_sqlite_export_answers_questions(self):
        path, _ = self.export(self.filled(100), "moved.db", "--format", "sqlite")
        with contextlib.closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT value FROM plugin_metrics ORDER BY time").fetchall()
        self.assertEqual(len(rows), 100)
        self.assertEqual(json.loads(rows[3][0]), {"x": 3.5})


if __name__ == "__main__":
    unittest.main()
