#!/usr/bin/env python3
"""What the author of a plugin does: installs Unity, builds a plugin of their own against it with
find_package(), and runs it. Nothing here sees the source tree of Unity but its two examples, which
are copied away from it first.

    UNITY_BUILD=build/dev UNITY_SOURCE=. sdk_consumer_test.py
"""
import json
import re
import shutil
import unittest

from installed import CMAKE, SOURCE, Installed, build_flags, exports, run


class SdkConsumer(Installed):
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

    def test_a_plugin_in_c_is_built_and_run(self):
        plugin = self.build("c")

        [record] = self.run_once(plugin)

        self.assertEqual(record["metric"], "uptime")
        self.assertGreater(record["values"]["seconds"], 0)
        self.assertEqual(exports(plugin), ["unity_plugin_entry_v1"])

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
        self.assertEqual(exports(plugin), ["unity_plugin_entry_v1"])

    def test_the_documentation_quotes_the_examples(self):
        page = (SOURCE / "docs" / "plugin-authors.md").read_text()
        quoted = dict(re.findall(r"^```\w+ file=((?:folder|uptime-plugin)/\S+)\n(.*?)^```$", page,
                                 re.S | re.M))
        for language, name in (("cpp", "folder"), ("c", "uptime-plugin")):
            example = SOURCE / "plugin-sdk" / "examples" / language
            for file in sorted(example.rglob("*.*")):
                path = file.relative_to(example)
                # The page makes the data with commands, and the C++ build by `plugin new`.
                if "data" in path.parts or (language, path.name) == ("cpp", "CMakeLists.txt"):
                    continue
                with self.subTest(file=str(path)):
                    self.assertEqual(quoted.get(f"{name}/{path}"), file.read_text())

    def test_the_installed_host_finds_its_bundled_plugins(self):
        out = run(self.prefix / "bin" / "unity", "plugin", "list", "--json")

        ids = [plugin["id"] for plugin in json.loads(out)["plugins"]]
        self.assertEqual(ids, ["unity.disk", "unity.network", "unity.process", "unity.system"])


if __name__ == "__main__":
    unittest.main()
