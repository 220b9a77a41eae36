"""sync-metagraph as the platform calls it, against a node on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

import main
from functions import _wiring
from shared.domain.registry import Overrides
from tests.unit.deploy.served import client_of, push
from tests.unit.deploy.sources import ROOT

from . import metagraphs
from .node import Node

TOPIC = "/projects/p/topics/metagraph-syncs"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def node() -> Iterator[Node]:
    """A node with the subnets 1 and 2."""
    with Node({1: metagraphs.subnet(), 2: metagraphs.subnet(5)}) as serving:
        yield serving


@pytest.fixture
def client(node: Node, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """The function over the in-memory store, with an endpoint that is silent before the node."""
    monkeypatch.setenv("STORE", "memory")
    monkeypatch.setenv("NETUIDS", "1,2")
    monkeypatch.setenv("CHAIN_ENDPOINTS", f"http://127.0.0.1:9/, {node.url}")
    _wiring.forget()
    yield client_of("sync_metagraph")
    _wiring.forget()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """What was logged since it was last asked."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def neurons_of(netuid: int) -> int:
    registry = _wiring.stores().registry.load(netuid)
    return len(registry.neurons) if registry else 0


def test_every_subnet_is_synced(client: FlaskClient, lines: Lines, node: Node) -> None:
    """One line each, and a message that is done with."""
    answer = client.post(TOPIC, json=push(b"{}"))

    assert (200, 8, 5) == (answer.status_code, neurons_of(1), neurons_of(2))
    logged = [line for line in lines() if line["message"] == "sync"]
    assert [(1, 8), (2, 5)] == [(line["netuid"], line["joined"]) for line in logged]
    assert {node.url.removeprefix("http://")} == {line["source"] for line in logged}


def test_a_subnet_that_fails_does_not_keep_the_others(
    client: FlaskClient, lines: Lines, node: Node
) -> None:
    """The message is sent again, the reason is logged, and the last good registry stays."""
    client.post(TOPIC, json=push(b"{}"))
    node.block += 1
    node.subnets |= {1: metagraphs.subnet(2), 2: metagraphs.subnet(6)}
    lines()

    answer = client.post(TOPIC, json=push(b"{}"))

    assert (500, 8, 6) == (answer.status_code, neurons_of(1), neurons_of(2))
    (failed,) = [line for line in lines() if line["message"] == "sync_failed"]
    assert failed["netuid"] == 1
    assert "only 2 of the 8 hotkeys that are kept are left" in failed["cause"]


def test_an_endpoint_from_the_future_keeps_no_honest_one_out(
    client: FlaskClient, lines: Lines, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is passed over, and said; the next one is asked."""
    client.post(TOPIC, json=push(b"{}"))
    node.block += 1
    with Node(node.subnets, block=node.block + 10**6) as liar:
        monkeypatch.setenv("CHAIN_ENDPOINTS", f"{liar.url}, {node.url}")
        _wiring.settings.forget()
        _wiring.sync.forget()
        lines()
        answer = client.post(TOPIC, json=push(b"{}"))

    assert (200, node.block) == (answer.status_code, _wiring.stores().registry.read(1).block)
    passed = [line for line in lines() if line["message"] == "endpoint_passed_over"]
    assert [("WARNING", 1), ("WARNING", 2)] == [(it["severity"], it["netuid"]) for it in passed]
    name = liar.url.removeprefix("http://")
    assert passed[0]["cause"].startswith(f"{name}: its block {liar.block} is ahead of ")


def test_a_recycled_uid_is_another_neuron_and_inherits_no_decision(
    client: FlaskClient, lines: Lines, node: Node
) -> None:
    """What was decided about a hotkey stays with the hotkey."""
    client.post(TOPIC, json=push(b"{}"))
    former = metagraphs.subnet()[0]
    _wiring.stores().registry.save_overrides(1, Overrides(frozenset({former.hotkey})))
    newcomer = metagraphs.neuron(0, "newcomer", stake=9000.0, validator_permit=True)
    node.subnets[1], node.block = (newcomer, *metagraphs.subnet()[1:]), node.block + 1

    client.post(TOPIC, json=push(b"{}"))

    registry = _wiring.stores().registry.load(1)
    assert registry
    assert registry.why_refused(newcomer.hotkey, _wiring.settings().policy) is None
    assert registry.why_refused(former.hotkey, _wiring.settings().policy) == "not_registered"
    assert [0, 1] == [
        line["recycled"] for line in lines() if (line["message"], line.get("netuid")) == ("sync", 1)
    ]


def test_fast_blocks_are_a_setting(
    client: FlaskClient, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a thousand million blocks a second, a leap since the last sync is no lie."""
    monkeypatch.setenv("CHAIN_BLOCK_SECONDS", "1e-9")
    _wiring.settings.forget()
    client.post(TOPIC, json=push(b"{}"))
    node.block += metagraphs.BLOCK // 1000

    answer = client.post(TOPIC, json=push(b"{}"))

    assert (200, node.block) == (answer.status_code, _wiring.stores().registry.read(1).block)


def test_without_an_endpoint_there_is_nothing_to_do(
    client: FlaskClient, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is done with, so that nothing is retried for a sync that is off."""
    monkeypatch.delenv("CHAIN_ENDPOINTS")
    _wiring.forget()

    answer = client.post(TOPIC, json=push(b"{}"))

    assert (200, ["sync_off"]) == (answer.status_code, [line["message"] for line in lines()])


def test_no_function_loads_the_decoder() -> None:
    """It is loaded in a process of its own, once there is something to decode."""
    names = " + ".join(f"[main.{name}]" for name in sorted(main.ENTRY_POINTS))
    code = f"import sys, main; {names}; sys.exit('bt_decode' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"STORE": "memory"}, check=False
    )

    assert done.returncode == 0
