"""What the built files offer to whoever loads them: a plugin its entry, a program nothing.

A program that exports symbols lends them to the plugins that it loads, in silence, and each becomes a
part of the ABI that nobody decided on."""
import os
import pathlib
import re
import subprocess
import unittest

from running import ABI, BIN

PLUGINS = pathlib.Path(os.environ["UNITY_PLUGINS"])
ENTRY = "unity_plugin_entry_v1"
# A program that is linked at a fixed place keeps its copy of a library's variable (std::cerr), and
# must offer it to the library. Such a symbol is versioned by its library; ours never are.
OF_A_LIBRARY = re.compile(r"\w+@(GLIBC|GLIBCXX|CXXABI)_[\d.]+$")


def exports(file):
    out = subprocess.run(["nm", "-D", "--defined-only", file], text=True, capture_output=True,
                         check=True).stdout
    return [line.split()[-1] for line in out.splitlines()]


def own(symbols):
    return [symbol for symbol in symbols if not OF_A_LIBRARY.match(symbol)]


def libc(program):
    """What the C library of a program exports, without versions."""
    out = subprocess.run(["ldd", program], text=True, capture_output=True, check=True).stdout
    path = re.search(r"libc\.so\.6 => (\S+)", out)[1]
    return {symbol.split("@")[0] for symbol in exports(path)}


class Exports(unittest.TestCase):
    def test_the_host_exports_nothing_of_its_own(self):
        self.assertEqual(own(exports(BIN)), [])

    def test_the_worker_exports_no_name_of_its_own(self):
        # It stands between a plugin and some functions of libc, to name the permission that is
        # missing where one of them is denied. Under any other name a plugin could come to need it.
        worker = BIN.with_name("unity-worker")
        self.assertEqual(set(own(exports(worker))) - libc(worker), set())

    def test_each_bundled_plugin_exports_its_entry_alone(self):
        plugins = sorted(PLUGINS.glob("*.so"))
        self.assertEqual([path.stem for path in plugins],
                         ["unity-disk", "unity-network", "unity-process", "unity-system"])
        for plugin in plugins:
            with self.subTest(plugin=plugin.name):
                self.assertEqual(exports(plugin), [ENTRY])

    def test_each_golden_plugin_exports_its_entry_alone(self):
        plugins = sorted(ABI.glob("*/*.so"))
        self.assertNotEqual(plugins, [])
        for plugin in plugins:
            with self.subTest(plugin=plugin.name):
                self.assertEqual(exports(plugin), [ENTRY])

    def test_an_export_of_our_own_would_be_seen(self):
        # Our small host is built with -rdynamic: it exports what it defines.
        self.assertIn("main", own(exports(ABI / "abi-test-host-later")))


if __name__ == "__main__":
    unittest.main()
