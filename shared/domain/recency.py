"""The rest: the most recent value among the heavy votes."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.estimate import Estimate
from shared.domain.observations import Observation, canonical, reaches
from shared.domain.policy import Policy


def estimate_recent(
    name: str,  # noqa: ARG001 - every estimator of a field has the same signature
    observations: Sequence[Observation],
    policy: Policy,
) -> Estimate:
    """The value signed last among those with `high_confidence_share` of the greatest weight.

    At least one observation. Signed at the same time: the smaller canonical JSON.
    """
    bar = policy.high_confidence_share * max(observed.weight for observed in observations)
    heavy = [observed for observed in observations if reaches(observed.weight, bar)]
    newest = max(observed.signed_at for observed in heavy)
    values = [observed.value for observed in heavy if observed.signed_at == newest]
    return Estimate(min(values, key=canonical))
