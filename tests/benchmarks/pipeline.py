"""What the stages cost beside RapidJSON reading the same bytes in place with every value taken."""
import json
import pathlib
import subprocess
from typing import Any

import report

RATIO_GOAL = 0.40
# Fluent Bit moves 1.0 M records/s of 116 bytes on one core, without looking into them.
SMALL_MB_GOAL = 116.0


def measure(build: pathlib.Path) -> dict[str, Any]:
    answer = subprocess.run([build / "bin" / "unity_pipeline_bench"], check=True,
                            stdout=subprocess.PIPE, text=True)
    measured = json.loads(answer.stdout)
    rounds = measured["large"]["rounds"]
    report.print_table(
        f"pipeline: validate, timestamp, rate, convert, derive, enrich into nothing, on one core; "
        f"median of {rounds}",
        ("bytes", "of RapidJSON", "records/s", "MB/s", "RapidJSON MB/s", "allocations/record"),
        [(str(one["record_bytes"]),
          f"{one['ratio']:.2f} [{one['ratio_min']:.2f}..{one['ratio_max']:.2f}]",
          f"{one['records_per_second']:,}", str(one["mb_per_second"]),
          str(one["floor_mb_per_second"]), f"{one['allocations_per_record']:.2f}")
         for one in (measured["large"], measured["small"])])
    return {"pipeline": measured}


def judge(results: dict[str, Any], verdicts: report.Verdicts) -> None:
    large = results["pipeline"]["large"]
    small = results["pipeline"]["small"]
    verdicts.add(f"pipeline, records of {large['record_bytes']} bytes",
                 large["ratio"] >= RATIO_GOAL,
                 f"{large['ratio']:.2f} of RapidJSON alone, goal {RATIO_GOAL:.2f}")
    verdicts.add(f"pipeline, records of {small['record_bytes']} bytes",
                 small["mb_per_second"] > SMALL_MB_GOAL,
                 f"{small['mb_per_second']} MB/s, goal above {SMALL_MB_GOAL:.0f}: "
                 f"Fluent Bit's without validation")
