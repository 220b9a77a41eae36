"""What one validator of a thousandth of the stake can do to the key figures: nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared import ss58
from shared.adapters.memory import MemoryRegistryStore, MemoryReportLog, MemorySnapshotStore
from shared.domain.registry import Neuron, Registry
from shared.domain.results import Conflict
from shared.service.answers import consensus_stats, network_status
from shared.service.health import health_of
from shared.service.kpis import Kpis, kpis_of
from shared.service.metrics import exposition
from shared.service.snapshots import Payload, decode_payload, encode_payload
from shared.service.views import View, Views
from tests.builders import DAVE, T0, VALIDATORS, signed, status
from tests.subnets import Subnet
from tests.unit.domain.makers import miner, resolution_of

HONEST, ATTACKER = tuple(VALIDATORS), 51
MINERS = range(10, 14)
INVENTED = range(2000, 2100)
GREATEST = 2**53 - 1
ROUNDS = 3
Statuses = list[dict[str, Any]]


def hotkey(uid: int) -> str:
    """That of a miner."""
    return ss58.encode(uid.to_bytes(32, "big"))


def truth(uid: int, **fields: Any) -> dict[str, Any]:
    """What is so of a miner."""
    return status(uid, hotkey=hotkey(uid), **fields)


def chain() -> Registry:
    """Three validators of a million TAO each, one of three thousand, and four miners."""
    validators = [Neuron(uid, VALIDATORS[uid], 1e6, True) for uid in HONEST]
    miners = [Neuron(uid, hotkey(uid), 100.0) for uid in MINERS]
    return Registry(1, T0 - 60, (*validators, Neuron(ATTACKER, DAVE, 3000.0, True), *miners))


def played(said: Statuses, epoch: int = 1, registry: Registry | None = None) -> View:
    """What readers see after some rounds in which the attacker says this."""
    subnet = Subnet(
        log=MemoryReportLog(lambda: T0),
        snapshots=MemorySnapshotStore(),
        registries=MemoryRegistryStore(),
        netuid=1,
        chain=registry or chain(),
    )
    for number in range(ROUNDS):
        start = T0 + 60 * number
        for second, uid in enumerate(HONEST, 1):
            subnet.post(signed(uid, start + second, [truth(miner) for miner in MINERS]))
        subnet.post(signed(ATTACKER, start + 9, said, epoch=epoch))
        subnet.now = start + 31
        subnet.instance()(1)
    view = Views(subnet.snapshots, lambda: subnet.now)(1)
    assert view is not None
    return view


def honestly() -> Statuses:
    """The truth about all miners."""
    return [truth(uid) for uid in MINERS]


def with_external_addresses() -> Statuses:
    """The same, each with an address that nobody else gives."""
    return [truth(uid, external_ip="6.6.6.6", external_port=1) for uid in MINERS]


def with_invented_miners() -> Statuses:
    """The same, and a hundred that are nobody, with more stake than there is."""
    return honestly() + [status(uid, hotkey=hotkey(uid), stake=1e15) for uid in INVENTED]


def figures(view: View) -> tuple[Kpis, Any, Any]:
    """All that is said of the network as a whole, without what time it took."""
    answer = network_status(view, view.policy)
    return (
        replace(kpis_of(view), latency_ms=None),
        answer["network_status"],
        answer["consensus_stats"],
    )


def test_invented_miners_are_in_no_figure() -> None:
    """Neither in totals nor in shares; they are listed, and get no work."""
    honest, attacked = played(honestly()), played(with_invented_miners())

    (kpis, network, stats), (expected, before, stats_before) = figures(attacked), figures(honest)
    assert (4, 4, 400.0) == tuple(
        network[name] for name in ("total_miners", "active_miners", "total_stake")
    )
    assert "ok" == health_of(attacked, attacked.stored.computed_at).status
    assert expected == replace(kpis, confidence=expected.confidence)
    assert expected.confidence == pytest.approx(kpis.confidence, abs=0.01)
    assert before["total_stake"] == network["total_stake"]
    assert stats_before["consensus_coverage"] == stats["consensus_coverage"] == 1.0
    listed = network_status(attacked, attacked.policy)["miners"]
    assert {*MINERS, *INVENTED} == {each["uid"] for each in listed}
    assert not any(each["is_active"] for each in listed if each["uid"] in INVENTED)


def test_states_are_counted_of_registered_miners() -> None:
    """Prometheus hears of four, all in consensus."""
    text = exposition({1: played(with_invented_miners())}, T0 + 200)

    lines = [line for line in text.splitlines() if line.startswith("quorate_miners{")]
    assert ['quorate_miners{netuid="1",state="consensus"} 4'] == lines


def test_without_fresh_facts_everyone_counts() -> None:
    """Nobody can tell then who is invented, and the figures say what the votes say."""
    old = replace(chain(), synced_at=T0 - 7200)

    view = played(with_invented_miners(), registry=old)

    network = network_status(view, view.policy)["network_status"]
    assert len(MINERS) + len(INVENTED) == network["total_miners"] == kpis_of(view).miners


def test_a_registry_of_validators_alone_makes_nobody_a_stranger() -> None:
    """Fresh facts that name no miner say nothing about who is one."""
    validators = replace(chain(), neurons=tuple(n for n in chain().neurons if n.validator_permit))

    view = played(honestly(), registry=validators)

    assert (4, 1.0) == (kpis_of(view).miners, kpis_of(view).coverage)


def test_a_conflict_about_what_nobody_else_reports_is_hardly_one() -> None:
    """It is named at every miner, and counts as much as the attacker's votes weigh."""
    view = played(with_external_addresses())

    conflicts = [result.conflicts for result in view.resolution.miners.values()]
    assert [[("external_ip", "address")]] * 4 == [
        [(c.field, c.kind) for c in each] for each in conflicts
    ]
    rate = kpis_of(view).conflict_rate
    assert rate is not None
    assert 0 < rate < 0.03
    assert rate == consensus_stats(view, view.policy)["consensus_statistics"]["conflict_rate"]


