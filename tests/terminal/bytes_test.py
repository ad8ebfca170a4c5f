#!/usr/bin/env python3
"""Every byte that embed-console sends to a terminal, over a whole session of its operator."""
import pathlib
import re
import subprocess
import sys

from console_case import ConsoleCase, run_tests
from tmux import eventually

SELECT_GRAPHICS = re.compile(rb"\x1b\[([0-9;:]*)m")


def colours(stream):
    """Parameters of its sequences that choose one."""
    chosen = [int(word) for found in SELECT_GRAPHICS.findall(stream) for word in re.split(rb"[;:]", found) if word]
    return [number for number in chosen if 30 <= number <= 49 or 90 <= number <= 107]


def beyond_ascii(stream):
    return [byte for byte in stream if byte >= 0x80]


class WholeSession(ConsoleCase):
    def session(self, number, options="", environment=""):
        """Help, panes, a re-warm with its question and its report, a daemon that is lost and comes again."""
        self.daemon.start()
        terminal = self.terminal(name=f"tmux{number}", width=140, height=45)
        terminal.keep_bytes()
        terminal.type(environment + self.command(options))
        terminal.see(" READY ", "? Help")
        terminal.press("?")
        terminal.see("this help")
        terminal.press("Escape")
        for pane in ("Histogram", "Warm-up", "Clients", "Events", "Heatmap"):
            terminal.press("m")
            terminal.see(pane)
        terminal.press("t", "s", "Tab", "p", "p")
        self.daemon.fault("hold-warmup")
        self.rewarm(terminal)
        terminal.see("RE-WARMING")
        self.daemon.heal("hold-warmup")
        terminal.see("re-warm done", " READY ")
        terminal.press("Escape")
        terminal.resize(40, 10)
        terminal.see("p50")
        terminal.resize(140, 45)
        self.daemon.kill()
        terminal.see("NO CONNECTION", "data is", "next in")
        self.daemon.start()
        terminal.press("c")
        terminal.see(" READY ")
        terminal.press("q")
        terminal.await_prompt()
        terminal.type("echo over $((6 * 7))")
        sent = terminal.bytes_with(b"over 42")
        self.daemon.kill()
        return sent

    def test_is_in_colour_and_signs_unless_asked_otherwise(self):
        sent = self.session(0)
        self.assertTrue(colours(sent))
        self.assertTrue(beyond_ascii(sent))

    def test_ascii_sends_nothing_else(self):
        sent = self.session(1, "--ascii")
        self.assertEqual(beyond_ascii(sent), [])
        self.assertTrue(colours(sent))

    def test_no_color_sends_no_colour(self):
        sent = self.session(2, environment="NO_COLOR=1 ")
        self.assertEqual(colours(sent), [])
        self.assertTrue(beyond_ascii(sent))


class ColourTest(ConsoleCase):
    def test_what_the_options_and_the_environment_say_of_it(self):
        self.daemon.start()
        cases = (("", "", True), ("", "NO_COLOR= ", True), ("--color=never", "", False),
                 ("--color=always", "NO_COLOR=1 ", True))
        for number, (options, environment, coloured) in enumerate(cases):
            with self.subTest(environment + options):
                terminal = self.terminal(name=f"tmux{number}")
                terminal.keep_bytes()
                terminal.type(environment + self.command(options))
                terminal.see("READY", "Help")
                self.assertEqual(bool(colours(terminal.bytes_with(b"Help"))), coloured)


class NamesOfOthersTest(ConsoleCase):
    """Names that are sequences for a terminal: clear the screen, set the title, and an 8-bit introducer."""

    CLEAR, TITLE, EIGHT_BIT = "\x1b[2J", "\x1b]0;", "\x9b2J"

    def client(self):
        """A connection whose process and whose own name for itself are such."""
        frames = pathlib.Path(__file__).resolve().parents[1] / "system"
        program = f"""
import pathlib, sys
sys.path.insert(0, {str(frames)!r})
from frames import Connection
pathlib.Path("/proc/self/comm").write_text("{self.CLEAR}command")
connection = Connection(sys.argv[1])
connection.call(op="embed", inputs=["a text"], client="{self.CLEAR}{self.TITLE}{self.EIGHT_BIT}client")
print("served", flush=True)
sys.stdin.read()
"""
        process = subprocess.Popen([self.CLEAR + self.TITLE, "-c", program, str(self.daemon.socket)],
                                   executable=sys.executable, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   text=True)
        self.addCleanup(process.communicate)
        self.assertEqual(process.stdout.readline(), "served\n")

    def test_are_shown_and_not_obeyed(self):
        model = self.daemon.directory / f"{self.CLEAR}{self.TITLE}model"
        model.mkdir()
        for file in self.daemon.model.resolve().iterdir():
            (model / file.name).symlink_to(file)
        self.daemon.model = model
        self.daemon.start()
        self.daemon.ask("--timeout", "60", "wait-ready")
        self.client()
        terminal = self.terminal(width=160, height=45)
        terminal.keep_bytes()
        terminal.type(self.command())
        terminal.see("READY", r"\x1B[2J\x1B]0;\xC2\x9B2Jclient, \x1B[2Jcommand")
        terminal.press("e")
        terminal.see("Events", "loading ", r"\x1B[2J\x1B]0;model")

        sent = terminal.bytes_with(b"]0;model")
        for sequence in (self.CLEAR, self.TITLE, self.EIGHT_BIT):
            self.assertNotIn(sequence.encode(), sent)


run_tests()
