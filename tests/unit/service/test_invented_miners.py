"""Hostile validators that speak of miners that nobody else watches gain nothing by it.

Sixteen validators over rounds, whole reports every minute; the honest see the truth with a little
noise.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.domain.reports import Report
from shared.domain.results import Resolution
from shared.domain.rounds import Chain, Known, Step, round_of, step
from tests.builders import T0

POLICY = Policy()
VALIDATORS = 16
MINERS = range(100, 124)
INVENTED = range(2000, 2100)
Status = dict[str, Any]
Lie = Callable[["Play", int], list[Status]]
"""What a hostile validator reports in a round."""


@dataclass
class Play:
    """A subnet in which the last `hostile` validators share `stake` of all."""

    hostile: int
    stake: float
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    taken: Step | None = None

    def status(self, uid: int, **fields: Any) -> Status:
        """The truth about a miner: every third does not serve."""
        return {
            "uid": uid,
            "hotkey": f"m{uid}",
            "stake": 50.0,
            "is_serving": uid % 3 != 0,
            "performance_score": 0.3 + 0.02 * (uid % 24),
            "current_load": float(uid % 5),
            "max_capacity": 5.0,
            **fields,
        }

    def truth(self) -> list[Status]:
        """All that there is to say."""
        return [self.status(uid) for uid in MINERS]

    def seen(self) -> list[Status]:
        """What an honest validator makes of it."""
        return [
            {
                **each,
                "performance_score": each["performance_score"] + self.rng.gauss(0, 0.01),
                "is_serving": each["is_serving"] != (self.rng.random() < 0.1),
            }
            for each in self.truth()
        ]

    @property
    def registry(self) -> Registry:
        """Every miner is registered, and the validators are."""
        honest = VALIDATORS - self.hostile
        stakes = [(1 - self.stake) / honest] * honest + [self.stake / self.hostile] * self.hostile
        validators = [Neuron(v, f"v{v}", 1e6 * each, True) for v, each in enumerate(stakes)]
        return Registry(
            1, T0 + 1e5, (*validators, *(Neuron(uid, f"m{uid}", 50.0) for uid in MINERS))
        )

    def play(self, rounds: Iterable[int], lie: Lie) -> Resolution:
        """These rounds, one after the other; gives what is found at the end of the last."""
        for number in rounds:
            start = T0 + 60 * number
            views = [self.seen() for _ in range(VALIDATORS - self.hostile)]
            views += [lie(self, number) for _ in range(self.hostile)]
            reports = [_report(v, start + v, view) for v, view in enumerate(views)]
            before = (
                self.taken.chain if self.taken else Chain(closed_through=round_of(T0, POLICY) - 1)
            )
            known = Known(reports, self.registry, POLICY)
            self.taken = step(before, known, start + 91, most_rounds=1)
        assert self.taken is not None
        return self.taken.resolution


def _report(validator: int, at: float, statuses: list[Status]) -> Report:
    return Report(f"{validator}_{at}", validator, f"v{validator}", 1, at, at, tuple(statuses))


def confidences(found: Resolution) -> list[float]:
    """Of the miners that exist."""
    return [found.miners[uid].confidence for uid in MINERS]


def noise(play: Play, uids: Iterable[int]) -> list[Status]:
    """Anything but what was said of them before."""
    rng = play.rng
    return [
        play.status(
            uid,
            hotkey=f"v{uid}" if uid < VALIDATORS else f"m{uid}",
            performance_score=rng.choice((0.0, 1.0)),
            current_load=10.0 ** rng.randrange(9),
        )
        for uid in uids
    ]


@pytest.mark.parametrize(
    "uids", [INVENTED, INVENTED[:5], range(VALIDATORS)], ids=["many", "five", "validators"]
)
def test_noise_about_other_miners_shakes_nobodys_confidence(uids: Iterable[int]) -> None:
    """One validator of a thousandth of the stake: what moves is measured on what is heard."""
    honest = confidences(Play(1, 0.001).play(range(12), lambda play, _: play.truth()))
    shaken = confidences(
        Play(1, 0.001).play(range(12), lambda play, _: play.truth() + noise(play, uids))
    )

    assert min(honest) > POLICY.min_task_confidence
    assert honest == pytest.approx(shaken, abs=0.01)


def test_a_miner_that_nearly_all_stake_dropped_gets_no_work() -> None:
    """Two validators of a thousandth of the stake agree on it, and are believed as little."""
    own = {"is_serving": True, "performance_score": 0.99}
    play = Play(2, 0.002)
    found = play.play(range(6), lambda _, __: [*play.truth(), play.status(500, **own)]).miners[500]

    assert 0.99 == pytest.approx(found.values["performance_score"])
    assert found.confidence < 0.01
