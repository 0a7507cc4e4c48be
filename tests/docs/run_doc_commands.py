#!/usr/bin/env python3
"""Runs what the documentation tells people to type, so that it cannot go stale.

A fenced block says by the words after its language what happens to it:

    ```sh run              the commands run, and must succeed
    ```sh run eventually   ... are repeated for a while until they succeed
    ```sh run background   ... go on beside the following blocks; at the end of the document they
                           get SIGTERM and must then leave with exit code 0
    ```c file=src/a.c      the block is written to that file (any language)
    ```cpp compile         the block must compile against the installed SDK
    ... server=postgresql  (or mariadb, on any block) a private server runs from here on; what the
                           document calls /run/postgresql (/run/mysqld) is the folder of its socket,
                           and `unity` is a user and an empty database of it

A document's blocks run in order in a folder of its own. PATH has the installed `unity`, and
UNITY_PREFIX names the prefix that it and the SDK are installed under. Paths and ports of a real
machine are replaced, see substitutions(). A block of commands that is not run must be listed in
exceptions.txt with the reason; an exception that matches nothing is an error too.
"""
import argparse
import importlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BLOCK_SECONDS = 120
EVENTUALLY_SECONDS = 20
END_SECONDS = 10
MARKS = ("run", "eventually", "background", "compile")
SERVERS = {"postgresql": ("/run/postgresql", "postgres_server", "PostgresServer"),
           "mariadb": ("/run/mysqld", "mariadb_server", "MariadbServer")}