def test_a_conflict_that_everybody_hears_counts_whole() -> None:
    """Two against two about every miner's `is_serving`, and all give it."""
    halves = [Neuron(uid, key, 1e6, True) for uid, key in {**VALIDATORS, ATTACKER: DAVE}.items()]
    others = tuple(each for each in chain().neurons if not each.validator_permit)
    liars = {HONEST[0], ATTACKER}
    subnet = Subnet(
        MemoryReportLog(lambda: T0),
        MemorySnapshotStore(),
        MemoryRegistryStore(),
        netuid=1,
        chain=replace(chain(), neurons=(*halves, *others)),
    )
    for uid in (*HONEST, ATTACKER):
        said = [truth(miner, is_serving=uid not in liars) for miner in MINERS]
        subnet.post(signed(uid, T0 + uid / 10, said))
    subnet.now = T0 + 20
    subnet.instance()(1)

    view = Views(subnet.snapshots, lambda: subnet.now)(1)

    assert view is not None
    assert 1.0 == kpis_of(view).conflict_rate


def test_of_several_conflicts_the_most_heard_one_counts() -> None:
    """However many fields somebody makes up, they weigh as much as he does."""
    made_up = tuple(Conflict(f"x{number}", "no_majority", (), heard=0.01) for number in range(50))
    halved = Conflict("performance_score", "dispersed", (), heard=0.5)
    view = played(honestly())
    resolution = resolution_of(
        miner(1, conflicts=made_up), miner(2, conflicts=(*made_up, halved)), miner(3)
    )

    assert (
        pytest.approx((0.01 + 0.5 + 0) / 3)
        == kpis_of(replace(view, resolution=resolution)).conflict_rate
    )


@pytest.mark.parametrize("heard", [0.25, 1.0])
def test_how_much_a_conflict_is_heard_is_kept(heard: float) -> None:
    """A snapshot says it where it is not all of the weight, and reads older ones that never do."""
    conflict = Conflict("external_ip", "address", (("6.6.6.6", 1.0),), heard)
    resolution = resolution_of(miner(1, conflicts=(conflict,)))

    through = decode_payload(encode_payload(Payload(resolution, {}, 0.0))).resolution

    assert resolution.miners[1].conflicts == through.miners[1].conflicts


@pytest.mark.parametrize("epoch", [0, GREATEST])
def test_nobody_alone_moves_the_epoch(epoch: int) -> None:
    """It is the one that half of the stake has reached."""
    view = played(honestly(), epoch=epoch)

    shown = {each["epoch"] for each in network_status(view, view.policy)["miners"]}
    assert {1} == shown
