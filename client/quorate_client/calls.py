"""One exchange, two ways to make it: a thread waits for it, an event loop awaits it.

What can be asked is written once, as methods of a desk that give exchanges. A client names them;
by its kind they give what comes of the exchange, or something to await.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from quorate_client.exchange import Exchange
from quorate_client.transport import AsyncTransport, Transport

D = TypeVar("D")
P = ParamSpec("P")
T = TypeVar("T")
Driver = TypeVar("Driver", bound=Transport | AsyncTransport)


class Caller(Generic[D, Driver]):
    """A desk that makes exchanges, and what runs them."""

    _driver: type[Driver]

    def __init__(self, desk: D, transport: Driver | None) -> None:
        """`transport` is one of its own by default."""
        self._desk = desk
        self._transport = transport or self._driver()


class Client(Caller[D, Transport]):
    """A client that waits. Threads may share it."""

    _driver = Transport

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    def __enter__(self) -> Self:
        """Itself; closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


class AsyncClient(Caller[D, AsyncTransport]):
    """A client for an event loop."""

    _driver = AsyncTransport

    async def close(self) -> None:
        """Give the connections back."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        """Itself; closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()


class call(Generic[D, P, T]):  # noqa: N801 - used as `property` is
    """A desk's exchange as a method of a client."""

    def __init__(self, exchange: Callable[Concatenate[D, P], Exchange[T]]) -> None:
        """`exchange` is a method of the desk; its docstring is the client's."""
        self._exchange = exchange
        self.__doc__ = exchange.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: Client[D], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AsyncClient[D], owner: type) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, client: Client[D] | AsyncClient[D] | None, owner: type) -> Any:
        """The method, bound to its client."""
        if client is None:
            return self
        desk, transport = client._desk, client._transport  # noqa: SLF001 - part of every client

        @wraps(self._exchange)
        def made(*args: P.args, **kwargs: P.kwargs) -> T | Awaitable[T]:
            return transport.run(self._exchange(desk, *args, **kwargs))

        return made
