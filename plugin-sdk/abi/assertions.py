"""Turns a lock file into a program that compiles only while the header still is what was locked.

It is C and C++ at once, so that both faces of the header are held to it. For every released minor
it must compile with both compilers, against the newest header."""
import pathlib
import re
import tempfile

from header import Refused, run

# A released minor's plugins were built where these hold; the lock's numbers are theirs.
PLATFORM = """\
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
#include <type_traits>
#define HOLDS(condition, text) static_assert(condition, text)
#define SAME(...) std::is_same<__VA_ARGS__>::value
#else
#define HOLDS(condition, text) _Static_assert(condition, text)
#define SAME(...) __builtin_types_compatible_p(__VA_ARGS__)
#endif
HOLDS(sizeof(void*) == 8 && sizeof(long) == 8, "the lock is that of 64-bit systems (LP64)");
"""
COMPILERS = (("gcc", "c", "c11"), ("clang", "c", "c11"),
             ("g++", "c++", "c++11"), ("clang++", "c++", "c++11"))
# They say which minor is the newest, and so rise with it.
RISING = ("UNITY_ABI_LATEST", "UNITY_API_TARGET")


def may_grow(struct):
    """A struct that says its own size may be longer in a later minor; any other never changes."""
    return bool(struct["members"]) and struct["members"][0]["name"] == "struct_size"


def assertions(lock, newest):
    """Yields one line for each thing that the lock holds."""
    def holds(condition, text):
        return f'HOLDS({condition}, "{text}: locked by {lock["abi"]}");'

    for struct in lock["structs"]:
        name, size = struct["name"], struct["size"]
        order = ">=" if may_grow(struct) and not newest else "=="
        yield holds(f"sizeof({name}) {order} {size}", f"size of {name}")
        for member in struct["members"]:
            where = f"{name}.{member['name']}"
            access = f"((({name}*)0)->{member['name']})"
            yield holds(f"offsetof({name}, {member['name']}) == {member['offset']}",
                        f"offset of {where}")
            yield holds(f"sizeof{access} == {member['size']}", f"size of {where}")
            yield holds(f"SAME(__typeof__{access}, {member['type']})", f"type of {where}")
    for typedef in lock["typedefs"]:
        yield holds(f"SAME({typedef['name']}, {typedef['type']})", f"type of {typedef['name']}")
    for function in lock["functions"]:
        yield holds(f"SAME(__typeof__({function['name']}), __typeof__({function['type']}))",
                    f"type of {function['name']}")
    for number in lock["enumerators"] + [one for one in lock["macros"] if "value" in one]:
        name = number["name"]
        if name in RISING and not newest:
            continue
        yield holds(f"({name}) == ({number['value']})", f"value of {name}")
    for macro in lock["macros"]:
        # What plugins test in #if must be something that a preprocessor can compute.
        if "value" in macro and not (macro["name"] in RISING and not newest):
            yield f"#if {macro['name']} != ({macro['value']})"
            yield f'#error "value of {macro["name"]} in #if: locked by {lock["abi"]}"'
            yield "#endif"


def broken(output, abi):
    """The texts of the assertions that a compiler names, in order and once each."""
    return list(dict.fromkeys(re.findall(rf"(?:size|offset|type|value) of [\w.]+(?: in #if)?"
                                         rf"(?=: locked by {re.escape(abi)})", output)))


def breaches_by_compiling(header, lock, newest):
    """Yields what each compiler refuses of the header when it is held to the lock."""
    source = f'{PLATFORM}#include "{pathlib.Path(header).resolve()}"\n'
    source += "\n".join(assertions(lock, newest)) + "\n"
    with tempfile.TemporaryDirectory(prefix="unity-abi-") as folder:
        file = pathlib.Path(folder) / f"held_to_{lock['abi']}"
        file.write_text(source, encoding="utf-8")
        for compiler, language, standard in COMPILERS:
            try:
                run(compiler, "-x", language, f"-std={standard}", "-fsyntax-only", file)
            except Refused as refused:
                what = broken(refused.output, lock["abi"])
                yield f"{compiler} ({standard}): {', '.join(what)}" if what else str(refused)
