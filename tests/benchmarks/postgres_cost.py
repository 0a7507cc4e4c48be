"""`adapter`: what storing in PostgreSQL costs beside a bare COPY of the same frames."""
import json
import pathlib
import subprocess
from typing import Any

import report

GOAL_RATIO = 0.8


def measure(build: pathlib.Path) -> dict[str, Any]:
    program = build / "bin" / "unity_postgres_cost"
    answer = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True)
    *table, document = answer.stdout.splitlines()
    print("\n".join(["", "adapter: into a server of its own", *table]), flush=True)
    return {"adapter": json.loads(document)}


def judge(result: dict[str, Any], verdicts: report.Verdicts) -> None:
    for shape in result["adapter"]:
        verdicts.add(f"adapter, {shape['values']} values a record",
                     shape["ratio"] >= GOAL_RATIO,
                     f"{shape['unity']['values_per_second']} values/s, {shape['ratio']:.2f} of a "
                     f"bare COPY (goal: at least {GOAL_RATIO})")
