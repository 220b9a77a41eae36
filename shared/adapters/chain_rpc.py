"""JSON-RPC over HTTP as the chain's nodes speak it, with a deadline and a limit on every answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from shared import strict_json
from shared.service.sync import ChainRefused, ChainUnreachable, ChainUnreadable

TIMEOUT = 15.0
"""Seconds from the first byte of a call to the last one of its answer."""
LIMIT = 16 * 1024 * 1024
"""Bytes of the longest answer that is read: the runtime's metadata has about one million."""

_CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}


class Rpc:
    """One endpoint; every call is a connection of its own. Redirects are not followed."""

    def __init__(self, url: str, timeout: float = TIMEOUT, limit: int = LIMIT) -> None:
        """`url` is http or https; nothing is sent yet."""
        parts = urlsplit(url)
        self.name = parts.netloc.rpartition("@")[2]
        """Host and port: path and query may hold a key."""
        self._connection = _CONNECTIONS[parts.scheme]
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._timeout = timeout
        self._limit = limit

    def call(self, method: str, *params: Any) -> Any:
        """The result of a method; raises a `ChainError`."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = _parsed(self._post(json.dumps(request).encode()), method)
        if "error" in answer:
            raise ChainRefused(f"{method}: {_reason(answer['error'])}")
        if answer.get("id") != 1 or "result" not in answer:
            raise ChainUnreadable(f"{method}: the answer has no result")
        return answer["result"]

    def _post(self, body: bytes) -> bytes:
        with self._connected() as connection:
            connection.request("POST", self._target, body, {"Content-Type": "application/json"})
            return self._read(connection.getresponse())

    def _read(self, response: HTTPResponse) -> bytes:
        if response.status != 200:
            raise ChainUnreachable(f"answered {response.status} {response.reason}"[:200])
        announced = response.length or 0  # None where the answer comes in chunks
        if announced > self._limit:
            raise ChainUnreachable(f"the answer has more than {self._limit} bytes")
        answer = response.read(self._limit + 1)
        if len(answer) > self._limit:
            raise ChainUnreachable(f"the answer has more than {self._limit} bytes")
        if len(answer) < announced:
            raise ChainUnreachable("the answer was cut short")
        return answer

    @contextmanager
    def _connected(self) -> Iterator[HTTPConnection]:
        connection = self._connection(self.name, timeout=self._timeout)
        late = threading.Event()
        try:
            connection.connect()
            with _hanging_up(connection.sock, self._timeout, late):
                yield connection
            if late.is_set():  # an answer without a length ends where we hang up
                raise TimeoutError
        except (OSError, HTTPException, ChainUnreachable) as error:
            if late.is_set() or isinstance(error, TimeoutError):
                raise ChainUnreachable(f"no answer within {self._timeout:g} s") from error
            raise ChainUnreachable(str(error) or type(error).__name__) from error
        finally:
            connection.close()


def from_hex(result: Any, what: str) -> bytes:
    """The bytes of a result of the form `0x…`; raises `ChainUnreadable`."""
    if not isinstance(result, str) or not result.startswith("0x"):
        raise ChainUnreadable(f"{what}: the result is not 0x and hexadecimal digits")
    try:
        return bytes.fromhex(result[2:])
    except ValueError:
        raise ChainUnreadable(f"{what}: the result is not 0x and hexadecimal digits") from None


@contextmanager
def _hanging_up(held: socket.socket, seconds: float, late: threading.Event) -> Iterator[None]:
    """Hang up after so many seconds and set `late`, however slowly the bytes drip in."""

    def hang_up() -> None:
        late.set()
        with suppress(OSError):  # the other side was quicker
            socket.socket.shutdown(held, socket.SHUT_RDWR)

    watch = threading.Timer(seconds, hang_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _parsed(answer: bytes, method: str) -> dict[str, Any]:
    try:
        content = strict_json.loads(answer.decode("utf-8"))
    except ValueError as error:
        raise ChainUnreadable(f"{method}: the answer is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise ChainUnreadable(f"{method}: the answer is not an object")
    return content


def _reason(error: Any) -> str:
    said = error.get("message") if isinstance(error, dict) else error
    return str(said)[:200]
