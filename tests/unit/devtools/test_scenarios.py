"""The adversaries of a live simulation do what their names say."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from statistics import fmean, median
from typing import Any

import pytest

from cli import registry_file
from devtools.adversaries import Status, worst
from devtools.scenarios import SCENARIOS, Plan, subnet_of
from devtools.simulation import Subnet
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.schemas import parse_batch

NOW = 1_800_000_000.0


def made(name: str, **changes: Any) -> Subnet:
    """A subnet of 10 validators and 40 miners, planned for 20 rounds."""
    return subnet_of(Plan(name, **{"validators": 10, "miners": 40, "rounds": 20, **changes}))


def said(subnet: Subnet, uid: int = 0, steps: int = 1) -> list[Status]:
    """What a validator reports after so many rounds; 0 is a liar where anybody lies."""
    subnet.steps = steps
    return subnet.validators[uid].report(subnet, random.Random(3), NOW)


def errors(subnet: Subnet, statuses: list[Status]) -> list[float]:
    """Signed distances from the truth of the miners that could be called better still."""
    true = {uid: condition.performance for uid, condition in subnet.truth.items()}
    middling = [s for s in statuses if 0.1 < true[s["uid"]] < 0.6]
    return [s["performance_score"] - true[s["uid"]] for s in middling]


def lied(subnet: Subnet, statuses: list[Status]) -> float:
    """Share of the miners whose `is_serving` is wrong."""
    return fmean(s["is_serving"] is not subnet.truth[s["uid"]].serving for s in statuses)


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_report_of_every_scenario_is_accepted(name: str) -> None:
    """Lies are well-formed: it is for the consensus to find them out."""
    subnet = made(name)
    for uid in range(10):
        body = json.dumps({"validator_uid": uid, "epoch": 1, "miner_statuses": said(subnet, uid)})

        assert parse_batch("application/json", body.encode()).statuses


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_validator_may_report(name: str) -> None:
    """The registry is one that `quorate registry import` takes; the poorest has enough stake."""
    registry = Registry(1, NOW, registry_file.parse(json.dumps(made(name).registry())).neurons)

    assert 10 == len(registry.eligible(Policy()))


@pytest.mark.parametrize(
    ("name", "alpha", "heads", "share"),
    [
        ("honest", 0.3, 0, 0.0),
        ("shift", 0.3, 3, 0.3),
        ("promote", 0.45, 4, 0.45),
        ("sybil", 0.3, 7, 0.2),
        ("whale", 0.3, 1, 1 / 3),
    ],
)
def test_the_liars_hold_their_share(name: str, alpha: float, heads: int, share: float) -> None:
    """Of heads and of stake."""
    validators = made(name, alpha=alpha).validators
    stake = sum(v.stake for v in validators)

    liars = [v for v in validators if v.lie]

    assert heads == len(liars)
    assert share == pytest.approx(sum(v.stake for v in liars) / stake, abs=0.001)


def _is_perfect(subnet: Subnet, steps: int) -> bool:
    return max(map(abs, errors(subnet, said(subnet, steps=steps)))) < 0.001


def _wakes(subnet: Subnet, lies: Callable[[int], bool]) -> bool:
    return _is_perfect(subnet, 10) and not lies(10) and lies(11)


def _praises(subnet: Subnet, steps: int, uid: int = 0) -> bool:
    praised = {s["uid"] for s in said(subnet, uid, steps) if s["performance_score"] == 0.97}
    return praised == worst(subnet.truth)


def _views(statuses: list[Status]) -> list[tuple[Any, ...]]:
    return [(s["performance_score"], s["is_serving"]) for s in statuses]


def _parrots(subnet: Subnet) -> bool:
    subnet.published = {10: {"performance_score": 0.123, "is_serving": False}}
    return (0.123, False) == _views(said(subnet))[0]


Check = Callable[[Subnet], bool]
BEHAVIOUR: dict[str, Check] = {
    "honest": lambda s: abs(fmean(errors(s, said(s)))) < 0.1 and lied(s, said(s)) < 0.3,
    "noise": lambda s: 0.3 < lied(s, said(s)) < 0.7,
    "flip": lambda s: 0.3 < lied(s, said(s)) < 0.7 and abs(fmean(errors(s, said(s)))) < 0.1,
    "shift": lambda s: 0.2 < fmean(errors(s, said(s))) < 0.4 and lied(s, said(s)) > 0.7,
    "stealth": lambda s: fmean(errors(s, said(s))) > median(v.sigma for v in s.validators[3:]),
    "sleeper": lambda s: _wakes(s, lambda steps: lied(s, said(s, steps=steps)) > 0.7),
    "targeted-sleeper": lambda s: _wakes(s, lambda steps: _praises(s, steps)),
    "promote": lambda s: _praises(s, 1),
    "oscillating": lambda s: [True, False, True] == [_is_perfect(s, n) for n in (4, 5, 10)],
    "copiers": lambda s: _views(said(s, 0)) == _views(said(s, 1)) != _views(said(s, 9)),
    "two-at-once": lambda s: _praises(s, 1, uid=1) and lied(s, said(s)) > 0.7,
    "sybil": lambda s: lied(s, said(s, 6)) > 0.7 > lied(s, said(s, 7)),
    "whale": lambda s: lied(s, said(s)) > 0.7 and max(v.stake for v in s.validators) > 2_000,
    "late-joiners": lambda s: [0, 8] == sorted({v.joins_at for v in s.validators}),
    "omitted-miners": lambda s: {16} == {len(said(s, uid)) for uid in range(10)},
    "parrots": _parrots,
}


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_an_adversary_does_what_its_name_says(name: str) -> None:
    """As benchmarks/scenarios.py has it, in statuses."""
    assert BEHAVIOUR[name](made(name))
