"""A throwaway machine: a real systemd booted by `boot` on an overlay of this machine's root."""
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

PATIENCE = 100  # seconds for anything that is bound to happen, on however loaded a machine
PR_SET_PDEATHSIG = 1


def eventually(condition, patience=PATIENCE):
    """The condition's first true answer; its last false one where patience ends."""
    end = time.monotonic() + patience
    while not (answer := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Machine:
    """Booted by `with`, ended and cleared away after it.

    shares maps directories of the real machine to the places where they are seen, read-only.
    """

    def __init__(self, shares):
        self.shares = shares

    def __enter__(self):
        self.workplace = pathlib.Path(tempfile.mkdtemp(prefix="embedd-", dir="/tmp"))
        self.mounts_before = mounts()
        boot = pathlib.Path(__file__).with_name("boot")
        self.booting = subprocess.Popen(
            [boot, self.workplace, *(f"{directory}={place}" for directory, place in self.shares.items())],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        line = self.booting.stdout.readline()
        if not line.strip().isdigit():
            self.booting.wait()
            self.workplace.rmdir()
            raise SystemExit("the machine did not boot; the line above says why")
        self.init = int(line)
        try:
            self.await_boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        os.kill(self.init, signal.SIGKILL)
        self.booting.wait()
        self.workplace.rmdir()

    def await_boot(self):
        state = eventually(lambda: self.run("systemctl", "is-system-running").stdout.strip()
                           in ("running", "degraded"))
        if not state:
            raise SystemExit("the machine did not come up:\n" + self.run("systemctl", "list-jobs").stdout)

    def command(self, *words, user=None):
        enter = ["nsenter", "--target", str(self.init), "--mount", "--uts", "--ipc", "--cgroup", "--pid",
                 "--root", "--wd=/", "--"]
        become = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--"] if user else []
        clean = ["env", "-i", "PATH=/opt/embedd/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/"]
        return [*enter, *clean, *become, *map(str, words)]

    def run(self, *words, user=None, patience=2 * PATIENCE):
        try:
            return subprocess.run(self.command(*words, user=user), stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=patience)
        except subprocess.TimeoutExpired as late:
            return subprocess.CompletedProcess(words, 124, (late.stdout or b"").decode(),
                                               f"no end after {patience} s")

    def start(self, *words, user=None):
        return subprocess.Popen(self.command(*words, user=user), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                preexec_fn=die_with_parent)

    def write(self, place, text):
        path = self.path(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def path(self, place):
        return pathlib.Path(f"/proc/{self.init}/root{place}")

    def show(self, unit, name):
        return self.run("systemctl", "show", "--property", name, "--value", unit).stdout.strip()

    def processes(self, program):
        """Pids, as the machine numbers them, of processes that run the program and have not ended."""
        found = []
        for directory in self.path("/proc").glob("[0-9]*"):
            try:
                executable = (directory / "exe").readlink().name  # of what has ended there is none
            except OSError:
                continue
            if executable == program:
                found.append(int(directory.name))
        return sorted(found)

    def left_behind(self):
        """After the end: what is still there of it, in words."""
        left = [f"mount {line}" for line in sorted(mounts() - self.mounts_before)]
        if self.workplace.exists():
            left.append(f"directory {self.workplace}")
        if pathlib.Path(f"/proc/{self.init}").exists():
            left.append(f"process {self.init}")
        return left


def mounts():
    return set(pathlib.Path("/proc/self/mounts").read_text().splitlines())


def programs_missing():
    return [name for name in ("unshare", "nsenter", "setpriv", "systemctl", "findmnt", "pivot_root")
            if not shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")]
