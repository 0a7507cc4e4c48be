"""What it costs that plugins run in processes of their own.

Each figure stands beside its floor, the bare transport at the same placement, or beside the same
thing inside the host, in turn in the same run. A figure is the median of the rounds, with the
lowest and the highest.
"""
import json
import pathlib
import statistics
import subprocess
from typing import Any

import report
import scheduler

RATIO_GOAL = 1.5
STREAM_GOAL = 1_000_000
LATENESS_GOAL_MS = 1.0
START_GOAL_MS = 5.0
PSS_GOAL_KIB = 1024
FAULTS = 200
STARTS = 200
INSTANCES = 1_000
SECONDS = 10  # of each round of the schedule


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def ratios(values: list[float], floor: list[float]) -> list[float]:
    """Round by round, as what else the machine does falls on both."""
    return [one / other for one, other in zip(values, floor)]


def ask(build: pathlib.Path, what: str, rounds: int) -> Any:
    answer = subprocess.run(
        [build / "bin" / "unity_isolation_bench", build / "bench-plugins" / "bench_source.so",
         build / "bin" / "unity-worker", what, str(rounds)],
        check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout)


def schedule(build: pathlib.Path, folder: pathlib.Path, rounds: int) -> dict[str, Any]:
    """Collectors at 1 s that do nothing, in the host and in its pooled worker, in turn."""
    taken: dict[str, list[dict[str, float]]] = {"inline": [], "pooled": []}
    for each in range(rounds):
        for isolation, numbers in taken.items():
            place = folder / f"isolation-{isolation}-{each}"
            place.mkdir()
            daemon = scheduler.start_unity(build.resolve() / "bin" / "unity",
                                           build.resolve() / "bench-plugins", place, INSTANCES,
                                           0, 10, isolation)
            numbers.append(scheduler.watch(daemon, place, SECONDS))
    return {who: {key: report.summary([one[key] for one in numbers]) for key in numbers[0]}
            for who, numbers in taken.items()}


def measure(build: pathlib.Path, folder: pathlib.Path, rounds: int) -> dict[str, Any]:
    results = {"calls": ask(build, "calls", rounds), "streams": ask(build, "streams", rounds),
               "faults": ask(build, "faults", FAULTS), "starts": ask(build, "starts", STARTS),
               "memory": ask(build, "memory", 1), "schedule": schedule(build, folder, rounds)}
    show(results)
    return {"isolation": results}


def show_calls(calls: dict[str, Any]) -> None:
    rows = []
    for one in calls["results"]:
        for who in ("floor", "isolated", "inline"):
            numbers = one[who]
            rows.append((f"{one['bytes']:,} B, {one['placement']}, {who}",
                         report.spread(numbers["p50_us"]), report.spread(numbers["p99_us"]),
                         report.spread(numbers["cpu_us"]),
                         report.spread(ratios(numbers["p50_us"], one["floor"]["p50_us"]), 2),
                         report.spread(ratios(numbers["cpu_us"], one["floor"]["cpu_us"]), 2)))
    report.print_table(f"isolation: a call; {calls['rounds']} rounds of {calls['calls']}",
                       ("", "p50 us", "p99 us", "cpu us", "p50 of floor", "cpu of floor"), rows)


def show_streams(streams: dict[str, Any]) -> None:
    names = {"floor": "bare packets of 64 KiB", "one": "one record an emit",
             "hundred": "100 records an emit", "pipeline": "100 an emit, through the pipeline"}
    rows = [(name, report.spread([value / 1e6 for value in streams[key]["per_second"]], 2),
             report.spread(streams[key]["cpu_ns"], 0),
             report.spread(ratios(streams[key]["per_second"], streams["floor"]["per_second"]), 2))
            for key, name in names.items()]
    report.print_table(
        f"isolation: a stream of records of {streams['record_bytes']} bytes from one worker",
        ("", "M records/s", "cpu ns a record", "rate of floor"), rows)


def show_times(results: dict[str, Any]) -> None:
    faults, starts = results["faults"], results["starts"]
    names = {"a fault until the host knows how its worker ended": faults["noticed_ms"],
             "... until the run has ended, blame written to disk": faults["told_ms"],
             "... until the next worker has answered": faults["answered_ms"],
             "a worker until it is ready": starts["confined_ms"],
             "... if it is not confined": starts["unconfined_ms"],
             "confining a process": starts["confining_ms"],
             "... without the filter of system calls": starts["confining_without_filter_ms"],
             "what to confine it to, from permissions, in the host": starts["planning_ms"]}
    report.print_table(
        "isolation: faults and starts, ms", ("", "p50", "p99", "tries"),
        [(name, f"{percentile(values, 0.5):.2f}", f"{percentile(values, 0.99):.2f}",
          str(len(values))) for name, values in names.items()])


def show(results: dict[str, Any]) -> None:
    show_calls(results["calls"])
    show_streams(results["streams"])
    show_times(results)
    report.print_table(
        "isolation: a worker with one instance, KiB", ("workers", "PSS", "private dirty",
                                                       "page tables"),
        [(str(one["workers"]), report.spread(one["pss_kib"], 0),
          report.spread(one["private_dirty_kib"], 0), report.spread(one["page_tables_kib"], 0))
         for one in results["memory"]])
    report.print_table(
        f"isolation: {INSTANCES:,} collectors at 1 s",
        ("", "p50 ms", "p99 ms", "max ms", "cpu %", "runs/s"),
        [(who, *(report.spread(numbers[key]["values"], digits)
                 for key, digits in (("p50_ms", 3), ("p99_ms", 3), ("max_ms", 1),
                                     ("cpu_percent", 2), ("per_second", 0))))
         for who, numbers in results["schedule"].items()])


def judge(results: dict[str, Any], verdicts: report.Verdicts) -> None:
    measured = results["isolation"]
    for one in measured["calls"]["results"]:
        ratio = statistics.median(ratios(one["isolated"]["p50_us"], one["floor"]["p50_us"]))
        verdicts.add(f"a call, {one['bytes']:,} B, {one['placement']}", ratio <= RATIO_GOAL,
                     f"{ratio:.2f} of the bare transport, goal {RATIO_GOAL}")
    for key, name in (("one", "one record an emit"), ("hundred", "100 records an emit")):
        rate = statistics.median(measured["streams"][key]["per_second"])
        verdicts.add(f"a stream, {name}", rate >= STREAM_GOAL,
                     f"{rate:,.0f} records/s, goal {STREAM_GOAL:,}")
    pooled = measured["schedule"]["pooled"]
    verdicts.add(f"{INSTANCES:,} pooled: p99 of lateness",
                 pooled["p99_ms"]["median"] < LATENESS_GOAL_MS,
                 f"{pooled['p99_ms']['median']:.2f} ms, goal below {LATENESS_GOAL_MS}")
    verdicts.add(f"{INSTANCES:,} pooled: every run is made",
                 pooled["per_second"]["median"] >= 0.995 * INSTANCES,
                 f"{pooled['per_second']['median']:.0f} a second")
    start = percentile(measured["starts"]["confined_ms"], 0.99)
    verdicts.add("a worker is ready: p99", start <= START_GOAL_MS,
                 f"{start:.2f} ms, goal {START_GOAL_MS}")
    heaviest = max(measured["memory"][-1]["pss_kib"])
    verdicts.add(f"PSS of each of {measured['memory'][-1]['workers']} workers",
                 heaviest <= PSS_GOAL_KIB, f"at most {heaviest:.0f} KiB, goal {PSS_GOAL_KIB}")
