"""The requests that are sent at a function to see how many it answers, as they go over the wire."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from quorate_client.signing import sign_btauth

from devtools.ports import LOOPBACK
from devtools.simulation import Subnet, Validator, make_miner, make_truth, make_validator
from functions._routes import PUBLIC_PATHS
from shared.domain.registry import Neuron, Registry
from shared.settings import Settings

SUBMIT = PUBLIC_PATHS["submit-miner-status"]
NETUID = 1
CROWD = "BENCH_VALIDATORS"
"""Environment variable: how many validators the subnet has."""
STATUSES = 64
"""Miners in a report."""
EACH = int(Settings.model_fields["rate_limit_per_minute"].default)
"""Reports of one validator: as many as it may send in a minute."""
HEADERS = {"Host": LOOPBACK, "Accept": "*/*", "User-Agent": "quorate-load"}


def wire(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """One request as bytes."""
    length = {"Content-Length": str(len(body))} if method == "POST" else {}
    lines = [f"{name}: {value}" for name, value in {**HEADERS, **headers, **length}.items()]
    return "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""]).encode() + body


def crowd(validators: int) -> Subnet:
    """A subnet of so many validators with keys, the same in every process, and 64 miners."""
    rng = random.Random(1)
    uids = range(validators, validators + STATUSES)
    return Subnet(
        netuid=NETUID,
        validators=[make_validator(uid, rng) for uid in range(validators)],
        miners=[make_miner(uid, rng) for uid in uids],
        truth=make_truth(uids, rng),
        rng=rng,
    )


def registry_of(subnet: Subnet, now: float) -> Registry:
    """The chain's word on everyone in it."""
    validators = [Neuron(v.uid, v.keypair.ss58_address, v.stake, True) for v in subnet.validators]
    miners = [Neuron(m.uid, m.hotkey, m.stake, axon=m.axon) for m in subnet.miners]
    return Registry(subnet.netuid, now, (*miners, *validators))


@dataclass(slots=True)
class Signers:
    """Validators that have not sent anything yet: each may sign `EACH` reports."""

    subnet: Subnet
    used: int = 0

    def reports(self, count: int) -> list[bytes]:
        """So many signed requests, each with a nonce of its own, of now."""
        needed = -(-count // EACH)
        some = self.subnet.validators[self.used : self.used + needed]
        if len(some) < needed:
            raise ValueError(f"{count} reports need {needed} validators, {len(some)} are left")
        self.used += needed
        signed = [request for validator in some for request in self._of(validator)]
        return signed[:count]

    def _of(self, validator: Validator) -> Iterator[bytes]:
        statuses = validator.report(self.subnet, self.subnet.rng, time.time())
        report = {"validator_uid": validator.uid, "epoch": 1, "miner_statuses": statuses}
        body = json.dumps(report).encode()
        for _ in range(EACH):
            signature = sign_btauth(validator.keypair, "POST", SUBMIT, body)
            yield wire("POST", SUBMIT, {"Content-Type": "application/json", **signature}, body)
