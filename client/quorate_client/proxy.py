"""Reading the consensus and handing out work: what a task sender, a dashboard or a command asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from quorate_client.calls import AsyncClient, Caller, Client, Driver, call
from quorate_client.desk import READ_RETRIES, Content, Desk
from quorate_client.dispatch import Kinds
from quorate_client.exchange import Retries
from quorate_client.following import Change
from quorate_client.tasks import Miner, Task, Work
from quorate_client.transport import AsyncTransport, Transport

if TYPE_CHECKING:
    from quorate_client.subscription import Subscription

__all__ = ["AsyncProxy", "Content", "Proxy"]

T = TypeVar("T")

ATTEMPTS = 3
"""Miners that `run` asks at most."""


class Requests(Caller[Desk, Driver]):
    """What both proxies take and ask, each in its way."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        netuid: int | None = None,
        *,
        retries: Retries = READ_RETRIES,
        transport: Driver | None = None,
    ) -> None:
        """Nothing is sent yet; raises `ValueError` for a URL that cannot work."""
        super().__init__(Desk(url, key, netuid, retries), transport)

    network_status = call(Desk.network_status)
    miner = call(Desk.miner)
    stats = call(Desk.stats)
    validators = call(Desk.validators)
    miner_history = call(Desk.miner_history)
    validator_history = call(Desk.validator_history)
    health = call(Desk.health)
    assign = call(Desk.assign)
    complete = call(Desk.complete)


class Proxy(Requests[Transport], Client[Desk]):
    """Asks for one task sender, and waits. Threads may share it.

    `url` is the service's base URL, `key` an API key (scope dispatch for tasks, read where reads
    are not public), `netuid` the subnet (None: the service's default). Raises the classes of
    `quorate_client.errors`.
    """

    def run(
        self,
        ask: Callable[[Miner], T],
        *,
        attempts: int = ATTEMPTS,
        failing_on: Kinds = Exception,
        **task: Unpack[Task],
    ) -> T:
        """What `ask(miner)` gives of the first miner that does not fail; the next is asked then.

        Each miner is leased when its turn comes and its outcome reported. An error that is not one
        of `failing_on` is not the miner's fault: it is raised at once, and the lease runs out.
        Raises `NoMiner` when nobody is free and `AllFailed` when all that were asked failed.
        """
        result: T = self._transport.run(self._desk.run(ask, attempts, failing_on, task))
        return result

    @contextmanager
    def working(self, **task: Unpack[Task]) -> Iterator[Work]:
        """An assignment whose results are given at the end, however it ends.

        Who was called within `work.calling(miner)` gets its outcome reported; who was not, or was
        interrupted, gets none, and its lease runs out: silence blames nobody.
        """
        work = Work(self.assign(**task))
        try:
            yield work
        finally:
            self._transport.run(self._desk.conclude(work))

    def watch(
        self, *, project: str | None = None, subscription: str | None = None
    ) -> Generator[Change, None, None]:
        """All miners, then every change as it is published. Needs `quorate-client[watch]`.

        `project` is the service's Google Cloud project (None: GOOGLE_CLOUD_PROJECT or that of the
        credentials); `subscription` an ordered one that exists (None: one of its own, for as long
        as the watch lasts). Raises `Unwatchable`, and `ValueError` for a proxy without netuid.
        """
        follower = self._desk.follower()
        source = _subscribe(project, subscription, follower.netuid)
        try:
            while True:
                yield self._transport.run(self._desk.next_change(follower, source.pull))
        finally:
            source.close()


class AsyncProxy(Requests[AsyncTransport], AsyncClient[Desk]):
    """`Proxy` for an event loop."""

    async def run(
        self,
        ask: Callable[[Miner], Awaitable[T] | T],
        *,
        attempts: int = ATTEMPTS,
        failing_on: Kinds = Exception,
        **task: Unpack[Task],
    ) -> T:
        """As `Proxy.run`; what `ask` gives is awaited where it can be."""
        result: T = await self._transport.run(self._desk.run(ask, attempts, failing_on, task))
        return result

    @asynccontextmanager
    async def working(self, **task: Unpack[Task]) -> AsyncIterator[Work]:
        """As `Proxy.working`; calls within are measured by the same `with work.calling(miner)`."""
        work = Work(await self.assign(**task))
        try:
            yield work
        finally:
            await self._transport.run(self._desk.conclude(work))

    async def watch(
        self, *, project: str | None = None, subscription: str | None = None
    ) -> AsyncGenerator[Change, None]:
        """As `Proxy.watch`; messages are waited for in a thread."""
        follower = self._desk.follower()
        source = await asyncio.to_thread(_subscribe, project, subscription, follower.netuid)
        pull: Callable[[], Any] = partial(asyncio.to_thread, source.pull)
        try:
            while True:
                yield await self._transport.run(self._desk.next_change(follower, pull))
        finally:
            await asyncio.to_thread(source.close)


def _subscribe(project: str | None, subscription: str | None, netuid: int) -> Subscription:
    from quorate_client.subscription import Subscription  # noqa: PLC0415 - loads Pub/Sub

    return Subscription(project, subscription, netuid)
