"""How busy the machine is that a test runs on, for tests of who is on time."""
import os
import tempfile
import threading
import time


class Stalls:
    """Counts how often this machine was too busy to wake somebody up and put a page of theirs on the
    disk within half an interval, which is what a run needs: nobody but the machine is to be blamed
    for those."""

    PAGE = bytes(4096)

    def __init__(self, interval, folder):
        self.interval = interval
        self.count = 0
        # In a folder of the file system whose disk the host waits for; a page that is there already,
        # as those of the spool are.
        self._file = tempfile.TemporaryFile(dir=folder)
        self._put()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        self._file.close()

    def _put(self):
        os.pwrite(self._file.fileno(), self.PAGE, 0)
        os.fdatasync(self._file.fileno())

    def _run(self):
        due = time.monotonic() + self.interval
        while not self._over.wait(max(0.0, due - time.monotonic())):
            self._put()
            late = time.monotonic() - due
            if late > self.interval / 2:
                self.count += 1 + int(late / self.interval)
            due = time.monotonic() + self.interval
