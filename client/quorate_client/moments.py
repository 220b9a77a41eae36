"""When to report, so that the validators of a subnet report together."""

from __future__ import annotations

import random
import time


def seconds_to_next(every: float = 60.0, within: float = 2.0, now: float | None = None) -> float:
    """Seconds to sleep until the next common moment.

    That is when the clock has a whole multiple of `every` seconds, and by chance up to `within`
    seconds later. Views that are taken together compare better, and share one recompute instead of
    one each. `now` (seconds since 1970) is the clock's, unless given.
    """
    at = time.time() if now is None else now
    return every - at % every + random.uniform(0, min(within, every))  # noqa: S311 - no secret
