#!/usr/bin/env python3
"""Runs fuzz targets for a while, and says what their inputs reach.

    run.py --source . --build build [TARGET...] [--time SECONDS] [--keep]

`build` holds fuzz/ (libFuzzer and sanitizers) and fuzz-coverage/, as the presets of these names
make them. What a target finds is kept in build/fuzz/found/TARGET and is where it goes on the next
time; an input that breaks it is put into build/fuzz/crashes/TARGET. Targets run one after the
other. Exit code: 1 if one broke, else 0. --time 0 looks for nothing; --keep copies small inputs that
reach code which neither the seeds nor the corpus reach to the corpus, tests/fuzz/corpus/TARGET.

The table counts, for the files of each target's own parser, the lines and regions that the seeds,
the corpus in the tree and what was found reach together.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Target -> the files whose coverage says whether it is any good.
PARSERS = {
    "elf_note": ["host/src/plugin/elf_note.cpp", "host/src/plugin/symbols.cpp"],
    "manifest": ["core/src/model/manifest.cpp", "core/src/model/manifest_reader.cpp",
                 "core/src/model/permissions_reader.cpp", "core/src/model/summary_template.cpp",
                 "core/src/json/schema_compile.cpp", "core/src/json/schema.cpp",
                 "core/src/json/schema_values.cpp", "core/src/json/value.cpp"],
    "record": ["core/src/json/record_reader.cpp", "core/src/json/record_filler.cpp",
               "core/src/json/scanner.cpp", "core/src/json/scanner.hpp",
               "core/src/json/number.hpp", "core/src/json/strict_reader.cpp",
               "core/src/json/stored_record.cpp"],
    "protocol": ["host/worker/protocol/messages.cpp",
                 "host/worker/protocol/confinement_wire.cpp",
                 "host/worker/protocol/wire.hpp", "host/worker/protocol/channel.cpp"],
}
INPUT_SECONDS = 60
MEMORY_MIB = 2048
KEPT_BYTES_MAX = 1024  # of one input in the corpus


class Tree:
    def __init__(self, source: pathlib.Path, build: pathlib.Path) -> None:
        self.source = source.resolve()
        self.build = build.resolve()

    def found(self, target: str) -> pathlib.Path:
        return self.build / "fuzz" / "found" / target

    def crashes(self, target: str) -> pathlib.Path:
        return self.build / "fuzz" / "crashes" / target

    def seeds(self, target: str) -> pathlib.Path:
        return self.build / "fuzz" / "seeds" / target

    def corpus(self, target: str) -> pathlib.Path:
        return self.source / "tests" / "fuzz" / "corpus" / target

    def inputs(self, target: str) -> list[pathlib.Path]:
        """The folders that hold inputs; what is found goes to the first."""
        folders = [self.found(target), self.seeds(target), self.corpus(target)]
        for folder in (folders[0], self.crashes(target)):
            folder.mkdir(parents=True, exist_ok=True)
        return [folder for folder in folders if folder.exists()]

    def program(self, preset: str, target: str) -> pathlib.Path:
        return self.build / preset / "bin" / f"fuzz_{target}"


def fuzz(tree: Tree, target: str, seconds: int) -> bool:
    """True if nothing broke."""
    command = [tree.program("fuzz", target), f"-max_total_time={seconds}",
               f"-timeout={INPUT_SECONDS}", f"-rss_limit_mb={MEMORY_MIB}", "-print_final_stats=1",
               f"-artifact_prefix={tree.crashes(target)}/", *tree.inputs(target)]
    log = tree.build / "fuzz" / f"{target}.log"
    print(f"{target}: {seconds} s, log in {log}", flush=True)
    with log.open("w", encoding="utf-8") as out:
        good = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT,
                              check=False).returncode == 0
    text = log.read_text(encoding="utf-8", errors="replace")
    runs = re.search(r"number_of_executed_units: (\d+)", text)
    if good:
        print(f"{target}: clean after {int(runs[1]) if runs else 0:,} inputs")
        return True
    why = re.search(r"broken promise: .*|SUMMARY: .*", text)
    where = re.search(r"Test unit written to (.*)", text)
    print(f"{target}: BROKEN: {why[0] if why else 'see the log'}")
    print(f"{target}: by {where[1] if where else 'see the log'}")
    return False


def keep(tree: Tree, target: str) -> None:
    corpus = tree.corpus(target)
    with tempfile.TemporaryDirectory() as folder:
        known, small = pathlib.Path(folder, "known"), pathlib.Path(folder, "small")
        shutil.copytree(tree.seeds(target), known)
        shutil.copytree(corpus, known, dirs_exist_ok=True)
        small.mkdir()
        for path in tree.found(target).iterdir():
            if path.stat().st_size <= KEPT_BYTES_MAX:
                shutil.copy(path, small)
        before = {path.name for path in known.iterdir()}
        # Code reached counts, not how often: else a corpus grows with every minute.
        subprocess.run([tree.program("fuzz", target), "-merge=1", "-use_counters=0", known, small],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        new = [path for path in known.iterdir() if path.name not in before]
        for path in new:
            shutil.copy(path, corpus)
    size = sum(path.stat().st_size for path in corpus.iterdir())
    print(f"{target}: {len(new)} inputs kept; the corpus has {size:,} bytes")


def measure(tree: Tree, target: str) -> list[tuple[str, int, int, int, int]]:
    """(file, lines reached, lines, regions reached, regions) of the target's parser."""
    program = tree.program("fuzz-coverage", target)
    folder = tree.build / "fuzz-coverage" / "profiles"
    folder.mkdir(exist_ok=True)
    raw, merged = folder / f"{target}.raw", folder / f"{target}.profile"
    filled = [path for path in tree.inputs(target) if any(path.iterdir())]
    subprocess.run([program, *filled], check=True, stdout=subprocess.DEVNULL,
                   env={"LLVM_PROFILE_FILE": str(raw)})
    subprocess.run(["llvm-profdata", "merge", "-sparse", raw, "-o", merged], check=True)
    raw.unlink()
    export = subprocess.run(
        ["llvm-cov", "export", "-summary-only", f"-instr-profile={merged}", program],
        check=True, stdout=subprocess.PIPE)
    files = json.loads(export.stdout)["data"][0]["files"]
    rows = []
    for name in PARSERS[target]:
        # A compiler cache may have made the names relative to the build.
        counts = next(f["summary"] for f in files if f["filename"].endswith("/" + name))
        lines, regions = counts["lines"], counts["regions"]
        rows.append((name, lines["covered"], lines["count"], regions["covered"],
                     regions["count"]))
    return rows


