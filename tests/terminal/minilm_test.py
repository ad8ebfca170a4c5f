#!/usr/bin/env python3
"""embed-console before the real daemon with the real model: a start, load, a re-warm, windows of any size, a crash."""
import contextlib
import os
import pathlib
import re
import signal
import subprocess

from console_case import PROGRAMS, READY, ConsoleCase, run_tests
from tmux import eventually

TIME = r"@ +\d+\.\d{3}s\+ +\d+\.\d{3}s"
NUMBER = r"[\d.]+k?"
POSITIVE = r"(?=[\d.]*[1-9])" + NUMBER


class MiniLmTest(ConsoleCase):
    def console(self):
        return self.start_console("--interval 200ms", width=140, height=45)

    def see_all(self, terminal, *patterns):
        """Waits until the screen has them all at once."""
        missing = list(patterns)

        def shown():
            screen = terminal.screen()
            missing[:] = [pattern for pattern in patterns if not re.search(pattern, screen, re.MULTILINE)]
            return None if missing else screen
        return eventually(lambda: f"{missing} on\n{terminal.screen()}", shown)

    def workers(self):
        """Processes of the daemon that run its worker."""
        daemon = self.daemon.process.pid
        return [int(pid) for pid in pathlib.Path(f"/proc/{daemon}/task/{daemon}/children").read_text().split()
                if os.path.basename(os.readlink(f"/proc/{pid}/exe")) == "embedd-worker"]

    @contextlib.contextmanager
    def stopped_in(self, phase):
        """The worker stands still in this phase of its start until the block ends."""
        def runs():
            with contextlib.suppress(subprocess.CalledProcessError):  # the daemon does not listen yet
                return any(entry["name"] == phase and entry["state"] == "running"
                           for entry in self.daemon.status()["phases"])
        eventually(f"the phase {phase}", runs)
        workers = self.workers()
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):  # it was silent for too long, and there is another
                    os.kill(worker, signal.SIGCONT)

    @contextlib.contextmanager
    def load(self):
        """A hundred requests a second until the block ends: some of what two cores do, so that a re-warm gets on."""
        bench = subprocess.Popen([PROGRAMS / "embed-bench", "--socket", self.daemon.socket, "load", "--no-ceiling",
                                  "--texts", "short", "--batch-sizes", "1", "--requests", "1000000",
                                  "--concurrency", "8", "--rate", "100"], stdout=subprocess.DEVNULL)
        try:
            yield
            self.assertIsNone(bench.poll(), "the load ended by itself")
        finally:
            bench.kill()
            bench.wait()

    def test_shows_a_start_from_before_there_is_a_daemon(self):
        terminal = self.console()
        terminal.see("NO CONNECTION", "try ", "No such file or directory")
        self.daemon.start()
        with self.stopped_in("warmup.verify"):
            terminal.press("c")
            self.see_all(terminal, "^ embedd ◐ WARMING UP  all-MiniLM-L6-v2",
                         *(rf"✓ {phase} *{TIME}" for phase in ("config", "tokenizer", "device.init", "weights.read",
                                                               "weights.place", "warmup.lengths")),
                         rf"▶ warmup.verify *{TIME}")
        self.see_all(terminal, f"^ {READY}  all-MiniLM-L6-v2")

    def test_shows_load_and_re_warms_beside_it(self):
        self.daemon.start()
        terminal = self.console()
        terminal.see(READY)
        with self.load():
            self.see_all(terminal, rf"^ +(rate|requests) +{POSITIVE}", r"^ ▸ 0 .* [1-9]\d*% [\[█]",
                         *(rf"^  {stage} +{NUMBER} +{NUMBER} +{NUMBER}"
                           for stage in ("queue", "tokenize", "forward", "serialize", "total")))
            self.rewarm(terminal)
            terminal.see("re-warm done", "before", "after", "Esc closes")
            self.see_all(terminal, rf"^ +(rate|requests) +{POSITIVE}")
        self.assertEqual(self.daemon.history(), ["done", "done"])

    def test_fits_any_window_and_gives_it_back(self):
        self.daemon.start()
        terminal = self.terminal(width=140, height=45)
        before = terminal.run("stty -a")
        terminal.type("echo what stood there before")
        terminal.await_prompt()
        terminal.type(self.command())
        terminal.see(READY)
        for width, height, also in ((80, 24, "Latency"), (40, 10, "p50"), (20, 5, ""), (200, 60, "Histogram"),
                                    (140, 45, "Latency")):
            terminal.resize(width, height)
            screen = terminal.see("READY", also)
            self.assertLessEqual(max(map(len, screen.splitlines())), width)
        terminal.press("q")
        terminal.see("what stood there before", "done:0>")
        self.assertEqual(terminal.run("stty -a"), before)

    def test_a_daemon_that_was_killed_is_shown_with_its_last_data_and_found_again(self):
        self.daemon.start()
        terminal = self.console()
        terminal.see(READY)
        self.daemon.kill()
        self.see_all(terminal, r"NO CONNECTION  data is [1-9][\d.]*s old", "Last known: Replicas",
                     "Last known: Latency")
        self.daemon.start()
        terminal.see(READY)


run_tests()
