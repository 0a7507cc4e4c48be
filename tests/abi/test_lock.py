"""The lock of the plugin ABI, and the proof that it can fail: each test below makes one change to
a copy of the header or of its locks that would break a released plugin, and the check must refuse
it by name."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from later_minor import later_header

SOURCE = pathlib.Path(os.environ["UNITY_SOURCE"])
HEADER = SOURCE / "plugin-sdk/include/unity/plugin.h"
LOCKS = SOURCE / "plugin-sdk/abi"
TOOL = LOCKS / "abi_lock.py"
sys.path.insert(0, str(LOCKS))
import abi_lock  # pylint: disable=wrong-import-position


class Folder(unittest.TestCase):
    """A copy of the header and of its locks, to be changed."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="unity-abi-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.locks = self.root / "abi"
        shutil.copytree(LOCKS, self.locks, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        self.header = self.root / "plugin.h"
        # Who changes a layout changes the header's own assertions too: they are no help here.
        self.header.write_text(without_assertions(HEADER.read_text()))
        frozen = self.locks / "1.0/unity/plugin.h"
        frozen.write_text(without_assertions(frozen.read_text()))
        self.restate_checksum("1.0/unity/plugin.h")

    def tool(self, command):
        """(exit code, what it said) of abi_lock.py."""
        done = subprocess.run(
            [sys.executable, TOOL, command, self.header, "--locks", self.locks],
            text=True, capture_output=True, timeout=120, check=False)
        return done.returncode, done.stdout + done.stderr

    def assert_keeps(self):
        self.assertEqual(abi_lock.check(self.header, self.locks), [])

    def assert_breach(self, *expected):
        said = "\n".join(abi_lock.check(self.header, self.locks))
        for text in expected:
            self.assertIn(text, said)

    def change(self, old, new, path=None):
        path = path or self.header
        text = path.read_text()
        self.assertEqual(text.count(old), 1, f"{old!r} in {path}")
        path.write_text(text.replace(old, new))

    def restate_checksum(self, name):
        """As one would who wants to get away with it."""
        sums = self.locks / "released.sha256"
        now = subprocess.run(["sha256sum", name], cwd=self.locks, text=True, capture_output=True,
                             check=True).stdout
        sums.write_text(re.sub(rf"^\S+  {re.escape(name)}\n", now, sums.read_text(), flags=re.M))


def without_assertions(header):
    return re.sub(r"^UNITY_ASSERT_\(.*\n", "", header, flags=re.M)


class Released(unittest.TestCase):
    def test_the_header_keeps_what_was_released(self):
        done = subprocess.run([sys.executable, TOOL, "check", HEADER], text=True,
                              capture_output=True, timeout=120, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)


class ChangedHeader(Folder):
    def test_unchanged_it_is_accepted(self):
        self.assert_keeps()
        self.assertEqual(self.tool("check"), (0, f"{self.header} keeps what was released\n"))

    def test_the_tool_ends_with_a_code_of_its_own(self):
        self.change("#define UNITY_END 2", "#define UNITY_END 3")
        code, said = self.tool("check")
        self.assertEqual(code, 1)
        self.assertIn("1.0: macro UNITY_END: value 2 became 3\n", said)

    def test_comments_may_change(self):
        self.change("The Unity plugin ABI, major 1.", "The plugin ABI of Unity, major 1.")
        self.assert_keeps()

    def test_a_member_in_the_middle(self):
        self.change("  uint64_t n_rows; ", "  uint64_t inserted;\n  uint64_t n_rows; ")
        self.assert_breach("struct unity_batch: member 6 was n_rows and is now inserted",
                           "struct unity_batch: size 64 became 72",
                           "gcc (c11): size of unity_batch, offset of unity_batch.n_rows,")

    def test_a_member_at_the_end(self):
        self.change("} unity_error;", "  uint64_t appended;\n} unity_error;")
        self.assert_breach("struct unity_error: member appended is in no lock")

    def test_a_member_of_a_struct_that_is_frozen(self):
        self.change("} unity_str;", "  uint64_t capacity;\n} unity_str;")
        self.assert_breach("struct unity_str: size 16 became 24",
                           "struct unity_str: member capacity is in no lock")

    def test_members_in_another_order(self):
        self.change("  uint32_t dataset;", "  uint32_t swapped_;")
        self.change("  uint32_t format;", "  uint32_t dataset;")
        self.change("  uint32_t swapped_;", "  uint32_t format;")
        self.assert_breach("struct unity_batch: member 2 was dataset and is now format",
                           "clang (c11): offset of unity_batch.dataset, offset of unity_batch.format")

    def test_functions_in_another_order(self):
        get = "  unity_status (*state_get)(unity_host*, unity_str key, unity_sink, void* ctx);\n"
        self.change(get, "")
        self.change("  const void* (*get_interface)", get + "  const void* (*get_interface)")
        self.assert_breach("struct unity_host_api: member 9 was state_get and is now state_put")

    def test_a_member_that_is_gone(self):
        self.change("  unity_status (*probe)(unity_instance*, unity_call*);", "")
        self.assert_breach("struct unity_collector: member probe is gone")

    def test_a_member_with_another_name(self):
        self.change("unity_str detail_json;", "unity_str details;")
        self.assert_breach("struct unity_error: member 5 was detail_json and is now details")

    def test_a_hole_where_a_member_was(self):
        self.change("  uint32_t reserved0;\n  /* Stages a batch", "  /* Stages a batch")
        self.assert_breach("struct unity_call_api: member 2 was reserved0 and is now emit",
                           "struct unity_call_api: member emit follows a hole of 4 bytes")

    def test_a_member_that_hides_in_the_alignment(self):
        self.change("  uint32_t n_collectors;", "  uint16_t n_collectors;")
        self.assert_breach("struct unity_plugin: member n_collectors: size 4 became 2",
                           "struct unity_plugin: member collectors follows a hole of 2 bytes")

    def test_a_bit_field(self):
        self.change("  uint32_t flags;       /* 0", "  uint32_t flags : 31;  /* 0")
        self.assert_breach("unity_batch: only plain members are allowed")

    def test_a_function_with_another_parameter(self):
        self.change("(*ready)(unity_stream*)", "(*ready)(unity_stream*, uint32_t)")
        self.assert_breach(
            "struct unity_stream_api: member ready: type 'unity_status (*)(unity_stream *)' became",
            "gcc (c11): type of unity_stream_api.ready")

    def test_a_function_that_returns_something_else(self):
        self.change("int32_t (*cancel_fd)", "int64_t (*cancel_fd)")
        self.assert_breach("struct unity_call_api: member cancel_fd: type")

    def test_a_parameter_that_is_no_longer_const(self):
        self.change("void (*fail)(unity_call*, const unity_error*)",
                    "void (*fail)(unity_call*, unity_error*)")
        self.assert_breach("struct unity_call_api: member fail: type")

    def test_a_number_of_the_same_size_with_a_sign(self):
        self.change("uint64_t n_rows;", "int64_t n_rows;")
        self.assert_breach("struct unity_batch: member n_rows: type 'uint64_t' became 'int64_t'")

    def test_a_change_for_plus_plus_alone(self):
        self.change("  uint64_t n_rows; ",
                    "#ifdef __cplusplus\n  int64_t n_rows;\n#else\n  uint64_t n_rows;\n#endif\n")
        self.assert_breach("g++ (c++11): type of unity_batch.n_rows",
                           "clang++ (c++11): type of unity_batch.n_rows")

    def test_a_type_that_became_another(self):
        self.change("typedef int32_t unity_status;", "typedef int64_t unity_status;")
        self.assert_breach("type unity_status: type 'int32_t' became 'int64_t'",
                           "gcc (c11): type of unity_status")

    def test_a_constant_with_another_value(self):
        self.change("#define UNITY_E_AGAIN (-8)", "#define UNITY_E_AGAIN (-9)")
        self.assert_breach("macro UNITY_E_AGAIN: value -8 became -9",
                           "gcc (c11): value of UNITY_E_AGAIN, value of UNITY_E_AGAIN in #if")

    def test_a_constant_with_another_type(self):
        self.change("UNITY_DATASET_METRICS 0u", "UNITY_DATASET_METRICS 0")
        self.assert_breach("macro UNITY_DATASET_METRICS: type 'unsigned int' became 'int'")

    def test_a_constant_that_if_cannot_compute(self):
        self.change("#define UNITY_END 2", "#define UNITY_END ((unity_status)2)")
        self.assert_breach("macro UNITY_END: text", "gcc refuses it", "clang refuses it")

    def test_an_enumerator_with_another_value(self):
        self.change("UNITY_LOG_WARN = 12", "UNITY_LOG_WARN = 13")
        self.assert_breach("enumerator UNITY_LOG_WARN: value 12 became 13")

    def test_an_enumerator_that_is_gone(self):
        self.change("UNITY_LOG_TRACE = 0,", "")
        self.assert_breach("enumerator UNITY_LOG_TRACE is gone")

    def test_a_constant_that_no_lock_has(self):
        self.change("#define UNITY_OK 0", "#define UNITY_OK 0\n#define UNITY_SKIPPED 3")
        self.assert_breach("macro UNITY_SKIPPED is in no lock")

    def test_a_macro_that_does_something_else(self):
        self.change("((p)->struct_size >=", "((p)->struct_size >")
        self.assert_breach("macro UNITY_HAS: text")

    def test_a_type_that_no_lock_has(self):
        self.change("/* ---- host handles", "typedef struct unity_extra { uint64_t one; } "
                    "unity_extra;\n/* ---- host handles")
        self.assert_breach("struct unity_extra is in no lock", "type unity_extra is in no lock")

    def test_a_struct_within_another_that_may_grow(self):
        self.change("} unity_config;", "  unity_error last;\n} unity_config;")
        self.assert_breach("struct unity_config: member last embeds a struct that may grow")

    def test_another_function(self):
        self.change("UNITY_EXPORT const", "UNITY_EXPORT void unity_plugin_leave(void);\n"
                    "UNITY_EXPORT const")
        self.assert_breach("function unity_plugin_leave is in no lock",
                           "the entry unity_plugin_entry_v1 is not the only function")

    def test_an_entry_with_another_name(self):
        self.change("unity_plugin_entry_v1(const", "unity_plugin_entry_v2(const")
        self.assert_breach("function unity_plugin_entry_v1 is gone")

    def test_an_entry_that_is_not_exported(self):
        self.change("UNITY_EXPORT const", "const")
        self.assert_breach("function unity_plugin_entry_v1: exported True became False")

    def test_an_include_that_brings_more_in(self):
        self.change("#include <stdint.h>", "#include <stdint.h>\n#include <time.h>")
        self.assert_breach("a VarDecl, which no version of the ABI may")

    def test_a_header_that_does_not_compile(self):
        self.change("} unity_batch;", "}")
        self.assert_breach("refuses it")

    def test_a_later_minor_without_a_lock(self):
        self.change("UNITY_ABI(1, 0)  ", "UNITY_ABI(1, 1)  ")
        self.assert_breach("1.1.json is missing: UNITY_ABI_LATEST is 1.1",
                           "1.1/unity/plugin.h is missing")

    def test_code_that_differs_from_the_released_header_where_no_lock_looks(self):
        self.change("#ifdef __cplusplus\nextern \"C\" {",
                    "#pragma GCC diagnostic ignored \"-Wpadded\"\n#ifdef __cplusplus\nextern \"C\" {")
        self.assert_breach("in more than comments")


class ChangedLocks(Folder):
    def test_a_lock_that_is_gone(self):
        (self.locks / "1.0.json").unlink()
        self.assert_breach("1.0.json is missing: UNITY_ABI_LATEST is 1.0, so it was released")

    def test_a_released_header_that_is_gone(self):
        (self.locks / "1.0/unity/plugin.h").unlink()
        self.assert_breach("1.0/unity/plugin.h is missing")

    def test_all_locks_gone(self):
        shutil.rmtree(self.locks)
        self.locks.mkdir()
        self.assert_breach("1.0.json is missing", "1.0/unity/plugin.h is missing")

    def test_checksums_that_are_gone(self):
        (self.locks / "released.sha256").unlink()
        self.assert_breach("1.0.json is not in released.sha256")

    def test_a_lock_that_was_changed_with_the_header(self):
        self.change('"UNITY_END", "value": 2', '"UNITY_END", "value": 3', self.locks / "1.0.json")
        self.change("#define UNITY_END 2", "#define UNITY_END 3")
        self.assert_breach("1.0.json was changed after its release",
                           "1.0, the released header: macro UNITY_END: value 3 became 2")

    def test_a_released_header_that_was_changed(self):
        frozen = self.locks / "1.0/unity/plugin.h"
        self.change("#define UNITY_END 2", "#define UNITY_END 3", frozen)
        self.assert_breach("1.0/unity/plugin.h was changed after its release",
                           "1.0, the released header: macro UNITY_END: value 2 became 3")

    def test_a_lock_that_is_no_json(self):
        (self.locks / "1.0.json").write_text("{")
        self.assert_breach("1.0.json was changed after its release", "1.0.json cannot be used")

    def test_a_lock_of_another_minor(self):
        lock = self.locks / "1.0.json"
        self.change('"abi": "1.0"', '"abi": "1.3"', lock)
        self.restate_checksum("1.0.json")
        self.assert_breach("1.0.json cannot be used", "it locks 1.3")

    def test_a_lock_that_the_header_does_not_reach(self):
        shutil.copy(self.locks / "1.0.json", self.locks / "1.4.json")
        self.assert_breach("1.4.json locks a minor that the header does not reach")

    def test_a_lock_that_lacks_a_part(self):
        lock = self.locks / "1.0.json"
        self.change('"enumerators"', '"enumerations"', lock)
        self.restate_checksum("1.0.json")
        self.assert_breach("1.0.json cannot be used: KeyError('enumerators')")


class ALaterMinor(Folder):
    def setUp(self):
        super().setUp()
        self.header.write_text(later_header(self.header.read_text()))

    def test_it_is_locked_and_accepted_beside_the_first(self):
        code, said = self.tool("write")

        self.assertEqual(code, 0, said)
        self.assert_keeps()
        self.assertEqual({path.name for path in self.locks.glob("*.json")}, {"1.0.json", "1.1.json"})

    def test_it_is_refused_before_it_is_locked(self):
        self.assert_breach("1.1.json is missing")

    def test_its_lock_is_not_written_twice(self):
        self.tool("write")
        code, said = self.tool("write")

        self.assertEqual(code, 1)
        self.assertIn("1.1.json exists; what was released never changes", said)

    def test_a_lock_of_its_own_does_not_excuse_what_breaks_the_first(self):
        self.change("  uint64_t n_rows; ", "  uint64_t inserted;\n  uint64_t n_rows; ")
        code, said = self.tool("write")

        self.assertEqual(code, 1)
        self.assertIn("1.0: struct unity_batch: member 6 was n_rows and is now inserted", said)
        self.assertIn("clang++ (c++11): offset of unity_batch.n_rows,", said)

    def test_the_first_lock_is_needed_for_ever(self):
        self.tool("write")
        (self.locks / "1.0.json").unlink()
        self.assert_breach("1.0.json is missing: UNITY_ABI_LATEST is 1.1")


if __name__ == "__main__":
    unittest.main()