def share(reached: int, all_of_them: int) -> str:
    return f"{reached:>5} of {all_of_them:<5}{100 * reached / max(all_of_them, 1):6.1f} %"


def report(tree: Tree, targets: list[str]) -> None:
    print(f"\n{'target':<10}{'file':<38}{'lines':<23}regions")
    for target in targets:
        rows = measure(tree, target)
        if len(rows) > 1:
            rows.append(("together", *(sum(row[i] for row in rows) for i in range(1, 5))))
        for row in rows:
            print(f"{target:<10}{row[0]:<36}{share(*row[1:3])}  {share(*row[3:5])}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET",
                        help=f"of {', '.join(PARSERS)} (default: all)")
    parser.add_argument("--source", type=pathlib.Path, required=True, help="root of the tree")
    parser.add_argument("--build", type=pathlib.Path, required=True,
                        help="folder with the builds fuzz and fuzz-coverage")
    parser.add_argument("--time", type=int, default=60, metavar="SECONDS",
                        help="for each target (default: %(default)s)")
    parser.add_argument("--keep", action="store_true",
                        help="add what reaches new code to the corpus in the tree")
    given = parser.parse_args()
    targets = given.targets or list(PARSERS)
    for target in targets:
        if target not in PARSERS:
            parser.error(f"there is no target \"{target}\"; they are {', '.join(PARSERS)}")

    tree = Tree(given.source, given.build)
    subprocess.run([sys.executable, pathlib.Path(__file__).with_name("seeds.py"), "--source",
                    tree.source, tree.build / "fuzz" / "seeds"], check=True)
    subprocess.run([tree.build / "fuzz" / "bin" / "fuzz_protocol_seeds", tree.seeds("protocol")],
                   check=True)
    clean = True
    for target in targets:
        if given.time > 0:  # libFuzzer takes 0 for "without end"
            clean = fuzz(tree, target, given.time) and clean
        if given.keep:
            keep(tree, target)
    report(tree, targets)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
