"""The programs under proof, and a daemon of our own."""
import contextlib
import importlib.util
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))
from frames import Connection  # noqa: E402  the tests' own client

START_LIMIT = 120  # seconds, exec to READY
STOP_LIMIT = 20


def libraries_of_torch():
    """libtorch's folder and those of CUDA's libraries beside it, as pip installs them; none without torch."""
    found = importlib.util.find_spec("torch")
    if not found or not found.submodule_search_locations:
        return []
    torch = pathlib.Path(found.submodule_search_locations[0])
    return [torch / "lib", *sorted((torch.parent / "nvidia").glob("*/lib"))]


class Programs:
    """Where they lie, and what they need to start."""

    def __init__(self, directory, libraries):
        self.directory = directory
        paths = [*libraries_of_torch(), libraries, *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
        surroundings = ("EMBEDD_", "LISTEN_", "WATCHDOG_", "NOTIFY_")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(surroundings)}
        self.environment["LD_LIBRARY_PATH"] = ":".join(map(str, paths))

    def path(self, name):
        return str(self.directory / name)

    def run(self, name, *arguments, limit, **more):
        """What it printed, as JSON. Raises what it said where it failed."""
        result = subprocess.run([self.path(name), *map(str, arguments)], env={**self.environment, **more},
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit)
        if result.returncode != 0:
            raise RuntimeError(f"{name} ended with {result.returncode}: {result.stderr[-500:].strip()}")
        return json.loads(result.stdout)

    def bench(self, *arguments, limit):
        return self.run("embed-bench", "--json", *arguments, limit=limit)


class Daemon:
    """embedd with options of its own, from exec to READY and until the scope ends.

    kernels: those of embedd-worker's --gpu-kernels, which the daemon does not hand on.
    """

    def __init__(self, programs, log, model, device, *options, kernels="", ready_limit=START_LIMIT, **environment):
        self._programs, self._log, self._ready_limit = programs, log, ready_limit
        self._arguments = ["--model", str(model), "--device", device, *map(str, options)]
        self._environment = {**programs.environment, **environment}
        if kernels:
            self._arguments += ["--worker", str(HERE / "worker.sh")]
            self._environment |= {"PROOF_WORKER": programs.path("embedd-worker"), "PROOF_KERNELS": kernels}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="embedd-", dir="/tmp"))
            self.socket = f"{self._directory}/s"
            notify = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            notify.bind(f"{self._directory}/notify")
            self._log.note(f"embedd {' '.join(self._arguments)}")
            began = time.monotonic()
            self.process = subprocess.Popen(
                [self._programs.path("embedd"), "--socket", self.socket, *self._arguments], stdin=subprocess.DEVNULL,
                stdout=self._log.file, stderr=self._log.file,
                env={**self._environment, "NOTIFY_SOCKET": f"{self._directory}/notify"})
            stack.callback(self._end)
            self._wait_until_ready(notify, began)
            self.seconds_to_ready = time.monotonic() - began
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _wait_until_ready(self, notify, began):
        while time.monotonic() - began < self._ready_limit:
            if select.select([notify], [], [], 0.02)[0] and b"READY=1" in notify.recv(65536).split(b"\n"):
                return
            if self.process.poll() is not None:
                raise RuntimeError(f"embedd ended with {self.process.returncode} before READY; log.txt has its words")
        raise RuntimeError(f"embedd was not ready within {self._ready_limit} s")

    def _end(self):
        self.process.terminate()
        try:
            self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def connection(self, timeout=120):
        return Connection(self.socket, timeout)

    def ask(self, **request):
        connection = self.connection()
        try:
            answer = connection.call(**request)
        finally:
            connection.close()
        if not answer["ok"]:
            raise RuntimeError(f"{request['op']}: {answer['error']}")
        return answer

    def status(self):
        return self.ask(op="status")["status"]

    def phases(self):
        """Milliseconds of each phase of the start, by name."""
        durations = {}

        def visit(phases):
            for phase in phases:
                if phase.get("duration_us") is not None:
                    durations[phase["name"]] = phase["duration_us"] / 1e3
                visit(phase.get("children") or [])

        visit(self.status()["phases"])
        return durations
