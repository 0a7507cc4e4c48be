#!/usr/bin/env python3
"""One plugin of the zoo: `unity plugin check` finds that it breaks exactly the rules it is there for.

    zoo_test.py --unity build/dev/bin/unity --plugin lazy.so --fails A4 [--also C18] [--strict]
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile


def check(arguments, plugin):
    command = [arguments.unity, "plugin", "check", str(plugin), "--json", "--seed", "7"]
    if arguments.strict:
        command.append("--strict")
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    if done.returncode not in (0, 3):
        sys.exit(f"the check ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.returncode, json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--unity", required=True)
    parser.add_argument("--plugin", required=True, type=pathlib.Path)
    parser.add_argument("--fails", action="append", default=[])
    parser.add_argument("--also", action="append", default=[])
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--mode", default="644")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="unity-zoo-") as folder:
        # Away from the build tree, whose owner and mode are not the plugin's.
        plugin = pathlib.Path(folder) / arguments.plugin.name
        shutil.copyfile(arguments.plugin, plugin)
        plugin.chmod(int(arguments.mode, 8))
        code, report = check(arguments, plugin)
    failed = {rule["id"] for rule in report["rules"] if rule["verdict"] == "FAIL"}
    wanted = set(arguments.fails)
    problems = [f"{rule} did not fail" for rule in sorted(wanted - failed)]
    problems += [f"{rule} failed as well" for rule in sorted(failed - wanted - set(arguments.also))]
    if code != (3 if failed else 0):
        problems.append(f"the exit code is {code}")
    if not problems:
        return
    for rule in report["rules"]:
        if rule["verdict"] != "PASS":
            print(json.dumps(rule, indent=1))
    sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
