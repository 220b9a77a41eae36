"""A metagraph over JSON-RPC: read in full, or refused with a reason."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from shared.adapters.chain_metagraph import SubtensorChain
from shared.adapters.chain_rpc import Rpc
from shared.service.sync import (
    ChainError,
    ChainRefused,
    ChainUnreachable,
    ChainUnreadable,
    Metagraph,
)

from . import metagraphs, scale
from .node import Misbehave, Node, send

METAGRAPH = "SubnetInfoRuntimeApi_get_metagraph"
METADATA = "Metadata_metadata_at_version"
SOON = 0.3
"""Seconds after which the tests give a call up."""


@pytest.fixture
def node() -> Iterator[Node]:
    """A node with one subnet of eight neurons."""
    with Node({1: metagraphs.subnet()}) as serving:
        yield serving


def chain_of(node: Node, timeout: float = 10.0, limit: int = 2**20) -> SubtensorChain:
    return SubtensorChain(Rpc(node.url, timeout, limit))


def test_every_fact_of_every_neuron_is_read(node: Node) -> None:
    """Keys, stake in TAO, permit, axon and registration, at the finalized block."""
    expected = Metagraph(1, metagraphs.BLOCK, metagraphs.subnet())

    assert expected == chain_of(node).metagraph(1)


def test_an_axon_may_be_of_either_family_or_missing(node: Node) -> None:
    """IPv6 is read too; address 0 and port 0 are no axon."""
    six = metagraphs.neuron(2, axon=("2001:db8::9", 8091))
    node.subnets[1] = (*metagraphs.subnet()[:2], six, metagraphs.neuron(3))

    assert [None, None, ("2001:db8::9", 8091), None] == [
        neuron.axon for neuron in chain_of(node).metagraph(1).neurons
    ]


def test_an_axon_that_is_no_address_does_not_hide_the_subnet(node: Node) -> None:
    """One neuron's nonsense is that neuron without an axon."""
    content = metagraphs.content(metagraphs.subnet())
    content["axons"][2] |= {"ip": 2**100}
    content["axons"][3] |= {"ip_type": 9}
    node.results[METAGRAPH] = "0x" + node.runtime.encode(content).hex()

    neurons = chain_of(node).metagraph(1).neurons

    assert [None, None, ("8.8.4.4", 8004)] == [neuron.axon for neuron in neurons[2:5]]


def test_a_subnet_as_large_as_they_get_is_read(node: Node) -> None:
    """4,096 neurons, every one with an axon."""
    node.subnets[1] = metagraphs.subnet(4096)

    assert metagraphs.subnet(4096) == chain_of(node, limit=2**24).metagraph(1).neurons


def test_the_runtimes_own_types_decide(node: Node) -> None:
    """After an upgrade that moves every field the metagraph is read as before."""
    chain = chain_of(node)
    before = chain.metagraph(1)
    node.runtime, node.version = metagraphs.runtime(metagraphs.ORDER[::-1]), 301

    assert before == chain.metagraph(1)


def test_metadata_is_asked_for_once_per_runtime(node: Node) -> None:
    """The second metagraph of one runtime costs three calls."""
    chain = chain_of(node)
    chain.metagraph(1)
    node.calls.clear()
    chain.metagraph(1)

    assert ["chain_getFinalizedHead", "state_getRuntimeVersion", METAGRAPH] == node.calls


def test_a_subnet_that_the_chain_does_not_have_is_said(node: Node) -> None:
    """Its number is in the sentence."""
    with pytest.raises(ChainRefused, match="the chain has no subnet 7"):
        chain_of(node).metagraph(7)


def test_a_name_holds_no_key(node: Node) -> None:
    """A path or query with a key in it never reaches a log."""
    assert Rpc(f"{node.url}/v1/secret?key=secret").name == node.url.removeprefix("http://")


def test_the_path_and_query_of_the_endpoint_are_used() -> None:
    """Where an endpoint's key is in its URL, it is sent."""
    seen = []

    def look(handler: BaseHTTPRequestHandler, _request: dict[str, Any]) -> bool:
        seen.append(handler.path)
        return False

    with Node({}, misbehave=look) as node:
        Rpc(f"{node.url}/v1?key=k").call("chain_getFinalizedHead")

    assert seen == ["/v1?key=k"]


def encoded(node: Node, **changes: Any) -> str:
    content = metagraphs.content(metagraphs.subnet()) | changes
    return "0x" + node.runtime.encode(content).hex()


