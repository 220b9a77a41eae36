"""What an estimator is asked, and what it answers: the seam between votes and their meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.domain.cases import Case
from shared.domain.electorate import Electorate
from shared.domain.estimate import Estimate
from shared.domain.memory import Memory

if TYPE_CHECKING:
    from shared.domain import robust
    from shared.domain.ballots import Evidence


@dataclass(frozen=True, slots=True)
class Estimates:
    """What the votes on all miners of a subnet say."""

    fields: Mapping[int, Mapping[str, Estimate]]
    """uid → field → estimate; an address stands under the name of its IP."""
    confidence: Mapping[int, float] = field(default_factory=dict)
    """uid → how sure 0–1, where the estimator knows better than the votes' agreement tells."""
    evidence: Evidence | None = None
    """What may be learnt from, if the estimator learns."""
    found: robust.Resolution | None = None
    """What the engine found on the evidence's ballot: weights and factors of every vote."""
    unheard: Mapping[int, float] = field(default_factory=dict)
    """uid → audience 0–1 of the miners that votes decide and too few speak of: `audience`."""


Estimator = Callable[[Sequence[Case], Electorate, Memory], Estimates]
"""Looks at all miners at once."""
