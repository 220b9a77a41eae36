"""From the votes on one miner to one explained estimate per field.

This is the plain, exact estimator, for what the robust one (`robustly`) leaves to it: addresses,
most recent values, single reports. Identity, quorum, chain facts and states do not concern it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from shared.domain.addresses import estimate_address
from shared.domain.cases import Case
from shared.domain.electorate import Electorate
from shared.domain.estimate import Estimate
from shared.domain.estimation import Estimates
from shared.domain.fields import ADDRESSES, NOT_VOTED, Kind, address_of, kind_of
from shared.domain.labels import estimate_label
from shared.domain.memory import Memory
from shared.domain.numbers import estimate_number
from shared.domain.observations import Observation
from shared.domain.policy import Policy
from shared.domain.recency import estimate_recent
from shared.domain.weights import WeighedVote

_ESTIMATORS = {
    "number": estimate_number,
    "label": estimate_label,
    "recent": estimate_recent,
}


def plainly(cases: Sequence[Case], electorate: Electorate, memory: Memory) -> Estimates:  # noqa: ARG001 - an estimator's signature; this one has nothing to remember
    """The plain estimator: each miner by its own votes alone."""
    return Estimates({case.uid: estimate(case.resting, electorate.policy) for case in cases})


def estimate(
    votes: Sequence[WeighedVote], policy: Policy, only: Collection[str] | None = None
) -> dict[str, Estimate]:
    """Field → estimate from votes about one and the same miner, fields ascending.

    `only` these fields, unless it is None.

    An address stands under the name of its IP ("ip", "external_ip") with (ip, port) as its value.
    A field that nobody gave in a usable form is left out.
    """
    found = {
        name: _ESTIMATORS[kind](name, observed, policy)
        for name, (kind, observed) in observations(votes, only).items()
    }
    for name in ADDRESSES if only is None else ADDRESSES.keys() & only:
        observed = [_observation(each, address_of(each.vote.status, name)) for each in votes]
        if any(each.value is not None for each in observed):
            found[name] = estimate_address(name, observed)
    return dict(sorted(found.items()))


def observations(
    votes: Sequence[WeighedVote], only: Collection[str] | None = None
) -> dict[str, tuple[Kind, list[Observation]]]:
    """Field → its kind and the observations of that kind; `only` these fields, unless None."""
    by_kind: dict[str, dict[Kind, list[Observation]]] = {}
    for each in votes:
        status = each.vote.status
        for name in status if only is None else status.keys() & only:
            kind = None if name in NOT_VOTED else kind_of(name, status[name])
            if kind is not None:
                kinds = by_kind.setdefault(name, {})
                kinds.setdefault(kind, []).append(_observation(each, status[name]))
    return {name: _heaviest_kind(kinds) for name, kinds in by_kind.items()}


def _heaviest_kind(kinds: dict[Kind, list[Observation]]) -> tuple[Kind, list[Observation]]:
    """Of a field that comes in several kinds, the one with most weight; ties by its name."""
    return max(
        kinds.items(),
        key=lambda item: (math.fsum(each.weight for each in item[1]), item[0]),
    )


def _observation(each: WeighedVote, value: Any) -> Observation:
    return Observation(value, each.weight.product, each.vote.report.signed_at)
