"""A month at 1,000 series and five minutes, by a clock that runs ahead, on each database."""
import json
import pathlib
import subprocess
from typing import Any

import report

DATABASES = ("sqlite", "postgresql", "mariadb")


def run(build: pathlib.Path, days: int, verdicts: report.Verdicts) -> dict[str, Any]:
    results = {}
    for database in DATABASES:
        print(f"-- {database}", flush=True)
        results[database] = play(build, database, days, verdicts)
    return {"thirty_days": results}


def play(build: pathlib.Path, database: str, days: int,
         verdicts: report.Verdicts) -> dict[str, Any]:
    program = subprocess.Popen([build / "bin" / "unity_thirty_days", database, str(days)],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert program.stdout
    last = ""
    with program:
        for line in program.stdout:
            last = line.rstrip()
            if last.startswith(("ok  ", "FAIL")):
                verdicts.add(f"thirty_days {database}", last.startswith("ok"), last[5:])
            else:
                print(last, flush=True)
    if not last.startswith("{"):
        verdicts.add(f"thirty_days {database}", False, f"ended early: {last}")
        return {}
    return dict(json.loads(last))


def run_purge(build: pathlib.Path, mib: int, verdicts: report.Verdicts) -> dict[str, Any]:
    """Old rows go from an SQLite file beside a writer."""
    answer = subprocess.run([build / "bin" / "unity_purge_wait", str(mib)], check=True,
                            stdout=subprocess.PIPE, text=True)
    print(answer.stdout, flush=True)
    found = dict(json.loads(answer.stdout.splitlines()[-1]))
    verdicts.add("purge: the file shrinks",
                 found["mebibytes_after"] <= found["mebibytes_before"] * 0.1 + 16,
                 f"{found['mebibytes_before']} MiB became {found['mebibytes_after']}")
    verdicts.add_timed("purge: no write waits for more than 50 ms",
                       found["purge_max_ms"] <= max(50, 2 * found["alone_max_ms"]),
                       f"{found['purge_max_ms']} ms, {found['alone_max_ms']} ms beside nothing")
    return {"purge": found}
