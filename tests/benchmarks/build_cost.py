"""`build`: which translation units cost most, from ninja's log of a clean build.

With ccache the log tells what the cache took; build with CCACHE_DISABLE=1 to learn of the compiler.
"""
import pathlib
from typing import Any, NamedTuple

import report

COSTLIEST = 10


class Step(NamedTuple):
    output: str
    start: float  # seconds since ninja began
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


def read_log(path: pathlib.Path) -> list[Step]:
    """The last time that each output was made."""
    steps: dict[str, Step] = {}
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            continue
        start, end, _, output, _ = line.split("\t")
        steps[output] = Step(output, int(start) / 1000, int(end) / 1000)
    return list(steps.values())


def _source(output: str) -> str:
    """host/CMakeFiles/unity_host.dir/src/a.cpp.o -> host/src/a.cpp"""
    folder, _, rest = output.partition("CMakeFiles/")
    return folder + rest.partition(".dir/")[2].removesuffix(".o")


def measure(build: pathlib.Path) -> dict[str, Any]:
    log = build / ".ninja_log"
    if not log.exists():
        print(f"build: no {log.name} in {build}, left out")
        return {}
    steps = read_log(log)
    units = sorted((step for step in steps if step.output.endswith(".o")),
                   key=lambda step: step.seconds, reverse=True)
    total = sum(step.seconds for step in units)
    other = sum(step.seconds for step in steps) - total
    wall = max(s.end for s in steps) - min(s.start for s in steps) if steps else 0.0
    report.print_table(
        f"build: the {COSTLIEST} costliest of {len(units)} translation units, seconds",
        ("", "seconds", "share"),
        [(_source(unit.output), f"{unit.seconds:.1f}", f"{unit.seconds / total * 100:.1f} %")
         for unit in units[:COSTLIEST]])
    print(f"compiling {total:.1f} s, archives, links and the rest {other:.1f} s; "
          f"if one clean build wrote this log, it took {wall:.1f} s")
    return {"build": {"compile_seconds": total, "other_seconds": other, "wall_seconds": wall,
                      "units": {_source(unit.output): unit.seconds for unit in units}}}
