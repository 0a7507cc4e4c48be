"""What stands in the way of a start is named, and the exit code says of which sort it is."""
import os
import socket
import unittest

from harness import BAD_CONFIG, DONE, FAILED, HostTest, NEIGHBOUR, REFUSED, UNAVAILABLE


class Starting(HostTest):
    def test_a_second_host_on_the_same_folder_is_refused(self):
        first = self.host().start()
        second = self.host()

        code, said = second.run_to_end()

        self.assertEqual(code, REFUSED)
        self.assertIn(f"another host (process {first.process.pid})", said)
        first.assert_goes_on()

    def test_a_port_in_use_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            host = self.host(http={"listen": address})

            code, said = host.run_to_end()

        self.assertEqual(code, UNAVAILABLE)
        self.assertIn(f"port {address.split(':')[1]}", said)
        self.assertIn("http.listen", said)

    def test_a_file_that_is_no_database_is_refused_and_left_alone(self):
        for name, content in (("noise", os.urandom(50_000)), ("text", b"not a database\n" * 500)):
            with self.subTest(name):
                root = self.root / name
                (root / "state").mkdir(parents=True)
                (root / "state" / "unity.db").write_bytes(content)
                host = self.host(root=root)

                code, said = host.run_to_end()

                self.assertIn(code, (FAILED, REFUSED))
                self.assertIn("unity.db", said)
                self.assertEqual(host.database.read_bytes(), content)

    def test_a_database_of_another_program_is_refused_and_left_alone(self):
        import sqlite3
        (self.root / "state").mkdir()
        path = self.root / "state" / "unity.db"
        with sqlite3.connect(path) as foreign:
            foreign.execute("CREATE TABLE devices(a)")
        foreign.close()
        before = path.read_bytes()
        host = self.host()

        code, said = host.run_to_end()

        self.assertNotEqual(code, DONE)
        self.assertIn("unity.db", said)
        self.assertEqual(path.read_bytes(), before)

    def test_an_unwritable_place_for_the_state_folder_is_named(self):
        (self.root / "file").write_text("x")
        host = self.host(state_dir=self.root / "file" / "state")

        code, said = host.run_to_end()

        self.assertEqual(code, FAILED)
        self.assertIn("cannot use the state folder", said)

    def test_a_missing_plugin_folder_is_named(self):
        host = self.host(plugin_dirs=[str(self.root / "nowhere")])

        code, said = host.run_to_end()

        self.assertEqual(code, BAD_CONFIG)
        self.assertIn(str(self.root / "nowhere"), said)

    def test_a_configuration_without_collectors_is_refused(self):
        host = self.host([])

        code, said = host.run_to_end()

        self.assertEqual(code, BAD_CONFIG)
        self.assertIn("no collector", said)

    def test_a_long_state_path_works(self):
        host = self.host([NEIGHBOUR], state_dir=self.root / ("d" * 100) / ("e" * 100)).start()
        host.wait_stored(1)
        self.assertEqual(host.stop(), DONE)


if __name__ == "__main__":
    unittest.main()
