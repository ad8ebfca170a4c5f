#!/usr/bin/env python3
"""Proves the GPU's half of embedd on the machine it runs on. README.md says what each figure means; run.sh starts it."""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import correctness
import endurance
import make_models
import shares
import speed
from proof import Proof
from service import HERE, Programs, libraries_of_torch

MOST_SECONDS = 570


class Setting:
    """What is proved: a GPU with models of real shapes, or the script itself with a small one."""

    def __init__(self, options, models):
        self.device, self.on_gpu = options.device, options.device.startswith("cuda")
        self.programs = Programs(options.programs, options.libraries)
        self._tokenizer, self._models = options.tokenizer, models
        small = options.small
        self.main_shape = "small" if small else "base"
        self._longest = 64 if small else make_models.POSITIONS
        self.dtypes = ["float32", "bfloat16", "float16"] if self.on_gpu else ["float32"]
        self.texts = 16 if small else 120
        self.tokens = [12] if small else [512, 50]
        self.texts_a_request = [1, 8] if small else [64, 1, 16]
        self.connections = [1, 4] if small else [16, 1024, 64, 1]
        self.replica_loads = [(12, 1, 4)] if small else [(50, 1, 1024), (50, 1, 16), (512, 64, 16), (50, 64, 64)]
        self.seconds_a_row = 0.5 if small else 2.5
        self.latency_requests = 20 if small else 1000
        self.batches = 500 if small else 10_000
        self.bare_batches = [[12] * 8] if small else [[512] * 32, [50] * 327, [512], [64], [63], [16]]

    def on_a_gpu(self, bar):
        """The bar of a figure that on a processor tells of the machine's noise."""
        return bar if self.on_gpu else None

    def model(self, shape, pooling="cls"):
        """Made when it is first asked for."""
        made = self._models / (shape if pooling == "cls" else f"{shape}-{pooling}")
        if not made.exists():
            # Only vectors that were not normalised tell some kinds of pooling apart.
            make_models.make(self._tokenizer, self._models, shape, pooling, pooling == "cls", self._longest)
        return made

    def other_models(self):
        others = [("small", "mean"), ("small", "max"), ("small", "mean_sqrt_len")]
        return [self.model(*names) for names in ([] if self.main_shape == "small" else [("minilm", "mean")]) + others]


def machine(step, setting):
    step.tell("processors", os.cpu_count())
    step.details["torch"] = [str(path) for path in libraries_of_torch()]
    with open("/proc/version") as file:
        step.details["kernel"] = file.read().strip()
    if not setting.on_gpu:
        return
    facts = ("name,driver_version,memory.total,memory.used,clocks.sm,clocks.max.sm,clocks.mem,persistence_mode,"
             "ecc.mode.current,pcie.link.gen.current,pcie.link.width.current,power.limit,temperature.gpu")
    told = subprocess.run(["nvidia-smi", f"--query-gpu={facts}", "--format=csv,noheader"], capture_output=True, text=True,
                          timeout=30)
    values = told.stdout.splitlines()[0].split(", ") if told.returncode == 0 else [told.stderr]
    step.details["nvidia-smi"] = dict(zip(facts.split(","), values))
    step.tell("GPU", values[0])
    step.tell("driver", values[1] if len(values) > 1 else None)
    asked = "import torch; print(torch.__version__, torch.version.cuda, torch.backends.cudnn.version(), torch.cuda.is_available())"
    step.tell("torch, CUDA, cuDNN, usable",
              subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60).stdout.strip())


def models(step, setting):
    for shape in {setting.main_shape, "small"}:
        step.details[shape] = (setting.model(shape) / "model.safetensors").stat().st_size
    setting.other_models()


# In the order of what would be missed most; seconds each may take at most.
STEPS = [("machine", 60, machine), ("models", 60, models), ("correctness", 200, correctness.check),
         ("throughput", 140, speed.throughput), ("latency", 70, speed.latency), ("cold start", 120, speed.cold_start),
         ("memory", 70, endurance.memory), ("ceilings", 60, speed.ceilings), ("bare loop", 60, shares.bare),
         ("pieces", 90, shares.torch_pieces), ("killed worker", 60, endurance.killed_worker),
         ("little memory", 60, endurance.little_memory), ("no GPU", 60, endurance.without_a_gpu),
         ("replicas", 60, speed.replicas), ("first requests", 100, speed.first_requests), ("kernels", 110, shares.kernels)]


def read_options():
    root = HERE.parents[1]
    packed = root if (root / "bin" / "embedd").exists() else root / ".gpu"  # the scripts are packed too
    options = argparse.ArgumentParser(prog="tests/gpu/run.sh prove", description=__doc__)
    options.add_argument("--device", default="cuda", help="cuda, cuda:N, or cpu, which proves the script itself")
    options.add_argument("--small", action="store_true", help="a small model and little work")
    options.add_argument("--programs", type=pathlib.Path, default=packed / "bin")
    options.add_argument("--libraries", type=pathlib.Path, default=packed / "lib")
    options.add_argument("--tokenizer", type=pathlib.Path, default=packed / "tokenizer", help="a model's directory")
    options.add_argument("--out", type=pathlib.Path, default=pathlib.Path(os.environ.get("OUT", "out")))
    options.add_argument("--seconds", type=float, default=MOST_SECONDS, help="for all of it")
    options.add_argument("--steps", help="only these, with commas between: " + ", ".join(name for name, _, _ in STEPS))
    return options.parse_args()


def main():
    options = read_options()
    options.out.mkdir(parents=True, exist_ok=True)
    proof = Proof(options.out, options.seconds)
    wanted = options.steps.split(",") if options.steps else [name for name, _, _ in STEPS]
    with tempfile.TemporaryDirectory(prefix="embedd-proof-", dir="/tmp") as directory:
        setting = Setting(options, pathlib.Path(directory))
        for name, limit, work in STEPS:
            if name in wanted:
                proof.run(name, limit, lambda step: work(step, setting))
    print(proof.table())
    return 1 if proof.missed() else 0


if __name__ == "__main__":
    sys.exit(main())
