"""`quorate registry sync` over the in-memory store, from a node on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from typer.testing import CliRunner, Result

from cli.registry import app
from cli.store import Place
from shared.adapters.memory import MemoryRegistryStore
from shared.domain.registry import Overrides, Registry
from tests.unit.sync.metagraphs import BLOCK, neuron, subnet
from tests.unit.sync.node import Node

Quorate = Callable[..., Result]


@pytest.fixture
def store() -> MemoryRegistryStore:
    """An empty registry store."""
    return MemoryRegistryStore()


@pytest.fixture
def node() -> Iterator[Node]:
    """A node with the subnets 1 and 2."""
    with Node({1: subnet(), 2: subnet(5)}) as serving:
        yield serving


@pytest.fixture
def quorate(store: MemoryRegistryStore, node: Node) -> Quorate:
    """Runs `quorate registry sync …`, with the node in CHAIN_ENDPOINTS."""

    def run(*arguments: object, **env: str) -> Result:
        known = {"CHAIN_ENDPOINTS": node.url, "COLUMNS": "240", **env}
        place = Place(store, "memory")
        return CliRunner().invoke(app, ["sync", *map(str, arguments)], obj=place, env=known)

    return run


def test_a_sync_says_what_it_did(quorate: Quorate, store: MemoryRegistryStore, node: Node) -> None:
    """Block, source, how many may report, and what changed."""
    done = quorate()
    registry = store.load(1)

    assert registry is not None
    assert (subnet(), BLOCK) == (registry.neurons, registry.block)
    assert done.stdout.startswith(
        f"subnet 1: synced at block {BLOCK:,} by {node.url.removeprefix('http://')};"
        " 8 neurons, 2 may report; 8 joined, 0 left, 0 recycled, 0 altered\n"
    )


def test_all_subnets_are_synced_unless_one_is_named(
    quorate: Quorate, store: MemoryRegistryStore
) -> None:
    """As the function does; --netuid picks one."""
    quorate("--netuid", 2, NETUIDS="1,2")
    assert store.load(1) is None

    quorate(NETUIDS="1,2")

    assert [1, 2] == [netuid for netuid in (1, 2, 3) if store.load(netuid)]


def test_a_dry_run_shows_and_writes_nothing(quorate: Quorate, store: MemoryRegistryStore) -> None:
    """The same words, and the store stays as it was."""
    shown = quorate("--dry-run")

    assert "subnet 1: would be synced" in shown.stdout
    assert store.load(1) is None


def test_the_table_shows_what_matters_and_no_mere_stake(
    quorate: Quorate, store: MemoryRegistryStore
) -> None:
    """New owners, permits, axons and who may report; not the stake that always moves."""
    validator, poor, mover, former, *rest = subnet()
    poor = replace(poor, stake=1.0)
    mover = replace(mover, axon=("1.1.1.1", 80))
    richer = [replace(n, stake=n.stake + 1) for n in rest]
    store.save(
        Registry(1, 0.0, (validator, poor, mover, replace(former, hotkey=_other()), *richer))
    )

    table = quorate().stdout

    assert "may report: stake_below_minimum → yes" in table
    assert "axon: 1.1.1.1:80 → 8.8.4.4:8002" in table
    assert f"was {_other()}" in table
    assert richer[0].hotkey not in table
    assert "0 joined, 0 left, 1 recycled, 6 altered" in table


def _other() -> str:
    return neuron(99, "somebody else").hotkey


def test_the_answer_is_json_where_asked(quorate: Quorate, store: MemoryRegistryStore) -> None:
    """Every change in full, before and after."""
    first = subnet()[0]
    store.save(Registry(1, 0.0, (replace(first, stake=1.0), *subnet()[1:])))

    answer = json.loads(quorate("--json").stdout)

    assert ("synced", BLOCK, 8, 2) == tuple(
        answer[name] for name in ("outcome", "block", "neurons", "may_report")
    )
    assert [(1.0, first.stake)] == [
        (it["before"]["stake"], it["after"]["stake"]) for it in answer["altered"]
    ]


def test_a_second_sync_at_the_same_block_changes_nothing(quorate: Quorate) -> None:
    """It says so."""
    quorate()

    assert "subnet 1: unchanged at block" in quorate().stdout


def test_operators_decisions_outlive_a_sync(quorate: Quorate, store: MemoryRegistryStore) -> None:
    """A disabled validator does not come back with the next block."""
    decided = Overrides(frozenset({subnet()[0].hotkey}))
    store.save_overrides(1, decided)

    quorate()

    registry = store.load(1)
    assert registry is not None
    assert decided == registry.overrides


def test_a_doubtful_metagraph_needs_force(
    quorate: Quorate, store: MemoryRegistryStore, node: Node
) -> None:
    """Exit code 1 with the reason; with --force it is written."""
    quorate()
    node.block -= 1

    refused = quorate()

    assert (1, BLOCK) == (refused.exit_code, _block(store))
    assert "is older than" in refused.stderr
    assert (0, BLOCK - 1) == (quorate("--force").exit_code, _block(store))


def _block(store: MemoryRegistryStore) -> int | None:
    registry = store.load(1)
    assert registry
    return registry.block


def test_endpoints_that_are_given_outweigh_the_settings(quorate: Quorate, node: Node) -> None:
    """They are asked in turn."""
    nobody = "http://127.0.0.1:9"
    done = quorate("--endpoint", nobody, "--endpoint", node.url, CHAIN_ENDPOINTS=nobody)

    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--endpoint", "wss://entrypoint.example"], "--endpoint: 'wss://entrypoint.example'"),
        ([], "no chain to ask: give --endpoint, or set CHAIN_ENDPOINTS"),
    ],
)
def test_what_cannot_be_asked_ends_with_2(
    quorate: Quorate, arguments: list[str], message: str
) -> None:
    """It is said what to give."""
    refused = quorate(*arguments, CHAIN_ENDPOINTS="")

    assert refused.exit_code == 2
    assert message in refused.stderr


@pytest.mark.parametrize("value", ["ftp://a", "localhost:9944", "https://", "http://a:port", "[]"])
def test_endpoints_are_http_urls(quorate: Quorate, value: str) -> None:
    """Bad settings name the variable."""
    refused = quorate(CHAIN_ENDPOINTS=value)

    assert refused.exit_code == 2
    assert refused.stderr.startswith("CHAIN_ENDPOINTS")


def test_what_deserves_attention_is_warned_of(quorate: Quorate, node: Node) -> None:
    """A sync after which nobody makes a quorum is not silent."""
    node.subnets[1] = (subnet()[0], replace(subnet()[2], uid=1))

    assert "warning: only 1 may report, a quorum takes 2" in quorate().stderr
