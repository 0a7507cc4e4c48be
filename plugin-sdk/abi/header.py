"""Reads a version of unity/plugin.h by way of the compilers, not by way of its text.

describe() says everything that a plugin's binary can depend on, in the form of a lock file:

    structs      name, size, and each member with its offset, size and type
    opaque       structs without members: a plugin's own affair
    typedefs     name and type
    functions    name and type: the entry
    enumerators  name and value
    macros       name, and value and type where it is a number, else its parameters and text

Names that end in an underscore are the header's own and are left out.
"""
import functools
import json
import pathlib
import re
import subprocess
import tempfile

# What the header may include; a declaration from anywhere else counts as the header's own.
GROUND = "#include <stddef.h>\n#include <stdint.h>\n"
LANGUAGE = ("-x", "c", "-std=c11")
NUMBER = re.compile(r"[-+*()0-9a-fA-FxuUlL\s]+")
MACRO = re.compile(r"#define (\w+)(\([^)]*\))?(?: (.*))?$")


class BadHeader(Exception):
    """The header does not compile, or declares something that no version of the ABI may."""


class Refused(BadHeader):
    """A compiler says why not."""

    def __init__(self, compiler, output):
        first = [line for line in output.splitlines() if "error" in line] or [output]
        super().__init__(f"{compiler} refuses it: {first[0].strip()}")
        self.output = output


def run(*command, text=None):
    """What a compiler prints. What it refuses is a BadHeader; a compiler that is not there, too."""
    try:
        done = subprocess.run([str(word) for word in command], input=text, text=True,
                              capture_output=True, timeout=120, check=False)
    except FileNotFoundError as missing:
        raise BadHeader(f"cannot run {command[0]}: it is not installed; "
                        "the lock is checked with gcc and clang") from missing
    if done.returncode != 0:
        raise Refused(command[0], done.stderr)
    return done.stdout


def syntax_tree(source):
    return json.loads(run("clang", "-Xclang", "-ast-dump=json", "-fsyntax-only", *LANGUAGE, "-",
                          text=source)).get("inner", [])


def named(declarations):
    return [(one["kind"], one.get("name")) for one in declarations]


@functools.cache
def declarations_of_ground():
    return named(syntax_tree(GROUND))


def own_declarations(header):
    """The top-level declarations that the header adds to those of the two it includes."""
    ground = declarations_of_ground()
    tree = syntax_tree(f'{GROUND}#include "{header}"\n')
    if named(tree[:len(ground)]) != ground:
        raise BadHeader("it changes what <stddef.h> and <stdint.h> declare")
    return tree[len(ground):]


@functools.cache
def macros_of_ground():
    return frozenset(run("gcc", "-dM", "-E", *LANGUAGE, "-", text=GROUND).splitlines())


def own_macros(header):
    """Yields (name, parameters or None, text) of each macro that the header adds."""
    with_header = run("gcc", "-dM", "-E", *LANGUAGE, "-", text=f'#include "{header}"\n')
    for line in sorted(set(with_header.splitlines()) - macros_of_ground()):
        name, parameters, text = MACRO.match(line).groups()
        if not name.endswith("_"):
            yield name, parameters, text or ""


def read_members(record):
    """The members of a struct as (name, type), in order."""
    for field in record.get("inner", []):
        kind = field["kind"]
        plain = kind == "FieldDecl" and field.get("name") and not field.get("isBitfield")
        if plain:
            yield field["name"], field["type"]["qualType"]
        elif kind != "RecordDecl" or field.get("completeDefinition"):
            raise BadHeader(f"{record['name']}: only plain members are allowed, this is a {kind}")


