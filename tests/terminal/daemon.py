"""The daemon behind the terminal."""
import contextlib
import json
import os
import pathlib
import subprocess
import tempfile


class Daemon:
    """embedd with the worker it is given; faults of a fake one are files."""

    def __init__(self, programs, worker, model, directory):
        self.programs, self.worker, self.model = pathlib.Path(programs), worker, model
        self.directory = pathlib.Path(directory)
        self.socket = self.directory / "s"
        self.control, self.state = self.directory / "control", self.directory / "state"
        for place in (self.control, self.state):
            place.mkdir()
        self.process = None

    def start(self, *faults):
        for fault in faults:
            self.fault(fault)
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("EMBEDD_", "LISTEN_")) and name != "NOTIFY_SOCKET"}
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "embedd", "--model", self.model, "--worker", self.worker,
                 "--socket", self.socket, "--state-directory", self.state],
                env=environment | {"EMBEDD_FAKE_CONTROL": str(self.control)}, stdout=log, stderr=log)

    def fault(self, name):
        (self.control / name).touch()

    def heal(self, name):
        (self.control / name).unlink()

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def ask(self, *words, **how):
        return subprocess.run([self.programs / "embedctl", "--socket", self.socket, *words], check=True,
                              capture_output=True, text=True, **how).stdout

    def status(self):
        return json.loads(self.ask("status", "--json"))

    def history(self):
        """How each of its warm-ups ended, the newest last."""
        return [record["report"]["result"] for record in json.loads(self.ask("warmups", "--json"))]


@contextlib.contextmanager
def stage(programs, worker, model):
    """A daemon that is not started yet, and a directory of one's own."""
    with tempfile.TemporaryDirectory(prefix="embedd-", dir="/tmp") as directory:
        daemon = Daemon(programs, worker, model, directory)
        try:
            yield daemon
        finally:
            daemon.kill()
