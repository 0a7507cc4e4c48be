"""How late and how dear runs of collectors are that do nothing, beside collectd's callbacks."""
import hashlib
import json
import os
import pathlib
import subprocess
from typing import Any

import peers
import proc
import report
from daemon import Daemon

SOURCE = pathlib.Path(__file__).parent / "scheduler"
COLLECTD_HEADERS = ("/usr/include/collectd", "/usr/include/collectd/core",
                    "/usr/include/collectd/core/daemon")
DEVICE = "bench"
SECOND = 1_000_000_000
# Between the host's slots: the widest with no more than so many runs at once.
SPACINGS = (100_000_000, 50_000_000, 20_000_000, 10_000_000, 5_000_000)
RUNS_AT_ONCE = 25
SETTLE = 5  # seconds until what is measured has begun; the first rounds are left out
SKIP = 3
# callbacks, each sleeps, threads of collectd and runs at a time of Unity
CASES = {"1,000 empty": (1_000, 0, 5), "10,000 empty": (10_000, 0, 5),
         "10,000 x 1 ms": (10_000, 1_000_000, 64)}


def build_collectd_plugin(folder: pathlib.Path) -> None:
    """collectd has no plugin that does nothing, so here is one."""
    flags = [f"-I{header}" for header in COLLECTD_HEADERS] + [f"-I{SOURCE}"]
    subprocess.run(["cc", "-std=gnu11", "-O2", "-fPIC", "-shared", "-DHAVE_CONFIG_H", *flags,
                    str(SOURCE / "collectd_tick.c"), "-o", str(folder / "tick.so")], check=True)


def environment(folder: pathlib.Path, count: int, sleep_ns: int) -> dict[str, str]:
    return {"TICK_COUNT": str(count), "TICK_SLEEP_NS": str(sleep_ns), "TICK_SKIP": str(SKIP),
            "LATENESS_FILE": str(folder / "lateness")}


def start_collectd(program: str, folder: pathlib.Path, threads: int) -> Daemon:
    build_collectd_plugin(folder)
    config = folder / "collectd.conf"
    config.write_text(f'Hostname "bench"\nFQDNLookup false\nInterval 1\nBaseDir "{folder}"\n'
                      f'PIDFile "{folder}/pid"\nPluginDir "{folder}"\nReadThreads {threads}\n'
                      'LoadPlugin tick\n')
    return Daemon([program, "-f", "-C", str(config)], folder / "log")


def stable_hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def phase_ns(name: str, count: int) -> int:
    """Where in a second the host puts the slot of one of `count` instances."""
    spacing = next(one for one in SPACINGS
                   if count * one <= RUNS_AT_ONCE * SECOND or one == SPACINGS[-1])
    offset = stable_hash(f"{DEVICE}\n{name}") % SECOND
    return offset - offset % spacing + stable_hash(DEVICE) % spacing


def start_unity(program: pathlib.Path, plugins: pathlib.Path, folder: pathlib.Path, count: int,
                sleep_ns: int, max_concurrent: int, isolation: str) -> Daemon:
    names = [f"tick-{i}" for i in range(count)]
    config = folder / "unity.yaml"
    config.write_text(json.dumps({
        "state_dir": str(folder / "state"), "device": DEVICE, "plugin_dirs": [str(plugins)],
        "http": {"enabled": False},
        "collection": {"max_concurrent": max_concurrent, "run_metrics": False},
        "collectors": [{"id": name, "plugin": "bench.tick", "interval": "1s",
                        "isolation": isolation,
                        "config": {"phase_ns": phase_ns(name, count), "sleep_ns": sleep_ns,
                                   "skip": SKIP, "folder": str(folder)}} for name in names]}))
    return Daemon([str(program), "run", "--config", str(config)], folder / "log")


