"""The phases `hostile` and `hang`: plugins that do harm beside twenty healthy collectors.

hostile: a host for each deed, which is done once in the middle of its time; first with a worker for
each collector, then with all of them in the pool. hang: many runs that ignore their cancellation,
and how long after deadline and grace each of them was over.
"""
import json
import pathlib
import re
import shutil
from collections.abc import Sequence
from typing import Any

import hostile_deeds
import report
from daemon import Daemon, DaemonError
from numbers_host import Programs
from report import Verdicts
from unity_host import UnityHost

NEIGHBOURS = 20
END_SECONDS = 5.0
DEEDS: dict[str, str | None] = {**hostile_deeds.DYING, **hostile_deeds.HANGING,
                                **hostile_deeds.GREEDY, **hostile_deeds.LOUD,
                                **hostile_deeds.MEDDLING,
                                "emit_much": "the run has emitted more than 67108864 bytes"}

HANGING = 8
HANG_TIMEOUT_MS = 200
HANG_GRACE_MS = 200  # in the plugin's manifest
HANG_OVER_MS = 250
LATENESS = ("lateness_p50_ms", "lateness_p99_ms", "lateness_max_ms")


class HostileHost(UnityHost):
    """Twenty healthy collectors at 1 s, and `offenders`."""

    def __init__(self, programs: Programs, folder: pathlib.Path, isolation: str,
                 offenders: Sequence[dict[str, Any]]) -> None:
        self.isolation = isolation
        self.offenders = offenders
        self.plugins = folder / "plugins"
        self.plugins.mkdir(parents=True, exist_ok=True)
        for name in ("scripted", "hostile"):
            shutil.copyfile(programs.zoo / f"{name}.so", self.plugins / f"{name}.so")
        super().__init__(programs.stage, folder)

    def configure(self, interval: str, collection: dict[str, Any] | None = None,
                  top: int | None = None, copies: int = 1) -> None:
        healthy = [{"id": f"healthy{i}", "plugin": "zoo.scripted", "interval": interval}
                   for i in range(NEIGHBOURS)]
        self.config.write_text(json.dumps({
            "state_dir": str(self.folder / "state"),
            "database": {"type": "sqlite", "path": self.database.name},
            "http": {"listen": "127.0.0.1:0"},
            "plugin_dirs": [str(self.plugins)],
            "collection": {"quarantine_after": 0, "max_concurrent": NEIGHBOURS + HANGING},
            "collectors": [{"isolation": self.isolation, **one}
                           for one in [*healthy, *self.offenders]]}, indent=1))

    def ask(self, daemon: Daemon) -> dict[str, Any]:
        daemon.check_alive()
        status = self.status()
        if status is None:
            raise DaemonError("the running host does not answer `status`")
        return status

    def said(self) -> str:
        return self.log.read_text(errors="replace")


def lateness(status: dict[str, Any]) -> str:
    return " / ".join(f"{status['schedule'][key]:.1f}" for key in LATENESS)


def healthy(status: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in status["instances"] if one["id"].startswith("healthy")]


def what_it_said(one: dict[str, Any], pattern: str | None, log: str) -> tuple[bool, str]:
    """Whether it is what it should be, and the words. Where the pooled worker ends without a word of
    who it was, who was in it gets one of its own, and is named at its next fault there."""
    if pattern is not None:
        pattern += "|has a worker of its own from now on: the pooled one ended: "
    words = one["last_error"] or one["reason"]
    if pattern is None:
        return one["errors"] == 0, words or "nothing"
    lines = [line for line in log.splitlines() if f"collector {one['id']}" in line]
    named = next((line for line in lines if re.search(pattern, line)), None)
    told = (named or "nothing").split(f"collector {one['id']}", 1)[-1].lstrip(" :")
    return named is not None, words or told


