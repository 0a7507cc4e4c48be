#!/usr/bin/env python3
"""What the author of a plugin does: installs Unity, builds a plugin of their own against it with
find_package(), and runs it. Nothing here sees the source tree of Unity but its two examples, which
are copied away from it first.

    UNITY_BUILD=build/dev UNITY_SOURCE=. sdk_consumer_test.py
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["UNITY_SOURCE"])
BUILD = os.environ["UNITY_BUILD"]
CMAKE = os.environ.get("UNITY_CMAKE", "cmake")


def run(*command, cwd=None):
    done = subprocess.run([str(word) for word in command], cwd=cwd, text=True, capture_output=True,
                          timeout=240)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def build_flags():
    """The compilers and sanitizers of this build: a plugin of a sanitized host needs them too."""
    wanted = ("CMAKE_C_COMPILER", "CMAKE_CXX_COMPILER", "CMAKE_C_FLAGS", "CMAKE_CXX_FLAGS")
    flags = []
    for line in (pathlib.Path(BUILD) / "CMakeCache.txt").read_text().splitlines():
        name = line.split(":")[0]
        if name in wanted and "=" in line:
            flags.append(f"-D{name}={line.split('=', 1)[1]}")
    return flags


class SdkConsumer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="unity-consumer-")
        cls.root = pathlib.Path(cls.folder.name)
        cls.prefix = cls.root / "prefix"
        run(CMAKE, "--install", BUILD, "--prefix", cls.prefix)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def build(self, language):
        """Builds an example outside the tree; returns the plugin."""
        source = self.root / f"{language}-plugin"
        shutil.copytree(SOURCE / "plugin-sdk" / "examples" / language, source)
        run(CMAKE, "-S", source, "-B", source / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}",
            "-DCMAKE_BUILD_TYPE=Release", *build_flags())
        run(CMAKE, "--build", source / "build")
        plugins = list((source / "build").glob("*.so"))
        self.assertEqual(len(plugins), 1)
        return plugins[0]

    def run_once(self, plugin, *options):
        """What one run of the plugin prints: a record a line."""
        out = run(self.prefix / "bin" / "unity", "plugin", "run", plugin, "--once", "--json", *options)
        return [json.loads(line) for line in out.splitlines()]

    def test_a_plugin_in_c_is_built_and_run(self):
        plugin = self.build("c")

        [record] = self.run_once(plugin)

        self.assertEqual(record["metric"], "uptime")
        self.assertGreater(record["values"]["seconds"], 0)
        self.assertEqual(self.exports(plugin), ["unity_plugin_entry_v1"])

    def test_a_plugin_in_cpp_is_built_and_run(self):
        plugin = self.build("cpp")
        counted = self.root / "counted"
        counted.mkdir()
        (counted / "one").write_text("12345")
        options = self.root / "options.yaml"
        options.write_text(f"path: {counted}\n")

        [record] = self.run_once(plugin, "--instance-config", options)

        self.assertEqual(record["tags"], {"path": str(counted)})
        self.assertEqual(record["values"], {"files": 1, "bytes": 5})
        self.assertEqual(self.exports(plugin), ["unity_plugin_entry_v1"])

    def exports(self, plugin):
        out = run("nm", "-D", "--defined-only", plugin)
        return [line.split()[-1] for line in out.splitlines()]

    def test_the_documentation_quotes_the_examples(self):
        page = (SOURCE / "docs" / "plugin-authors.md").read_text()
        quoted = dict(re.findall(r"^```\w+ file=((?:folder|uptime)-plugin/\S+)\n(.*?)^```$", page,
                                 re.S | re.M))
        for language, name in (("cpp", "folder-plugin"), ("c", "uptime-plugin")):
            for file in (SOURCE / "plugin-sdk" / "examples" / language).iterdir():
                with self.subTest(file=file.name):
                    self.assertEqual(quoted.get(f"{name}/{file.name}"), file.read_text())

    def test_the_installed_host_finds_its_bundled_plugins(self):
        out = run(self.prefix / "bin" / "unity", "plugin", "list", "--json")

        ids = [plugin["id"] for plugin in json.loads(out)["plugins"]]
        self.assertEqual(ids, ["unity.disk", "unity.network", "unity.process", "unity.system"])


if __name__ == "__main__":
    unittest.main()
