#!/usr/bin/env python3
"""Writes goldens.json: what Hugging Face's own binding answers for all-MiniLM-L6-v2.

    pip install tokenizers==0.23.2
    make_goldens.py .deps/models/all-MiniLM-L6-v2/tokenizer.json > tests/tokenizer/goldens.json
"""

import json
import sys

from tokenizers import Tokenizer

TEXTS = [
    "", " ", "   \t\n  ", "a", "A", "hello world", "Hello, World!", "HELLO WORLD", "  leading", "trailing  ",
    "two  spaces", "tabs\tand\nlines\r\nof text", "unaffable", "tokenization of embeddings", "don't can't won't",
    "e-mail: someone@example.org", "https://example.org/a?b=c&d=e#f", "C++20 and C# and F#", "3.14159 1,000,000 1e-9",
    "2026-11-21T08:00:00Z", "$5.00 €5 £5 ¥5 ₿5", "100% of ½ and ¾", "a_b_c snake_case", "camelCase PascalCase",
    "!!!???...", "(((nested)))", "[brackets] {braces} <angles>", "^" * 20, "-" * 50, "a" * 100, "a" * 101, "a" * 300,
    "café résumé naïve", "cafe\u0301 re\u0301sume\u0301", "Ångström", "İstanbul ıspanak", "straße STRASSE", "Ελληνικά ΣΟΦΟΣ",
    "русский язык", "українська мова", "عربي مرحبا", "שלום עולם", "فارسی", "हिन्दी नमस्ते", "ไทย สวัสดี", "தமிழ்",
    "漢字 kanji 漢字かな交じり", "中文分词", "한국어 안녕하세요", "日本語のテキスト", "ｆｕｌｌｗｉｄｔｈ　ｔｅｘｔ", "ﬁ ligature ﬂ", "①②③ ⅣⅤ",
    "emoji 😀😃", "👨‍👩‍👧‍👦 family", "🏳️‍🌈 flag", "👍🏽 skin", "❤️", "♥", "™ ® ©", "→ ← ↑ ↓", "∑ ∫ √ ∞ ≠ ≤",
    "\u0000", "nul\u0000inside", "\ufeffbom", "\ufffe\uffff", "\ufffd replaced", "soft\u00adhyphen", "zero\u200bwidth",
    "no\u00a0break", "line\u2028separator\u2029", "\u202eright to left", "ctrl\u0001\u001b\u007fchars", "\u0085next",
    "\u0301 alone", "x" + "\u0301" * 40, "\ue000 private", "\U0010ffff last", "\U0001f1e9\U0001f1ea",
    "[CLS] [SEP] [PAD] [UNK] [MASK]", "[MASK]", "x[MASK]y", "[mask]", "[CLS][SEP]", "##ing", "[unused1]",
    "The quick brown fox jumps over the lazy dog.", "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
    "Antidisestablishmentarianism and pneumonoultramicroscopicsilicovolcanoconiosis",
    "SELECT * FROM users WHERE id = 1; -- comment", "int main(int argc, char** argv) { return 0; }",
    "{\"json\": [1, 2.5, null, true]}", "# Heading\n\n* item **bold** `code`\n", "<p>html &amp; entities</p>",
]

LENGTHS = [0, 1, 253, 254, 255, 256, 257, 258, 600]
WORDS = "the cat sat on a mat and looked at you".split()

PAIRS = [
    ("", ""), ("", "b"), ("a", ""), ("what is a cat", "a cat is an animal"), ("漢字", "😀"),
    ("how many", "the cat sat on a mat and looked at you " * 3), ("the cat sat on a mat " * 5, "short"),
    ("one two three four five six seven eight nine ten", "ten nine eight seven six five four three two one"),
    ("the cat " * 200, "a mat " * 200), ("the cat " * 40, "a mat " * 400), ("[SEP] a", "b [SEP]"),
]

# A long text is a unit said many times, so that this file stays small.
LONG = [
    ("a", 1_000_000), ("^", 1_000_000), ("\u0301", 500_000), ("hello world ", 90_000), ("漢", 300_000),
    ("😀 ", 200_000), (" ", 1_000_000), ("cafe\u0301, ", 100_000), ("\n", 500_000), ("[MASK]", 100_000),
    ("\u0000", 500_000), ("e\u0301\u0302 [SEP] x-y\n", 60_000),
]


def bytes_before(text):
    """Where each character of the text begins, in bytes."""
    places = [0]
    for character in text:
        places.append(places[-1] + len(character.encode()))
    return places


def tokens(tokenizer, text):
    encoding = tokenizer.encode(text)
    places = bytes_before(text)
    return {
        "text": text,
        "ids": encoding.ids,
        "offsets": [[places[begin], places[end]] for begin, end in encoding.offsets],
        "spelled": encoding.tokens,
        "decoded": tokenizer.decode(encoding.ids, skip_special_tokens=True),
        "decoded_with_special": tokenizer.decode(encoding.ids, skip_special_tokens=False),
    }


def limited(tokenizer, limit, direction, special, *texts):
    tokenizer.no_truncation()
    whole = tokenizer.encode(*texts, add_special_tokens=special)
    tokenizer.enable_truncation(limit, direction=direction)
    encoding = tokenizer.encode(*texts, add_special_tokens=special)
    tokenizer.no_truncation()
    return {
        "max": limit,
        "direction": direction,
        "special": special,
        "ids": encoding.ids,
        "type_ids": encoding.type_ids if any(encoding.type_ids) else [],
        "truncated": len(whole.ids) > len(encoding.ids),
    }


def main():
    tokenizer = Tokenizer.from_file(sys.argv[1])
    tokenizer.no_padding()
    tokenizer.no_truncation()
    goldens = {"tokens": [tokens(tokenizer, text) for text in TEXTS], "limited": [], "pairs": [], "long": []}
    for length in LENGTHS:
        text = " ".join(WORDS[n % len(WORDS)] for n in range(length))
        for direction in "right", "left":
            for limit, special in (256, True), (254, False), (2, True), (3, True):
                case = limited(tokenizer, limit, direction, special, text)
                goldens["limited"].append({"words": length, **case})
    for first, second in PAIRS:
        for direction in "right", "left":
            for limit, special in (10_000, True), (64, True), (63, True), (4, True), (3, True), (21, False):
                case = limited(tokenizer, limit, direction, special, first, second)
                goldens["pairs"].append({"first": first, "second": second, **case})
    for unit, times in LONG:
        for direction in "right", "left":
            case = limited(tokenizer, 32, direction, True, unit * times)
            goldens["long"].append({"unit": unit, "times": times, **case})
    goldens["words"] = WORDS

    lists = [f'"{name}": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]" for name, cases in goldens.items()]
    print("{\n" + ",\n".join(lists) + "\n}")


main()
