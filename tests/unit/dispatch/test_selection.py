from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.dispatch.candidates import Candidate
from shared.domain.dispatch.selection import GLANCE, Draw, Mode, spread_owners

Leased = dict[int, set[int]]
"""uid → places that are leased."""


def candidate(uid: int, performance: float = 0.5, **changes: Any) -> Candidate:
    """A candidate of five places and no boost: its score is its performance times what is free."""
    values: dict[str, Any] = {
        "uid": uid,
        "hotkey": f"hotkey-of-{uid}",
        "ip": "93.184.216.34",
        "port": 8091,
        "performance": performance,
        "load": 0.0,
        "max_capacity": 5.0,
        "places": 5,
        "confidence": 0.9,
        "boost": None,
        "coldkey": None,
        "fits": True,
        "needs_floor": False,
        "served": 0.0,
    }
    return Candidate(**{**values, **changes})


def settle(draw: Draw, count: int, leased: Leased | None = None) -> int:
    """Show the draw what it wants to see; gives how many places it looked at."""
    looked = 0
    while wanted := draw.wanted(count):
        for uid, places in wanted.items():
            looked += len(places)
            draw.see(uid, {place: place not in (leased or {}).get(uid, ()) for place in places})
    return looked


def choose(
    candidates: Sequence[Candidate],
    count: int = 1,
    mode: Mode = "weighted",
    seed: int = 0,
    leased: Leased | None = None,
) -> list[int]:
    """uids of the chosen."""
    draw = Draw(candidates, mode, random.Random(seed))
    settle(draw, count, leased)
    return [chosen.uid for chosen, _ in draw.chosen(count)]


def shares(candidates: Sequence[Candidate], leased: Leased | None = None) -> dict[int, float]:
    """How often each is chosen, of 4,000 draws of one."""
    drawn = Counter(choose(candidates, 1, seed=seed, leased=leased)[0] for seed in range(4000))
    return {each.uid: drawn[each.uid] / 4000 for each in candidates}


def test_weighted_shares_follow_the_scores() -> None:
    """0.2, 0.3 and 0.5 of the scores are 0.2, 0.3 and 0.5 of the draws."""
    found = shares([candidate(1, 0.2), candidate(2, 0.3), candidate(3, 0.5)])

    assert {1: 0.2, 2: 0.3, 3: 0.5} == pytest.approx(found, abs=0.03)


def test_live_leases_lower_the_share_though_only_the_chosen_are_looked_at() -> None:
    """Four of five places leased leave a fifth of the score: 0.16 : 0.8."""
    found = shares([candidate(1, 0.8), candidate(2, 0.8)], leased={1: {0, 1, 2, 3}})

    assert {1: 1 / 6, 2: 5 / 6} == pytest.approx(found, abs=0.03)


def test_one_draw_looks_at_the_places_of_a_few_only() -> None:
    """Of a thousand idle miners it looks at the three that it chooses."""
    draw = Draw([candidate(uid) for uid in range(1000)], "weighted", random.Random(1))

    assert 3 * 5 == settle(draw, 3)
    assert 3 == len(draw.chosen(3))


def test_best_takes_the_highest_scores_live_leases_counted() -> None:
    """0.9 with four of five places leased is 0.18."""
    miners = [candidate(1, 0.9), candidate(2, 0.4), candidate(3, 0.6)]

    assert [1, 3] == choose(miners, 2, "best")
    assert [3, 2] == choose(miners, 2, "best", leased={1: {0, 1, 2, 3}})


def test_fair_takes_those_that_had_least() -> None:
    """Results of late and live leases together."""
    miners = [candidate(1, 0.1, served=1.0), candidate(2, served=0.0), candidate(3, served=3.0)]

    assert [2, 1] == choose(miners, 2, "fair")
    assert [1, 2] == choose(miners, 2, "fair", leased={2: {0, 1}})


def test_the_same_seed_chooses_the_same() -> None:
    """Miners and places, in whatever order the candidates come."""
    miners = [candidate(uid, 0.1 + uid / 50) for uid in range(40)]

    assert choose(miners, 5, seed=42) == choose(miners[::-1], 5, seed=42)
    assert choose(miners, 5, seed=42) != choose(miners, 5, seed=43)


@pytest.mark.parametrize("mode", ["weighted", "best", "fair"])
def test_a_full_miner_gives_way_to_the_next(mode: Mode) -> None:
    """However good it is."""
    miners = [candidate(1, 1.0), candidate(2, 0.1, served=9.0)]

    assert [2] == choose(miners, 2, mode, leased={1: {0, 1, 2, 3, 4}})


