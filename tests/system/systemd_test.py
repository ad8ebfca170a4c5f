#!/usr/bin/env python3
"""The installed service under a real systemd, from `start` to `stop`, with its main process and its worker killed.

    systemd_test.py TREE MODEL

TREE is what `cmake --install` laid out for the prefix /opt/embedd; MODEL a model directory. Must be root.
"""
import contextlib
import json
import math
import os
import pathlib
import sys
import threading

from machine import PATIENCE, Machine, eventually, programs_missing

SOCKET = "/run/embedd/embedd.sock"
UNITS = "/opt/embedd/lib/systemd/system"
TEXT = "A small daemon that turns text into vectors."

failed = []


def check(what, passed, detail=""):
    print(f"{'ok' if passed else 'not ok'} - {what}", flush=True)
    if not passed:
        failed.append(what)
        for line in str(detail).splitlines():
            print(f"#   {line}", flush=True)
    return passed


class Abandoned(Exception):
    """Nothing that comes later could pass."""


def demand(what, passed, detail=""):
    if not check(what, passed, detail):
        raise Abandoned(what)


def told(done):
    return f"exit code {done.returncode}\n{done.stdout}{done.stderr}"


def vector(printed):
    """The one vector in what `embedctl embed` printed, or nothing."""
    try:
        rows = [json.loads(line)["embedding"] for line in printed.splitlines()]
    except (ValueError, KeyError):
        return None
    return rows[0] if len(rows) == 1 and len(rows[0]) > 1 else None


def answered(done):
    return done.returncode == 0 and vector(done.stdout) is not None


def alike(one, other):
    dot = sum(left * right for left, right in zip(one, other, strict=True))
    return dot >= 0.999 * math.hypot(*one) * math.hypot(*other)


class Service:
    """The service as its operator and its clients see it."""

    def __init__(self, machine):
        self.machine = machine

    def embed(self, text=TEXT, user=None):
        return self.machine.run("embedctl", "--timeout", PATIENCE, "embed", text, user=user)

    def systemctl(self, *words):
        return self.machine.run("systemctl", *words)

    def show(self, name, unit="embedd.service"):
        return self.machine.show(unit, name)

    def main_pid(self):
        return int(self.show("MainPID") or 0)

    def workers(self):
        return self.machine.processes("embedd-worker")

    def signal(self, name, *pids):
        if all(pids):  # to the shell, 0 would be all of us
            self.machine.run("sh", "-c", f"kill -{name} {' '.join(map(str, pids))}")

    def journal(self, *words):
        return self.machine.run("journalctl", "--no-pager", "--unit", "embedd.service", *words).stdout

    def last_lines(self):
        return self.journal("--lines", "20")

    def replaced(self, old):
        """The worker that serves in the old one's place, or nothing within our patience."""
        return eventually(lambda: [pid for pid in self.workers() if pid != old]
                          if old not in self.workers() else None)

    @contextlib.contextmanager
    def callers(self):
        """Two clients that ask one request after the other until the block ends; yields what went wrong."""
        over, faults, counts = threading.Event(), [], [0, 0]

        def ask(caller):
            while not over.is_set():
                done = self.embed(f"caller {caller}, request {counts[caller]}")
                counts[caller] += 1
                if not answered(done):
                    faults.append(told(done))

        def both_ask_again():
            before = list(counts)
            return eventually(lambda: all(now > then + 1 for now, then in zip(counts, before)))

        threads = [threading.Thread(target=ask, args=(caller,)) for caller in range(2)]
        for thread in threads:
            thread.start()
        both_ask_again()
        try:
            yield faults
            if not both_ask_again():
                faults.append("no request was answered afterwards")
        finally:
            over.set()
            for thread in threads:
                thread.join()


