"""Where the time of a pass goes, without daemon and socket: for what falls short."""
import csv
import io
import json
import os
import shutil
import statistics
import subprocess
import sys

from service import HERE

PASSES = 12
WARM = 4
# As the worker sets them for a daemon.
SETTLED = {"CUBLASLT_WORKSPACE_SIZE": "32768", "TORCH_CUBLASLT_UNIFIED_WORKSPACE": "1",
           "PYTORCH_ALLOC_CONF": "expandable_segments:True"}
NCU_KERNELS = 3000


def bare_loop(setting, *wrapper):
    return [*wrapper, setting.programs.path("embedd-worker"), "--bare-loop", "--model", str(setting.model(setting.main_shape)),
            "--device", setting.device]


def bare(step, setting):
    """Passes one after another in one process: what the daemon cannot be faster than with one lane."""
    for lengths in setting.bare_batches:
        result = subprocess.run(bare_loop(setting), input=f"{','.join(map(str, lengths))}\n" * PASSES, text=True,
                                env={**setting.programs.environment, **SETTLED}, stdout=subprocess.PIPE,
                                stderr=step.log.file, timeout=60, check=True)
        times = [json.loads(line)["us"] for line in result.stdout.splitlines()[1:]]
        took = max(statistics.median(times[WARM:]), 1)
        name = f"{len(lengths)} of {lengths[0]} tokens"
        step.details[name] = times
        step.tell(f"{name}: a pass", took / 1e3, "ms")
        step.tell(name, sum(lengths) / took * 1e6, "tokens/s")


def torch_pieces(step, setting):
    """pieces.py, and its products once more with cuBLASLt's own workspace of 1 MiB."""
    if not setting.on_gpu:
        return
    for name, arguments, settled in (("pieces", [], SETTLED), ("products, usual workspace", ["--products-alone"], {})):
        result = subprocess.run([sys.executable, HERE / "pieces.py", *arguments], env={**os.environ, **settled},
                                stdout=subprocess.PIPE, stderr=step.log.file, timeout=100, check=True)
        step.details[name] = json.loads(result.stdout)
    for put_together in step.details["pieces"]["pass"]:
        if put_together["rows"] >= 8192 and put_together["shape"] == "base":
            name = f"{put_together['rows']} rows of {put_together['tokens a text']}"
            step.tell(f"{name}: by ATen's pieces", put_together["tokens/s"], "tokens/s")
            for piece, share in put_together["shares"].items():
                step.tell(f"{name}: {piece}", round(100 * share, 1), "%")


def kernels(step, setting):
    """Each kernel of one pass of embedd's own, by Nsight Compute where there is one."""
    ncu = shutil.which("ncu")
    if not setting.on_gpu or not ncu:
        step.details["ncu"] = "not here" if setting.on_gpu else "a GPU's"
        return
    for length in (50, 512):
        line = ",".join([str(length)] * (8192 // length))
        result = subprocess.run(
            bare_loop(setting, ncu, "--clock-control", "none", "--metrics", "gpu__time_duration.sum", "--csv", "--launch-count",
                      str(NCU_KERNELS)), input=f"{line}\n" * 2, text=True, stdout=subprocess.PIPE, stderr=step.log.file,
            env={**setting.programs.environment, **SETTLED}, timeout=55, check=True)
        tell_of_kernels(step, length, result.stdout)


def tell_of_kernels(step, length, text):
    """Of the last pass, which begins with the embeddings."""
    table = "\n".join(line for line in text.splitlines() if line.startswith('"'))  # the worker prints there too
    rows = list(csv.DictReader(io.StringIO(table)))
    first = max(number for number, row in enumerate(rows) if "embed_rows" in row["Kernel Name"])
    scale = {"ns": 1e-3, "nsecond": 1e-3, "us": 1, "usecond": 1, "ms": 1e3, "msecond": 1e3}[rows[0]["Metric Unit"]]
    times = {}
    for row in rows[first:]:
        name = row["Kernel Name"].replace("(anonymous namespace)::", "").split("(")[0][:120]
        times.setdefault(name, []).append(float(row["Metric Value"].replace(",", "")) * scale)
    whole = sum(map(sum, times.values()))
    step.details[f"kernels of 8192 rows, {length} tokens a text"] = [
        {"kernel": name, "launches": len(of_kernel), "us": sum(of_kernel), "share": sum(of_kernel) / whole}
        for name, of_kernel in sorted(times.items(), key=lambda item: -sum(item[1]))]
    step.tell(f"{length} tokens a text: kernels of a pass", whole / 1e3, "ms")
    for name, of_kernel in sorted(times.items(), key=lambda item: -sum(item[1]))[:6]:
        step.tell(f"{length} tokens a text: {name[:60]} x {len(of_kernel)}", round(100 * sum(of_kernel) / whole, 1), "%")
