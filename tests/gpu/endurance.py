"""What stays as it was under load, and what heals."""
import os
import random
import signal
import subprocess
import tempfile
import threading
import time

from service import Daemon
from speed import ROOM, load

EXIT_DEVICE_MISSING = 69
HEAL_LIMIT = 60
LITTLE = 0.01  # of the GPU's memory: 1.4 GB, and two lanes of 65,536 tokens want more
HEART_BEATS = 0.8  # seconds: some
UNDER_WAY = 4  # requests: few, so that each is a batch of its own


def random_request(draw, longest):
    """Ids of one to four inputs, short ones more often; now and then many."""
    inputs = draw.choice((1, 1, 1, 2, 4)) if draw.random() < 0.98 else 64
    return [[draw.randrange(1000, 30000) for _ in range(int(longest ** draw.random()))] for _ in range(inputs)]


def batches_of(status):
    return sum(replica["batches"] for replica in status["replicas"])


def send_until(daemon, batches, longest):
    """Random requests until the daemon has computed so many batches more."""
    draw, connection = random.Random(1), daemon.connection()
    begin = batches_of(daemon.status())
    sent = answered = 0
    while answered % 500 or batches_of(daemon.status()) - begin < batches:
        while sent - answered < UNDER_WAY:
            connection.send({"id": sent, "op": "embed", "inputs": random_request(draw, longest)})
            sent += 1
        header, _ = connection.receive()
        if not header["ok"]:
            raise RuntimeError(f"a request failed: {header['error']}")
        answered += 1
    connection.close()
    return batches_of(daemon.status()) - begin


def settled(daemon):
    """The status once the workers, which tell of their memory with each beat of their hearts, tell the same twice."""
    before = None
    while True:
        status = daemon.status()
        told = [replica["memory"] for replica in status["replicas"]]
        told = [[memory.get(kind) for kind in ("active_bytes", "reserved_bytes", "peak_bytes")] for memory in told]
        if told == before:
            return status
        before = told
        time.sleep(HEART_BEATS)


def memory(step, setting):
    with Daemon(setting.programs, step.log, setting.model(setting.main_shape), setting.device) as daemon:
        before = settled(daemon)
        computed = send_until(daemon, setting.batches, before["model"]["max_tokens"])
        after = settled(daemon)
    step.tell("batches of random lengths", computed)
    for was, now in zip(before["replicas"], after["replicas"]):
        step.details[f"replica {now['id']}"] = {"before": was["memory"], "after": now["memory"]}
        for kind in ("active_bytes", "reserved_bytes", "graphs_bytes"):
            first, last = was["memory"].get(kind), now["memory"].get(kind)
            grown = None if first is None or last is None else last - first
            step.tell(f"replica {now['id']}: {kind} grown", grown, "bytes", exactly=setting.on_a_gpu(0))
        for kind in ("peak_bytes", "alloc_retries", "ooms"):
            step.tell(f"replica {now['id']}: {kind}", now["memory"].get(kind))
    step.details["devices"] = after["devices"]
    cold = after["warmup"]["cold_hits"]
    step.details["cold hits"] = cold
    step.tell("cold hits", cold["total"], exactly=setting.on_a_gpu(0))


def little_memory(step, setting):
    """A device with hardly room for the weights: warm-up finds out, and no client does."""
    if not setting.on_gpu:
        return
    with Daemon(setting.programs, step.log, setting.model(setting.main_shape), setting.device, "--max-batch-tokens", 65536,
                "--gpu-memory-fraction", LITTLE, *ROOM) as daemon:
        status = daemon.status()
        row = load(daemon, setting, 512, 64, 4)
        after = daemon.status()
    step.tell(f"memory fraction {LITTLE}: token budget of a batch", status["batch"]["max_tokens"], at_most=65535)
    step.tell(f"memory fraction {LITTLE}: failed requests", row["failed"], exactly=0)
    step.tell(f"memory fraction {LITTLE}: restarts", after["counters"]["restarts"], exactly=0)
    step.tell(f"memory fraction {LITTLE}: refused by the device",
              sum(replica["memory"].get("ooms") or 0 for replica in after["replicas"]))


def healed(daemon, old):
    """Seconds until another worker than the old one serves."""
    began = time.monotonic()
    while time.monotonic() - began < HEAL_LIMIT:
        replica = daemon.status()["replicas"][0]
        if replica["pid"] not in (None, 0, old) and replica["state"] in ("ready", "busy"):
            return time.monotonic() - began
        time.sleep(0.05)
    return None


def killed_worker(step, setting):
    """kill -9 under load: clients notice nothing but latency."""
    with Daemon(setting.programs, step.log, setting.model(setting.main_shape), setting.device, *ROOM) as daemon:
        rows = []
        beside = threading.Thread(target=lambda: rows.append(load(daemon, setting, min(setting.tokens), 4, 8)))
        beside.start()
        time.sleep(setting.seconds_a_row / 3)
        pid = daemon.status()["replicas"][0]["pid"]
        os.kill(pid, signal.SIGKILL)
        seconds = healed(daemon, pid)
        beside.join()
        step.tell("worker killed: heals in", seconds, "s", at_most=HEAL_LIMIT)
        step.tell("worker killed: failed requests", rows[0]["failed"] if rows else None, exactly=0)
        step.tell("worker killed: longest answer", rows[0]["max ms"] if rows else None, "ms")


def without_a_gpu(step, setting):
    """What becomes of a host whose GPUs are hidden."""
    hidden = {"CUDA_VISIBLE_DEVICES": ""}
    with Daemon(setting.programs, step.log, setting.model("small"), "auto", **hidden) as daemon:
        step.tell("no GPU, device auto: computes on", daemon.status()["devices"][0]["id"], exactly="cpu")
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        result = subprocess.run(
            [setting.programs.path("embedd"), "--socket", f"{directory}/s", "--model", str(setting.model("small")),
             "--device", "cuda"], env={**setting.programs.environment, **hidden}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60)
    step.log.note(f"without a GPU, --device cuda said: {result.stderr}")
    step.details["no GPU, device cuda"] = result.stderr.splitlines()[-5:]
    step.tell("no GPU, device cuda: exit code", result.returncode, exactly=EXIT_DEVICE_MISSING)


