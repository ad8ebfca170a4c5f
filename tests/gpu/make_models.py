#!/usr/bin/env python3
"""Makes models of random weights in the shapes of real ones, with plain Python, in seconds.

    make_models.py TOKENIZER DIRECTORY SHAPE[:POOLING]...

SHAPE is one of those below. TOKENIZER is a model's directory, of which only the tokenizer's files are taken. The
variants of one shape share their weights.
"""
import json
import os
import pathlib
import random
import shutil
import struct
import sys

VOCABULARY = 30522
POSITIONS = 512
SHAPES = {  # layers, width, heads, width of the feed-forward
    "base": (12, 768, 12, 3072),  # BERT-base: arctic-embed-m-v1.5, bge-base
    "minilm": (6, 384, 12, 1536),  # all-MiniLM-L6-v2, whose heads are half as wide
    "small": (2, 128, 4, 512),
}
POOLINGS = {"cls": "cls", "mean": "mean", "max": "max", "mean_sqrt_len": "mean_sqrt_len_tokens"}
TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"]


def numbers(random_bytes, count, exponent):
    """float16 numbers of either sign and a magnitude between 2**exponent and twice that, made of bytes alone: neither a loop over
    them nor a library is needed. Their last bits are lost in bfloat16, as a real model's are."""
    head = (exponent + 15) << 2
    heads = bytes((byte & 0x83) | head for byte in range(256))
    content = bytearray(random_bytes(2 * count))
    content[1::2] = content[1::2].translate(heads)
    return content


def gains(random_bytes, count):
    """Between 0.75 and 1.25, as those of layer norms are."""
    drawn = random_bytes(count)
    return b"".join(struct.pack("<e", 0.75 + byte / 512) for byte in drawn)


def tensors(shape):
    """Names, shapes and kinds, as the safetensors of transformers have them."""
    layers, width, _, wide = SHAPES[shape]
    for name, rows in (("word", VOCABULARY), ("position", POSITIONS), ("token_type", 2)):
        yield f"embeddings.{name}_embeddings.weight", [rows, width], "table"
    yield from norm("embeddings.LayerNorm", width)
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}."
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            yield from linear(prefix + part, width, width)
        yield from norm(prefix + "attention.output.LayerNorm", width)
        yield from linear(prefix + "intermediate.dense", wide, width)
        yield from linear(prefix + "output.dense", width, wide)
        yield from norm(prefix + "output.LayerNorm", width)


def linear(name, outputs, inputs):
    yield name + ".weight", [outputs, inputs], "weight"
    yield name + ".bias", [outputs], "bias"


def norm(name, width):
    yield name + ".weight", [width], "gain"
    yield name + ".bias", [width], "bias"


def write_weights(path, shape, seed):
    draw = random.Random(seed).randbytes
    # Sums over a row of weights keep about the size of what they are taken of: activations neither vanish nor grow.
    exponent = -6 if SHAPES[shape][1] >= 768 else -5
    table, content, offset = {}, [], 0
    for name, sizes, kind in tensors(shape):
        count = sizes[0] * (sizes[1] if len(sizes) > 1 else 1)
        piece = gains(draw, count) if kind == "gain" else numbers(draw, count, exponent)
        table[name] = {"dtype": "F16", "shape": sizes, "data_offsets": [offset, offset + len(piece)]}
        content.append(piece)
        offset += len(piece)
    header = json.dumps(table).encode()
    header += b" " * (-len(header) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        for piece in content:
            file.write(piece)


def write_settings(directory, shape, pooling, normalize, longest):
    layers, width, heads, wide = SHAPES[shape]
    config = {"architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "layer_norm_eps": 1e-12,
              "pad_token_id": 0, "vocab_size": VOCABULARY, "hidden_size": width, "num_hidden_layers": layers,
              "num_attention_heads": heads, "intermediate_size": wide, "max_position_embeddings": POSITIONS,
              "type_vocab_size": 2}
    kinds = ["Transformer", "Pooling"] + ["Normalize"] * normalize
    modules = [{"idx": index, "name": str(index), "path": "" if index == 0 else f"{index}_{kind}",
                "type": f"sentence_transformers.models.{kind}"} for index, kind in enumerate(kinds)]
    files = {"config.json": config, "modules.json": modules,
             "1_Pooling/config.json": {"word_embedding_dimension": width, "pooling_mode": POOLINGS[pooling]},
             "sentence_bert_config.json": {"max_seq_length": longest}}
    (directory / "1_Pooling").mkdir()
    for name, content in files.items():
        (directory / name).write_text(json.dumps(content, indent=1))


def make(tokenizer, place, shape, pooling="cls", normalize=True, longest=POSITIONS):
    """The model's directory."""
    weights = place / f"{shape}.safetensors"
    if not weights.exists():
        write_weights(weights, shape, seed=sorted(SHAPES).index(shape))
    directory = place / (shape if pooling == "cls" else f"{shape}-{pooling}")
    directory.mkdir()
    os.link(weights, directory / "model.safetensors")
    write_settings(directory, shape, pooling, normalize, longest)
    for name in TOKENIZER_FILES:
        if (tokenizer / name).exists():
            shutil.copy(tokenizer / name, directory)
    return directory


if __name__ == "__main__":
    for wanted in sys.argv[3:]:
        print(make(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), *wanted.split(":")))
