"""Which validators share one vote because they copy, and how sure that is: read from the record.

The engine groups whoever agrees beyond chance (kappa) in `copy_agreement` of at least
`copy_observations` observations, and sets aside most of a vote that repeats the last public
consensus; see docs/consensus.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.domain.policy import Policy  # with the record it brings numpy: not for readers
    from shared.domain.record import Record

_Links = dict[tuple[int, int], tuple[float, float]]
"""Two uids → agreement of the one with the other, and the observations that it rests on."""


@dataclass(frozen=True, slots=True)
class Copying:
    """What is held against a vote as a copy."""

    validators: tuple[int, ...]
    """uids of the others with which it shares one vote, ascending; none: it repeats the last public
    consensus."""
    agreement: float
    """Agreement beyond chance, 0–1, with the nearest of them."""
    observations: float
    """On how many observations that rests; old ones fade."""


def copying_of(uids: Mapping[str, int], record: Record, policy: Policy) -> dict[int, Copying]:
    """uid → what it copies, for those of `uids` (hotkey → uid) that copy at all.

    Who shares a vote and repeats the consensus as well is told by the former.
    """
    known = [uids.get(hotkey) for hotkey in record.validators]
    repeats = _agreements(record.arrays.of_validators, "parrot", policy)
    found = {
        uid: Copying((), *seen)
        for (row,), seen in repeats.items()
        if (uid := known[row]) is not None
    }
    links: _Links = {}
    for (row, other), seen in _agreements(record.arrays.of_peers, "copies", policy).items():
        one, two = known[row], known[other]
        if one is not None and two is not None:
            links[one, two] = seen
    for group in _groups(links):
        for uid in group:
            nearest = max(seen for pair, seen in links.items() if uid in pair)
            found[uid] = Copying(tuple(sorted(group - {uid})), *nearest)
    return found


def _agreements(
    read: Callable[[str], Any], name: str, policy: Policy
) -> dict[tuple[int, ...], tuple[float, float]]:
    """Place in the arrays → (agreement, observations), where both are enough for a copy."""
    same, met = read(f"{name}/same"), read(f"{name}/met")
    enough = (met >= policy.copy_observations) & (same >= policy.copy_agreement * met)
    places = [tuple(map(int, place)) for place in zip(*enough.nonzero(), strict=True)]
    return {at: (min(1.0, float(same[at] / met[at])), float(met[at])) for at in places}


def _groups(links: Iterable[tuple[int, int]]) -> list[set[int]]:
    """The connected groups of at least two."""
    groups: list[set[int]] = []
    for link in links:
        touched = [group for group in groups if not group.isdisjoint(link)]
        groups = [group for group in groups if group not in touched]
        groups.append(set(link).union(*touched))
    return groups
