#!/usr/bin/env python3
"""Times of what a forward pass is made of, on a GPU, by torch's operators and CUDA events: JSON on standard output.

    pieces.py [--products-alone]

No profiler is needed. Where the whole falls short, the shares say where to look: `pass` puts the pieces together for
a batch of BERT-base. What lies between the products is ATen's here; embedd's own kernels should be faster than that.
"""
import json
import math
import sys

import torch

SHAPES = {"base": (12, 768, 12, 3072), "minilm": (6, 384, 12, 1536)}  # layers, width, heads, feed-forward
ROWS = (512, 2048, 8192, 16384)
LENGTHS = (50, 128, 512)
WARM_UPS, REPEATS, ROUNDS = 20, 20, 5
OPTIONS = {"device": "cuda", "dtype": torch.bfloat16}


def microseconds(work):
    """The median of rounds, each a mean over repeats; the clocks have risen by then."""
    for _ in range(WARM_UPS):
        work()
    times = []
    for _ in range(ROUNDS):
        began, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        began.record()
        for _ in range(REPEATS):
            work()
        ended.record()
        ended.synchronize()
        times.append(began.elapsed_time(ended) * 1e3 / REPEATS)
    return sorted(times)[ROUNDS // 2]


def products(width, wide):
    """The four of a layer: inputs and outputs."""
    return {"qkv": (width, 3 * width), "attended": (width, width), "intermediate": (width, wide), "output": (wide, width)}


def time_products():
    for shape, (_, width, _, wide) in SHAPES.items():
        for rows in ROWS:
            for name, (inputs, outputs) in products(width, wide).items():
                left, right = torch.randn(rows, inputs, **OPTIONS), torch.randn(outputs, inputs, **OPTIONS)
                bias = torch.randn(outputs, **OPTIONS)
                for call, work in (("mm", lambda: torch.mm(left, right.t())),
                                   ("linear", lambda: torch.nn.functional.linear(left, right, bias))):
                    took = microseconds(work)
                    yield {"piece": f"{call} {name}", "shape": shape, "rows": rows, "us": took,
                           "tflops": 2 * rows * inputs * outputs / took / 1e6}


def offsets(lengths):
    return torch.tensor([0, *lengths], device="cuda").cumsum(0).to(torch.int32)


def flash(shape, rows, lengths, longest):
    _, width, heads, _ = SHAPES[shape]
    parts = torch.randn(rows, 3, heads, width // heads, **OPTIONS)
    query, key, value = parts.unbind(1)
    at = offsets(lengths)
    return microseconds(lambda: torch.ops.aten._flash_attention_forward(
        query, key, value, at, at, longest, longest, 0.0, False, False, scale=1 / math.sqrt(width // heads)))


def time_attention():
    for shape, (_, width, _, _) in SHAPES.items():
        for rows in ROWS:
            for length in LENGTHS:
                lengths = [length] * (rows // length)
                took = flash(shape, rows, lengths, length)
                yield {"piece": f"flash of {length}", "shape": shape, "rows": rows, "us": took,
                       "tflops": 4 * len(lengths) * length ** 2 * width / took / 1e6}
    # A graph is captured for as many inputs as a rung may have: what those cost that are not there.
    for inputs in (8, 64, 512):
        lengths = [512] + [8] * 7 + [0] * (inputs - 8)
        took = flash("base", 2048, lengths, 512)
        yield {"piece": f"flash, 8 of {inputs} inputs", "shape": "base", "rows": 2048, "us": took, "tflops": None}


def time_between():
    for shape, (_, width, _, wide) in SHAPES.items():
        gain, bias = torch.ones(width, **OPTIONS), torch.zeros(width, **OPTIONS)
        for rows in ROWS:
            some, others = (torch.randn(rows, width, **OPTIONS) for _ in range(2))
            broad = torch.randn(rows, wide, **OPTIONS)
            for name, numbers, work in (
                    ("gelu", 2 * broad.numel(), lambda: torch.nn.functional.gelu(broad)),
                    ("add", 3 * some.numel(), lambda: some + others),
                    ("layer norm", 2 * some.numel(), lambda: torch.nn.functional.layer_norm(some, (width,), gain, bias))):
                took = microseconds(work)
                yield {"piece": name, "shape": shape, "rows": rows, "us": took, "gbps": 2 * numbers / took / 1e3}


def passes(pieces):
    """Milliseconds of a pass over so many rows, by piece, and the tokens a second that would be."""
    took = {(piece["shape"], piece["rows"], piece["piece"]): piece["us"] for piece in pieces}
    for shape, (layers, width, _, wide) in SHAPES.items():
        for rows in ROWS:
            for length in (50, 512):
                def of(piece, times=1):
                    return times * layers * took[shape, rows, piece] / 1e3

                parts = {"products": sum(of(f"mm {name}") for name in products(width, wide)),
                         "attention": of(f"flash of {length}"), "gelu": of("gelu"),
                         "add": of("add", 2), "layer norm": of("layer norm", 2)}
                whole = sum(parts.values())
                yield {"shape": shape, "rows": rows, "tokens a text": length, "ms": parts,
                       "tokens/s": rows / whole * 1e3, "shares": {name: part / whole for name, part in parts.items()}}


def main():
    torch.manual_seed(1)
    with torch.inference_mode():
        if "--products-alone" in sys.argv:
            return {"pieces": list(time_products())}
        pieces = [*time_products(), *time_attention(), *time_between()]
    return {"device": torch.cuda.get_device_name(), "pieces": pieces, "pass": list(passes(pieces))}


if __name__ == "__main__":
    print(json.dumps(main()))
