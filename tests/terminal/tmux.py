"""A real terminal to look at."""
import os
import pathlib
import subprocess
import time

PATIENCE = 60  # seconds: a busy machine, never a measure of speed


def eventually(what, condition):
    """The condition's first true value; polls for it."""
    end = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"never: {what() if callable(what) else what}")
        time.sleep(0.05)


class Terminal:
    """A shell in a tmux of its own; what it shows can be read, and the bytes it was sent."""

    def __init__(self, directory, name, width=100, height=30, term="screen-256color"):
        self.server = ["tmux", "-u", "-f", "/dev/null", "-S", str(pathlib.Path(directory, name))]
        self.bytes_file = pathlib.Path(directory, name + ".bytes")
        environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        # The shell's prompt is a sign of its own: what it ran is over.
        subprocess.run([*self.server, "new-session", "-d", "-x", str(width), "-y", str(height),
                        f"env TERM={term} HISTFILE= PS1='done:\\j> ' bash --norc --noprofile"], check=True, env=environment)
        self.await_prompt()

    def close(self):
        subprocess.run([*self.server, "kill-server"], check=False, stderr=subprocess.DEVNULL)

    def tmux(self, *words):
        return subprocess.run([*self.server, *words], check=True, capture_output=True, text=True).stdout

    def keep_bytes(self):
        self.tmux("pipe-pane", "-O", f"cat >> {self.bytes_file}")

    def bytes_with(self, last):
        """What the terminal was sent, once this was."""
        eventually(f"{last} among the bytes", lambda: last in self.bytes_file.read_bytes())
        return self.bytes_file.read_bytes()

    def type(self, text):
        self.tmux("send-keys", "-l", text)
        self.press("Enter")

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))
        eventually("the new size", lambda: f"rows {height}; columns {width};" in self.modes())

    def ask(self, name):
        """What tmux knows of the terminal."""
        return self.tmux("display-message", "-p", f"#{{{name}}}").strip()

    def modes(self):
        """The modes of its line, as another program sees them: a shell that edits its line has its own meanwhile."""
        return subprocess.run(["stty", "-a", "-F", self.ask("pane_tty")], check=True, capture_output=True,
                              text=True).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def see(self, *texts):
        """Waits until all the texts are on the screen, and returns it."""
        def shown():
            screen = self.screen()
            return screen if all(text in screen for text in texts) else None
        return eventually(lambda: f"{texts} on the screen:\n{self.screen()}", shown)

    def await_prompt(self):
        """The shell waits for a command: what is typed before that would be echoed twice."""
        eventually(lambda: f"a prompt at the end of\n{self.screen()}",
                   lambda: self.screen().rstrip().endswith("done:0>"))

    def child(self):
        """The process the shell runs."""
        shell = self.ask("pane_pid")
        return int(eventually("a child of the shell",
                              lambda: pathlib.Path(f"/proc/{shell}/task/{shell}/children").read_text().split())[0])

    def await_end_of(self, process):
        eventually(f"the end of process {process}", lambda: not pathlib.Path(f"/proc/{process}").exists())

    def run(self, command):
        """Types a command and returns what it printed."""
        self.await_prompt()
        self.tmux("send-keys", "-R")
        self.tmux("clear-history")
        self.type(f"{command}; echo over")
        return self.see("\nover").split("\nover")[0].split("echo over\n", 1)[-1]