def one_deed(programs: Programs, folder: pathlib.Path, isolation: str, deed: str, seconds: float,
             verdicts: Verdicts) -> list[str]:
    """A row of the table. The fault comes in the middle, and again after as long a time."""
    good_runs = int(seconds / 2)
    offender = hostile_deeds.hostile(deed, interval="1s",
                                     config={"good_runs": good_runs, "bad_runs": 1})
    if deed == "emit_much":
        offender |= {"limits": {"memory": "512MiB"}, "timeout": "60s"}
    if deed.startswith("create_"):
        offender["config"]["good_runs"] = 0  # it never gets so far
    host = HostileHost(programs, folder / isolation / deed, isolation, [offender])
    with host.start() as daemon:
        host.wait_for_status(daemon)
        daemon.sleep(max(0.0, good_runs - 2 - daemon.age()))
        before = host.ask(daemon)
        daemon.sleep(max(0.0, seconds - daemon.age()))
        after = host.ask(daemon)
        took = daemon.terminate(30)
        code = daemon.process.returncode
    neighbours = healthy(after)
    missed = sum(one["missed"] for one in neighbours)
    errors = sum(one["errors"] for one in neighbours)
    runs = sum(one["runs"] for one in neighbours)
    one = next(one for one in after["instances"] if one["id"] == deed)
    named, words = what_it_said(one, DEEDS[deed], host.said())
    # In the pool, each end of the process may cost one interval.
    allowed = 0 if isolation == "dedicated" else NEIGHBOURS
    due = NEIGHBOURS * (seconds - 3)
    good = (named and missed <= allowed and errors == 0 and runs + missed >= due and code == 0
            and took <= END_SECONDS)
    verdicts.add(f"{isolation}, {deed}", good,
                 f"{'' if named else 'NOT NAMED, '}neighbours: {runs} runs (at least {due:.0f} due), "
                 f"{missed} missed, {errors} errors; ended with {code} in {took * 1000:.0f} ms")
    return [deed, str(runs), str(missed), lateness(before), lateness(after), words[:110]]


def run(programs: Programs, folder: pathlib.Path, seconds: float,
        verdicts: Verdicts) -> dict[str, Any]:
    results: dict[str, Any] = {}
    for isolation in ("dedicated", "pooled"):
        rows = []
        for deed in DEEDS:
            try:
                rows.append(one_deed(programs, folder, isolation, deed, seconds, verdicts))
            except DaemonError as error:
                verdicts.add(f"{isolation}, {deed}", False, str(error))
        report.print_table(
            f"hostile, {isolation}: {NEIGHBOURS} healthy collectors at 1 s, {seconds:.0f} s around "
            "each fault; lateness of all runs in ms: p50 / p99 / max",
            ("deed", "runs", "missed", "lateness before", "with it", "what the host said"), rows)
        results[isolation] = rows
    return {"hostile": results}


# ---- hang


def overs(log: str) -> list[int]:
    """How many milliseconds after deadline and grace each hung run was over, as it was told."""
    told = re.findall(r"collector hang\d+ .* it took (\d+) ms, its timeout is", log)
    return [int(took) - HANG_TIMEOUT_MS - HANG_GRACE_MS for took in told]


def percentile(values: Sequence[int], share: float) -> int:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run_hang(programs: Programs, folder: pathlib.Path, hangs: int,
             verdicts: Verdicts) -> dict[str, Any]:
    # One good run, then one that hangs: so each hang begins a failure, which is told.
    offenders = [{**hostile_deeds.hostile("sleep", config={"good_runs": 1}), "id": f"hang{i}",
                  "interval": "500ms", "timeout": f"{HANG_TIMEOUT_MS}ms"} for i in range(HANGING)]
    host = HostileHost(programs, folder / "with", "dedicated", offenders)
    with host.start() as daemon:
        host.wait_for_status(daemon)
        while len(overs(host.said())) < hangs:
            daemon.sleep(1)
            if daemon.age() > 30 + 3 * hangs:
                raise DaemonError(f"only {len(overs(host.said()))} runs hung in {daemon.age():.0f} s")
        with_hangs = host.ask(daemon)
        seconds = daemon.age()
        daemon.terminate(30)
    over = overs(host.said())

    quiet = HostileHost(programs, folder / "without", "dedicated", [])
    with quiet.start() as daemon:
        quiet.wait_for_status(daemon)
        daemon.sleep(max(10.0, min(seconds, 120.0)))
        without = quiet.ask(daemon)
        daemon.terminate(30)

    neighbours = healthy(with_hangs)
    missed = sum(one["missed"] for one in neighbours)
    errors = sum(one["errors"] for one in neighbours)
    numbers = {"p50": percentile(over, 0.5), "p99": percentile(over, 0.99), "max": max(over)}
    verdicts.add("hung runs are over in time", numbers["p99"] <= HANG_OVER_MS,
                 f"{len(over)} runs, after deadline + grace: p50 {numbers['p50']} ms, p99 "
                 f"{numbers['p99']} ms (at most {HANG_OVER_MS}), max {numbers['max']} ms")
    verdicts.add("nobody else notices", missed == 0 and errors == 0,
                 f"{sum(one['runs'] for one in neighbours)} runs of the neighbours, {missed} missed, "
                 f"{errors} errors")
    report.print_table("hang: lateness of the runs of all collectors, ms: p50 / p99 / max",
                       ("", "lateness"), [["without runs that hang", lateness(without)],
                                          ["with them", lateness(with_hangs)]])
    return {"hang": {"over_ms": numbers, "hangs": len(over), "with": with_hangs["schedule"],
                     "without": without["schedule"]}}