def units_are_sound(service):
    verified = service.machine.run("systemd-analyze", "verify", f"{UNITS}/embedd.service", f"{UNITS}/embedd.socket")
    check("systemd-analyze verify accepts the units", verified.returncode == 0, told(verified))
    rated = service.machine.run("systemd-analyze", "security", "--no-pager", "--offline=yes", "--threshold=8",
                                f"{UNITS}/embedd.service")
    check("the sandbox is rated 0.8 or better", rated.returncode == 0, rated.stdout[-500:] + rated.stderr)


def install(service):
    made = service.machine.run("systemd-sysusers", "/opt/embedd/lib/sysusers.d/embedd.conf")
    check("sysusers makes the user and both groups",
          made.returncode == 0 and all(service.machine.run("getent", *entry).returncode == 0 for entry in
                                       (("passwd", "embedd"), ("group", "embedd"), ("group", "embedd-admin"))),
          told(made))
    service.machine.run("useradd", "--no-create-home", "--groups", "embedd", "member")
    service.machine.run("useradd", "--no-create-home", "stranger")
    shipped = service.machine.path("/opt/embedd/share/embedd/embedd.json").read_text()
    service.machine.write("/etc/embedd/embedd.json",
                          shipped.replace("/var/lib/embedd-models/all-MiniLM-L6-v2", "/opt/served"))
    copied = service.machine.run("cp", "-rL", "/opt/model", "/opt/served")  # a copy that may be spoilt
    demand("the model is copied", copied.returncode == 0, told(copied))
    linked = service.systemctl("link", f"{UNITS}/embedd.service", f"{UNITS}/embedd.socket")
    check("the units can be linked from where they were installed", linked.returncode == 0, told(linked))


def a_client_may_come_first(service):
    started = service.systemctl("start", "embedd.socket")
    demand("the socket unit starts by itself", started.returncode == 0, told(started))
    entry = os.stat(service.machine.path(SOCKET))
    group = service.machine.run("getent", "group", "embedd").stdout.split(":")
    check("the socket is root's and the group's and nobody else's",
          (entry.st_uid, str(entry.st_gid), entry.st_mode & 0o777) == (0, group[2], 0o660), entry)
    check("the service does not run yet", service.show("ActiveState") == "inactive", service.show("ActiveState"))

    done = service.embed()
    demand("a client that connects before the start is answered", answered(done), told(done) + service.last_lines())
    check("and it was READY that let it be answered", service.show("ActiveState") == "active",
          service.show("ActiveState"))
    stop_leaves_nothing(service, "a first stop")


def start_returns_when_embedding_works(service):
    starting = service.machine.start("systemctl", "start", "embedd.service")
    eventually(lambda: service.workers() or starting.poll() is not None)
    loading = service.workers()
    # While its worker stands still the service cannot become ready, however slow we are to look.
    service.signal("STOP", *loading)
    state, line = service.show("ActiveState"), service.show("StatusText")
    health = service.machine.run("embedctl", "health")
    status = service.systemctl("status", "--no-pager", "embedd.service").stdout
    service.signal("CONT", *loading)
    starting.wait()
    ready = service.machine.run("embedctl", "health")
    done = service.embed()

    demand("systemctl start succeeds", starting.returncode == 0, starting.stderr.read() + service.last_lines())
    check("it returns only once the service is healthy", ready.returncode == 0, told(ready))
    check("and embeds", answered(done), told(done))
    check("until then the unit was activating", state == "activating", state)
    check("and embedctl health said reachable but not ready", health.returncode == 3, told(health))
    check("and systemctl status showed the phase", line and f'Status: "{line}"' in status, status)
    afterwards = service.show("StatusText")
    check("whose line is another one when ready", afterwards and afterwards != line, afterwards)
    print(f"#   {line}\n#   {afterwards}", flush=True)