ALICE_TWICE = [metagraphs.key("hotkey 0")] * 8

WRONG_RESULTS: dict[str, tuple[str, Any, type[ChainError], str]] = {
    "an error": (METAGRAPH, RuntimeError("pruned"), ChainRefused, "state_call: pruned"),
    "not a string": (METAGRAPH, ["0x00"], ChainUnreadable, "not 0x"),
    "not hexadecimal": (METAGRAPH, "0xzz", ChainUnreadable, "not 0x"),
    "half a byte": (METAGRAPH, "0x012", ChainUnreadable, "not 0x"),
    "nothing at all": (METAGRAPH, "0x", ChainUnreadable, "metagraph cannot be decoded"),
    "no version": ("state_getRuntimeVersion", {}, ChainUnreadable, "no specVersion"),
    "a version that is none": ("state_getRuntimeVersion", 300, ChainUnreadable, "no specVersion"),
    "metadata of no such version": (METADATA, "0x00", ChainRefused, "no metadata of version 15"),
    "metadata that is none": (METADATA, "0x010461", ChainUnreadable, "cannot be decoded: .*Panic"),
}


@pytest.mark.parametrize("name", sorted(WRONG_RESULTS))
def test_a_wrong_result_is_refused_with_its_reason(node: Node, name: str) -> None:
    """Whatever a node says, the caller gets one of our errors and never the decoder's."""
    method, result, kind, message = WRONG_RESULTS[name]
    node.results[method] = result

    with pytest.raises(kind, match=message):
        chain_of(node).metagraph(1)


WRONG_METAGRAPHS: dict[str, tuple[dict[str, Any], str]] = {
    "of another subnet": ({"netuid": 2}, "it is of subnet 2"),
    "columns of two lengths": ({"hotkeys": ALICE_TWICE[:3]}, "cannot be read"),
    "one hotkey at two uids": ({"hotkeys": ALICE_TWICE}, "stands in neurons"),
}


@pytest.mark.parametrize("name", sorted(WRONG_METAGRAPHS))
def test_a_metagraph_that_breaks_a_rule_of_the_registry_is_refused(node: Node, name: str) -> None:
    """What `registry import` refuses is refused here too."""
    changes, message = WRONG_METAGRAPHS[name]
    node.results[METAGRAPH] = encoded(node, **changes)

    with pytest.raises(ChainUnreadable, match=message):
        chain_of(node).metagraph(1)


def test_a_subnet_without_neurons_is_refused(node: Node) -> None:
    """An empty answer never replaces anything."""
    node.subnets[1] = ()

    with pytest.raises(ChainUnreadable, match="neurons: must be 1–4096, are 0"):
        chain_of(node).metagraph(1)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99])
