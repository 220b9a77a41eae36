"""The validators of a simulated subnet at work: signed reports through the public URL."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from statistics import fmean

import httpx
from quorate_client.signing import sign_btauth

from devtools.adversaries import Status
from devtools.simulation import Subnet, Validator

PATH = "/api/v1/validators/miner-status"


class Reporting:
    """Posts rounds of reports and remembers how they were received."""

    def __init__(self, url: str, subnet: Subnet, seed: int = 1) -> None:
        """Nothing is posted before `post_round`."""
        self._client = httpx.Client(base_url=url, timeout=30)
        self._subnet = subnet
        self._rng = random.Random(seed)
        self._latest: dict[int, dict[int, float]] = {}
        self.silent: set[int] = set()
        """uids of the validators that do not report."""
        self.completed = 0
        """Rounds posted so far."""
        self.accepted = 0
        self.refused: Counter[str] = Counter()
        """Why reports were not taken, and how often."""

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def post_round(self) -> None:
        """Let time pass and every validator that has come and is not silent report once."""
        self._subnet.step()
        for validator in self._subnet.validators:
            if validator.uid not in self.silent and validator.joins_at <= self._subnet.steps:
                self._post(validator)
        self.completed += 1

    def _post(self, validator: Validator) -> None:
        statuses = validator.report(self._subnet, self._rng, time.time())
        refusal = self._send(validator, statuses)
        if refusal:
            self.refused[refusal] += 1
            return
        self.accepted += 1
        self._latest[validator.uid] = {s["uid"]: s["performance_score"] for s in statuses}

    def _send(self, validator: Validator, statuses: list[Status]) -> str:
        """Post one signed report; "" when it was accepted, else why not."""
        report = {
            "validator_uid": validator.uid,
            "epoch": int(time.time()),  # greater than any of an earlier run
            "miner_statuses": statuses,
        }
        body = json.dumps(report).encode()
        path = f"{PATH}?netuid={self._subnet.netuid}"
        signature = sign_btauth(validator.keypair, "POST", path, body)
        headers = {"Content-Type": "application/json", **signature}
        try:
            answer = self._client.post(path, content=body, headers=headers)
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"
        return "" if answer.is_success else _why(answer)

    def plain_mean(self, uid: int) -> float | None:
        """What everyone's latest word on a miner's performance averages to, liars included."""
        said = [scores[uid] for scores in list(self._latest.values()) if uid in scores]
        return fmean(said) if said else None


def _why(answer: httpx.Response) -> str:
    """Status, code and words of a refusal, without its time: equal ones count together."""
    try:
        problem = answer.json()
        return f"{answer.status_code} {problem['code']}: {problem['detail']}"
    except (ValueError, KeyError, TypeError):  # not the service's own
        return f"{answer.status_code} {answer.text[:200]}"
