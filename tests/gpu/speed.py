"""How fast it starts, computes and answers."""
import itertools
import os

from cores import Cores
from service import Daemon

MOST_UNDER_WAY = 4_000_000  # tokens, so that a closed loop's round takes a second or two
ROOM = ["--max-queue-tokens", "100000000", "--max-client-bytes", "8589934592", "--frame-limit", "5m"]
REQUESTS_KEPT = 512  # different ones of a row, sent again and again
LEAST_TOKENS_A_SECOND = {512: 2.5e6, 50: 2.0e6}  # with 64 texts a request
MOST_LATENCY_US = 1000
MOST_RATIO, MOST_WORST_RATIO = 1.2, 1.5


def drop_page_cache():
    """Where we may. True: what is read next comes from the disk."""
    try:
        os.sync()
        with open("/proc/sys/vm/drop_caches", "w") as file:
            file.write("1")
        return True
    except OSError:
        return False


def tell_of_start(step, name, daemon, model):
    step.tell(f"{name}: exec to READY", daemon.seconds_to_ready, "s")
    phases = daemon.phases()
    step.details[f"{name}, phases in ms"] = phases
    for phase in ("device.init", "weights.read", "weights.place", "warmup.lengths", "warmup.concurrency",
                  "warmup.memory", "warmup.verify"):
        step.tell(f"{name}: {phase}", phases.get(phase), "ms")
    if phases.get("weights.read"):
        size = (model / "model.safetensors").stat().st_size
        step.tell(f"{name}: weights.read", size / phases["weights.read"] / 1e6, "GB/s")


def cold_start(step, setting):
    model = setting.model(setting.main_shape)
    with Daemon(setting.programs, step.log, model, setting.device) as daemon:
        tell_of_start(step, "warm page cache", daemon, model)
        status = daemon.status()
    step.details["status after the start"] = status
    tell_of_warm_up(step, setting, status)
    if setting.on_gpu and drop_page_cache():  # a lent machine's, and nobody else's
        with Daemon(setting.programs, step.log, model, setting.device) as daemon:
            tell_of_start(step, "cold page cache", daemon, model)


def tell_of_warm_up(step, setting, status):
    warm_up = status["warmup"]
    last = warm_up["last"] or {}
    step.tell("warm-up: shapes of the plan", warm_up["plan_cells"])
    step.tell("warm-up: first ÷ control, median", last.get("ratio"), at_most=setting.on_a_gpu(MOST_RATIO))
    step.tell("warm-up: first ÷ control, worst", last.get("ratio_worst"), at_most=setting.on_a_gpu(MOST_WORST_RATIO))
    step.tell("token budget of a batch", (status.get("batch") or {}).get("max_tokens"))
    graphs = [replica["memory"].get("graphs_bytes") for replica in status["replicas"]]
    step.tell("memory of graphs", graphs[0], "bytes")


def first_requests(step, setting):
    """What embed-bench sees of a start: every rung's first request, which the report of the warm-up does not ask."""
    row = setting.programs.bench("--model", setting.model(setting.main_shape), "coldstart", "--variants", "default",
                                 "--runs", "1", "--requests", "300", "--", "--device", setting.device, limit=150)[0]
    step.details["embed-bench coldstart"] = row
    for figure, bar in (("new rung", MOST_RATIO), ("worst rung", MOST_WORST_RATIO), ("new length", MOST_RATIO),
                        ("worst length", MOST_WORST_RATIO), ("cold hits", 0)):
        step.tell(f"coldstart: {figure}", row[figure], at_most=setting.on_a_gpu(bar))


def ceilings(step, setting):
    """What matrix products of the model's shapes reach, and a copy within the device's memory."""
    for dtype in setting.dtypes:
        report = setting.programs.run("embedd-worker", "--ceiling", "--model", setting.model(setting.main_shape), "--dtype",
                                      dtype, "--device", setting.device, "--seconds", setting.seconds_a_row, "--json",
                                      limit=60)
        step.details[dtype] = report
        step.tell(f"{dtype}: measured on", report["device"])
        step.tell(f"{dtype}: matrix products", max(rate["gflops"] for rate in report["rates"]) / 1e3, "TFLOP/s")
        if "copy_bytes_per_second" in report:
            step.tell(f"{dtype}: copy", report["copy_bytes_per_second"] / 1e12, "TB/s")


