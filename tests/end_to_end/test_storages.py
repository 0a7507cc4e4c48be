"""Several storages, and what becomes of their backlogs when the host starts again with others."""
import json
import unittest

from harness import DONE, HostTest, wait_for

MAIN = {"id": "main", "type": "sqlite", "path": "unity.db"}
GONE = {"url": "postgresql://nobody@127.0.0.1:1/none"}


class Storages(HostTest):
    def reconfigure(self, host, storages):
        document = json.loads(host.config.read_text())
        document["storages"] = storages
        host.config.write_text(json.dumps(document))

    def account(self, host, name):
        storage = next(one for one in host.status()["storages"] if one["id"] == name)
        self.assert_balanced(storage["accounting"])
        return storage["accounting"]

    def run_until_stored(self, host, count):
        host.start()
        wait_for(lambda: self.account(host, "main")["stored"] >= count, f"{count} stored records")

    def test_one_that_is_not_required_is_left_behind_by_a_restart_which_is_told(self):
        host = self.host(storages=[MAIN, {"id": "second", "required": False, **GONE}])
        self.run_until_stored(host, 5)
        self.assertEqual(host.stop(), DONE)

        self.run_until_stored(host, 1)

        account = self.account(host, "second")
        self.assertEqual(account["stored"], 0)
        self.assertGreaterEqual(account["dropped_by"]["lagging"], 5)
        self.assertEqual(self.account(host, "main")["dropped"], 0)
        self.assertNotIn("FAULT", host.command("status").stdout)

    def test_one_that_is_required_keeps_its_backlog_until_it_is_removed(self):
        host = self.host(storages=[MAIN, {"id": "second", **GONE}])
        self.run_until_stored(host, 5)
        self.assertEqual(host.stop(), DONE)

        self.run_until_stored(host, 1)
        self.assertGreaterEqual(self.account(host, "second")["in_flight"], 6)
        self.assertEqual(host.stop(), DONE)

        self.reconfigure(host, [MAIN])
        self.run_until_stored(host, 1)
        self.assertEqual([one["id"] for one in host.status()["storages"]], ["main"])
        self.assertEqual(host.stop(), DONE)

        # What came while it was away is gone, and said to be.
        self.reconfigure(host, [MAIN, {"id": "second", **GONE}])
        self.run_until_stored(host, 1)
        account = self.account(host, "second")
        self.assertGreaterEqual(account["dropped"], 6)
        self.assertNotIn("FAULT", host.command("status").stdout)


if __name__ == "__main__":
    unittest.main()
