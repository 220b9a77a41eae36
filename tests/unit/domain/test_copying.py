"""Who copies whom, by what the engine remembers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.domain import robust
from shared.domain.copying import copying_of
from shared.domain.policy import Policy
from shared.domain.record import Record
from shared.domain.standing import Copying

UIDS = {"v1": 11, "v2": 12, "v3": 13, "v4": 14}
MET = 40.0


def record(
    links: Sequence[tuple[int, int, float]] = (), parrots: Sequence[tuple[int, float]] = ()
) -> Record:
    """Of four validators, by row: (copier, other, kappa) and (parrot, kappa) of 40 observations."""
    same, met = np.zeros((4, 4)), np.full((4, 4), MET)
    for row, other, kappa in links:
        same[row, other] = kappa * MET
    own = np.zeros(4)
    for row, kappa in parrots:
        own[row] = kappa * MET
    arrays = robust.Memory(
        (4, 0),
        validators={"parrot/same": own, "parrot/met": np.full(4, MET)},
        peers={"copies/same": same, "copies/met": met},
    )
    return Record(tuple(UIDS), (), arrays)


def test_whose_agreement_is_within_chance_copies_nobody() -> None:
    """0.8 beyond chance is where copying begins; nothing learnt is nothing held against anybody."""
    assert {} == copying_of(UIDS, record([(0, 1, 0.79)], [(2, 0.79)]), Policy())
    assert {} == copying_of(UIDS, Record(), Policy())


def test_copies_name_each_other_and_how_sure_that_is() -> None:
    """Whichever of the two was seen to repeat the other."""
    found = copying_of(UIDS, record([(2, 0, 0.9)]), Policy())

    assert {11: Copying((13,), 0.9, MET), 13: Copying((11,), 0.9, MET)} == found


def test_a_copy_of_a_copy_belongs_to_the_group() -> None:
    """Three share one vote; each is as sure as the nearest of the others makes it."""
    found = copying_of(UIDS, record([(0, 1, 0.85), (2, 1, 0.95), (3, 3, 0.0)]), Policy())

    assert {11: (12, 13), 12: (11, 13), 13: (11, 12)} == {u: c.validators for u, c in found.items()}
    assert {11: 0.85, 12: 0.95, 13: 0.95} == {u: c.agreement for u, c in found.items()}


def test_groups_that_a_later_link_joins_are_one() -> None:
    """Two pairs and a link between them: four copies."""
    found = copying_of(UIDS, record([(0, 1, 0.9), (2, 3, 0.9), (3, 1, 0.9)]), Policy())

    assert {11, 12, 13, 14} == set(found)
    assert (12, 13, 14) == found[11].validators


def test_a_parrot_of_the_consensus_copies_no_validator() -> None:
    """It is told without others; rounding never makes an agreement of more than 1."""
    found = copying_of(UIDS, record(parrots=[(1, 1.0004)]), Policy())

    assert {12: Copying((), 1.0, MET)} == found


def test_who_may_no_longer_report_is_left_out() -> None:
    """And so is what is held against the other one alone."""
    uids = {hotkey: uid for hotkey, uid in UIDS.items() if hotkey != "v3"}

    assert {} == copying_of(uids, record([(0, 2, 0.9)]), Policy())


def test_it_agrees_with_the_engine() -> None:
    """Whoever the engine makes share a vote is in a group, and nobody else is."""
    rng = np.random.default_rng(5)
    policy = Policy()
    memory = robust.fresh(6, 20)
    for _ in range(8):
        scores = np.clip(0.5 + rng.normal(0, 0.05, (6, 20)), 0, 1)
        scores[4] = scores[1]
        ballot = robust.Ballot(
            np.ones(6), np.ones((6, 20)), np.zeros((6, 20)), {"performance_score": scores}
        )
        memory = robust.learn(memory, ballot, np.ones((6, 20), dtype=bool), policy)
    shares = robust.resolve(ballot, memory, policy).standing.factors["originality"]
    uids = {f"v{row}": row for row in range(6)}

    found = copying_of(uids, Record(tuple(uids), (), memory), policy)

    assert {1: (4,), 4: (1,)} == {uid: each.validators for uid, each in found.items()}
    assert set(found) == set(np.flatnonzero(shares[:, 0] < 1).tolist())
