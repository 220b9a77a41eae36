"""Reading the consensus: what a task sender, a dashboard or the command line asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from quorate_client import places
from quorate_client.exchange import Exchange, Retries, Send, content_of, persist
from quorate_client.transport import AsyncTransport, Transport, signed_path

Content = dict[str, Any]
"""An answer as API.md of the service describes it, JSON types only."""

READ_RETRIES = Retries(patience=10.0)


class Desk:
    """Where to read, and what was read before: an answer that did not change is sent once."""

    def __init__(self, url: str, key: str | None, netuid: int | None, retries: Retries) -> None:
        """`key` is an API key, needed where the service's reads are not public."""
        self.base = url
        self.netuid = netuid
        self.retries = retries
        self._headers = {"Accept": "application/json"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"
        self._known: dict[str, tuple[str, Content]] = {}
        signed_path(places.endpoint(url, places.STATUS))  # a URL that cannot work fails here

    def read(self, path: str, **query: str) -> Exchange[Content]:
        """The exchange that reads one endpoint; the content belongs to the caller only to read."""
        url = places.endpoint(self.base, path, self.netuid, **query)
        known = self._known.get(url)
        headers = self._headers | ({"If-None-Match": known[0]} if known else {})
        answer = yield from persist(lambda: Send("GET", url, headers), self.retries)
        if answer.status == 304 and known:
            return known[1]
        content = content_of(answer)
        self._keep(url, answer.headers, content)
        return content

    def _keep(self, url: str, headers: Mapping[str, str], content: Content) -> None:
        if "etag" in headers:
            self._known[url] = (headers["etag"], content)


class Proxy:
    """Reads for one task sender. Threads may share it.

    `url` is the service's base URL, `key` an API key where reads need one, `netuid` the subnet
    (None: the service's default). Raises the classes of `quorate_client.errors`.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        netuid: int | None = None,
        *,
        retries: Retries = READ_RETRIES,
        transport: Transport | None = None,
    ) -> None:
        """Nothing is sent yet; raises `ValueError` for a URL that cannot work."""
        self._desk = Desk(url, key, netuid, retries)
        self._transport = transport or Transport()

    def network_status(self) -> Content:
        """Every miner, best first, with scores and states; figures of the whole network."""
        return self._transport.run(self._desk.read(places.STATUS))

    def miner(self, uid: int, *, explain: bool = False) -> Content:
        """The consensus about one miner; `explain` (a key with scope audit) adds every vote.

        Raises `NotFound` where nobody reported on it.
        """
        return self._transport.run(self._desk.read(places.miner_path(uid), **_explain(explain)))

    def stats(self) -> Content:
        """Coverage, conflicts, confidence and participation."""
        return self._transport.run(self._desk.read(places.STATS))

    def health(self) -> Content:
        """The service's health checks; raises `Unavailable` when one fails."""
        return self._transport.run(self._desk.read(places.HEALTH))

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    def __enter__(self) -> Self:
        """Itself; closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


class AsyncProxy:
    """`Proxy` for an event loop."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        netuid: int | None = None,
        *,
        retries: Retries = READ_RETRIES,
        transport: AsyncTransport | None = None,
    ) -> None:
        """Nothing is sent yet; raises `ValueError` for a URL that cannot work."""
        self._desk = Desk(url, key, netuid, retries)
        self._transport = transport or AsyncTransport()

    async def network_status(self) -> Content:
        """As `Proxy.network_status`."""
        return await self._transport.run(self._desk.read(places.STATUS))

    async def miner(self, uid: int, *, explain: bool = False) -> Content:
        """As `Proxy.miner`."""
        return await self._transport.run(
            self._desk.read(places.miner_path(uid), **_explain(explain))
        )

    async def stats(self) -> Content:
        """As `Proxy.stats`."""
        return await self._transport.run(self._desk.read(places.STATS))

    async def health(self) -> Content:
        """As `Proxy.health`."""
        return await self._transport.run(self._desk.read(places.HEALTH))

    async def close(self) -> None:
        """Give the connections back."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        """Itself; closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()


def _explain(wanted: bool) -> dict[str, str]:
    return {"explain": "true"} if wanted else {}
