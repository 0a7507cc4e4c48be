"""Encrypted lines to servers, whose certificate nobody but themselves has signed."""
import pathlib
import pwd
import socket
import tempfile
import unittest

from databases import self_signed
from harness import BAD_CONFIG, DONE, HostTest, REFUSED, UNAVAILABLE, unity
from mariadb_server import MariadbServer
from postgres_server import PostgresServer


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tls:
    """`server` has a certificate, `plain` has none. Both know the user `secured`, whom the first
    lets in only by an encrypted line."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="unity-tls-")
        cls.addClassCleanup(folder.cleanup)
        pathlib.Path(folder.name).chmod(0o755)
        cls.certificate, key = self_signed(folder.name, pwd.getpwnam(cls.SERVER_USER))
        cls.server = cls.start(cls.certificate, key)
        cls.addClassCleanup(cls.server.close)
        cls.plain = cls.start()
        cls.addClassCleanup(cls.plain.close)

    def init(self, server, sslmode, env=None, **more):
        host = self.host([], database=server.section(sslmode=sslmode, username="secured",
                                                     connect_timeout="5s", **more))
        return unity("db", "init", "--config", host.config, env=env)

    def test_the_line_is_encrypted_unless_that_is_not_wanted(self):
        for sslmode in ("prefer", "require"):
            answer = self.init(self.server, sslmode)
            self.assertEqual(answer.returncode, DONE, answer.stderr)
        answer = self.init(self.server, "disable")
        self.assertEqual(answer.returncode, REFUSED, answer.stderr)

    def test_a_certificate_that_nobody_vouches_for_is_not_good_enough_to_be_verified(self):
        for sslmode in ("verify-ca", "verify-full"):
            answer = self.init(self.server, sslmode)
            self.assertEqual(answer.returncode, UNAVAILABLE, answer.stdout)
            self.assertIn("cannot connect to", answer.stderr)
            self.assertIn("certificate", answer.stderr.lower())

    def test_whoever_the_named_authority_vouches_for_is_verified(self):
        for sslmode in ("verify-ca", "verify-full"):
            answer = self.init(self.server, sslmode, sslrootcert=str(self.certificate))
            self.assertEqual(answer.returncode, DONE, answer.stderr)
        # Another authority has not signed that.
        with tempfile.TemporaryDirectory() as folder:
            other, _ = self_signed(folder)
            answer = self.init(self.server, "verify-full", sslrootcert=str(other))
        self.assertEqual(answer.returncode, UNAVAILABLE, answer.stdout)
        self.assertIn("certificate", answer.stderr.lower())

    def test_an_authority_that_cannot_be_read_vouches_for_nobody(self):
        file = self.root / "authority.crt"
        answer = self.init(self.server, "verify-full", sslrootcert=str(file))
        self.assertEqual(answer.returncode, BAD_CONFIG, answer.stdout)
        self.assertIn(f"the certificates in {file} cannot be read: No such file", answer.stderr)
        file.write_text("no certificate")
        answer = self.init(self.server, "verify-full", sslrootcert=str(file))
        self.assertEqual(answer.returncode, UNAVAILABLE, answer.stdout)
        self.assertIn("no certificate or crl found", answer.stderr)

    def test_a_server_without_tls_is_used_only_where_that_will_do(self):
        answer = self.init(self.plain, "prefer")
        self.assertEqual(answer.returncode, DONE, answer.stderr)
        for sslmode in ("require", "verify-full"):
            answer = self.init(self.plain, sslmode)
            self.assertIn(answer.returncode, (REFUSED, UNAVAILABLE), answer.stdout)
            self.assertRegex(answer.stderr, "(?i)ssl|tls")


class Postgres(Tls, HostTest):
    SERVER_USER = "postgres"

    @classmethod
    def start(cls, certificate=None, key=None):
        settings = {}
        if certificate:
            settings = {"ssl": "on", "ssl_cert_file": f"'{certificate}'",
                        "ssl_key_file": f"'{key}'"}
        server = PostgresServer(settings, port=free_port())
        server.sql("CREATE ROLE secured LOGIN; GRANT ALL ON SCHEMA public TO secured")
        way = "hostssl" if certificate else "host"
        server.hba(["local all all trust", f"{way} all secured 127.0.0.1/32 trust"])
        return server

    def test_whoever_is_vouched_for_is_verified(self):
        env = {"PGSSLROOTCERT": str(self.certificate)}
        for sslmode in ("verify-ca", "verify-full"):
            answer = self.init(self.server, sslmode, env)
            self.assertEqual(answer.returncode, DONE, answer.stderr)


class Mariadb(Tls, HostTest):
    SERVER_USER = "mysql"

    @classmethod
    def start(cls, certificate=None, key=None):
        arguments = [f"--ssl-cert={certificate}", f"--ssl-key={key}"] if certificate else []
        server = MariadbServer(port=free_port(), arguments=arguments)
        rule = "REQUIRE SSL" if certificate else ""
        for host in ("localhost", "127.0.0.1"):
            server.sql(f"CREATE USER secured@'{host}' {rule}; "
                       f"GRANT ALL ON unity.* TO secured@'{host}'", database="mysql")
        return server


if __name__ == "__main__":
    unittest.main()