SHELLS = ("sh", "bash", "shell", "console")
FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```[ \t]*$", re.MULTILINE | re.DOTALL)
# Kept by others, who mark their blocks as they see fit.
LENIENT = ("docs/configuration.md", "docs/storage.md", "docs/collectors.md")


class Block:
    def __init__(self, document, line, info, text):
        words = info.split()
        self.document = document
        self.line = line
        self.language = words[0] if words else ""
        self.marks = words[1:]
        self.text = text
        files = [word[len("file="):] for word in self.marks if word.startswith("file=")]
        self.file = files[0] if files else None
        servers = [word[len("server="):] for word in self.marks if word.startswith("server=")]
        self.server = servers[0] if servers else None

    def __str__(self):
        return f"{self.document}:{self.line}"

    def first_line(self):
        return self.text.strip().split("\n")[0].strip()


class Failure(Exception):
    pass


def read_blocks(root, document):
    text = (root / document).read_text()
    for match in FENCE.finditer(text):
        indent = match.group(1)
        body = "".join(line.removeprefix(indent) for line in match.group(3).splitlines(True))
        yield Block(document, text.count("\n", 0, match.start()) + 1, match.group(2), body)


def read_exceptions(file):
    """Lines of `document | first line of the block | reason`."""
    exceptions = {}
    for line in file.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            document, first, reason = (part.strip() for part in line.split(" | ", 2))
            exceptions[(document, first)] = reason
    return exceptions


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def substitutions(work):
    return {
        "/var/lib/unity": f"{work}/state",
        "/etc/unity": f"{work}/etc",
        "127.0.0.1:8787": f"127.0.0.1:{free_port()}",
    }


class Document:
    """The blocks of one document, on their way through a folder of its own."""

    def __init__(self, name, prefix, keep):
        self.name = name
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="unity-docs-"))
        self.prefix = prefix
        self.keep = keep
        self.replace = substitutions(self.work)
        self.background = []
        self.servers = {}
        self.environment = {
            "PATH": f"{prefix}/bin:{os.environ['PATH']}",
            "HOME": str(self.work),
            # A tool chain of Rust that is installed in somebody's home stays findable.
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup")),
            "UNITY_PREFIX": str(prefix),
            "LC_ALL": "C.UTF-8",
        }

    def fill_in(self, text):
        for ours, theirs in self.replace.items():
            text = text.replace(ours, theirs)
        return text

    def start_server(self, name):
        """Those of the end-to-end tests: made for the document, gone with it."""
        if name in self.servers:
            return
        place, module, kind = SERVERS[name]
        sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "end_to_end"))
        self.servers[name] = getattr(importlib.import_module(module), kind)()
        self.replace[place] = str(self.servers[name].folder)

    def process(self, block):
        if block.server:
            self.start_server(block.server)
        if block.file:
            target = (self.work / self.fill_in(block.file)).resolve()
            if not target.is_relative_to(self.work.resolve()):
                raise Failure(f"{block}: {block.file} is outside the work folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.fill_in(block.text))
        if "compile" in block.marks:
            self.compile(block)
        if "run" not in block.marks:
            return
        if "background" in block.marks:
            self.start(block)
        elif "eventually" in block.marks:
            self.run_until_good(block)
        else:
            self.run(block)

    def command(self, block):
        return ["bash", "-euo", "pipefail", "-c", self.fill_in(block.text)]

    def run(self, block):
        done = subprocess.run(self.command(block), cwd=self.work, env=self.environment,
                              timeout=BLOCK_SECONDS, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Failure(f"{block}: exit code {done.returncode}\n{block.text}\n{done.stdout}")

    def run_until_good(self, block):
        end = time.monotonic() + EVENTUALLY_SECONDS
        while True:
            try:
                return self.run(block)
            except Failure:
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)

    def start(self, block):
        log = self.work / f"background-{len(self.background)}.log"
        # `exec`, so that the signal reaches the program and not a shell around it.
        script = "exec " + self.fill_in(block.text).strip()
        with open(log, "w") as out:
            process = subprocess.Popen(["bash", "-c", script], cwd=self.work,
                                       env=self.environment, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=subprocess.STDOUT)
        self.background.append((block, process, log))

    def compile(self, block):
        stub = self.work / "stub"
        stub.mkdir(exist_ok=True)
        (stub / "unity_manifest.h").write_text('#define UNITY_MANIFEST {"{}", 2}\n')
        compiler, standard, suffix = (("g++", "c++20", "cpp") if block.language == "cpp"
                                      else ("gcc", "c11", "c"))
        source = stub / f"block{block.line}.{suffix}"
        source.write_text(block.text)
        done = subprocess.run([compiler, f"-std={standard}", "-Wall", "-Wextra", "-fsyntax-only",
                               f"-I{self.prefix}/include", f"-I{stub}", str(source)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Failure(f"{block}: does not compile\n{done.stdout}")

    def end(self):
        for block, process, log in self.background:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=END_SECONDS)
            if code != 0:
                raise Failure(f"{block}: exit code {code} at the end\n{log.read_text()}")

    def clean_up(self):
        for _, process, _ in self.background:
            if process.poll() is None:
                process.kill()
                process.wait()
        for server in self.servers.values():
            server.close()
        if self.keep:
            print(f"{self.name}: kept {self.work}")
        else:
            shutil.rmtree(self.work)


def check_marks(documents, exceptions):
    """Every block of commands is run or excepted, and every exception is needed."""
    problems = []
    used = set()
    for blocks in documents.values():
        for block in blocks:
            unknown = [word for word in block.marks
                       if word not in MARKS and not word.startswith("file=")
                       and word.removeprefix("server=") not in SERVERS]
            if unknown:
                problems.append(f"{block}: unknown mark {' '.join(unknown)}")
            if block.language not in SHELLS or "run" in block.marks:
                continue
            key = (block.document, block.first_line())
            if key in exceptions:
                used.add(key)
            elif block.document not in LENIENT:
                problems.append(f"{block}: neither marked `run` nor in exceptions.txt: {key[1]}")
    problems += [f"exceptions.txt: matches nothing: {' | '.join(key)}"
                 for key in exceptions if key not in used]
    return problems


def run_document(name, blocks, prefix, keep):
    document = Document(name, prefix, keep)
    try:
        for block in blocks:
            document.process(block)
        document.end()
    except (Failure, subprocess.TimeoutExpired) as failure:
        return str(failure)
    finally:
        document.clean_up()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--source", type=pathlib.Path, required=True, help="the source tree")
    parser.add_argument("--build", type=pathlib.Path, help="install this build tree first")
    parser.add_argument("--prefix", type=pathlib.Path, help="or use what is installed here")
    parser.add_argument("--keep", action="store_true", help="leave the work folders behind")
    parser.add_argument("documents", nargs="*", help="only these, such as docs/plugin-authors.md")
    options = parser.parse_args()

    os.umask(0o022)  # a plugin that others could write is refused
    root = options.source.resolve()
    names = ["README.md"] + sorted(str(path.relative_to(root))
                                   for path in (root / "docs").rglob("*.md"))
    documents = {name: list(read_blocks(root, name)) for name in names}
    exceptions = read_exceptions(pathlib.Path(__file__).with_name("exceptions.txt"))
    problems = check_marks(documents, exceptions)

    with tempfile.TemporaryDirectory(prefix="unity-docs-prefix-") as folder:
        prefix = options.prefix
        if prefix is None:
            if options.build is None:
                parser.error("--build or --prefix is needed")
            prefix = pathlib.Path(folder)
            subprocess.run(["cmake", "--install", str(options.build), "--prefix", str(prefix)],
                           check=True, stdout=subprocess.DEVNULL)
        for name in options.documents or names:
            problem = run_document(name, documents[name], prefix.resolve(), options.keep)
            active = sum(1 for block in documents[name] if block.marks)
            print(f"{'FAILED' if problem else 'ok':7}{name}: {active} blocks", flush=True)
            if problem:
                problems.append(problem)

    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