def read_declarations(header):
    """The description, without the numbers that only a compiler's back end knows."""
    found = {"structs": [], "opaque": [], "typedefs": [], "functions": [], "enumerators": []}
    complete = set()
    mentioned = []
    for one in own_declarations(header):
        kind, name = one["kind"], one.get("name")
        if kind == "RecordDecl" and one.get("tagUsed") == "struct" and name:
            if not one.get("completeDefinition"):
                mentioned.append(name)
                continue
            complete.add(name)
            members = [{"name": member, "type": of} for member, of in read_members(one)]
            found["structs"].append({"name": name, "members": members})
        elif kind == "TypedefDecl":
            found["typedefs"].append({"name": name, "type": one["type"]["qualType"]})
        elif kind == "FunctionDecl":
            found["functions"].append({
                "name": name, "type": one["type"]["qualType"],
                "exported": any(inner["kind"] == "VisibilityAttr" for inner in one["inner"])})
        elif kind == "EnumDecl":
            found["enumerators"] += [{"name": inner["name"]} for inner in one.get("inner", [])
                                     if inner["kind"] == "EnumConstantDecl"]
        elif kind != "StaticAssertDecl":
            raise BadHeader(f"it declares {name or 'something'}, a {kind}, "
                            "which no version of the ABI may")
    found["opaque"] = [{"name": name} for name in mentioned if name not in complete]
    return found


def read_macros(header):
    """Each macro; a number is told from a text by what is left after full expansion."""
    macros = list(own_macros(header))
    plain = [name for name, parameters, _ in macros if parameters is None]
    source = f'#include "{header}"\n' + "".join(f"unity_expanded_ {name}\n" for name in plain)
    expanded = [line.removeprefix("unity_expanded_").strip()
                for line in run("gcc", "-E", "-P", *LANGUAGE, "-", text=source).splitlines()
                if line.startswith("unity_expanded_")]
    numbers = {name for name, text in zip(plain, expanded, strict=True) if NUMBER.fullmatch(text)}
    for name, parameters, text in macros:
        if name in numbers:
            yield {"name": name}
        elif parameters is None:
            yield {"name": name, "text": text}
        else:
            yield {"name": name, "parameters": parameters, "text": text}


def measure(header, description):
    """Fills in sizes, offsets and values, by compiling a program that prints them and running it."""
    lines = [f'#include "{header}"', "#include <stdio.h>",
             "#define TYPE(x) _Generic((x), int: \"int\", unsigned int: \"unsigned int\", "
             "default: \"neither int nor unsigned int\")",
             "int main(void) {"]
    slots = []
    for struct in description["structs"]:
        slots.append((struct, "size"))
        lines.append(f'printf("%zu\\n", sizeof({struct["name"]}));')
        for member in struct["members"]:
            where = f"{struct['name']}, {member['name']}"
            slots += [(member, "offset"), (member, "size")]
            lines.append(f'printf("%zu\\n", offsetof({where}));')
            lines.append(f'printf("%zu\\n", sizeof((({struct["name"]}*)0)->{member["name"]}));')
    numbers = description["enumerators"] + [one for one in description["macros"]
                                            if "text" not in one]
    for number in numbers:
        slots += [(number, "value"), (number, "type")]
        lines.append(f'printf("%lld\\n", (long long)({number["name"]}));')
        lines.append(f'printf("\\"%s\\"\\n", TYPE({number["name"]}));')
    lines.append("return 0; }")
    with tempfile.TemporaryDirectory(prefix="unity-abi-") as folder:
        program = pathlib.Path(folder) / "measure"
        run("gcc", *LANGUAGE, "-o", program, "-", text="\n".join(lines))
        answers = run(program).splitlines()
    for (where, what), answer in zip(slots, answers, strict=True):
        where[what] = json.loads(answer)


def describe(header):
    """Everything that a plugin's binary can depend on; raises BadHeader."""
    header = pathlib.Path(header).resolve()
    if not header.is_file():
        raise BadHeader("there is no such file")
    description = read_declarations(header)
    description["macros"] = list(read_macros(header))
    measure(header, description)
    return description


def latest_of(description):
    """(major, minor) that the header says it describes."""
    for macro in description["macros"]:
        if macro["name"] == "UNITY_ABI_LATEST" and "value" in macro:
            return macro["value"] >> 16, macro["value"] & 0xffff
    raise BadHeader("it does not define UNITY_ABI_LATEST as a number")


def without_comments(text):
    """The header's tokens, for comparing two copies that may differ in their comments."""
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL).split()
