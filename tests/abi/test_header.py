"""unity/plugin.h as an author's compiler sees it: every language level from C99 and C++11 on, both
compilers, all warnings, and no struct with a hole."""
import json
import os
import pathlib
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ["UNITY_SOURCE"])
INCLUDE = SOURCE / "plugin-sdk/include"
STANDARDS = {"c": ("c99", "c11", "c17"), "c++": ("c++11", "c++14", "c++17", "c++20")}
COMPILERS = {"c": ("gcc", "clang"), "c++": ("g++", "clang++")}
WARNINGS = ("-Wall", "-Wextra", "-pedantic", "-Werror", "-Werror=padded")

# Plain C99 and C++11. What a plugin writes with each macro that is no number.
USES = """
#if UNITY_ABI(1, 2) != 65538 || UNITY_ABI_LATEST < UNITY_ABI(1, 0)
#error "UNITY_ABI in #if"
#endif
#if UNITY_API_TARGET > UNITY_ABI_LATEST
#error "UNITY_API_TARGET in #if"
#endif
static const unity_plugin nothing = {sizeof nothing, UNITY_API_TARGET, UNITY_ABI(1, 0), 0, NULL,
                                     {NULL, 0}};
UNITY_EXPORT const unity_plugin* unity_plugin_entry_v1(const unity_entry_args* args) {
  return UNITY_HAS(args, unity_entry_args, host_version) ? &nothing : NULL;
}
"""


def program():
    """Includes the header twice and uses every macro that the newest lock names."""
    major_minor = sorted((SOURCE / "plugin-sdk/abi").glob("*.json"),
                         key=lambda path: int(path.stem.split(".")[1]))[-1]
    lock = json.loads(major_minor.read_text())
    lines = ['#include "unity/plugin.h"', '#include "unity/plugin.h"']
    for macro in lock["macros"]:
        lines += [f"#ifndef {macro['name']}", f'#error "no {macro["name"]}"', "#endif"]
        if "value" in macro:
            lines += [f"#if {macro['name']} != ({macro['value']})",
                      f'#error "{macro["name"]} in #if"', "#endif"]
    # A compiler lays a struct out, and sees its holes, only where the size is asked for.
    lines += [f"typedef char size_of_{struct['name']}[sizeof({struct['name']})];"
              for struct in lock["structs"]]
    return "\n".join(lines) + USES


def refusal(compiler, language, standard, text, include=INCLUDE):
    """What the compiler has to say against the program; empty if nothing."""
    return subprocess.run(
        [compiler, "-x", language, f"-std={standard}", *WARNINGS, "-fsyntax-only", "-I", include, "-"],
        input=text, text=True, capture_output=True, timeout=60, check=False).stderr


def matrix():
    return [(compiler, language, standard) for language, standards in STANDARDS.items()
            for compiler in COMPILERS[language] for standard in standards]


class Header(unittest.TestCase):
    def test_it_compiles_everywhere_without_a_warning(self):
        text = program()
        for compiler, language, standard in matrix():
            with self.subTest(compiler=compiler, standard=standard):
                self.assertEqual(refusal(compiler, language, standard, text), "")

    def test_each_compiler_would_say_so(self):
        faults = ("struct hole { char one; int64_t two; }; typedef char size[sizeof(struct hole)];",
                  "static int unused(int one) { return 1; }",
                  "enum { UNITY_E_LARGE = 1 << 40 };",
                  "#if UNITY_OK != 0 || UNITY_EXPORT\n#endif")
        for compiler, language, standard in matrix():
            for fault in faults:
                with self.subTest(compiler=compiler, standard=standard, fault=fault):
                    self.assertNotEqual(refusal(compiler, language, standard, program() + fault), "")


if __name__ == "__main__":
    unittest.main()
