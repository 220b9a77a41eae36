"""The largest round that a subnet can come to fits into one Firestore document."""

from __future__ import annotations

import random
from itertools import accumulate

import numpy as np
import pytest

from shared import ss58
from shared.domain import robust
from shared.domain.learn import decay
from shared.domain.memory import Memory, MinerMemory, ValidatorMemory
from shared.domain.policy import Policy
from shared.domain.record import MinerKey, Record
from shared.domain.registry import Neuron, Registry
from shared.service.chapters import LENGTH, Chapter, MinerFigures, Page, encode_chapter
from shared.service.encoding import pack
from shared.service.round_documents import encode_memory, encode_registry

FIRESTORE_DOCUMENT = 1024 * 1024
REPORTS = 64 * 12 * 15
"""All that 64 validators may post within the reporting window."""
NUMBERS = ("stake", "performance_score", "current_load", "max_capacity")
POLICY = Policy()


def hotkeys(count: int) -> list[str]:
    """As long and as incompressible as real ones."""
    rng = random.Random(count)
    return [ss58.encode(rng.randbytes(32)) for _ in range(count)]


def memory(validators: int) -> Memory:
    """All miners that are remembered beside so many validators, everything about them noise."""
    names = tuple(sorted(hotkeys(validators)))
    known = {name: ValidatorMemory(1000, 1000, 7, 0.9) for name in names}
    seen = {
        (place % POLICY.max_miners, hotkey): MinerMemory(1000, 60_060.0, 60_030.5 + place)
        for place, hotkey in enumerate(hotkeys(3 * POLICY.max_miners))
    }
    kept = decay(Memory(round=1000, miners=seen, validators=known), 1001, POLICY)
    return Memory(1001, kept.miners, known, record=record(names, tuple(sorted(kept.miners))))


def record(validators: tuple[str, ...], miners: tuple[MinerKey, ...]) -> Record:
    """What the engine remembers of them: noise."""
    rng, size = np.random.default_rng(1), (len(validators), len(miners))
    of_miners = [f"{name}/{kind}" for name in NUMBERS for kind in ("value", "error")]
    arrays = robust.Memory(
        size,
        validators={f"{name}/record": rng.normal(size=(size[0], 8)) for name in NUMBERS},
        miners={name: rng.normal(size=size[1]) for name in of_miners},
        pairs={f"{name}/bias": rng.normal(size=size) for name in NUMBERS},
        peers={name: rng.normal(size=(size[0], size[0])) for name in ("copies/same", "copies/met")},
    )
    return Record(validators, miners, arrays)


def chapter() -> Chapter:
    """A full one, of as many miners as a subnet may have."""
    rng = random.Random(2)
    names = [hotkey[:8] for hotkey in hotkeys(POLICY.max_miners)]
    pages = (
        Page(number, 60.0 * number, {uid: figures(n, rng) for uid, n in enumerate(names)}, {})
        for number in range(LENGTH)
    )
    grown = accumulate(pages, Chapter.with_page, initial=Chapter())
    return max(grown, key=lambda each: len(each.pages))


def figures(hotkey: str, rng: random.Random) -> MinerFigures:
    """One miner's, like no other's."""
    state = rng.choice(["consensus", "disputed"])
    confidence, performance = round(rng.random(), 3), round(rng.random(), 3)
    is_serving, conflicts = rng.random() < 0.5, rng.randrange(4)
    return MinerFigures(hotkey, state, confidence, performance, is_serving, conflicts)


def registry() -> Registry:
    """As many neurons as miners, all that the chain may say of them."""
    rng = random.Random(3)
    neurons = [
        Neuron(uid, hotkey, rng.random() * 1e6, True, coldkey, 4_000_000 + uid, ("192.0.2.7", uid))
        for uid, (hotkey, coldkey) in enumerate(
            zip(hotkeys(POLICY.max_miners), hotkeys(POLICY.max_miners + 1), strict=False)
        )
    ]
    return Registry(1, 0.0, tuple(neurons))


def ids() -> list[str]:
    """Of reports, their nonces as random as time allows."""
    rng = random.Random(4)
    return sorted(
        f"{place % 64}_{rng.randrange(10**11, 10**12) + 1_800_000_000 * 10**9}"
        for place in range(REPORTS)
    )


@pytest.mark.parametrize("validators", [16, 22, 40, 64, 100])
def test_however_many_report_about_however_many_miners(validators: int) -> None:
    """Memory, registry, the ids of all reports and a full chapter, each at its largest."""
    payload = pack([encode_memory(memory(validators)), encode_registry(registry()), ids()])

    assert len(payload) + len(encode_chapter(chapter())) < FIRESTORE_DOCUMENT
