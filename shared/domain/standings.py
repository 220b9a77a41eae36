"""How each validator stands: does it report, and does it agree with the others?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.domain.agreement import Agreement, agreements
from shared.domain.copying import copying_of
from shared.domain.memory import Memory
from shared.domain.peers import peer_maps
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.domain.reports import Report
from shared.domain.results import Resolution
from shared.domain.standing import Standing, character_of
from shared.domain.votes import Votes


@dataclass(frozen=True, slots=True)
class Scene:
    """What the standings are read from: what a recompute resolved, and from what."""

    resolution: Resolution
    votes: Votes
    """Those in the reporting window, as `resolve` got them."""
    reports: Sequence[Report]
    registry: Registry
    memory: Memory
    policy: Policy
    now: float


def standings_of(scene: Scene) -> tuple[Standing, ...]:
    """Everyone who may report, uids ascending; the silent ones too."""
    standings = own_standings(scene)
    uids = {each.hotkey: each.uid for each in standings}
    copying = copying_of(uids, scene.memory.record, scene.policy)
    peers = peer_maps(scene.resolution, list(uids), scene.policy)
    return tuple(
        replace(each, copying=copying.get(each.uid), peer_map=peers.get(each.hotkey, ""))
        for each in standings
    )


def own_standings(scene: Scene) -> tuple[Standing, ...]:
    """The same without what concerns two validators: copying, and the map of peers."""
    agreed = agreements(scene.resolution, scene.votes, scene.policy, scene.now)
    newest = _newest(scene)
    return tuple(
        _standing(neuron, scene, agreed.get(neuron.hotkey, Agreement()), newest.get(neuron.hotkey))
        for neuron in sorted(scene.registry.eligible(scene.policy).values(), key=lambda n: n.uid)
    )


def _newest(scene: Scene) -> dict[str, float]:
    """Hotkey → when its last report known here was received."""
    found: dict[str, float] = {}
    for report in scene.reports:
        if report.received_at <= scene.now:
            found[report.hotkey] = max(report.received_at, found.get(report.hotkey, 0.0))
    return found


def _standing(
    neuron: Neuron, scene: Scene, agreement: Agreement, last_report_at: float | None
) -> Standing:
    remembered = scene.memory.validators.get(neuron.hotkey)
    if last_report_at is None and remembered is not None:
        last_report_at = scene.policy.round_end(remembered.last_round)
    return Standing(
        uid=neuron.uid,
        hotkey=neuron.hotkey,
        stake=neuron.stake,
        is_active=neuron.uid in scene.resolution.active_validators,
        last_report_at=last_report_at,
        participation=remembered.participation if remembered else 0.0,
        reports=remembered.reports if remembered else 0,
        reputation=remembered.reputation if remembered else None,
        quarantine=remembered.quarantine if remembered else "",
        agreeing=agreement.agreeing,
        observations=agreement.observations,
        agreement_map=agreement_map(agreement, scene.resolution),
        furthest=agreement.furthest,
    )


def agreement_map(agreement: Agreement, resolution: Resolution) -> str:
    """The agreement on each miner of the resolution as one character, uids ascending."""
    counted = (agreement.miners.get(uid, (0, 0)) for uid in sorted(resolution.miners))
    return "".join(character_of(*counts) for counts in counted)
