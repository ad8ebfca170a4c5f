#!/usr/bin/env python3
"""After READY no request makes oneDNN build a primitive: its own log is the witness.

    primitive_cache_test.py EMBEDD MODEL

A warm daemon is sent 10,000 random requests and must show no cache miss. So that silence proves something, a daemon
started with --warmup false is sent 50 and must show some.
"""
import contextlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from frames import Connection

LONGEST = 256
PATIENCE = 120


@contextlib.contextmanager
def daemon(program, model, *options):
    """Yields the socket of a daemon that serves and the file its worker's oneDNN logs to."""
    with tempfile.TemporaryDirectory(prefix="embedd-", dir="/tmp") as directory:
        path, log = f"{directory}/s", pathlib.Path(directory, "log")
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("EMBEDD_", "LISTEN_", "WATCHDOG_")) and name != "NOTIFY_SOCKET"}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [program, "--model", model, "--socket", path, *options], stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, env={**environment, "ONEDNN_VERBOSE": "profile_create"})
        try:
            wait_until_ready(process, path, log)
            yield path, log
        finally:
            process.terminate()
            process.wait(PATIENCE)


def wait_until_ready(process, path, log):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"embedd ended with {process.returncode}:\n{log.read_text(errors='replace')[-4000:]}")
        with contextlib.suppress(OSError):
            connection = Connection(path)
            ready = connection.call(op="health").get("ready")
            connection.close()
            if ready:
                return
        time.sleep(0.05)
    sys.exit("embedd was not ready in time")


def random_request(draw):
    """One to four inputs of ids, short ones more often, as in real life."""
    lengths = [int(LONGEST ** draw.random()) for _ in range(draw.choice((1, 1, 1, 2, 4)))]
    return [[draw.randrange(1000, 30000) for _ in range(length)] for length in lengths]


def send_random(path, requests, seed):
    """Keeps 16 requests under way on one connection; returns how many were answered with vectors."""
    draw = random.Random(seed)
    connection = Connection(path)
    sent = answered = 0
    while answered < requests:
        while sent < requests and sent - answered < 16:
            connection.send({"id": sent, "op": "embed", "inputs": random_request(draw)})
            sent += 1
        header, _ = connection.receive()
        if not header["ok"]:
            sys.exit(f"a request failed: {header}")
        answered += 1
    connection.close()
    return answered


def misses(log, since=0):
    return log.read_bytes()[since:].count(b"cache_miss")


def main():
    program, model = sys.argv[1:]
    with daemon(program, model) as (path, log):
        ready = log.stat().st_size
        during_warm_up = misses(log)
        answered = send_random(path, 10_000, seed=1)
        after = misses(log, ready)
    with daemon(program, model, "--warmup", "false") as (path, log):
        ready = log.stat().st_size
        send_random(path, 50, seed=2)
        cold = misses(log, ready)
    print(f"primitives built during warm-up: {during_warm_up}")
    print(f"cache misses in {answered} requests after READY: {after}")
    print(f"cache misses in 50 requests without warm-up: {cold}")
    if during_warm_up == 0 or cold == 0:
        sys.exit("oneDNN's log shows nothing: the witness is blind")
    if after > 0:
        sys.exit("a request after READY met a cold shape")


if __name__ == "__main__":
    main()
