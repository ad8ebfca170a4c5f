#!/usr/bin/python3
"""A daemon as far as embed-bench sees one: READY=1, embed, status, rewarm. It counts each embed request as a cold hit, so
that a test can tell what was sent to it."""
import argparse
import contextlib
import json
import math
import os
import socket
import struct
import threading
import zlib

arguments = argparse.ArgumentParser()
arguments.add_argument("--socket")
arguments.add_argument("--warmup")
arguments.add_argument("--model")
arguments.add_argument("--rewarm")  # how it ends
# What becomes of an embed request: right, or wrong (other vectors), fewer (vectors than texts), twice (answered so),
# left (a hang-up at each request but every third), or the error of this name.
arguments.add_argument("--embed", default="right")
options = arguments.parse_args()
embeds = 0


def answer(request):
    global embeds
    if request["op"] == "status":
        model = {"name": "fake", "path": options.model, "dtype": "float32", "max_tokens": 64}
        cold_start = {"shapes": 3, "first_us": 9, "steady_us": 6} if options.warmup == "false" else None
        return {"status": {"model": model, "warmup": {"cold_hits": {"total": embeds}, "cold_start": cold_start},
                           "phases": [{"name": "weights.read", "duration_us": 1000}]}}, b""
    if request["op"] == "rewarm":
        report = {"result": options.rewarm} if options.rewarm else None
        return {"dry_run": False, "replicas": [0], "cells": 1, "report": report}, b""
    embeds += 1
    inputs = request["inputs"][1:] if options.embed == "fewer" else request["inputs"]
    vectors = b"".join(vector(input) for input in inputs)
    return {"shape": [len(inputs), 2], "dtype": "float32", "tokens": [len(input) for input in inputs],
            "truncated": [], "model": "", "timing": {}}, vectors


def vector(input):
    """A direction for each input; a radian off where they are to be wrong."""
    angle = zlib.crc32(json.dumps(input).encode()) + (options.embed == "wrong")
    return struct.pack("<2f", math.cos(angle), math.sin(angle))


def refusal(name):
    hint = {"retry_after_ms": 10_000} if name == "overloaded" else {}
    return {"ok": False, "error": {"type": name.removesuffix("-unhinted"), "message": "as told", **hint}}


def serve(connection):
    stream = connection.makefile("rb")
    while head := stream.read(16):
        request = json.loads(stream.read(struct.unpack("<4sIQ", head)[1]))
        fields, payload = answer(request)
        if request["op"] == "embed" and options.embed == "left" and embeds % 3:
            return connection.shutdown(socket.SHUT_RDWR)
        if request["op"] == "embed" and options.embed not in ("right", "wrong", "fewer", "twice", "left"):
            fields, payload = refusal(options.embed), b""
        header = json.dumps({"id": request["id"], "ok": True, **fields}).encode()
        frame = struct.pack("<4sIQ", b"EMB1", len(header), len(payload)) + header + payload
        connection.sendall(frame * 2 if options.embed == "twice" and request["op"] == "embed" else frame)


def serve_until_left(connection):
    with contextlib.suppress(OSError):
        serve(connection)


listener = socket.socket(socket.AF_UNIX)
listener.bind(options.socket)
listener.listen()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
while True:
    threading.Thread(target=serve_until_left, args=[listener.accept()[0]], daemon=True).start()
