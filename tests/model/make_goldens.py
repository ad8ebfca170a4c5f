#!/usr/bin/env python3
"""Makes the vectors that the network is held to, with sentence-transformers in float32.

    pip install sentence-transformers
    python3 tests/model/make_goldens.py .deps/models/all-MiniLM-L6-v2

Writes, in data/: for the given model and for three small models of random weights, the token ids of each text
(NAME.ids, one text a line) and its vector as the model itself gives it (NAME.vectors, float32, row after row).
The small models are written too.
"""
import json
import pathlib
import random
import shutil
import sys

import numpy
import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from transformers import BertConfig, BertModel

DATA = pathlib.Path(__file__).parent / "data"

SENTENCES = """
A man is eating food.
The quick brown fox jumps over the lazy dog.
How do I reset my password?
The stock market fell by three percent on Tuesday.
Die Würde des Menschen ist unantastbar.
L'été dernier, j'ai visité Aix-en-Provence.
El niño comió una manzana.
Быстрая коричневая лиса прыгает через ленивую собаку.
Η γρήγορη καφέ αλεπού.
机器学习是人工智能的一个分支。
東京は日本の首都です。
안녕하세요, 반갑습니다.
ภาษาไทยไม่มีช่องว่าง
مرحبا بالعالم
שלום עולם
हिन्दी में एक वाक्य
int main(void) { return 0; }
SELECT name FROM users WHERE id = 42;
https://example.org/a?b=c&d=e#f
C++ vs. C#: which one?!
1234567890 3.14159 -273.15 1e-9
E = mc² and √2 ≈ 1.414
ALL CAPS AND mixedCase
don't can't won't it's
semi-detached, well-known; co-operate
[CLS] [SEP] [MASK] [UNK] [PAD]
antidisestablishmentarianism
pneumonoultramicroscopicsilicovolcanoconiosis
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
""".strip().split("\n")

ODDITIES = [
    "", " ", "\n\t", "a", ".", "é", "中", "😀", "e\u0301", "\u0301", "Z\u0351\u036b\u0343a\u0346l\u0313g\u0300o",
    "👩‍👩‍👧‍👦 family", "🇩🇪🇫🇷", "👍🏽", "abc \u05d0\u05d1\u05d2 def", "\u202eright to left\u202c", "zero\u200bwidth",
    "\u0000null", "bell\u0007 and escape\u001b[31m", "soft\u00adhyphen", "ﬁ ﬂ ligatures", "Ⅷ ½ ①",
    "tab\tand\nnewline", "\ufeffbyte order mark", "\ufffd replacement", "\U0001f9ff\U000e0041", "ﷺ", "𝕳𝖊𝖑𝖑𝖔",
]

WORDS = "time year people way day man thing woman life child world school state family student group country".split()


def texts():
    # N words of one token each make N + 2 tokens: the limit of 256 from both sides, and far beyond it.
    lengths = [*range(2, 40, 2), *range(48, 250, 24), 252, 253, 254, 255, 256, 257, 1000]
    draw = random.Random(1)
    counted = [" ".join(draw.choices(WORDS, k=length)) for length in lengths]
    mixed = [" ".join(draw.sample(SENTENCES, k=2 + place % 4)) for place in range(30)]
    return SENTENCES + ODDITIES + counted + mixed


def tokens_of(model, text):
    features = model.tokenize([text])
    assert not features.get("token_type_ids", torch.zeros(1)).any()
    return features["input_ids"][0].tolist()


def write(name, ids, vectors):
    (DATA / f"{name}.ids").write_text("".join(" ".join(map(str, row)) + "\n" for row in ids))
    numpy.asarray(vectors, dtype="<f4").tofile(DATA / f"{name}.vectors")
    print(name, len(ids), "texts,", numpy.asarray(vectors).shape)


def reference(directory):
    torch.set_num_threads(1)
    model = SentenceTransformer(str(directory), device="cpu", model_kwargs={"dtype": torch.float32})
    rows = texts()
    vectors = [model.encode(text, convert_to_numpy=True) for text in rows]
    write("minilm", [tokens_of(model, text) for text in rows], vectors)


# Random weights are drawn wide, so that a layer that is left out or misplaced shows in the vectors.
def small(name, seed, mode, normalize, hidden, heads, layers, intermediate):
    torch.manual_seed(seed)
    config = BertConfig(vocab_size=96, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads,
                        intermediate_size=intermediate, max_position_embeddings=40, type_vocab_size=2,
                        attn_implementation="eager")
    network = BertModel(config, add_pooling_layer=False).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.25 + (1 if parameter.dim() == 1 else 0) * 0.5)

    directory = DATA / name
    shutil.rmtree(directory, ignore_errors=True)
    (directory / "1_Pooling").mkdir(parents=True)
    save_file({key: value.contiguous() for key, value in network.state_dict().items()}, directory / "model.safetensors")
    settings = {"architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "layer_norm_eps": 1e-12,
                "pad_token_id": 0, "vocab_size": 96, "hidden_size": hidden, "num_hidden_layers": layers,
                "num_attention_heads": heads, "intermediate_size": intermediate, "max_position_embeddings": 40,
                "type_vocab_size": 2}
    kinds = ["Transformer", "Pooling"] + ["Normalize"] * normalize
    modules = [{"idx": index, "name": str(index), "path": "" if index == 0 else f"{index}_{kind}",
                "type": f"sentence_transformers.models.{kind}"} for index, kind in enumerate(kinds)]
    pooling = {"word_embedding_dimension": hidden}
    for key, value in {"cls_token": "cls", "mean_tokens": "mean", "max_tokens": "max",
                       "mean_sqrt_len_tokens": "mean_sqrt_len"}.items():
        pooling[f"pooling_mode_{key}"] = value == mode
    for path, content in {"config.json": settings, "modules.json": modules, "1_Pooling/config.json": pooling,
                          "sentence_bert_config.json": {"max_seq_length": 40}}.items():
        (directory / path).write_text(json.dumps(content, indent=2) + "\n")

    from sentence_transformers.models import Pooling
    head = Pooling(hidden, pooling_mode={"mean_sqrt_len": "mean_sqrt_len_tokens"}.get(mode, mode))
    draw = random.Random(seed)
    ids = [[draw.randrange(96) for _ in range(length)] for length in (1, 2, 3, 7, 8, 16, 17, 33, 40)]
    vectors = []
    with torch.no_grad():
        for row in ids:
            tokens = network(torch.tensor([row])).last_hidden_state
            mask = torch.ones(1, len(row), dtype=torch.long)
            vector = head({"token_embeddings": tokens, "attention_mask": mask})["sentence_embedding"]
            vectors.append((torch.nn.functional.normalize(vector) if normalize else vector)[0].numpy())
    write(name, ids, vectors)


if __name__ == "__main__":
    DATA.mkdir(exist_ok=True)
    reference(sys.argv[1])
    small("small_cls", 1, "cls", True, hidden=32, heads=4, layers=2, intermediate=48)
    small("small_mean_sqrt_len", 2, "mean_sqrt_len", False, hidden=64, heads=1, layers=1, intermediate=32)
    small("small_max", 3, "max", False, hidden=32, heads=1, layers=2, intermediate=96)
