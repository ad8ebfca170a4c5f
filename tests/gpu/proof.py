"""What a proof run gathers: steps, their figures and which bars they met; a table and a JSON file of them."""
import contextlib
import json
import signal
import time
import traceback

LEAST_SECONDS = 5  # a step with less time left is not begun


class OutOfTime(Exception):
    pass


@contextlib.contextmanager
def time_limit(seconds):
    """Raises OutOfTime in the main thread, where all steps run; scopes on the way close as for any exception."""
    def expire(*_):
        raise OutOfTime(f"not done within {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Log:
    """One file that programs write to and steps note in."""

    def __init__(self, path):
        self.file = path.open("ab", buffering=0)

    def note(self, text):
        self.file.write(f"--- {time.strftime('%H:%M:%S')} {text}\n".encode())


class Step:
    """The figures of one step, as they come: those of a step that failed later count too."""

    def __init__(self, name, log):
        self.name, self.log = name, log
        self.state, self.error, self.seconds = "done", None, 0.0
        self.figures, self.details = [], {}

    def tell(self, name, value, unit="", at_least=None, at_most=None, exactly=None):
        """A figure and, where it has one, its bar. None never passes a bar."""
        bars = [("≥", at_least, lambda: value >= at_least), ("≤", at_most, lambda: value <= at_most),
                ("=", exactly, lambda: value == exactly)]
        given = [(sign, bar, holds) for sign, bar, holds in bars if bar is not None]
        self.figures.append({"name": name, "value": value, "unit": unit,
                             "bar": " ".join(f"{sign} {short(bar)}" for sign, bar, _ in given),
                             "passed": None if not given else value is not None and all(h() for _, _, h in given)})
        self.log.note(f"{self.name}: {name} = {short(value)} {unit}")

    def missed(self):
        return self.state != "done" or any(figure["passed"] is False for figure in self.figures)

    def as_json(self):
        return {key: getattr(self, key) for key in ("name", "state", "error", "seconds", "figures", "details")}


class Proof:
    def __init__(self, out, budget):
        self._out, self._deadline = out, time.monotonic() + budget
        self.log = Log(out / "log.txt")
        self.steps = []

    def run(self, name, limit, work):
        """One step under its limit and what is left of the whole; later ones go on whatever becomes of it."""
        step = Step(name, self.log)
        self.steps.append(step)
        left = self._deadline - time.monotonic()
        began = time.monotonic()
        if left < LEAST_SECONDS:
            step.state, step.error = "skipped", "no time was left"
        else:
            print(f"{name} ...", flush=True)
            self._attempt(step, min(limit, left), work)
        step.seconds = round(time.monotonic() - began, 1)
        self.write()

    def _attempt(self, step, limit, work):
        try:
            with time_limit(limit):
                work(step)
        except Exception as error:  # whatever it is, it is this step's
            step.state, step.error = "failed", f"{type(error).__name__}: {error}"
            self.log.note(f"{step.name} failed\n{traceback.format_exc()}")

    def missed(self):
        return any(step.missed() for step in self.steps)

    def write(self):
        """After each step, so that a run that is cut off leaves what it had."""
        report = {"passed": not self.missed(), "steps": [step.as_json() for step in self.steps]}
        (self._out / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")

    def table(self):
        rows = [("step", "figure", "value", "bar", "")]
        for step in self.steps:
            for figure in step.figures:
                verdict = {True: "ok", False: "MISSED", None: ""}[figure["passed"]]
                rows.append((step.name, figure["name"], f"{short(figure['value'])} {figure['unit']}".strip(),
                             figure["bar"], verdict))
            if step.state != "done":
                rows.append((step.name, step.state, "", "", f"FAILED: {step.error.splitlines()[0][:160]}"))
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0])).rstrip() for row in rows)


def short(value):
    if isinstance(value, float):
        return f"{value:.6f}" if 0.9 < value < 1 else f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
