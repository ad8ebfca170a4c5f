"""A client of embedd in plain Python: one connection, frames as in docs/protocol.md."""
import json
import socket
import struct


class Connection:
    def __init__(self, path, timeout=120):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)

    def send(self, header):
        text = json.dumps(header).encode()
        self.socket.sendall(b"EMB1" + struct.pack("<IQ", len(text), 0) + text)

    def receive(self):
        """The next answer's header and payload."""
        magic, header_bytes, payload_bytes = struct.unpack("<4sIQ", self._exactly(16))
        assert magic == b"EMB1", magic
        return json.loads(self._exactly(header_bytes)), self._exactly(payload_bytes)

    def call(self, **header):
        self.send({"id": 0, **header})
        return self.receive()[0]

    def close(self):
        self.socket.close()

    def _exactly(self, size):
        data = bytearray()
        while len(data) < size:
            piece = self.socket.recv(min(size - len(data), 1 << 20))
            if not piece:
                raise ConnectionError("the daemon hung up")
            data += piece
        return bytes(data)