def test_a_metagraph_that_ends_early_is_refused(node: Node, share: float) -> None:
    """Half a list of neurons is no list."""
    whole = encoded(node)
    node.results[METAGRAPH] = whole[: 2 + int(share * (len(whole) - 2)) // 2 * 2]

    with pytest.raises(ChainUnreadable, match="metagraph cannot be decoded"):
        chain_of(node).metagraph(1)


def test_a_list_that_claims_to_be_longer_than_memory_harms_nobody(node: Node) -> None:
    """The decoder dies of it; we get an answer, and may ask the next endpoint."""
    whole = node.runtime.encode(metagraphs.content(metagraphs.subnet()))
    name = whole.index(scale.compact(len(b"quorate")))
    claimed = whole[:name] + scale.compact(2**30 - 1) + whole[name + 1 :]
    node.results[METAGRAPH] = f"0x{claimed.hex()}"

    with pytest.raises(ChainUnreadable, match=r"cannot be decoded: memory allocation of \d+ bytes"):
        chain_of(node).metagraph(1)


def test_a_runtime_without_the_function_is_refused(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing is named."""
    monkeypatch.setattr(metagraphs, "METHOD", "get_nothing")
    node.runtime = metagraphs.runtime()

    with pytest.raises(ChainRefused, match=r"runtime has no SubnetInfoRuntimeApi\.get_metagraph"):
        chain_of(node).metagraph(1)


def answering(body: bytes, status: int = 200) -> Misbehave:
    def misbehave(handler: BaseHTTPRequestHandler, _request: dict[str, Any]) -> bool:
        send(handler, body, status)
        return True

    return misbehave


def saying(*lines: str) -> Misbehave:
    def misbehave(handler: BaseHTTPRequestHandler, _request: dict[str, Any]) -> bool:
        handler.wfile.write("\r\n".join(lines).encode())
        return True

    return misbehave


NO_RESULT = json.dumps({"jsonrpc": "2.0", "id": 1}).encode()
OTHER_ID = json.dumps({"jsonrpc": "2.0", "id": 2, "result": "0x"}).encode()
CUT = saying("HTTP/1.1 200 OK", "Content-Length: 1000", "", '{"jsonrpc"')
CUT_CHUNK = saying("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "ff", '{"jsonrpc"')
HUGE_CHUNKS = saying(
    "HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "fffff", "x" * 0xFFFFF, "ff", "x" * 0xFF
)
MOVED = saying("HTTP/1.1 302 Found", "Location: http://127.0.0.1:9/", "Content-Length: 0", "", "")

WRONG_ANSWERS: dict[str, tuple[Misbehave, type[ChainError], str]] = {
    "429": (answering(b"slow down", 429), ChainUnreachable, "answered 429"),
    "a redirect": (MOVED, ChainUnreachable, "answered 302"),
    "not JSON": (answering(b"<html>"), ChainUnreadable, "not JSON"),
    "not UTF-8": (answering(b"\xff"), ChainUnreadable, "not JSON"),
    "a list": (answering(b"[]"), ChainUnreadable, "not an object"),
    "neither result nor error": (answering(NO_RESULT), ChainUnreadable, "no result"),
    "the answer to something else": (answering(OTHER_ID), ChainUnreadable, "no result"),
    "nesting": (answering(b"[" * 100_000), ChainUnreadable, "nested too deeply"),
    "too much, announced": (answering(b"x" * (2**20 + 1)), ChainUnreachable, "more than 1048576"),
    "too much, in chunks": (HUGE_CHUNKS, ChainUnreachable, "more than 1048576"),
    "a cut body": (CUT, ChainUnreachable, "cut short"),
    "a cut chunk": (CUT_CHUNK, ChainUnreachable, "IncompleteRead"),
    "no HTTP": (saying("SSH-2.0-OpenSSH", ""), ChainUnreachable, "SSH-2.0"),
    "nothing": (saying(), ChainUnreachable, "closed connection"),
}


@pytest.mark.parametrize("name", sorted(WRONG_ANSWERS))
def test_a_wrong_answer_is_refused_with_its_reason(node: Node, name: str) -> None:
    """HTTP and JSON that are not what they should be are one of our errors."""
    node.misbehave, kind, message = WRONG_ANSWERS[name]

    with pytest.raises(kind, match=message):
        chain_of(node).metagraph(1)


def dripping(start: bytes, byte: bytes) -> Misbehave:
    def misbehave(handler: BaseHTTPRequestHandler, _request: dict[str, Any]) -> bool:
        handler.wfile.write(start)
        pause = threading.Event()
        try:
            while not pause.wait(0.02):
                handler.wfile.write(byte)
                handler.wfile.flush()
        except OSError:
            return True
        return True

    return misbehave


def silent(handler: BaseHTTPRequestHandler, _request: dict[str, Any]) -> bool:
    handler.rfile.read(1)  # until the other side hangs up
    return True


SLOW: dict[str, Misbehave] = {
    "no answer": silent,
    "a header by the byte": dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "a body by the byte": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "),
    "a body without end": dripping(b"HTTP/1.0 200 OK\r\n\r\n", b" "),
}


@pytest.mark.parametrize("name", sorted(SLOW))
def test_a_slow_answer_is_given_up(node: Node, name: str) -> None:
    """However the bytes drip in, the call ends by itself."""
    node.misbehave = SLOW[name]

    with pytest.raises(ChainUnreachable, match=r"no answer within 0\.3 s"):
        chain_of(node, timeout=SOON).metagraph(1)


def test_a_node_that_is_not_there_is_unreachable() -> None:
    """Nobody listens, and that is said."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        chain = SubtensorChain(Rpc(f"http://127.0.0.1:{reserved.getsockname()[1]}"))

        with pytest.raises(ChainUnreachable, match="refused"):
            chain.metagraph(1)


def test_a_host_without_an_address_is_unreachable() -> None:
    """A mistyped endpoint is one that does not answer."""
    with pytest.raises(ChainUnreachable):
        Rpc("https://nowhere.invalid").call("chain_getFinalizedHead")
