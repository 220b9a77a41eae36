"""A light client in a process of its own: keep-alive connections that send ready-made requests.

    python -m benchmarks.load_client PORT FILE CONNECTIONS SECONDS [--again]

Each connection sends its next request when it has the last answer. It does so little for each that
the server is what is measured; the CPU time that it took is told beside the rest.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from devtools.ports import LOOPBACK

PATIENCE = 30.0
"""Seconds after which a silent server is an error."""
_LENGTH = struct.Struct("<I")


def write_requests(file: Path, requests: Sequence[bytes]) -> None:
    """Keep requests, each as it goes over the wire."""
    file.write_bytes(b"".join(_LENGTH.pack(len(request)) + request for request in requests))


def read_requests(file: Path) -> Iterator[bytes]:
    """What `write_requests` kept."""
    raw, start = memoryview(file.read_bytes()), 0
    while start < len(raw):
        (size,) = _LENGTH.unpack_from(raw, start)
        start += _LENGTH.size
        yield bytes(raw[start : start + size])
        start += size


@dataclass(slots=True)
class Connection:
    """One connection and the request that it waits for."""

    socket: socket.socket
    sent_at: float = 0.0
    """Monotonic seconds."""
    received: bytes = b""

    def send(self, request: bytes) -> None:
        """Send a request."""
        self.received, self.sent_at = b"", time.monotonic()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Take what has come, and say whether the answer is complete; raises `ConnectionError`."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.received += piece
        head, blank, body = self.received.partition(b"\r\n\r\n")
        if b"\r\nTransfer-Encoding: chunked" in head:
            return body.endswith(b"0\r\n\r\n")
        return bool(blank) and len(body) >= content_length(head)

    @property
    def status(self) -> int:
        """Of the answer."""
        return int(self.received[9:12])


def content_length(head: bytes) -> int:
    """Bytes of the body that follows these headers; 0 where none is announced."""
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def drive(
    port: int, requests: Iterator[bytes], connections: int, seconds: float
) -> tuple[list[float], Counter[int]]:
    """Send until time is up or nothing is left: latencies in seconds, answers by status."""
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    until = time.monotonic() + seconds
    with selectors.DefaultSelector() as waiting:
        for request in _first(requests, connections):
            opened = Connection(socket.create_connection((LOOPBACK, port), PATIENCE))
            waiting.register(opened.socket, selectors.EVENT_READ, opened)
            opened.send(request)
        while waiting.get_map():
            for key, _ in waiting.select(PATIENCE) or _give_up():
                own: Connection = key.data
                if not own.is_answered():
                    continue
                now = time.monotonic()
                latencies.append(now - own.sent_at)
                statuses[own.status] += 1
                following = next(requests, None) if now < until else None
                if following is None:
                    waiting.unregister(own.socket)
                    own.socket.close()
                else:
                    own.send(following)
    return latencies, statuses


def _first(requests: Iterator[bytes], count: int) -> Iterator[bytes]:
    return (request for _, request in zip(range(count), requests, strict=False))


def _give_up() -> list[tuple[selectors.SelectorKey, int]]:
    raise TimeoutError(f"no answer within {PATIENCE:g} s")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was measured as one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load_client")
    parser.add_argument("port", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("connections", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--again", action="store_true", help="begin anew where requests end")
    given = parser.parse_args(arguments)
    loaded = list(read_requests(given.file))
    requests = cycle(loaded) if given.again else iter(loaded)
    began, cpu = time.monotonic(), time.process_time()
    latencies, statuses = drive(given.port, requests, given.connections, given.seconds)
    measured = {
        "seconds": time.monotonic() - began,
        "cpu": time.process_time() - cpu,
        "latencies": latencies,
        "statuses": statuses,
    }
    print(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
