"""Starts plugins in the hosts of these tests: the built one, and the two small ones."""
import json
import os
import pathlib
import subprocess
import tempfile

BIN = pathlib.Path(os.environ["UNITY_BIN"])
ABI = pathlib.Path(os.environ["UNITY_ABI"])
PATIENCE = 60


def crossed(minor, plugin, *actions):
    """What crosses the ABI, a line each, when the small host of that minor does these actions."""
    host = ABI / f"abi-test-host-{minor}"
    done = subprocess.run([host, plugin, *actions], text=True, capture_output=True,
                          timeout=PATIENCE, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{host.name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return [line for line in done.stdout.splitlines() if line]


def records(lines):
    """The records among the lines, parsed."""
    found = []
    for line in lines:
        if line.startswith("emit "):
            batch = json.loads(line.removeprefix("emit "))
            found += batch if isinstance(batch, list) else [batch]
    return found


class Ran:
    """One run of a plugin in the built host."""

    def __init__(self, plugin, options=None, *arguments):
        command = [BIN, "plugin", "run", plugin, "--once", "--json", *arguments]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            if options is not None:
                file.write(json.dumps(options))
                file.flush()
                command += ["--instance-config", file.name]
            done = subprocess.run(command, text=True, capture_output=True, timeout=PATIENCE,
                                  check=False)
        self.code = done.returncode
        self.said = done.stderr
        self.records = [json.loads(line) for line in done.stdout.splitlines()
                        if line.startswith("{")]

    def values(self):
        return [record["values"] for record in self.records]