def test_a_newcomer_is_drawn_whatever_its_score() -> None:
    """It weighs a quarter of the mean at least; one whose score is known does not."""
    others = [candidate(uid, 1.0) for uid in range(1, 4)]

    newcomer = shares([candidate(0, 0.1, needs_floor=True), *others])[0]
    known = shares([candidate(0, 0.1), *others])[0]

    floor = 0.25 * 3.1 / 4
    assert floor / (3 + floor) == pytest.approx(newcomer, abs=0.015)
    assert 0.1 / 3.1 == pytest.approx(known, abs=0.015)


def test_one_owner_is_chosen_once_while_others_are_left() -> None:
    """And again when nobody else is."""
    miners = [candidate(uid, 0.9, coldkey="whale") for uid in range(3)] + [candidate(9, 0.1)]

    assert [0, 9] == choose(miners, 2, "best")
    assert [0, 9, 1] == choose(miners, 3, "best")


def test_who_specialises_in_other_tasks_comes_last() -> None:
    """Before that even an owner's second miner."""
    fitting = [candidate(1, 0.2, coldkey="a"), candidate(2, 0.1, coldkey="a")]
    other = [candidate(3, 1.0, fits=False)]

    assert [1, 2] == choose([*other, *fitting], 2, "best")
    assert [1, 2, 3] == choose([*other, *fitting], 4, "best")


def test_miners_of_unknown_owners_do_not_stand_in_each_other_s_way() -> None:
    """No coldkey is not a coldkey."""
    strangers = [candidate(1), candidate(2)]

    assert strangers == spread_owners(strangers, [], 2)


def test_a_large_miner_is_looked_at_in_glances() -> None:
    """Eight places at a time, until one is free."""
    large = candidate(1, places=100, max_capacity=100.0)
    busy = set(range(100)) - {50}

    assert GLANCE == settle(Draw([large], "best", random.Random(0)), 1)
    draw = Draw([large], "best", random.Random(0))
    assert settle(draw, 1, {1: busy}) > GLANCE
    assert [(large, 50)] == draw.chosen(1)


def test_miners_that_were_full_a_moment_ago_come_last() -> None:
    """They are looked at when nobody else is left."""
    draw = Draw([candidate(1, 0.9), candidate(2, 0.1)], "best", random.Random(0), crowded={1})
    settle(draw, 1)

    assert [2] == [chosen.uid for chosen, _ in draw.chosen(1)]


@given(
    st.integers(0, 2**32),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(1, GLANCE), st.sampled_from("ab"), st.booleans()),
        max_size=10,
    ),
    st.integers(1, 6),
    st.sampled_from(["weighted", "best", "fair"]),
)
def test_looking_at_few_chooses_as_if_all_leases_were_known(
    seed: int, miners: list[tuple[float, int, str, bool]], count: int, mode: Mode
) -> None:
    """The obvious way looks at every place of every miner first, and chooses the same."""
    chance = random.Random(seed)
    pool = [
        candidate(uid, share, places=n, max_capacity=float(n), coldkey=owner, fits=fits)
        for uid, (share, n, owner, fits) in enumerate(miners)
    ]
    leased = {c.uid: {p for p in range(c.places) if chance.random() < 0.6} for c in pool}
    lazy = Draw(pool, mode, random.Random(seed))
    settle(lazy, count, leased)

    obvious = Draw(pool, mode, random.Random(seed))
    for each in pool:
        obvious.see(
            each.uid, {place: place not in leased[each.uid] for place in range(each.places)}
        )

    assert obvious.chosen(count) == lazy.chosen(count)


@given(
    st.integers(0, 2**32),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(1, 12), st.sampled_from(["a", "b", None])),
        max_size=12,
    ),
    st.integers(1, 14),
    st.sampled_from(["weighted", "best", "fair"]),
)
def test_every_free_miner_is_found_and_no_leased_place_is_given(
    seed: int, miners: list[tuple[float, int, str | None]], count: int, mode: Mode
) -> None:
    """As many as asked for, or all that have a free place; nobody twice."""
    chance = random.Random(seed)
    pool = [
        candidate(uid, performance, places=places, max_capacity=float(places), coldkey=coldkey)
        for uid, (performance, places, coldkey) in enumerate(miners)
    ]
    leased = {c.uid: {p for p in range(c.places) if chance.random() < 0.7} for c in pool}
    draw = Draw(pool, mode, chance)
    settle(draw, count, leased)

    chosen = draw.chosen(count)

    free = [c for c in pool if len(leased[c.uid]) < c.places]
    assert min(count, len(free)) == len({c.uid for c, _ in chosen}) == len(chosen)
    assert all(place not in leased[c.uid] for c, place in chosen)
