"""abidiff's own judgement of the header, from debug information: a second opinion beside the lock.

A probe, a library whose functions take every type of the ABI, is built from the released header and
from today's. What abidiff sees may differ only by members appended to a struct of a later minor."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from later_minor import later_header

SOURCE = pathlib.Path(os.environ["UNITY_SOURCE"])
LOCKS = SOURCE / "plugin-sdk/abi"
HEADER = SOURCE / "plugin-sdk/include/unity/plugin.h"
sys.path.insert(0, str(LOCKS))
import header as headers  # pylint: disable=wrong-import-position

OPTIONS = ("--no-default-suppression", "--harmless", "--fail-no-debug-info", "--leaf-changes-only")
SUMMARY = re.compile(r"(Leaf changes summary|Changed leaf types summary|"
                     r"Removed/Changed/Added (functions|variables) summary): ")
GROWN = re.compile(r"  type size changed from (\d+) to \d+ \(in bits\)$")
INSERTED = re.compile(r"    '.*', at offset (\d+) \(in bits\) at .*$")
HARMLESS = re.compile(r"'struct unity_\w+ at [\w.:]+' changed:$|  \d+ data member insertions?:$|$")


def beyond_growth(report):
    """What a report of abidiff says other than that members were appended to structs."""
    size = 0
    for line in report.splitlines():
        if SUMMARY.match(line):
            if line.startswith("Removed") and "0 Removed, 0 Changed, 0 Added" not in line:
                yield line
        elif grown := GROWN.match(line):
            size = int(grown[1])
        elif inserted := INSERTED.match(line):
            if int(inserted[1]) < size:
                yield line
        elif not HARMLESS.match(line):
            yield line


def probe_source(header):
    """One function for each type that the header declares, none left out."""
    found = headers.describe(header)
    types = [one["name"] for one in found["typedefs"]]
    lines = [f'#include "{header}"']
    lines += [f"UNITY_EXPORT void probe_{name}({name}* one) {{ (void)one; }}" for name in types]
    lines += [f"{one['type'].replace('(', one['name'] + '(', 1)} {{ return 0; }}"
              for one in found["functions"]]
    return "\n".join(lines) + "\n"


class AbiDiff(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="unity-abi-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def probe(self, header, name):
        library = self.root / f"{name}.so"
        subprocess.run(["gcc", "-x", "c", "-std=gnu11", "-g", "-fPIC", "-shared", "-o", library, "-"],
                       input=probe_source(header), text=True, check=True)
        return library

    def difference(self, header, released):
        """What abidiff says of the probes of two headers."""
        done = subprocess.run(
            ["abidiff", *OPTIONS, self.probe(released, "released"), self.probe(header, "now")],
            text=True, capture_output=True, timeout=120, check=False)
        # Its code has a bit for each of: error, wrong usage, a change, an incompatible change.
        self.assertEqual((done.returncode & 3, done.stderr), (0, ""))
        return done.stdout + ("incompatible\n" if done.returncode & 8 else "")

    def changed(self, old, new, header=HEADER):
        text = header.read_text()
        self.assertEqual(text.count(old), 1)
        lines = text.replace(old, new).splitlines(keepends=True)
        path = self.root / "changed.h"
        path.write_text("".join(line for line in lines if not line.startswith("UNITY_ASSERT_(")))
        return path

    def test_the_header_differs_from_no_released_one_but_by_what_was_appended(self):
        released = sorted(LOCKS.glob("*/unity/plugin.h"))
        self.assertNotEqual(released, [])
        for header in released:
            with self.subTest(released=header.parent.parent.name):
                self.assertEqual(list(beyond_growth(self.difference(HEADER, header))), [])

    def test_a_later_minor_differs_by_what_was_appended_alone(self):
        later = self.root / "later.h"
        later.write_text(later_header(HEADER.read_text()))
        said = self.difference(later, HEADER)

        for member in ("of_1_1", "metric_add", "explain"):
            self.assertIn(member, said)
        self.assertEqual(list(beyond_growth(said)), [])

    def test_it_sees_what_may_not_be(self):
        changes = (
            ("  uint64_t n_rows; ", "  uint64_t inserted;\n  uint64_t n_rows; ", "inserted"),
            ("(*ready)(unity_stream*)", "(*ready)(unity_stream*, uint32_t)", "unity_stream_api"),
            ("int32_t (*cancel_fd)", "int64_t (*cancel_fd)", "cancel_fd"),
            ("uint64_t n_rows;", "int64_t n_rows;", "n_rows"),
            ("typedef int32_t unity_status;", "typedef int64_t unity_status;", "unity_status"),
            ("unity_str detail_json;", "unity_str details;", "details"),
            ("  unity_status (*probe)(unity_instance*, unity_call*);", "", "probe"),
            ("unity_plugin_entry_v1(const unity_entry_args*)",
             "unity_plugin_entry_v1(const unity_entry_args*, uint32_t)", "unity_plugin_entry_v1"),
            ("unity_plugin_entry_v1(const", "unity_plugin_entry_v2(const", "incompatible"),
            ("} unity_str;", "  uint32_t more;\n  uint32_t less;\n} unity_str;", "unity_str"),
        )
        for old, new, named in changes:
            with self.subTest(change=new):
                said = "\n".join(beyond_growth(self.difference(self.changed(old, new), HEADER)))
                self.assertIn(named, said)


if __name__ == "__main__":
    unittest.main()
