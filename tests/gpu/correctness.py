"""Vectors served over the socket against the reference's: each type of numbers, each pooling, each way of batching."""
import array
import json
import math
import random
import subprocess
import sys
import tempfile
import pathlib

from service import HERE, Daemon

LEAST_COSINE = {"float32": 0.99999, "bfloat16": 0.999, "float16": 0.999}
LEAST_ALIKE = {"float32": 0.999999, "bfloat16": 0.9995, "float16": 0.9995}  # the same text, computed in two ways
MOST_LENGTH_OFF = 0.01
IN_FLIGHT = 32
WORDS = ("time year people way day man thing woman life child world school state family student group country problem "
         "hand part place case week company system program question work government number night point").split()
ODDITIES = ["", " ", "a", ".", "hello world", "Die Würde des Menschen ist unantastbar.", "机器学习是人工智能的一个分支。",
            "int main(void) { return 0; }", "👩‍👩‍👧‍👦 family", "antidisestablishmentarianism", "1234567890 3.14159 -273.15"]


def drawn_texts(count, longest, seed=1):
    """Texts of all lengths up to the longest, short ones more often; those beside a multiple of 128 for certain."""
    draw = random.Random(seed)
    wanted = [length for length in (127, 128, 129, 255, 256, 257, 511, 512) if length <= longest]
    lengths = wanted + [3 + int((longest - 2) ** draw.random()) for _ in range(count)]
    return ODDITIES + [" ".join(draw.choices(WORDS, k=min(length, longest) - 2)) for length in lengths][:count]


def tokenized(daemon, texts, longest):
    """As the model sees them: cut at its limit, whose last token stays the separator."""
    answer = daemon.ask(op="tokenize", inputs=texts)
    rows = [[token["id"] for token in tokens] for tokens in answer["tokens"]]
    return [row if len(row) <= longest else [*row[:longest - 1], row[-1]] for row in rows]


def vectors_of(answer):
    header, payload = answer
    if not header["ok"]:
        raise RuntimeError(f"embed: {header['error']}")
    numbers, width = array.array("f", payload), header["shape"][1]
    return [numbers[row * width:(row + 1) * width] for row in range(header["shape"][0])]


def served(daemon, requests):
    """The vectors of requests that are lists of (place, input), in the order of places; so many under way."""
    connection = daemon.connection()
    found, sent, answered = {}, 0, 0
    while answered < len(requests):
        while sent < len(requests) and sent - answered < IN_FLIGHT:
            connection.send({"id": sent, "op": "embed", "inputs": [text for _, text in requests[sent]]})
            sent += 1
        answer = connection.receive()
        found.update(zip((place for place, _ in requests[answer[0]["id"]]), vectors_of(answer)))
        answered += 1
    connection.close()
    return [found[place] for place in sorted(found)]


def alone(daemon, inputs):
    connection = daemon.connection()
    vectors = []
    for text in inputs:
        connection.send({"id": 0, "op": "embed", "inputs": [text]})
        vectors += vectors_of(connection.receive())
    connection.close()
    return vectors


def compositions(inputs):
    """Eight ways to put the same inputs into requests."""
    places = list(enumerate(inputs))
    orders = {"in order": places, "backwards": places[::-1]}
    for seed in (1, 2):
        orders[f"shuffled {seed}"] = random.Random(seed).sample(places, len(places))
    sizes = {"in order": [len(places), 1], "backwards": [len(places), 7], "shuffled 1": [2, 16], "shuffled 2": [3, 64]}
    for order, of_requests in sizes.items():
        for size in of_requests:
            given = orders[order]
            yield f"{order}, {size} a request", [given[at:at + size] for at in range(0, len(given), size)]


def dot(left, right):
    return math.fsum(a * b for a, b in zip(left, right))


def cosine(left, right):
    return dot(left, right) / math.sqrt(dot(left, left) * dot(right, right))


def least_cosine(some, others):
    return min(map(cosine, some, others))


def most_length_off(some, others):
    return max(abs(math.sqrt(dot(a, a) / dot(b, b)) - 1) for a, b in zip(some, others))


def all_finite(vectors):
    return all(math.isfinite(dot(vector, vector)) for vector in vectors)


