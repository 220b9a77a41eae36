"""What a recompute makes of its base and of the step taken from it: rounds, and one snapshot."""

from __future__ import annotations

from statistics import fmean

from shared.domain.rounds import Step, round_of
from shared.domain.standings import Scene, standings_of
from shared.service.bases import Base
from shared.service.chapters import Chapter
from shared.service.pages import page_of
from shared.service.ports import StoredRound, StoredSnapshot
from shared.service.provenance import Provenance
from shared.service.round_documents import store_round
from shared.service.snapshots import Payload, encode_payload


def rounds_of(taken: Step, base: Base, provenance: Provenance) -> tuple[list[StoredRound], Chapter]:
    """The documents of the closed rounds, and the chapter of the last one."""
    rounds: list[StoredRound] = []
    previous, chapter = base.last_hash, base.chapter
    for closed in taken.rounds:
        chapter = chapter.with_page(page_of(closed, base.registry))
        rounds.append(store_round(closed, previous, base.registry, chapter, provenance))
        previous = rounds[-1].payload_sha256
    return rounds, chapter


def snapshot_of(
    taken: Step, last_hash: str, base: Base, provenance: Provenance, now: float
) -> StoredSnapshot:
    """The snapshot at `now` (seconds); `last_hash` is that of the last closed round."""
    stored, memory = base.stored, taken.chain.memory
    closed_through = taken.chain.closed_through
    seen = [r for r in base.reports.values() if r.received_at <= now]
    fresh = [r.received_at for r in base.fresh if r.received_at <= now]
    unclosed = [r for r in seen if round_of(r.received_at, taken.policy) > closed_through]
    latency = stored.latency_ms if stored else None
    return StoredSnapshot(
        version=stored.version + 1 if stored else 1,
        computed_at=max(now, stored.computed_at) if stored else now,
        watermark=max([stored.watermark if stored else 0.0, *(r.received_at for r in seen)]),
        inputs=taken.inputs,
        last_round=memory.round,
        last_round_hash=last_hash,
        closed_through=closed_through,
        total_reports=memory.total_reports + len(unclosed),
        total_observations=memory.total_observations + sum(len(r.statuses) for r in unclosed),
        latency_ms=fmean(now - at for at in fresh) * 1000 if fresh else latency,
        payload=encode_payload(_payload(taken, base, provenance, now)),
    )


def _payload(taken: Step, base: Base, provenance: Provenance, now: float) -> Payload:
    scene = Scene(
        resolution=taken.resolution,
        votes=taken.votes,
        reports=list(base.reports.values()),
        registry=base.registry,
        memory=taken.chain.memory,
        policy=taken.policy,
        now=now,
    )
    return Payload(
        resolution=taken.resolution,
        policy=taken.policy.as_dict(),
        registry_synced_at=base.registry.synced_at,
        standings=standings_of(scene),
        provenance=provenance,
    )
