"""What the tests of the installed SDK share: an installed copy, and how to run things."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["UNITY_SOURCE"])
BUILD = os.environ["UNITY_BUILD"]
CMAKE = os.environ.get("UNITY_CMAKE", "cmake")


def run(*command, cwd=None, env=None):
    done = attempt(*command, cwd=cwd, env=env)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def attempt(*command, cwd=None, env=None):
    return subprocess.run([str(word) for word in command], cwd=cwd, env=env, text=True,
                          capture_output=True, timeout=240)


def build_flags():
    """The compilers and sanitizers of this build: a plugin of a sanitized host needs them too."""
    wanted = ("CMAKE_C_COMPILER", "CMAKE_CXX_COMPILER", "CMAKE_C_FLAGS", "CMAKE_CXX_FLAGS")
    flags = []
    for line in (pathlib.Path(BUILD) / "CMakeCache.txt").read_text().splitlines():
        name = line.split(":")[0]
        if name in wanted and "=" in line:
            flags.append(f"-D{name}={line.split('=', 1)[1]}")
    return flags


def exports(plugin):
    out = run("nm", "-D", "--defined-only", plugin)
    return [line.split()[-1] for line in out.splitlines()]


class Installed(unittest.TestCase):
    """Installs Unity into a folder of its own: `prefix` below `root`."""

    @classmethod
    def setUpClass(cls):
        os.umask(0o022)  # a plugin that others could write is refused
        cls.folder = tempfile.TemporaryDirectory(prefix="unity-consumer-")
        cls.root = pathlib.Path(cls.folder.name)
        cls.prefix = cls.root / "prefix"
        run(CMAKE, "--install", BUILD, "--prefix", cls.prefix)
        cls.unity = cls.prefix / "bin" / "unity"

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_once(self, plugin, *options):
        """What one run of the plugin prints: a record a line."""
        out = run(self.unity, "plugin", "run", plugin, "--once", "--json", *options)
        return [json.loads(line) for line in out.splitlines()]
