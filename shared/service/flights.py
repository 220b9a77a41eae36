"""One look at the store at a time and subnet, shared by all who want to look meanwhile.

A lock would line them up behind a store that does not answer, each to wait out its own deadline.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """Looks under way. Thread-safe."""

    def __init__(self) -> None:
        """Nobody looks yet."""
        self._lock = threading.Lock()
        self._under_way: dict[int, Future[T]] = {}

    def __call__(self, netuid: int, look: Callable[[], T]) -> T:
        """What `look` gives or raises, or what somebody's look does that is under way."""
        own: Future[T] = Future()
        with self._lock:
            shared = self._under_way.setdefault(netuid, own)
        if shared is own:
            self._look(netuid, look, own)
        return shared.result()

    def _look(self, netuid: int, look: Callable[[], T], own: Future[T]) -> None:
        try:
            own.set_result(look())
        except BaseException as error:
            own.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._under_way[netuid]