def load(daemon, setting, tokens, texts, connections):
    """embed-bench's row, with what the processors and the device did meanwhile."""
    threads = min(connections, max(1, (os.cpu_count() or 1) // 4))
    workers = {f"worker {replica['id']}": replica["pid"] for replica in daemon.status()["replicas"]}
    cores = Cores({"daemon": daemon.process.pid, **workers})
    row = setting.programs.bench("--socket", daemon.socket, "load", "--no-ceiling", "--tokens", tokens, "--batch-sizes",
                                  texts, "--concurrency", connections, "--threads", threads, "--requests",
                                  max(connections, REQUESTS_KEPT // texts, 1), "--seconds", setting.seconds_a_row,
                                  limit=setting.seconds_a_row + 40)[0]
    return {**row, "cores": cores.used(), "devices": daemon.status()["devices"]}


def tell_of_load(step, name, row):
    step.details[name] = row
    step.tell(name, row["tokens/s"], "tokens/s")
    if row["failed"]:
        step.tell(f"{name}: failed requests", row["failed"], exactly=0)


def throughput(step, setting):
    model = setting.model(setting.main_shape)
    best = {}
    with Daemon(setting.programs, step.log, model, setting.device, *ROOM) as daemon:
        for tokens, texts, connections in itertools.product(setting.tokens, setting.texts_a_request, setting.connections):
            if tokens * texts * connections > MOST_UNDER_WAY:
                continue
            row = load(daemon, setting, tokens, texts, connections)
            tell_of_load(step, f"{tokens} tokens, {texts} a request, {connections} connections", row)
            if texts == 1:
                step.tell(f"{tokens} tokens, 1 a request, {connections} connections", row["requests/s"], "requests/s")
            if texts == max(setting.texts_a_request):
                best[tokens] = max(best.get(tokens, 0), row["tokens/s"])
        step.details["status after it"] = daemon.status()
    for tokens, rate in best.items():
        step.tell(f"{tokens} tokens, {max(setting.texts_a_request)} a request, best", rate, "tokens/s",
                  at_least=setting.on_a_gpu(LEAST_TOKENS_A_SECOND.get(tokens)))


def replicas(step, setting):
    """Two workers on one device, beside what one reaches in `throughput`."""
    model = setting.model(setting.main_shape)
    with Daemon(setting.programs, step.log, model, setting.device, "--replicas", 2, *ROOM) as daemon:
        for tokens, texts, connections in setting.replica_loads:
            row = load(daemon, setting, tokens, texts, connections)
            tell_of_load(step, f"2 replicas: {tokens} tokens, {texts} a request, {connections} connections", row)
            if texts == 1:
                step.tell(f"2 replicas: {tokens} tokens, 1 a request, {connections} connections", row["requests/s"],
                          "requests/s")


def latency(step, setting):
    with Daemon(setting.programs, step.log, setting.model(setting.main_shape), setting.device) as daemon:
        rows = setting.programs.bench("--socket", daemon.socket, "latency", "--tokens", 16, "--requests",
                                      setting.latency_requests, "--pauses", "0,20", limit=90)
    for row in rows:
        name = "closed loop" if row["pause ms"] == 0 else f"every {row['pause ms']} ms"
        bar = setting.on_a_gpu(MOST_LATENCY_US) if row["pause ms"] == 0 else None
        step.tell(f"16 tokens, {name}: p50", row["total p50 µs"], "µs", at_most=bar)
        step.tell(f"16 tokens, {name}: p99", row["total p99 µs"], "µs")
        step.tell(f"16 tokens, {name}: forward p50", row["forward p50 µs"], "µs")
        step.tell(f"16 tokens, {name}: added p50", row["added p50 µs"], "µs")