def reference(model, ids, limit):
    """In a process of its own, so that neither torch nor its memory is beside what is timed later."""
    with tempfile.TemporaryDirectory() as directory:
        asked, out = pathlib.Path(directory, "ids"), pathlib.Path(directory, "vectors")
        asked.write_text(json.dumps(ids))
        subprocess.run([sys.executable, HERE / "reference.py", model, asked, out], check=True, timeout=limit)
        numbers = array.array("f", out.read_bytes())
    width = len(numbers) // len(ids)
    return [numbers[row * width:(row + 1) * width] for row in range(len(ids))]


def inputs_with_ids(step, setting, model):
    """Texts, and lists of token ids as no text has them, each with its token ids. All models have one tokenizer."""
    with started(step, setting, model) as daemon:
        longest = daemon.status()["model"]["max_tokens"]
        texts = drawn_texts(setting.texts, longest)
        return list(zip(texts, tokenized(daemon, texts, longest))) + [(ids, ids) for ids in ([101], [101, 102])]


def started(step, setting, model, dtype="float32", kernels=""):
    # Nothing but correctness is asked of these starts, so they leave warm-up out.
    return Daemon(setting.programs, step.log, model, setting.device, "--warmup", "false", "--max-queue-tokens", "10000000",
                  "--dtype", dtype, kernels=kernels)


class Correctness:
    """One model's inputs and what the reference makes of them."""

    def __init__(self, step, setting, model, inputs):
        self.step, self.setting, self.model = step, setting, model
        self.inputs, self.ids = map(list, zip(*inputs))
        self.reference = reference(model, self.ids, limit=120)
        between = [cosine(a, b) for a, b in zip(self.reference, self.reference[1:])]
        step.details[model.name] = {"texts": len(self.ids), "tokens": sum(map(len, self.ids)),
                                    "mean cosine between texts": sum(between) / len(between)}

    def check(self, dtype, kernels="", every_way=False):
        """The vectors of each text alone, which are within the bars of this type."""
        name = " ".join(filter(None, [self.model.name, dtype, kernels]))
        with started(self.step, self.setting, self.model, dtype, kernels) as daemon:
            vectors = alone(daemon, self.inputs)
            ways = {way: served(daemon, requests) for way, requests in compositions(self.inputs)} if every_way else {}
        tell = self.step.tell
        tell(f"{name}: cosine to the reference, least", least_cosine(vectors, self.reference), at_least=LEAST_COSINE[dtype])
        tell(f"{name}: length off, most", most_length_off(vectors, self.reference), at_most=MOST_LENGTH_OFF)
        tell(f"{name}: all numbers are finite", all(map(all_finite, [vectors, *ways.values()])), exactly=True)
        if ways:
            among = {way: least_cosine(found, self.reference) for way, found in ways.items()}
            self.step.details[f"{name}, cosine by way"] = among
            tell(f"{name}: cosine in {len(ways)} ways of batching, least", min(among.values()), at_least=LEAST_COSINE[dtype])
            tell(f"{name}: alone against in a batch, least", min(least_cosine(found, vectors) for found in ways.values()),
                 at_least=LEAST_ALIKE[dtype])
        return vectors

    def check_kernels(self, dtype):
        """Our own kernels against ATen's operators."""
        ours, atens = (self.check(dtype, kernels) for kernels in ("fused", "aten"))
        self.step.tell(f"{self.model.name} {dtype}: fused against aten, least", least_cosine(ours, atens),
                       at_least=LEAST_ALIKE[dtype])


def check(step, setting):
    model = setting.model(setting.main_shape)
    inputs = inputs_with_ids(step, setting, model)
    main = Correctness(step, setting, model, inputs)
    for dtype in setting.dtypes:
        main.check(dtype, every_way=True)
    if setting.on_gpu:
        main.check_kernels("bfloat16")
        main.check("float32", "aten")
    for model in setting.other_models():
        other = Correctness(step, setting, model, inputs[::4] + inputs[-2:])
        if not setting.on_gpu or model.name.startswith("minilm"):
            other.check("float32")
        if setting.on_gpu:
            other.check("bfloat16", every_way=True)
            other.check("bfloat16", "aten")
