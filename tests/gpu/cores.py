"""What processes use of the processors meanwhile: which of their threads holds up the others."""
import os
import pathlib
import time

TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of_threads(pid):
    """Name and CPU seconds of each thread, by its number."""
    found = {}
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*"):
        try:
            name, rest = (task / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue  # it ended
        fields = rest.split()
        found[task.name] = name, (int(fields[11]) + int(fields[12])) / TICKS
    return found


class Cores:
    """From here on, of the processes named."""

    def __init__(self, pids):
        self._pids, self._began = pids, time.monotonic()
        self._before = {name: seconds_of_threads(pid) for name, pid in pids.items()}

    def used(self):
        """Of each process: cores in all, and of its busiest thread."""
        seconds = time.monotonic() - self._began
        used = {}
        for process, pid in self._pids.items():
            before = self._before[process]
            threads = [((now - before.get(task, ("", 0))[1]) / seconds, name)
                       for task, (name, now) in seconds_of_threads(pid).items()]
            busiest, name = max(threads, default=(0, ""))
            used[process] = {"cores": round(sum(cores for cores, _ in threads), 2), "busiest": name,
                             "its cores": round(busiest, 2)}
        return used
