#!/usr/bin/env python3
"""What embed-console leaves behind where it is not simply quit: the terminal, and a re-warm it asked for."""
import os
import pathlib
import resource
import signal

from console_case import READY, ConsoleCase, run_tests
from tmux import eventually


def no_more_memory(process):
    """From now on the kernel has none for it."""
    pages = int(pathlib.Path(f"/proc/{process}/statm").read_text().split()[0])
    resource.prlimit(process, resource.RLIMIT_AS, (pages * resource.getpagesize(),) * 2)


class AnExceptionTest(ConsoleCase):
    def ends_without_memory(self, press):
        """Returns what the console said on standard error."""
        self.daemon.start()
        complaint = self.daemon.directory / "complaint"
        terminal = self.terminal()
        before = terminal.run("stty -a")
        terminal.type(self.command(f"2> {complaint}; echo code $?"))
        terminal.see(READY)
        no_more_memory(terminal.child())
        press(terminal)
        terminal.see("code 1")
        self.assertEqual(terminal.ask("alternate_on"), "0")
        terminal.resize(100, 30)
        self.assertEqual(terminal.run("stty -a"), before)
        return complaint.read_text()

    def test_a_thread_that_cannot_be_started(self):
        said = self.ends_without_memory(lambda terminal: terminal.press("w"))
        self.assertEqual(said, "embed-console: Resource temporarily unavailable\n")

    def test_a_window_that_curses_has_no_memory_for(self):
        said = self.ends_without_memory(lambda terminal: terminal.resize(1000, 1000))
        self.assertIn("Out of memory", said)


class SigkillTest(ConsoleCase):
    """As the manual page has it: what stays, and how it is put right."""

    def put_right(self, terminal):
        terminal.type("echo what stood there before")
        terminal.await_prompt()
        terminal.type(self.command())
        terminal.see(READY)
        console = terminal.child()
        os.kill(console, signal.SIGKILL)
        terminal.await_end_of(console)
        left = terminal.modes().split()
        self.assertEqual((terminal.ask("alternate_on"), terminal.ask("cursor_flag"), terminal.ask("keypad_flag")),
                         ("1", "0", "1"))

        terminal.press("C-j")
        terminal.tmux("send-keys", "-l", "reset; tput rmcup")
        terminal.press("C-j")

        terminal.see("what stood there before")
        terminal.await_prompt()
        self.assertEqual((terminal.ask("alternate_on"), terminal.ask("cursor_flag"), terminal.ask("keypad_flag")),
                         ("0", "1", "0"))
        return left

    def test_bash_puts_the_line_right_and_the_operator_the_screen(self):
        self.daemon.start()
        terminal = self.terminal()
        self.put_right(terminal)
        self.assertIn("done", terminal.run("echo $((6 * 7)) done"))

    def test_in_another_shell_the_operator_puts_both_right(self):
        self.daemon.start()
        terminal = self.terminal()
        terminal.type("PS1='done:0> ' exec dash")
        terminal.await_prompt()
        what_a_line_needs = {"icanon", "echo", "isig", "icrnl", "ixon", "onlcr"}

        left = self.put_right(terminal)

        self.assertFalse(what_a_line_needs & set(left))
        self.assertLessEqual(what_a_line_needs, set(terminal.modes().split()))


class ReWarmOfOursTest(ConsoleCase):
    """The daemon ends a re-warm when who asked for it leaves, in whichever way."""

    def re_warming(self):
        self.daemon.start()
        terminal = self.start_console()
        terminal.see(READY)
        self.daemon.fault("hold-warmup")
        self.rewarm(terminal)
        terminal.see("RE-WARMING")
        return terminal

    def see_it_cancelled(self):
        self.daemon.heal("hold-warmup")
        eventually(lambda: f"a cancelled one in {self.daemon.history()}",
                   lambda: self.daemon.history()[1:] == ["cancelled"])
        self.assertEqual(self.daemon.status()["state"], "ready")

    def test_q_asks_first_and_goes_on_where_it_is_not_confirmed(self):
        terminal = self.re_warming()
        terminal.press("q")
        terminal.see("End the re-warm?", "y ends it and quits")
        terminal.press("Enter")
        eventually("no question", lambda: "End the re-warm?" not in terminal.screen())
        self.daemon.heal("hold-warmup")
        terminal.see("re-warm done")

    def test_q_and_y_end_both(self):
        terminal = self.re_warming()
        terminal.press("q")
        terminal.see("End the re-warm?", "y ends it and quits")
        terminal.press("y")
        terminal.await_prompt()
        self.see_it_cancelled()

    def test_a_signal_ends_both(self):
        terminal = self.re_warming()
        os.kill(terminal.child(), signal.SIGTERM)
        terminal.await_prompt()
        self.see_it_cancelled()

    def test_a_terminal_that_is_gone_ends_both(self):
        terminal = self.re_warming()
        console = terminal.child()
        terminal.close()
        terminal.await_end_of(console)
        self.see_it_cancelled()


run_tests()
