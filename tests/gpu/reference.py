#!/usr/bin/env python3
"""BERT as its paper has it, text by text in float32: what served vectors are held to. Shares no code with embedd.

    reference.py MODEL IDS OUT

IDS is a JSON list of lists of token ids, OUT gets a float32 vector for each, row after row. Computes with torch, or,
for a few short texts on a host without it, with Python's own numbers.
"""
import array
import importlib.util
import json
import math
import operator
import pathlib
import struct
import sys


class Checkpoint:
    """The tensors of a safetensors file, as bytes of float16."""

    def __init__(self, path):
        self._file = path.open("rb")
        length = struct.unpack("<Q", self._file.read(8))[0]
        self._table = json.loads(self._file.read(length))
        self._begin = 8 + length

    def tensor(self, name):
        entry = self._table[name]
        assert entry["dtype"] == "F16", entry
        begin, end = entry["data_offsets"]
        self._file.seek(self._begin + begin)
        return self._file.read(end - begin), entry["shape"]


class Torch:
    """Rows of numbers as tensors."""

    def __init__(self):
        import torch
        self.torch = torch
        self.functional = torch.nn.functional

    def tensor(self, content, shape):
        return self.torch.frombuffer(bytearray(content), dtype=self.torch.float16).float().reshape(shape)

    def lookup(self, table, indices):
        return table[self.torch.tensor(indices)]

    def add(self, left, right):
        return left + right

    def linear(self, rows, weight, bias):
        return self.functional.linear(rows, weight, bias)

    def norm(self, rows, gain, bias, epsilon):
        return self.functional.layer_norm(rows, gain.shape, gain, bias, epsilon)

    def gelu(self, rows):
        return self.functional.gelu(rows)

    def attend(self, query, key, value, heads):
        query, key, value = (rows.reshape(len(rows), heads, -1).transpose(0, 1) for rows in (query, key, value))
        scores = query @ key.transpose(1, 2) / math.sqrt(query.shape[-1])
        return (scores.softmax(-1) @ value).transpose(0, 1).flatten(1)

    def pool(self, rows, pooling):
        if pooling == "cls":
            return rows[0].tolist()
        if pooling == "max":
            return rows.max(0).values.tolist()
        return (rows.sum(0) / (len(rows) if pooling == "mean" else math.sqrt(len(rows)))).tolist()


class Plain:
    """Rows of numbers as lists."""

    def tensor(self, content, shape):
        numbers = struct.unpack(f"<{len(content) // 2}e", content)
        if len(shape) == 1:
            return list(numbers)
        return [numbers[row * shape[1]:(row + 1) * shape[1]] for row in range(shape[0])]

    def lookup(self, table, indices):
        return [table[index] for index in indices]

    def add(self, left, right):
        return [list(map(operator.add, a, b)) for a, b in zip(left, right)]

    def linear(self, rows, weight, bias):
        return [[sum(map(operator.mul, row, of_output)) + add for of_output, add in zip(weight, bias)] for row in rows]

    def norm(self, rows, gain, bias, epsilon):
        return [self._norm(row, gain, bias, epsilon) for row in rows]

    def _norm(self, row, gain, bias, epsilon):
        mean = sum(row) / len(row)
        variance = sum((number - mean) ** 2 for number in row) / len(row)
        scale = 1 / math.sqrt(variance + epsilon)
        return [(number - mean) * scale * g + b for number, g, b in zip(row, gain, bias)]

    def gelu(self, rows):
        return [[0.5 * number * (1 + math.erf(number / math.sqrt(2))) for number in row] for row in rows]

    def attend(self, query, key, value, heads):
        width = len(query[0]) // heads
        result = [[] for _ in query]
        for begin in range(0, heads * width, width):
            part = slice(begin, begin + width)
            columns = list(zip(*(row[part] for row in value)))
            for into, row in zip(result, query):
                scores = [sum(map(operator.mul, row[part], other[part])) / math.sqrt(width) for other in key]
                weights = [math.exp(score - max(scores)) for score in scores]
                into += [sum(map(operator.mul, weights, column)) / sum(weights) for column in columns]
        return result

    def pool(self, rows, pooling):
        if pooling == "cls":
            return rows[0]
        columns = list(zip(*rows))
        if pooling == "max":
            return [max(column) for column in columns]
        share = len(rows) if pooling == "mean" else math.sqrt(len(rows))
        return [sum(column) / share for column in columns]


class Bert:
    def __init__(self, directory, arithmetic):
        self.config = json.loads((directory / "config.json").read_text())
        self.pooling = json.loads((directory / "1_Pooling" / "config.json").read_text())["pooling_mode"]
        self.normalize = len(json.loads((directory / "modules.json").read_text())) == 3
        self.of = arithmetic
        self._checkpoint = Checkpoint(directory / "model.safetensors")
        self._tensors = {}

    def vector(self, ids):
        of = self.of
        rows = of.lookup(self._tensor("embeddings.word_embeddings.weight"), ids)
        rows = of.add(rows, of.lookup(self._tensor("embeddings.position_embeddings.weight"), list(range(len(ids)))))
        rows = of.add(rows, of.lookup(self._tensor("embeddings.token_type_embeddings.weight"), [0] * len(ids)))
        rows = self._norm(rows, "embeddings.LayerNorm")
        for layer in range(self.config["num_hidden_layers"]):
            rows = self._layer(rows, f"encoder.layer.{layer}.")
        return self._normalized(of.pool(rows, self.pooling))

    def _layer(self, rows, name):
        query, key, value = (self._linear(rows, f"{name}attention.self.{part}") for part in ("query", "key", "value"))
        attended = self.of.attend(query, key, value, self.config["num_attention_heads"])
        attended = self._linear(attended, name + "attention.output.dense")
        rows = self._norm(self.of.add(rows, attended), name + "attention.output.LayerNorm")
        wide = self.of.gelu(self._linear(rows, name + "intermediate.dense"))
        return self._norm(self.of.add(rows, self._linear(wide, name + "output.dense")), name + "output.LayerNorm")

    def _tensor(self, name):
        if name not in self._tensors:
            self._tensors[name] = self.of.tensor(*self._checkpoint.tensor(name))
        return self._tensors[name]

    def _linear(self, rows, name):
        return self.of.linear(rows, self._tensor(name + ".weight"), self._tensor(name + ".bias"))

    def _norm(self, rows, name):
        epsilon = self.config["layer_norm_eps"]
        return self.of.norm(rows, self._tensor(name + ".weight"), self._tensor(name + ".bias"), epsilon)

    def _normalized(self, vector):
        if not self.normalize:
            return vector
        length = math.sqrt(sum(number * number for number in vector))
        return [number / length for number in vector]


def main():
    model, ids, out = map(pathlib.Path, sys.argv[1:])
    bert = Bert(model, Torch() if importlib.util.find_spec("torch") else Plain())
    with out.open("wb") as file:
        for text in json.loads(ids.read_text()):
            array.array("f", bert.vector(text)).tofile(file)


if __name__ == "__main__":
    main()
