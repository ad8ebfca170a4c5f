"""A test of embed-console on a terminal: its daemon, its terminals, and how it is started on one.

    A_TEST.py PROGRAMS WORKER MODEL [unittest's arguments]

PROGRAMS is the directory of the programs that were built, WORKER the one that embedd starts.
"""
import pathlib
import shlex
import sys
import unittest

from daemon import stage
from tmux import Terminal

PROGRAMS, WORKER, MODEL = (pathlib.Path(argument) for argument in sys.argv[1:4])
CONSOLE = shlex.quote(str(PROGRAMS / "embed-console"))
READY = "embedd ● READY"


class ConsoleCase(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(stage(PROGRAMS, WORKER, MODEL))

    def terminal(self, name="tmux", **how):
        terminal = Terminal(self.daemon.directory, name, **how)
        self.addCleanup(terminal.close)
        return terminal

    def command(self, *options):
        return " ".join([CONSOLE, "--socket", str(self.daemon.socket), *options])

    def start_console(self, *options, **how):
        terminal = self.terminal(**how)
        terminal.type(self.command(*options))
        return terminal

    def console_of_a_ready_daemon(self, *options, **how):
        self.daemon.start()
        terminal = self.start_console(*options, **how)
        terminal.see(READY)
        return terminal

    def rewarm(self, terminal):
        """Asks for one by its keys."""
        terminal.press("w")
        terminal.see("Re-warm all replicas?", "would re-warm")
        terminal.press("y")


def run_tests():
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
