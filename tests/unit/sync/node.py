"""A node of the chain on this machine, which can be made to misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from shared.domain.registry import Neuron

from . import metagraphs

HEAD = "0x" + "ab" * 32

Misbehave = Callable[[BaseHTTPRequestHandler, dict[str, Any]], bool]
"""Answers a request in its own way; False leaves it to the node."""


@dataclass
class Node:
    """Serves one metagraph per subnet; everything may be changed while it serves."""

    subnets: dict[int, Sequence[Neuron]]
    block: int = metagraphs.BLOCK
    runtime: metagraphs.Runtime = field(default_factory=metagraphs.runtime)
    version: int = 300
    misbehave: Misbehave = lambda _handler, _request: False
    results: dict[str, Any] = field(default_factory=dict)
    """Method, or function of `state_call`, → the result that is given instead of the right one."""
    calls: list[str] = field(default_factory=list)
    """Methods, and functions of `state_call`, in the order in which they were called."""
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        assert self._server
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Serve on a free port."""
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Serve no more."""
        assert self._server
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What a well-behaved node answers."""
        method, params = request["method"], request["params"]
        name = params[0] if method == "state_call" else method
        self.calls.append(name)
        result = self.results[name] if name in self.results else self._result(name, params)
        if isinstance(result, Exception):
            error = {"code": -32000, "message": str(result)}
            return {"jsonrpc": "2.0", "id": request["id"], "error": error}
        return {"jsonrpc": "2.0", "id": request["id"], "result": result}

    def _result(self, name: str, params: list[Any]) -> Any:
        if name == "chain_getFinalizedHead":
            return HEAD
        assert HEAD == params[-1], "every question is about the same block"
        if name == "state_getRuntimeVersion":
            return {"specName": "node-subtensor", "specVersion": self.version}
        if name == "Metadata_metadata_at_version":
            assert params[1] == "0x0f000000"
            return "0x" + self.runtime.metadata.hex()
        assert name == "SubnetInfoRuntimeApi_get_metagraph"
        return "0x" + self._metagraph(int.from_bytes(bytes.fromhex(params[1][2:]), "little")).hex()

    def _metagraph(self, netuid: int) -> bytes:
        if netuid not in self.subnets:
            return self.runtime.encode(None)
        neurons = self.subnets[netuid]
        return self.runtime.encode(metagraphs.content(neurons, netuid, self.block))


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing about callers that hang up."""


def _handler_of(node: Node) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = json.loads(body)
            if node.misbehave(self, request):
                self.close_connection = True
                return
            send(self, json.dumps(node.answer(request)).encode())

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - its base's name
            """Say nothing."""

    return Handler


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200) -> None:
    """A whole answer."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
