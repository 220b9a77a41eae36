"""What the functions behind an event share: what their work took, and every subnet's turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from functions import _wiring
from shared.adapters.operations import counting
from shared.logs import log

Kinds = type[Exception] | tuple[type[Exception], ...]
"""What an `except` clause takes."""


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """What the work within takes, for its log line: known when the block ends."""
    taken: dict[str, float] = {}
    started = time.perf_counter()
    with counting() as operations:
        yield taken
    taken["ms"] = round(1000 * (time.perf_counter() - started), 1)
    taken |= {"reads": operations.reads, "writes": operations.writes}


def for_every_subnet(work: Callable[[int], None], failing_on: Kinds, event: str) -> None:
    """Call `work` with each netuid; one that fails is logged and does not keep the others from it.

    Raises the last failure in the end, so that the message is delivered again.
    """
    failure: Exception | None = None
    for netuid in _wiring.settings().netuids:
        try:
            work(netuid)
        except failing_on as error:
            log.error(event, netuid=netuid, cause=repr(error))
            failure = error
    if failure is not None:
        raise failure