def read_lateness(file: pathlib.Path) -> dict[str, float]:
    """Percentiles in milliseconds, and calls a second."""
    first, *lines = file.read_text().splitlines()
    # The first seconds have not all callbacks yet, the last is cut short.
    whole = list(map(int, first.split()))[2:-1]
    buckets = [tuple(map(int, line.split())) for line in lines]
    total = sum(count for _, count in buckets)

    def percentile(share: float) -> float:
        seen = 0
        for bound, count in buckets:
            seen += count
            if seen >= share * total:
                return bound / 1e6
        return buckets[-1][0] / 1e6

    return {"p50_ms": percentile(0.5), "p99_ms": percentile(0.99), "max_ms": buckets[-1][0] / 1e6,
            "per_second": sum(whole) / len(whole)}


def tree_cpu_ns(pid: int) -> int:
    return sum(proc.cpu_ns(each) for each in proc.tree(pid))


def watch(daemon: Daemon, folder: pathlib.Path, seconds: float) -> dict[str, float]:
    with daemon:
        daemon.sleep(SETTLE)
        before, began = tree_cpu_ns(daemon.pid), daemon.age()
        daemon.sleep(seconds)
        used = tree_cpu_ns(daemon.pid) - before
        measured = daemon.age() - began
        daemon.terminate(60)
    return {"cpu_percent": used / measured / 1e7} | read_lateness(folder / "lateness")


def measure(stage: pathlib.Path, build: pathlib.Path, folder: pathlib.Path, seconds: float,
            rounds: int) -> dict[str, Any]:
    """Both in turn, `rounds` times; the medians of each number are judged."""
    program = peers.find_collectd()
    results: dict[str, Any] = {}
    for case, (count, sleep_ns, threads) in CASES.items():
        taken: dict[str, list[dict[str, float]]] = {"unity": [], "collectd": []}
        for each in range(rounds):
            for who in ("unity", "collectd"):
                if who == "collectd" and program is None:
                    continue
                place = folder / f"{who}-{count}-{sleep_ns}-{each}"
                place.mkdir()
                os.environ.update(environment(place, count, sleep_ns))
                daemon = (start_unity(stage.resolve() / "bin" / "unity",
                                      build.resolve() / "bench-plugins", place, count, sleep_ns,
                                      max(threads, 10), "inline")
                          if who == "unity" else start_collectd(str(program), place, threads))
                taken[who].append(watch(daemon, place, seconds))
        results[case] = {who: {key: report.summary([one[key] for one in all_of])
                               for key in all_of[0]} for who, all_of in taken.items() if all_of}
    show(results)
    return {"scheduler": results}


def show(results: dict[str, Any]) -> None:
    rows = []
    for case, both in results.items():
        for who, numbers in both.items():
            rows.append([f"{case}, {who}"] + [
                report.spread(numbers[key]["values"], digits)
                for key, digits in (("p50_ms", 3), ("p99_ms", 3), ("max_ms", 1),
                                    ("cpu_percent", 2), ("per_second", 0))])
    report.print_table("collectors at 1 s", ["", "p50 ms", "p99 ms", "max ms", "cpu %", "runs/s"],
                       rows)


def judge(results: dict[str, Any], verdicts: report.Verdicts) -> None:
    for case, both in results["scheduler"].items():
        ours = {key: value["median"] for key, value in both["unity"].items()}
        count, sleep_ns, _ = CASES[case]
        verdicts.add(f"{case}: every run is made", ours["per_second"] >= 0.995 * count,
                     f"{ours['per_second']:.0f} a second")
        if sleep_ns > 0:
            verdicts.add(f"{case}: p99 below 50 ms", ours["p99_ms"] < 50, f"{ours['p99_ms']:.2f} ms")
        if "collectd" not in both or sleep_ns > 0:
            continue
        peer = {key: value["median"] for key, value in both["collectd"].items()}
        for key, what in (("p50_ms", "p50"), ("p99_ms", "p99"), ("cpu_percent", "cpu")):
            verdicts.add(f"{case}: {what} not above collectd's", ours[key] <= peer[key],
                         f"{ours[key]:.3f} against {peer[key]:.3f}")
