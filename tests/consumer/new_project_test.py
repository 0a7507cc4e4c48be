#!/usr/bin/env python3
"""What the author of a new plugin does first: `unity plugin new`, build, test, package, run. Each
language, polled and streaming, against an installed copy of this build.

    UNITY_BUILD=build/dev UNITY_SOURCE=. new_project_test.py
"""
import json
import os
import pathlib
import shutil
import tarfile
import unittest

from installed import CMAKE, SOURCE, Installed, attempt, build_flags, exports, run

# The compiler of the distribution: it is the oldest that the templates promise to suit.
CARGO = next((path for path in ("/usr/bin/cargo", shutil.which("cargo"))
              if path and pathlib.Path(path).exists()), None)
WARNINGS = " -Wall -Wextra -Wpedantic -Wshadow -Werror"


class NewProject(Installed):
    def new(self, folder, *options):
        return attempt(self.unity, "plugin", "new", self.root / folder, *options)

    def make(self, language, streaming):
        """Makes a project; its folder, name and id."""
        name = f"my-{language.replace('+', 'p')}-{'streaming' if streaming else 'polled'}"
        made = self.new(name, "--lang", language, "--id", f"org.example.{name}",
                        *(["--streaming"] if streaming else []))
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn(f"plugin org.example.{name}", made.stdout)
        return self.root / name, name

    def with_cmake(self, language, streaming):
        """Builds, tests and packages; the plugin and the package."""
        folder, name = self.make(language, streaming)
        build = folder / "build"
        # `unity` in PATH is all that find_package() needs.
        env = {**os.environ, "PATH": f"{self.prefix}/bin:{os.environ['PATH']}"}
        flags = [flag + WARNINGS if "_FLAGS=" in flag else flag for flag in build_flags()]
        run(CMAKE, "-S", folder, "-B", build, *flags, env=env)
        run(CMAKE, "--build", build, "--target", "all", "package", env=env)
        run("ctest", "--test-dir", build, "--output-on-failure", "--no-tests=error", env=env)
        return build / f"{name}.so", next(build.glob("*.tar.gz"))

    def with_cargo(self, streaming):
        folder, name = self.make("rust", streaming)
        # Offline, without a wrapper or a tool chain from elsewhere.
        env = {**os.environ, "CARGO_NET_OFFLINE": "true",
               "PATH": f"{pathlib.Path(CARGO).parent}:{os.environ['PATH']}"}
        env.pop("CARGO_TARGET_DIR", None)
        run(CARGO, "test", "--offline", cwd=folder, env=env)
        run(folder / "package", env=env)
        return folder / "dist" / f"{name}.so", next((folder / "dist").glob("*.tar.gz"))

    def expect_a_safe_plugin(self, plugin, package):
        self.assertEqual(exports(plugin), ["unity_plugin_entry_v1"])
        dynamic = run("readelf", "-dW", plugin)
        self.assertRegex(dynamic, r"FLAGS_1\).*NOW.*NODELETE")
        self.assertNotRegex(dynamic, r"RPATH|RUNPATH|TEXTREL|STATIC_TLS")
        program = run("readelf", "-lW", plugin)
        self.assertIn("GNU_RELRO", program)
        self.assertRegex(program, r"GNU_STACK .* RW +0x")
        self.assertIn("Build ID", run("readelf", "-nW", plugin))
        manifest = json.loads(run(self.unity, "plugin", "inspect", plugin, "--json"))
        self.assertEqual(manifest["id"], f"org.example.{plugin.stem}")
        with tarfile.open(package) as archive:
            files = sorted(pathlib.PurePath(name).name for name in archive.getnames()
                           if not name.endswith("/"))
        for file in ("README.md", "plugin.json", plugin.name):
            self.assertIn(file, files)

    def expect_load_averages(self, plugin):
        [record] = self.run_once(plugin)
        self.assertEqual(record["metric"], plugin.stem.replace("-", "_"))
        self.assertEqual(sorted(record["values"]), ["load1", "load15", "load5"])

    def test_cpp_polled(self):
        plugin, package = self.with_cmake("c++", False)
        self.expect_a_safe_plugin(plugin, package)
        self.expect_load_averages(plugin)
        out = run(CMAKE, "--build", plugin.parent, "--target", f"{plugin.stem}-run")
        self.assertIn("load15=", out)

    def test_cpp_streaming(self):
        self.expect_a_safe_plugin(*self.with_cmake("c++", True))

    def test_c_polled(self):
        plugin, package = self.with_cmake("c", False)
        self.expect_a_safe_plugin(plugin, package)
        self.expect_load_averages(plugin)

    def test_c_streaming(self):
        self.expect_a_safe_plugin(*self.with_cmake("c", True))

    @unittest.skipUnless(CARGO or os.environ.get("CI"), "cargo is not installed")
    def test_rust_polled(self):
        plugin, package = self.with_cargo(False)
        self.expect_a_safe_plugin(plugin, package)
        self.expect_load_averages(plugin)

    @unittest.skipUnless(CARGO or os.environ.get("CI"), "cargo is not installed")
    def test_rust_streaming(self):
        self.expect_a_safe_plugin(*self.with_cargo(True))

    def test_the_example_has_the_build_of_a_new_project(self):
        self.assertEqual(self.new("folder").returncode, 0)

        self.assertEqual((self.root / "folder" / "CMakeLists.txt").read_text(),
                         (SOURCE / "plugin-sdk" / "examples" / "cpp" / "CMakeLists.txt").read_text())

    def test_nothing_of_anybodys_is_overwritten(self):
        (self.root / "taken").mkdir()
        (self.root / "taken" / "file").write_text("mine")

        refused = self.new("taken")

        self.assertEqual(refused.returncode, 4)
        self.assertIn("not an empty folder", refused.stderr)
        self.assertEqual([path.name for path in (self.root / "taken").iterdir()], ["file"])

    def test_names_that_no_build_could_take_are_refused(self):
        for name, options in (("Has Blank", []), ("9lives", []), ("tail-", []), ("test", []),
                              ("fine", ["--id", "a b"]), ("fine", ["--id", "unity.disk"]),
                              ("fine", ["--lang", "cobol"])):
            with self.subTest(name=name, options=options):
                refused = self.new(name, *options)
                self.assertEqual(refused.returncode, 2, refused.stderr)
                self.assertNotEqual(refused.stderr, "")
                self.assertFalse((self.root / name).exists())

    def test_a_unity_without_its_sdk_says_what_is_missing(self):
        lone = self.root / "lone" / "bin" / "unity"
        lone.parent.mkdir(parents=True)
        shutil.copy2(self.unity, lone)

        refused = attempt(lone, "plugin", "new", self.root / "never")

        self.assertEqual(refused.returncode, 69)
        self.assertIn(str(self.root / "lone" / "share" / "unity" / "templates"), refused.stderr)

    def test_the_runtime_of_cpp_can_be_taken_in(self):
        self.assertEqual(self.new("alone").returncode, 0)
        lists = self.root / "alone" / "CMakeLists.txt"
        lists.write_text(lists.read_text().replace("plugin.json)\ntarget", "plugin.json STATIC_RUNTIME)\ntarget"))
        build = self.root / "alone" / "build"
        run(CMAKE, "-S", build.parent, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            "-DBUILD_TESTING=OFF", *build_flags())
        run(CMAKE, "--build", build)

        plugin = build / "alone.so"
        self.assertNotRegex(run("readelf", "-dW", plugin), r"NEEDED.*(libstdc\+\+|libgcc)")
        self.assertEqual(exports(plugin), ["unity_plugin_entry_v1"])
        self.assertNotIn(" UNIQUE ", run("readelf", "-W", "--dyn-syms", plugin))
        self.expect_load_averages(plugin)

    def test_the_build_names_the_mistakes_of_a_manifest(self):
        self.assertEqual(self.new("mistaken").returncode, 0)
        manifest = self.root / "mistaken" / "plugin.json"
        manifest.write_text(manifest.read_text().replace('"load1"', '"_load1"')
                            .replace('"10s"', '"soon"').replace('"license"', '"lisence"')
                            .replace('"abi_min"', '"abimin"'))
        build = self.root / "mistaken" / "build"
        run(CMAKE, "-S", build.parent, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            "-DBUILD_TESTING=OFF", *build_flags())

        failed = attempt(CMAKE, "--build", build)

        self.assertNotEqual(failed.returncode, 0)
        said = failed.stdout + failed.stderr
        self.assertIn('collectors/0: interval/default must be a duration such as "15s", not "soon"', said)
        self.assertIn('metrics/0/fields/0: "name" must be text that does not begin with', said)
        self.assertIn('unknown member "lisence"', said)
        self.assertIn('"abi_min" is missing: it must be of the form "1.0"', said)


if __name__ == "__main__":
    unittest.main()
