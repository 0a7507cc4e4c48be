"""`ingest` and `query`: what storing and answering cost in each database, beside its raw writer and
beside the documents' own schema in the same server."""
import json
import pathlib
import subprocess
from typing import Any

import report

DATABASES = ("sqlite", "postgresql", "mariadb")
RAW_GOALS = {"sqlite": 0.6, "postgresql": 0.8, "mariadb": 0.8}
COMMIT_GOAL_MS = 10.0
ANSWER_GOAL_MS = 500.0  # the documents'
TIMES_GOALS = {"last hour of a series": 5, "week of 100 series by hour": 100}
BYTES_GOAL = 0.2  # of the documents' schema, on PostgreSQL


def _run(program: pathlib.Path, *arguments: object) -> dict[str, Any]:
    answer = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, text=True,
                            check=True)
    *table, document = answer.stdout.splitlines()
    print("\n".join(["", *table]), flush=True)
    return json.loads(document)


def measure_ingest(build: pathlib.Path, metrics: int, rounds: int) -> dict[str, Any]:
    program = build / "bin" / "unity_ingest_cost"
    return {"ingest": [_run(program, name, metrics, rounds) for name in DATABASES]}


def judge_ingest(result: dict[str, Any], verdicts: report.Verdicts) -> None:
    for found in result["ingest"]:
        goal = RAW_GOALS[found["database"]]
        for shape in found["shapes"]:
            if shape["metrics_in_frame"] == 1:
                continue  # stated apart: a frame of one is not what a collector gives
            name = f"ingest, {found['database']}, batches of {shape['batch']:,}"
            verdicts.add_timed(name, shape["ratio"] >= goal,
                               f"{shape['metrics_per_second']:,} metrics/s, {shape['ratio']:.2f} of "
                               f"the raw writer (goal: at least {goal}); processor time "
                               f"{shape['raw_cpu_us'] / shape['cpu_us']:.2f} of it")
            verdicts.add_timed(f"{name}, commit", shape["p95_ms"] <= COMMIT_GOAL_MS,
                               f"p95 {shape['p95_ms']:.1f} ms (goal: at most {COMMIT_GOAL_MS:.0f})")


def measure_query(build: pathlib.Path, minutes: int | None) -> dict[str, Any]:
    program = build / "bin" / "unity_query_cost"
    span = () if minutes is None else (minutes,)
    return {"query": [_run(program, name, *span) for name in DATABASES]}


def judge_query(result: dict[str, Any], verdicts: report.Verdicts) -> None:
    for found in result["query"]:
        for question in found["questions"]:
            name = f"query, {found['database']}, {question['question']}"
            if goal := TIMES_GOALS.get(question["question"]):
                verdicts.add_timed(name, question["times"] >= goal,
                                   f"{question['p50_ms']:.2f} ms, {question['times']:.0f} times as "
                                   f"fast as the documents' schema, {question['cpu_times']:.0f} "
                                   f"times by processor time (goal: {goal})")
            verdicts.add_timed(f"{name}, 50 clients",
                               question["p95_ms_of_50"] < ANSWER_GOAL_MS,
                               f"p95 {question['p95_ms_of_50']:.0f} ms (goal: below "
                               f"{ANSWER_GOAL_MS:.0f})")
        if found["database"] == "postgresql":
            part = found["bytes_of_frames"] / found["documents_bytes"]
            verdicts.add("query, postgresql, bytes a number", part <= BYTES_GOAL,
                         f"{found['bytes_of_frames']:.1f} ({found['bytes']:.1f} with rollups), "
                         f"{part:.2f} of the documents' schema (goal: at most {BYTES_GOAL})")
