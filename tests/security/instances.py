"""One function in a process of its own, as the platform runs it, and bytes on the wire to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from devtools.paths import ROOT
from devtools.ports import LOOPBACK

STARTED_WITHIN = 60.0
ANSWERED_WITHIN = 40.0
"""Seconds after which a connection without an answer is a failure, not slowness."""
THREADS = 4
"""Requests that such an instance has in hand at a time."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A running function."""

    port: int
    log: Path

    def connect(self) -> socket.socket:
        """A connection to it."""
        return socket.create_connection((LOOPBACK, self.port), timeout=ANSWERED_WITHIN)

    def exchange(self, raw: bytes, *, then_close: bool = False) -> Reply:
        """Send these bytes as they are, and what comes back; `then_close`: nothing more follows."""
        with self.connect() as connection:
            with suppress(OSError):  # it may have answered and closed before everything was sent
                connection.sendall(raw)
                if then_close:
                    connection.shutdown(socket.SHUT_WR)
            return received(connection)

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """An ordinary request."""
        return self.exchange(request(path, [*headers.items()], body))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came over the wire; status 0 if there was none."""

    status: int
    head: str
    body: bytes

    @property
    def code(self) -> str:
        """The problem's code, "" if it is none."""
        _, _, rest = self.body.partition(b'"code":"')
        return rest.partition(b'"')[0].decode()


@contextmanager
def running(target: str, log: Path, **environment: str) -> Iterator[Instance]:
    """functions-framework with one function, in memory unless told otherwise."""
    port = _free_port()
    command = (sys.executable, "-m", "functions_framework", f"--target={target}", f"--port={port}")
    fixed = {"HOST": LOOPBACK, "STORE": "memory", "THREADS": str(THREADS)}
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **fixed, **environment}, stdout=out, stderr=out
        ) as server,
    ):
        try:
            _wait_until_open(port, server, log)
            yield Instance(port, log)
        finally:
            server.terminate()


def request(
    path: str, headers: list[tuple[str, str]], body: bytes = b"", method: str = "POST"
) -> bytes:
    """An HTTP/1.1 request of these headers, the ones that stand twice included."""
    named = {name.lower() for name, _ in headers}
    given = [("Host", "quorate"), ("Connection", "close"), *headers]
    if not named & {"content-length", "transfer-encoding"}:
        given.append(("Content-Length", str(len(body))))
    lines = "".join(f"{name}: {value}\r\n" for name, value in given)
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


def received(connection: socket.socket) -> Reply:
    """The answer on a connection that the server closes."""
    whole = bytearray()
    try:
        while piece := connection.recv(65_536):
            whole += piece
    except ConnectionResetError:
        pass  # it answered and closed before it had read everything
    head, _, body = bytes(whole).partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if head else 0
    return Reply(status, head.decode("latin-1"), body)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])


def _wait_until_open(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as client:
            if client.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"the function did not start: {log.read_text()}")