def runs_confined(service):
    pid = service.main_pid()
    status = dict(line.split(":\t") for line in
                  service.machine.path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    uid = service.machine.run("id", "--user", "embedd").stdout.strip()
    check("the daemon runs as user embedd, without capabilities or a way to get any",
          status["Uid"].split()[0] == uid and int(status["CapEff"], 16) == 0 and status["NoNewPrivs"] == "1", status)
    entries = [json.loads(line) for line in service.journal("--output", "json").splitlines()]
    own = [entry for entry in entries if entry.get("_COMM") == "embedd"]
    check("its journal entries carry priorities", own and all("PRIORITY" in entry for entry in own), own[:3])


def only_the_group_may_connect(service):
    member, stranger = service.embed(user="member"), service.embed(user="stranger")
    check("a member of the group is served", answered(member), told(member))
    check("somebody else is not", stranger.returncode == 4, told(stranger))
    check("and is told that it is a matter of permission", "ermission denied" in stranger.stderr, told(stranger))


def warms_up_again(service):
    refused = service.machine.run("embedctl", "rewarm", user="member")
    check("a member of the group alone may not re-warm", refused.returncode == 1 and "embedd-admin" in told(refused),
          told(refused))
    done = service.machine.run("embedctl", "rewarm")
    check("root may, while it serves", done.returncode == 0, told(done))
    kept = service.machine.run("embedctl", "warmups", user="member")
    check("both warm-ups are in the history", "start" in kept.stdout and "rewarm" in kept.stdout, told(kept))


def reloads(service):
    for words in (("reload",), ("drain",), ("resume",), ("restart-replica", "0")):
        refused = service.machine.run("embedctl", *words, user="member")
        check(f"a member of the group alone may not {words[0]}",
              refused.returncode == 1 and "embedd-admin" in told(refused), told(refused))
    main, workers = service.main_pid(), service.workers()
    with service.callers() as faults:
        reloaded = service.systemctl("reload", "embedd.service")
    check("systemctl reload succeeds", reloaded.returncode == 0, told(reloaded) + service.last_lines())
    check("without a failed request", not faults, "\n".join(faults[:3]))
    check("in the same main process", service.main_pid() == main, f"{main} {service.main_pid()}")
    check("with another worker, and the old one gone",
          eventually(lambda: len(service.workers()) == 1 and service.workers() != workers), service.workers())

    service.machine.run("mv", "/opt/served/config.json", "/opt/served/config.away")
    failed = service.systemctl("reload", "embedd.service")
    service.machine.run("mv", "/opt/served/config.away", "/opt/served/config.json")
    check("a reload of a model at fault fails visibly", failed.returncode != 0
          and service.show("ReloadResult") == "exit-code", told(failed) + service.show("ReloadResult"))
    check("the journal names the file", "config.json" in service.last_lines(), service.last_lines())
    done = service.embed()
    check("and the model before serves", service.show("ActiveState") == "active" and answered(done), told(done))


def main_process_killed(service):
    before = service.main_pid()
    workers = service.workers()
    service.signal("KILL", before)
    done = service.embed()
    check("a client that connects while the main process is dead is answered", answered(done),
          told(done) + service.last_lines())
    check("by a new main process", service.main_pid() not in (0, before), f"{before} {service.main_pid()}")
    check("the old one's worker did not outlive it", not set(workers) & set(service.workers()), workers)
    check("the unit counted one restart", service.show("NRestarts") == "1", service.show("NRestarts"))


def restart_is_a_pause(service):
    with service.callers() as faults:
        restarted = service.systemctl("restart", "embedd.service")
    check("systemctl restart succeeds", restarted.returncode == 0, told(restarted))
    check("a restart under load fails no request", not faults, "\n".join(faults[:3]))


def worker_lost(service, name, word):
    before, main, workers = service.embed(), service.main_pid(), service.workers()
    demand("the service has one worker", len(workers) == 1, workers)
    old = workers[0]
    with service.callers() as faults:
        service.signal(name, old)
        successors = service.replaced(old)
    check(f"a worker that is {word} is replaced", successors, f"workers {service.workers()}, was {old}")
    check("without a failed request", not faults, "\n".join(faults[:3]) + service.last_lines())
    check("while the main process stays", service.main_pid() == main, f"{main} {service.main_pid()}")
    healthy = eventually(lambda: service.machine.run("embedctl", "health").returncode == 0)
    check("and the service is healthy again", healthy, service.show("StatusText"))
    after = service.embed()
    check("with the same vector for the same text", answered(before) and answered(after)
          and alike(vector(before.stdout), vector(after.stdout)), told(after)[:300])


def survives_its_manager(service):
    main = service.main_pid()
    with service.callers() as faults:
        service.systemctl("daemon-reload")
        service.systemctl("daemon-reexec")
    check("systemd's own re-execution costs no request", not faults and service.main_pid() == main,
          "\n".join(faults[:3]))


def bad_model(service):
    service.systemctl("stop", "embedd.service")
    service.machine.write("/etc/default/embedd", "EMBEDD_MODEL=/opt/no-such-model\n")
    started = service.systemctl("start", "embedd.service")
    check("a start with a bad model fails visibly", started.returncode != 0, told(started))
    seen = eventually(lambda: service.show("ExecMainStatus") == "78")
    check("with exit code 78", seen, service.show("ExecMainStatus"))
    check("the journal names the model", eventually(lambda: "/opt/no-such-model" in service.journal()),
          service.last_lines())
    tried_again = eventually(lambda: int(service.show("NRestarts")) >= 3)
    check("it is tried again", tried_again, service.show("NRestarts"))
    check("the socket stays", service.show("ActiveState", "embedd.socket") == "active",
          service.show("Result", "embedd.socket"))

    waiting = service.machine.start("embedctl", "--timeout", PATIENCE, "embed", TEXT)
    service.machine.write("/etc/default/embedd", "EMBEDD_MODEL=/opt/model\n")
    printed, complaint = waiting.communicate()
    check("a client that waits in it is answered once the fault is repaired", waiting.returncode == 0
          and vector(printed), complaint + service.last_lines())
    check("EMBEDD_MODEL in the environment names the model", service.show("ActiveState") == "active",
          service.show("ActiveState"))


def stop_leaves_nothing(service, which):
    stopped = service.systemctl("stop", "embedd.socket", "embedd.service")
    check(f"{which} of both units succeeds",
          stopped.returncode == 0 and service.show("Result") == "success" and service.show("ExecMainStatus") == "0",
          f"{told(stopped)}{service.show('Result')} {service.show('ExecMainStatus')}\n{service.last_lines()}")
    left = [pid for program in ("embedd", "embedd-worker", "embedd-tokenizer-proof")
            for pid in service.machine.processes(program)]
    check("it leaves no process", not left, left)
    check("and no socket", not service.machine.path(SOCKET).exists(), SOCKET)


def story(service):
    units_are_sound(service)
    install(service)
    a_client_may_come_first(service)
    start_returns_when_embedding_works(service)
    runs_confined(service)
    only_the_group_may_connect(service)
    warms_up_again(service)
    reloads(service)
    main_process_killed(service)
    restart_is_a_pause(service)
    worker_lost(service, "KILL", "killed")
    worker_lost(service, "STOP", "stopped")
    survives_its_manager(service)
    bad_model(service)
    stop_leaves_nothing(service, "a stop")


def main():
    tree, model = (str(pathlib.Path(argument).resolve(strict=True)) for argument in sys.argv[1:3])
    if os.geteuid() != 0:
        raise SystemExit("systemd_test: must be root: it boots a systemd in namespaces of its own")
    if missing := programs_missing():
        raise SystemExit(f"systemd_test: not installed: {', '.join(missing)}")
    os.umask(0o022)
    with Machine({tree: "/opt/embedd", model: "/opt/model"}) as machine:
        try:
            story(Service(machine))
        except Abandoned as reason:
            print(f"#   nothing more can be told without it: {reason}", flush=True)
    check("nothing of the machine is left", not machine.left_behind(), "\n".join(machine.left_behind()))
    print(f"{len(failed)} failed" if failed else "all passed")
    sys.exit(bool(failed))


main()
