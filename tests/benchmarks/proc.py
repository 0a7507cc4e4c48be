"""What the kernel says of a process: memory, processor time, threads, open files.

All functions take the process id of a daemon. Where it says "tree", its children and theirs are
added up, so that a daemon which works in several processes is not flattered. Children that have
ended between two looks are not seen.
"""
import os
import pathlib
import time
from typing import NamedTuple

PROC = pathlib.Path("/proc")


class Usage(NamedTuple):
    """One look at a daemon and all its processes."""

    pss_bytes: int
    resident_bytes: int  # all pages, also those that other processes share
    anonymous_bytes: int  # in no file: heap and stacks
    cpu_ns: int
    threads: int
    fds: int
    processes: int


def _stat_fields(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on; the name before them may hold anything."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def tree(pid: int) -> list[int]:
    """The process and its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir(PROC):
        if not entry.isdigit():
            continue
        try:
            children.setdefault(int(_stat_fields(int(entry))[1]), []).append(int(entry))
        except OSError:
            continue  # it ended meanwhile
    found = [pid]
    for parent in found:
        found.extend(children.get(parent, []))
    return found


def memory(pid: int) -> dict[str, int]:
    """smaps_rollup of one process (Pss, Anonymous, ...), in bytes."""
    lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    return {name: int(amount.split()[0]) * 1024
            for name, amount in (line.split(":") for line in lines)}


def schedstat_ns(pid: int) -> int:
    """Time on a processor of the threads that live now, in nanoseconds."""
    total = 0
    for task in (PROC / str(pid) / "task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except OSError:
            continue
    return total


def stat_ns(pid: int) -> int:
    """User and system time with that of ended threads, in nanoseconds; the step is a tick."""
    fields = _stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def cpu_ns(pid: int) -> int:
    """Time on a processor of one process, ended threads included, in nanoseconds.

    The process's own clock has it exactly. Without that clock: the larger of `schedstat`, which
    forgets threads that ended, and of utime + stime, which counts in ticks.
    """
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)  # as clock_getcpuclockid(3) makes it
    except OSError:
        return max(schedstat_ns(pid), stat_ns(pid))


def tree_cpu_ns(pid: int) -> int:
    """Of the tree, and of children that have ended and were waited for; those count in ticks."""
    fields = _stat_fields(pid)
    ended = (int(fields[13]) + int(fields[14])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    return ended + sum(cpu_ns(each) for each in tree(pid))


def usage(pid: int) -> Usage:
    """Everything at once, over the daemon's processes."""
    pss = resident = anonymous = cpu = threads = fds = 0
    pids = tree(pid)
    for each in pids:
        cpu += cpu_ns(each)
        held = memory(each)
        pss += held["Pss"]
        resident += held["Rss"]
        anonymous += held["Anonymous"]
        threads += len(os.listdir(PROC / str(each) / "task"))
        fds += len(os.listdir(PROC / str(each) / "fd"))
    return Usage(pss, resident, anonymous, cpu, threads, fds, len(pids))
