"""The rounds of a simulation: report, wait, ask, show."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from quorate_client.proxy import Proxy

from cli.simulate_figures import Figures, Verdict, figures_of, verdict_on
from devtools.reporting import Reporting
from devtools.screen import Row, Screen, frame_of, rows_of
from devtools.simulation import Subnet

PRESENCE = 0.85
"""Chance that a validator reports in a round."""
REGISTRY_SECONDS = 75.0
"""How long functions may go on with the registry that they knew before, and a little more."""
STRANGERS = ("not_registered", "no_permit", "stake_below_minimum", "validator_uid_mismatch")
"""Codes with which a registry that is not known yet refuses everyone."""

Answer = Mapping[str, Any]


class NobodyKnown(Exception):  # noqa: N818 - a state
    """Nobody may report: the service has another registry."""


class Simulation:
    """A subnet whose validators report to a service, and what that makes of it."""

    def __init__(self, url: str, subnet: Subnet, proxy: Proxy, interval: float, seed: int) -> None:
        """Nothing is posted yet; `interval` is seconds from round to round."""
        self.subnet = subnet
        self.reporting = Reporting(url, subnet, seed)
        self._proxy = proxy
        self._interval = interval
        self._rng = random.Random(seed)  # noqa: S311 - the same simulation for the same seed

    def rounds(self, count: int) -> Iterator[tuple[Figures, list[Row], Answer]]:
        """So many rounds, each with what the service answers at its end."""
        self._begin()
        for number in range(1, count + 1):
            began = time.monotonic()
            if number > 1:
                self._post_round()
            time.sleep(max(0.0, self._interval - (time.monotonic() - began)))
            yield self._look(number)

    def verdict(self) -> Verdict:
        """What the service has learnt about the validators."""
        return verdict_on(self.subnet, self._proxy.validators()["validators"])

    def _begin(self) -> None:
        """The first round, once the service knows the validators; raises `NobodyKnown`."""
        deadline = time.monotonic() + REGISTRY_SECONDS
        while True:
            self._post_round()
            reasons = self.reporting.refused
            strange = any(code in reason for reason in reasons for code in STRANGERS)
            if self.reporting.accepted or not strange:
                return
            if time.monotonic() > deadline:
                raise NobodyKnown(next(iter(reasons)))
            reasons.clear()
            self.subnet.steps = 0
            time.sleep(max(self._interval, 5.0))  # as often as the rate limit allows

    def _post_round(self) -> None:
        everyone = {validator.uid for validator in self.subnet.validators}
        away = {uid for uid in everyone if self._rng.random() > PRESENCE}
        self.reporting.silent = away if away < everyone else set()
        self.reporting.post_round()

    def _look(self, number: int) -> tuple[Figures, list[Row], Answer]:
        answer = self._proxy.network_status()
        self.subnet.published = {
            miner["uid"]: {name: miner[name] for name in ("performance_score", "is_serving")}
            for miner in answer["miners"]
            if None not in (miner.get("performance_score"), miner.get("is_serving"))
        }
        reporting = self.reporting
        rows = rows_of(self.subnet, reporting, answer)
        return figures_of(number, rows, reporting.accepted, reporting.refused), rows, answer


def show(simulation: Simulation, count: int) -> None:
    """All rounds as a live table, or a line each where there is no terminal; then the verdict."""
    began = time.monotonic()
    with Screen() as screen:
        for _, rows, answer in simulation.rounds(count):
            now = time.monotonic() - began
            screen.show(frame_of(now, simulation.subnet, simulation.reporting, rows, answer))
    print(simulation.verdict())


def tell(simulation: Simulation, count: int) -> None:
    """All rounds as JSON, a line each, and the verdict as the last line."""
    for figures, _, _ in simulation.rounds(count):
        print(json.dumps(asdict(figures)), flush=True)
    print(json.dumps(asdict(simulation.verdict())), flush=True)
