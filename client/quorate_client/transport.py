"""What drives an exchange: httpx, sync or async, and nothing else that does I/O.

httpx takes a tenth of a second to load, so it is loaded with the first client.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from quorate_client.errors import Unreachable
from quorate_client.exchange import (
    Answer,
    Called,
    Exchange,
    Outcome,
    Raised,
    Send,
    Step,
    Wait,
)

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

TIMEOUT = 10.0
"""Seconds for each of connecting, sending and waiting for a byte, in one attempt."""


def _client() -> httpx.Client:
    import httpx  # noqa: PLC0415 - loads late

    return httpx.Client(timeout=TIMEOUT)


def _async_client() -> httpx.AsyncClient:
    import httpx  # noqa: PLC0415 - loads late

    return httpx.AsyncClient(timeout=TIMEOUT)


@dataclass(slots=True)
class Transport:
    """Drives exchanges in the calling thread; connections are kept."""

    sleep: Callable[[float], object] = time.sleep
    client: httpx.Client = field(default_factory=_client)

    def run(self, exchange: Exchange[T]) -> T:
        """What the exchange gives or raises."""
        outcome: Outcome = None
        while True:
            try:
                step = exchange.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            outcome = self._do(step)

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()

    def _do(self, step: Step) -> Outcome:
        if isinstance(step, Send):
            return self._send(step)
        if isinstance(step, Wait):
            self.sleep(step.seconds)
            return None
        try:
            return Called(step.function())
        except step.catching as error:
            return Raised(error)

    def _send(self, step: Send) -> Outcome:
        import httpx  # noqa: PLC0415 - loaded with the client

        try:
            return _answer(self.client.request(step.method, step.url, **_rest(step)))
        except httpx.RequestError as error:
            return _unreachable(step, error)


@dataclass(slots=True)
class AsyncTransport:
    """Drives exchanges in an event loop."""

    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    client: httpx.AsyncClient = field(default_factory=_async_client)

    async def run(self, exchange: Exchange[T]) -> T:
        """What the exchange gives or raises."""
        outcome: Outcome = None
        while True:
            try:
                step = exchange.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            outcome = await self._do(step)

    async def close(self) -> None:
        """Give the connections back."""
        await self.client.aclose()

    async def _do(self, step: Step) -> Outcome:
        if isinstance(step, Send):
            return await self._send(step)
        if isinstance(step, Wait):
            await self.sleep(step.seconds)
            return None
        try:
            value = step.function()
            return Called(await value if inspect.isawaitable(value) else value)
        except step.catching as error:
            return Raised(error)

    async def _send(self, step: Send) -> Outcome:
        import httpx  # noqa: PLC0415 - loaded with the client

        try:
            return _answer(await self.client.request(step.method, step.url, **_rest(step)))
        except httpx.RequestError as error:
            return _unreachable(step, error)


def signed_path(url: str) -> str:
    """Path and query exactly as they are sent: what a signature covers.

    Raises `ValueError` for a URL that cannot be sent to.
    """
    import httpx  # noqa: PLC0415 - loaded with the client

    try:
        return httpx.URL(url).raw_path.decode("ascii")
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r} is no URL to send to: {error}") from None


def _rest(request: Send) -> dict[str, Any]:
    return {"headers": dict(request.headers), "content": request.body or None}


def _answer(response: httpx.Response) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, response.content)


def _unreachable(request: Send, error: httpx.RequestError) -> Unreachable:
    why = str(error) or type(error).__name__
    return Unreachable(f"no answer from {urlsplit(request.url).netloc}: {why}")
