"""A program that runs in the foreground in a folder of its own, and how it is ended."""
import pathlib
import signal
import subprocess
import time


class DaemonError(Exception):
    """The program did not do what it is measured for."""


class Daemon:
    """Started on construction. Leaving the context ends it, by force if need be."""

    def __init__(self, arguments: list[str], log: pathlib.Path) -> None:
        self.log = log
        self.started_us = time.time_ns() // 1000  # UTC, just before exec
        self._started = time.perf_counter()
        with log.open("ab") as sink:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=sink,
                                            stderr=sink, cwd=log.parent)

    def __enter__(self) -> "Daemon":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            try:
                self.terminate(5)
            except DaemonError:
                self.kill()

    @property
    def pid(self) -> int:
        return self.process.pid

    def age(self) -> float:
        """Seconds since just before it was started."""
        return time.perf_counter() - self._started

    def check_alive(self) -> None:
        if self.process.poll() is not None:
            tail = self.log.read_text(errors="replace")[-2000:]
            raise DaemonError(f"ended early with {self.process.returncode}:\n{tail}")

    def sleep(self, seconds: float) -> None:
        """Sleeps, and notices if the program ends meanwhile."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        self.check_alive()

    def terminate(self, patience: float) -> float:
        """SIGTERM; returns the seconds until it was gone."""
        began = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise DaemonError(f"still there {patience} s after SIGTERM") from None
        return time.perf_counter() - began

    def kill(self) -> None:
        """SIGKILL, and waits until it is gone."""
        self.process.kill()
        self.process.wait()
