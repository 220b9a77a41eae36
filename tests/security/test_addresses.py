"""Where work may be sent: an address in a report, or on the chain, is a stranger's choice."""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from devtools.paths import ROOT
from functions import _wiring
from shared.domain.addresses import estimate_address
from shared.domain.dispatch.addresses import is_assignable
from shared.domain.observations import Observation
from shared.domain.registry import Neuron, Registry
from tests.builders import MINER, VALIDATORS, signed, status
from tests.security.conftest import load

PATH = "/api/v1/tasks/assignments"
KEY = {"name": "sender", "sha256": hashlib.sha256(b"s").hexdigest(), "scopes": ["dispatch"]}
PUBLIC = ["93.184.216.34", "2606:4700:4700::1111"]
DANGEROUS = {
    "metadata of Google, Amazon, Azure": "169.254.169.254",
    "metadata of Azure": "168.63.129.16",
    "metadata of Alibaba": "100.100.100.200",
    "metadata of Oracle": "192.0.0.192",
    "metadata of Amazon, IPv6": "fd00:ec2::254",
    "loopback": "127.0.0.1",
    "loopback, another": "127.1.2.3",
    "loopback, IPv6": "::1",
    "this host": "0.0.0.0",  # noqa: S104 - an address in a report
    "private": "10.0.0.1",
    "private, IPv6": "fd12:3456::1",
    "link-local, IPv6": "fe80::1",
    "site-local, IPv6": "fec0::1",
    "mapped": "::ffff:169.254.169.254",
    "mapped, public": "::ffff:8.8.8.8",
    "compatible": "::127.0.0.1",
    "NAT64": "64:ff9b::a9fe:a9fe",
    "local NAT64": "64:ff9b:1::a9fe:a9fe",
    "6to4": "2002:a9fe:a9fe::1",
    "Teredo": "2001:0:a9fe:a9fe::1",
    "6to4 relay": "192.88.99.1",
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "documentation": "203.0.113.7",
    "documentation, IPv6": "3fff::1",
    "segment routing": "5f00::1",
}


def sender(monkeypatch: pytest.MonkeyPatch, ip: str, *, on_chain: bool = False) -> FlaskClient:
    """`assign-tasks` of a subnet whose miner 7 is said to be at `ip`."""
    monkeypatch.setenv("API_KEYS", json.dumps([KEY]))
    _wiring.settings.forget()
    neurons = [Neuron(uid, key, 5000.0, True) for uid, key in VALIDATORS.items()]
    axon, now = (ip, 80) if on_chain else None, _wiring.clock()
    _wiring.stores().registry.save(Registry(1, now, (Neuron(7, MINER, 100.0, axon=axon), *neurons)))
    reported: dict[str, Any] = {} if on_chain else {"ip": ip, "port": 80}
    for uid in VALIDATORS:
        entry = status(max_capacity=4.0, **reported)
        _wiring.stores().reports.create(1, signed(uid, round(now, 3), [entry]))
    _wiring.recompute()(1)
    return load("assign_tasks")


def handed_out(client: FlaskClient) -> list[str]:
    """The addresses that a task sender gets."""
    answer = client.post(PATH, json={}, headers={"Authorization": "Bearer s"})
    assert 200 == answer.status_code
    return [miner["ip"] for miner in answer.get_json()["miners"]]


@pytest.mark.parametrize("ip", PUBLIC)
@pytest.mark.parametrize("on_chain", [False, True])
def test_a_public_address_is_handed_out(ip: str, on_chain: bool, fresh: pytest.MonkeyPatch) -> None:
    """Which makes the refusals below mean something."""
    assert [ip] == handed_out(sender(fresh, ip, on_chain=on_chain))


@pytest.mark.parametrize("case", DANGEROUS)
@pytest.mark.parametrize("on_chain", [False, True])
def test_no_task_is_sent_inside(case: str, on_chain: bool, fresh: pytest.MonkeyPatch) -> None:
    """All validators agree on it, or the chain says so: it is nobody's to be sent to."""
    assert [] == handed_out(sender(fresh, DANGEROUS[case], on_chain=on_chain))


@pytest.mark.parametrize("text", ["localhost", "2130706433", "0x7f000001", "127.1", "8.8.8.8/0"])
def test_a_name_or_a_number_is_no_address(text: str) -> None:
    """What a resolver would turn into an address was never checked as one."""
    assert not is_assignable(text, 80, allow_private=True)


CONNECTING = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib3"}
MAY_CONNECT = {
    "shared/adapters/chain_rpc.py",  # to the operator's own endpoints of the chain
    "functions/_limits.py",  # ends the reading of a connection that a client made
}


def test_only_the_chain_is_ever_connected_to() -> None:
    """No deployed module could fetch from an address in a report: none has the means to."""
    sources = sorted(path for top in ("functions", "shared") for path in (ROOT / top).rglob("*.py"))
    means = {str(path.relative_to(ROOT)) for path in sources if imported(path) & CONNECTING}

    assert means <= MAY_CONNECT | {"functions/_http.py"}  # the type of a client's connection


def imported(path: Path) -> set[str]:
    """Top-level names of the modules that a file imports, `urllib.request` as `requests`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    tops = {name.partition(".")[0] for name in names}
    return tops | ({"requests"} if any(it.startswith("urllib.request") for it in names) else set())


QUIET, LOUD = 1.0, 0.2
"""Weights of the many who name no address, and of the two who do."""


@pytest.mark.parametrize(
    ("silent", "weight", "is_trusted"),
    [(14, LOUD, False), (14, QUIET, True), (1, LOUD, False), (0, LOUD, True)],
    ids=["two small among many", "two like the others", "two small and one", "nobody else"],
)
def test_two_small_validators_do_not_redirect_the_work_of_a_silent_subnet(
    silent: int, weight: float, is_trusted: bool
) -> None:
    """Where the chain has no axon, two agree on an address and the others name none."""
    named = [Observation(("6.6.6.6", 6), weight, 0.0)] * 2
    unnamed = [Observation(None, QUIET, 0.0)] * silent

    estimate = estimate_address("ip", [*named, *unnamed])

    assert is_trusted == (estimate.conflict is None)
