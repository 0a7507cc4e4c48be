"""Tables for people, JSON for programs, and the arithmetic between them."""
import json
import os
import pathlib
import platform
import statistics
import sys
from collections.abc import Sequence
from typing import Any

MIB = 1024 * 1024


def spread(values: Sequence[float], digits: int = 1) -> str:
    """median [min..max], or a dash if there is nothing."""
    if not values:
        return "-"
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} [{low:.{digits}f}..{high:.{digits}f}]"


def summary(values: Sequence[float]) -> dict[str, Any]:
    """The same for the JSON file, with each value."""
    if not values:
        return {"median": None, "values": []}
    return {"median": statistics.median(values), "min": min(values), "max": max(values),
            "values": list(values)}


def ratio(values: Sequence[float], peer: Sequence[float]) -> str:
    """Median over the peer's median, as `0.85 x`."""
    if not values or not peer or statistics.median(peer) == 0:
        return "-"
    return f"{statistics.median(values) / statistics.median(peer):.2f} x"


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The first column is aligned left, the others right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:]))]
        return "  ".join(cells).rstrip()

    print(f"\n{title}")
    print(line(header))
    print("  ".join("-" * width for width in widths))
    for row in rows:
        print(line(row))
    sys.stdout.flush()


def machine() -> dict[str, Any]:
    """What the numbers belong to; the load tells whether the machine was quiet."""
    return {"cpus": os.cpu_count(), "kernel": platform.release(), "arch": platform.machine(),
            "load": os.getloadavg()}


def write_json(path: pathlib.Path | None, content: dict[str, Any]) -> None:
    if path is not None:
        path.write_text(json.dumps({"machine": machine(), **content}, indent=2) + "\n")


class Verdicts:
    """Lines that pass or fail; a run fails if one of them does."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def add(self, name: str, passed: bool, detail: str) -> None:
        self.lines.append({"name": name, "passed": passed, "detail": detail})
        print(f"{'PASS' if passed else 'FAIL'}  {name}: {detail}", flush=True)

    def add_timed(self, name: str, passed: bool, detail: str) -> None:
        """A claim about a clock on the wall, which only a quiet machine can keep."""
        self.add(name, passed, detail)

    @property
    def failed(self) -> int:
        return sum(not line["passed"] for line in self.lines)
