"""Reading from a server that answers by a script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from quorate_client import errors
from quorate_client.exchange import Retries
from quorate_client.proxy import AsyncProxy, Content, Proxy
from quorate_client.transport import AsyncTransport

from tests.unit.client.services import ScriptedService

ONCE = Retries(patience=0)

Read = Callable[..., list[Content]]
"""(url, methods in their order, options) → what each gave."""


def from_a_thread(url: str, *calls: Callable[[Any], Any], **options: Any) -> list[Content]:
    with Proxy(url, retries=ONCE, **options) as proxy:
        return [call(proxy) for call in calls]


def from_a_loop(url: str, *calls: Callable[[Any], Any], **options: Any) -> list[Content]:
    async def read() -> list[Content]:
        async with AsyncProxy(url, retries=ONCE, transport=AsyncTransport(), **options) as proxy:
            return [await call(proxy) for call in calls]

    return asyncio.run(read())


@pytest.fixture(params=[from_a_thread, from_a_loop])
def read(request: pytest.FixtureRequest) -> Read:
    """Either proxy, as one call."""
    chosen: Read = request.param
    return chosen


def network(proxy: Any) -> Any:
    return proxy.network_status()


def test_each_read_has_its_endpoint(read: Read, scripted: ScriptedService) -> None:
    """With the subnet in the query."""
    scripted.answers = [(200, {}, {"success": True})]
    read(
        scripted.url,
        network,
        lambda p: p.stats(),
        lambda p: p.miner(7),
        lambda p: p.miner(7, explain=True),
        lambda p: p.health(),
        netuid=4,
    )

    assert [
        "/api/v1/miners/network-status?netuid=4",
        "/api/v1/validators/consensus-stats?netuid=4",
        "/api/v1/miners/7/consensus?netuid=4",
        "/api/v1/miners/7/consensus?netuid=4&explain=true",
        "/api/v1/health?netuid=4",
    ] == [request.path for request in scripted.requests]


def test_what_did_not_change_is_not_sent_again(read: Read, scripted: ScriptedService) -> None:
    """The second read asks with the first one's ETag and gets its content."""
    scripted.answers = [(200, {"ETag": 'W/"5"'}, {"miners": [1]}), (304, {}, b"")]

    assert [{"miners": [1]}, {"miners": [1]}] == read(scripted.url, network, network)
    assert [None, 'W/"5"'] == [r.headers.get("if-none-match") for r in scripted.requests]


def test_a_new_snapshot_replaces_what_was_known(read: Read, scripted: ScriptedService) -> None:
    """The latest ETag is asked with."""
    scripted.answers = [
        (200, {"ETag": 'W/"5"'}, {"miners": [1]}),
        (200, {"ETag": 'W/"6"'}, {"miners": [2]}),
        (304, {}, b""),
    ]

    assert [{"miners": [1]}, {"miners": [2]}, {"miners": [2]}] == read(
        scripted.url, network, network, network
    )
    assert 'W/"6"' == scripted.requests[2].headers["if-none-match"]


def test_pages_are_known_each_on_their_own(read: Read, scripted: ScriptedService) -> None:
    """One page's ETag is not asked of another."""
    scripted.answers = [(200, {"ETag": 'W/"5"'}, {})]
    read(scripted.url, network, lambda p: p.miner(7))

    assert "if-none-match" not in scripted.requests[1].headers


def test_a_304_that_nobody_asked_for_is_unexpected(read: Read, scripted: ScriptedService) -> None:
    """Without a known content there is nothing to give."""
    scripted.answers = [(304, {}, b"")]

    with pytest.raises(errors.UnexpectedAnswer, match="HTTP 304"):
        read(scripted.url, network)


def test_the_key_goes_with_every_read(read: Read, scripted: ScriptedService) -> None:
    """As a bearer token."""
    scripted.answers = [(200, {}, {})]
    read(scripted.url, network, key="k-1")

    assert "Bearer k-1" == scripted.requests[0].headers["authorization"]


def test_a_miner_that_nobody_reported_is_not_found(read: Read, scripted: ScriptedService) -> None:
    """The service's words are the message."""
    scripted.answers = [(404, {}, {"code": "not_found", "detail": "nobody reported uid 7"})]

    with pytest.raises(errors.NotFound, match="nobody reported uid 7"):
        read(scripted.url, lambda p: p.miner(7))


def test_a_url_that_cannot_work_fails_at_once(read: Read) -> None:
    """Before the first read."""
    with pytest.raises(ValueError, match="no http or https URL"):
        read("quorate.example")
