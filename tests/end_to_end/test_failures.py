"""docs/failures.md shows what an operator sees in ten failures. Each of them is made to happen here,
and every line that the page quotes must be one that the host really said.

In the page, `<!-- said: NAME -->` stands before each block of quotes; NAME is a scenario below.
Quotes are compared without what differs from run to run: numbers, times, folders, and where lines
are broken. A line `...` stands for whatever is between. `UNITY_TELL=1` prints everything that was
said, for writing the page.
"""
import os
import pathlib
import re
import struct
import unittest

from harness import BAD_CONFIG, DONE, NEIGHBOUR, REFUSED, ZOO, HostTest, scripted, wait_for
from postgres_server import PostgresServer
from stalls import Stalls

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "failures.md"
QUOTE = re.compile(r"^<!-- said: ([a-z_]+) -->\n+```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
HOUR = 3600


def quotes():
    """Scenario -> pieces of text that the page says it shows."""
    found = {}
    for name, block in QUOTE.findall(PAGE.read_text()):
        found.setdefault(name, []).extend(re.split(r"^ *\.\.\. *$", block, flags=re.MULTILINE))
    return found


def plain(text, folders=()):
    """Without what differs from run to run."""
    for folder, name in folders:
        text = text.replace(str(folder), name)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME", text)
    text = re.sub(r"\d+(\.\d+)?( ?(ns|us|ms|s|min|h|B|kB|MB|GB|KiB|MiB|GiB|TiB)\b)?", "N", text)
    return re.sub(r"\s+", " ", text).strip()


class Failures(HostTest):
    def setUp(self):
        super().setUp()
        self.folders = []
        self.text = ""

    # ---- what was said

    def heard(self, *texts):
        self.text += "\n".join(texts) + "\n"

    def status_of(self, host, *words):
        """`unity status`, once it says these words."""
        def says_so():
            answer = host.command("status")
            self.assertEqual(answer.returncode, DONE, answer.stderr)
            return answer.stdout if all(word in answer.stdout for word in words) else None
        self.heard(wait_for(says_so, f"status to say {words}"))

    def tearDown(self):
        if not self._testMethodName.startswith("test_shows_"):
            return
        name = self._testMethodName.removeprefix("test_shows_")
        if os.environ.get("UNITY_TELL"):
            print(f"==== {name}\n{self.text}", flush=True)
            return
        quoted = quotes().get(name, [])
        self.assertTrue(quoted, f"{PAGE.name} quotes nothing of {name}")
        said = plain(self.text, self.folders)
        missing = [piece for piece in quoted if plain(piece) not in said]
        self.assertEqual(missing, [], f"never said; what was said:\n{self.text}")

    def unity(self, *collectors, **sections):
        host = self.host(collectors or (NEIGHBOUR,), **sections)
        self.folders += [(host.state_dir, "/var/lib/unity"), (host.config, "/etc/unity/unity.yaml"),
                         (host.plugins, "/srv/plugins")]
        return host

    def postgres(self):
        server = PostgresServer()
        self.addCleanup(server.close)
        self.folders.append((server.folder, "/run/postgresql"))
        return server

    def check_config(self, host):
        """For mistakes that are found before anything runs."""
        answer = host.command("check-config")
        self.heard(answer.stdout, answer.stderr)
        self.assertEqual(answer.returncode, BAD_CONFIG, self.text)

    def wait_stored_all(self, host):
        wait_for(lambda: host.accounting()["in_flight"] == 0, "everything to be stored")

    # ---- the ten

    def test_shows_server_gone(self):
        server = self.postgres()
        host = self.unity(database=server.section()).start()
        host.wait_stored(3)
        server.kill()
        self.status_of(host, "Connection refused")
        host.assert_goes_on()
        server.start()
        self.wait_stored_all(host)
        self.status_of(host)
        self.heard(host.log())
        self.assertEqual(host.accounting()["dropped"], 0)

    def test_shows_wrong_password(self):
        """Changed on the server while the host runs; then the host is started again."""
        server = self.postgres()
        server.sql("ALTER ROLE unity PASSWORD 'hunter1'")
        server.hba(["local unity all scram-sha-256", "local all all trust"])
        host = self.unity(database=server.section(password="hunter1")).start()
        host.wait_stored(3)
        server.sql("ALTER ROLE unity PASSWORD 'hunter2'; SELECT pg_terminate_backend(pid) FROM "
                   "pg_stat_activity WHERE datname = 'unity'", database="postgres")
        self.status_of(host, "password authentication failed")
        host.assert_goes_on()
        host.stop()
        code, log = host.run_to_end()
        self.heard(log)
        self.assertEqual(code, REFUSED)
        self.assertNotIn("hunter", log)

    def test_shows_disk_full(self):
        host = self.unity(spool={"min_free_bytes": "64TiB", "when_full": "block"}).start()
        self.status_of(host, "min_free_bytes")
        self.heard(host.log())

    def test_shows_bad_zone(self):
        self.check_config(self.unity(pipeline=["validate", {"timestamp": {"zone": "Europe/Berln"}},
                                               "rate", "enrich"]))

    def test_shows_unit_mismatch(self):
        self.check_config(self.unity(pipeline=["validate", "timestamp", "rate",
                                               {"filter": {"keep": "number > 5 GB"}}, "enrich"]))

    def test_shows_cardinality(self):
        host = self.unity(NEIGHBOUR, scripted("explosion", "200ms", records=500), pipeline=[
            "validate", "timestamp", "rate", {"cardinality": {"max_series": 100}}, "enrich"]).start()
        self.status_of(host, "dropped: cardinality", "collector explosion")
        self.heard(host.log())
        host.assert_goes_on()

    def test_shows_clock_back(self):
        clock = self.root / "clock"
        clock.write_bytes(struct.pack("=q", 0))
        host = self.unity(scripted("neighbour", "100ms"))
        with Stalls(0.1, self.root) as stalls:
            host.start({"LD_PRELOAD": str(ZOO / "clock_shim.so"), "UNITY_TEST_CLOCK": str(clock),
                        "ASAN_OPTIONS": "verify_asan_link_order=0"})
            host.wait_stored(3)
            with clock.open("r+b") as file:
                file.write(struct.pack("=q", -HOUR))
            host.assert_goes_on(runs=5)
            missed = host.instance("neighbour")["missed"]
        self.assertLessEqual(missed, stalls.count)
        self.status_of(host)
        self.heard(host.log())

    def test_shows_two_hosts(self):
        first = self.unity().start()
        folder = self.root / "second"
        folder.mkdir()
        second = self.unity(root=folder, state_dir=first.state_dir)
        code, log = second.run_to_end()
        self.heard(log)
        self.assertEqual(code, REFUSED)
        first.assert_goes_on()

    def test_shows_garbage_in_spool(self):
        server = self.postgres()
        host = self.unity(scripted("neighbour", "50ms", records=50), database=server.section()).start()
        host.wait_stored(3)
        server.kill()
        wait_for(lambda: host.accounting()["in_flight"] > 500, "a backlog")
        host.kill()
        segment = max((host.state_dir / "spool").glob("*.seg"), key=lambda file: file.stat().st_size)
        with segment.open("r+b") as file:
            file.seek(segment.stat().st_size // 2)
            file.write(b"garbage" * 8)
        answer = host.command("spool", "verify")
        self.heard(answer.stdout, answer.stderr)
        server.start()
        host.start()
        self.wait_stored_all(host)
        self.status_of(host, "has lost")
        self.heard(host.log())

    def test_shows_dead_storage(self):
        server = self.postgres()
        host = self.unity(storages=[{"id": "main", "type": "sqlite", "path": "unity.db"},
                                    {"id": "archive", "required": False, **server.section()}])
        host.start()
        host.wait_stored(3)
        server.kill()
        before = host.stored_records()
        wait_for(lambda: host.stored_records() > before + 10, "the other storage to go on")
        self.status_of(host, "Connection refused")
        self.heard(host.log())
        host.assert_goes_on()

    def test_each_quote_of_the_page_is_checked(self):
        scenarios = {name.removeprefix("test_shows_") for name in dir(self)
                     if name.startswith("test_shows_")}
        self.assertEqual(set(quotes()), scenarios)


if __name__ == "__main__":
    unittest.main()
