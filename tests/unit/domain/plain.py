"""`resolve` with the plain estimator: what the semantics say before anybody's record counts."""

from __future__ import annotations

from functools import partial

from shared.domain.estimates import plainly
from shared.domain.resolve import resolve as resolve_with

resolve = partial(resolve_with, estimator=plainly)
