"""Readers at work: threads that ask for one path at a common pace, each in its own way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

import httpx

THREADS = 8
Way = Literal["plainly", "conditionally", "through a shared cache"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as its reader saw it."""

    status: int
    size: int
    """Bytes of the body."""
    seconds: float


@dataclass(slots=True)
class SharedCache:
    """What stands between readers and a function: keeps an answer as long as `s-maxage` says.

    While one request fetches, the others wait for it, as a CDN lets them.
    """

    fetch: Callable[[], httpx.Response]
    _kept: httpx.Response | None = None
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> httpx.Response:
        """The kept answer, or a new one."""
        with self._lock:
            if self._kept is None or time.monotonic() >= self._until:
                self._kept = self.fetch()
                self._until = time.monotonic() + shared_seconds(self._kept)
            return self._kept


def shared_seconds(answer: httpx.Response) -> float:
    """For how long shared caches may keep an answer; 0 where it does not say."""
    for part in answer.headers.get("Cache-Control", "").split(","):
        name, _, value = part.strip().partition("=")
        if name == "s-maxage":
            return float(value)
    return 0.0


@dataclass(slots=True)
class _Conditional:
    """A reader that keeps its last answer and asks whether there is another."""

    client: httpx.Client
    url: str
    etag: str = ""

    def __call__(self) -> httpx.Response:
        headers = {"If-None-Match": self.etag} if self.etag else {}
        answer = self.client.get(self.url, headers=headers)
        self.etag = answer.headers["ETag"]
        return answer


def read(url: str, way: Way, requests: int, rate: float) -> list[Answer]:
    """Ask so many times, `rate` times a second or as fast as answers come, if that is slower."""
    with httpx.Client(timeout=30) as client:
        shared = SharedCache(lambda: client.get(url))

        def reader() -> Callable[[], httpx.Response]:
            if way == "conditionally":
                return _Conditional(client, url)
            return shared if way == "through a shared cache" else lambda: client.get(url)

        began = time.monotonic()

        def work(number: int) -> list[Answer]:
            ask, turns = reader(), range(number, requests, THREADS)
            return [_asked(ask, began + turn / rate) for turn in turns]

        with ThreadPoolExecutor(THREADS) as pool:
            return [each for own in pool.map(work, range(THREADS)) for each in own]


def _asked(ask: Callable[[], httpx.Response], due: float) -> Answer:
    time.sleep(max(0.0, due - time.monotonic()))
    began = time.monotonic()
    answer = ask()
    return Answer(answer.status_code, len(answer.content), time.monotonic() - began)
