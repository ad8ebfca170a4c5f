#!/usr/bin/python3
"""A daemon as far as embed-bench sees one: READY=1, embed, status, rewarm. It counts each embed request as a cold hit, so
that a test can tell what was sent to it."""
import argparse
import json
import os
import socket
import struct
import threading

arguments = argparse.ArgumentParser()
arguments.add_argument("--socket")
arguments.add_argument("--warmup")
arguments.add_argument("--model")
arguments.add_argument("--rewarm")  # how it ends
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
    rows = len(request["inputs"])
    return {"shape": [rows, 1], "dtype": "float32", "tokens": [len(input) for input in request["inputs"]],
            "truncated": [], "model": "", "timing": {}}, b"\0" * 4 * rows


def serve(connection):
    stream = connection.makefile("rb")
    while head := stream.read(16):
        request = json.loads(stream.read(struct.unpack("<4sIQ", head)[1]))
        fields, payload = answer(request)
        header = json.dumps({"id": request["id"], "ok": True, **fields}).encode()
        connection.sendall(struct.pack("<4sIQ", b"EMB1", len(header), len(payload)) + header + payload)


listener = socket.socket(socket.AF_UNIX)
listener.bind(options.socket)
listener.listen()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
while True:
    threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
