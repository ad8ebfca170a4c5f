#!/usr/bin/env python3
"""embed-console on a real terminal (tmux), before a daemon with a fake worker."""
import os
import re
import signal

from console_case import CONSOLE, READY, ConsoleCase, run_tests
from tmux import eventually


class ConsoleTest(ConsoleCase):
    def warm_epoch(self):
        return self.daemon.status()["warmup"]["epoch"]

    def test_shows_each_phase_of_a_start(self):
        self.daemon.start("slow-load", "hold-warmup")
        terminal = self.start_console()
        terminal.see("LOADING", "load")
        self.daemon.heal("slow-load")
        terminal.see("WARMING UP")
        self.daemon.heal("hold-warmup")
        terminal.see(READY, "Replicas")

    def test_shows_what_clients_do_at_the_moment(self):
        terminal = self.console_of_a_ready_daemon("--interval 200ms")
        self.daemon.ask("embed", "--batch-size", "1", "--in-flight", "4", input="one\ntwo\nthree\n" * 500)
        rate = re.compile(r"(?m)^ rate +[0-9.]+k? req/s")
        eventually(terminal.screen, lambda: rate.search(terminal.screen()))

    def test_warms_up_again_after_w_and_y_and_shows_the_report(self):
        terminal = self.console_of_a_ready_daemon()
        before = self.warm_epoch()
        self.rewarm(terminal)
        terminal.see("re-warm done", "before", "after")
        self.assertEqual(self.warm_epoch(), before + 1)

    def test_changes_nothing_after_w_and_enter(self):
        terminal = self.console_of_a_ready_daemon()
        before = self.warm_epoch()
        terminal.press("w")
        terminal.see("Re-warm all replicas?", "would re-warm")
        terminal.press("Enter")
        eventually(terminal.screen, lambda: "Re-warm all replicas?" not in terminal.screen())
        self.assertEqual(self.warm_epoch(), before)

    def test_ends_a_re_warm_after_escape_and_y(self):
        terminal = self.console_of_a_ready_daemon()
        self.daemon.fault("hold-warmup")
        self.rewarm(terminal)
        terminal.see("RE-WARMING")
        terminal.press("Escape")
        terminal.see("what is warm stays warm")
        terminal.press("y")
        self.daemon.heal("hold-warmup")
        eventually(terminal.screen, lambda: READY in terminal.screen())

    def test_fits_any_size(self):
        self.daemon.start()
        terminal = self.start_console()
        terminal.see(READY, "Latency")
        terminal.resize(40, 10)
        terminal.see(READY, "p50")
        terminal.resize(2, 1)
        eventually("a narrow screen", lambda: len(terminal.screen().splitlines()[0]) <= 2)
        terminal.resize(200, 60)
        terminal.see(READY, "Histogram", "Clients", "Events")

    def test_a_daemon_that_was_killed_is_shown_with_its_last_data_and_found_again(self):
        terminal = self.console_of_a_ready_daemon()
        self.daemon.kill()
        terminal.see("NO CONNECTION", "data is", "old")
        terminal.see("next in", "Replicas")
        self.daemon.start()
        terminal.see(READY)

    def test_gives_the_terminal_back_as_it_was(self):
        self.daemon.start()
        terminal = self.terminal()
        before = terminal.run("stty -a")
        for way, leave in {"q": lambda: terminal.press("q"), "Ctrl-C": lambda: terminal.press("C-c"),
                           **{str(number): lambda number=number: os.kill(terminal.child(), number)
                              for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)}}.items():
            with self.subTest(way):
                terminal.type(self.command())
                terminal.see(READY)
                leave()
                terminal.await_prompt()
                self.assertEqual(terminal.run("stty -a"), before)

    def test_tells_its_shell_what_it_ended_by(self):
        self.daemon.start()
        terminal = self.terminal()
        terminal.type(self.command() + "; echo code $?")
        terminal.see(READY)
        os.kill(terminal.child(), signal.SIGTERM)
        terminal.see(f"code {128 + signal.SIGTERM}")
        terminal.type(self.command() + "; echo again $?")
        terminal.see(READY)
        terminal.press("q")
        terminal.see("again 0")

    def test_ctrl_z_lends_the_terminal_to_the_shell(self):
        terminal = self.console_of_a_ready_daemon()
        terminal.press("C-z")
        terminal.see("Stopped", "done:1>")
        terminal.type("fg")
        terminal.see(READY, "Help")
        terminal.press("q")
        terminal.see("done:0>")

    def test_a_stop_from_outside_gives_the_terminal_back_too(self):
        terminal = self.console_of_a_ready_daemon()
        os.kill(terminal.child(), signal.SIGTSTP)
        terminal.see("Stopped", "done:1>")
        terminal.type("fg")
        terminal.see(READY, "Help")

    def test_ends_when_its_terminal_is_gone(self):
        terminal = self.console_of_a_ready_daemon()
        console = terminal.child()
        terminal.close()
        terminal.await_end_of(console)

    def test_refuses_a_terminal_that_cannot_be_drawn_on(self):
        self.daemon.start()
        for term in ("dumb", "no-such-terminal"):
            with self.subTest(term):
                printed = self.terminal(name=term, term=term).run(f"{self.command()}; echo code $?")
                self.assertIn("--once", printed)
                self.assertIn("code 2", printed)

    def test_read_only_offers_no_change(self):
        terminal = self.console_of_a_ready_daemon("--read-only")
        terminal.press("w")
        terminal.see("read-only")
        self.assertNotIn("Re-warm all replicas?", terminal.screen())

    def test_plays_a_recording_without_a_daemon(self):
        self.daemon.start()
        recording = self.daemon.directory / "recording"
        terminal = self.start_console("--interval 200ms", f"--record {recording}")
        terminal.see(READY)
        eventually("three lines", lambda: recording.read_text().count("\n") > 2)
        terminal.press("q")
        terminal.see("done:0>")
        self.daemon.kill()
        terminal.type(f"{CONSOLE} --replay {recording}")
        terminal.see("the recording ends here")


run_tests()
