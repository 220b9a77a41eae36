"""Between the engine's arrays and the reference's plain lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from shared.domain.robust import Ballot, Labels, Memory
from tests.unit.robust import reference
from tests.unit.robust.reference.past import LabelPast, NumberPast

Arrays = dict[str, np.ndarray]


def plain(ballot: Ballot) -> reference.Ballot:
    """The same ballot on paper."""
    return reference.Ballot(
        stake=ballot.stake.tolist(),
        confidence=ballot.confidence.tolist(),
        age=np.nan_to_num(ballot.age_rounds).tolist(),
        numbers={name: by_miner(votes) for name, votes in ballot.numbers.items()},
        labels={name: plain_labels(labels) for name, labels in ballot.labels.items()},
        facts={name: known(fact) for name, fact in ballot.facts.items()},
    )


def by_miner(votes: np.ndarray) -> list[dict[int, float]]:
    return [known(column) for column in votes.T]


def known(values: np.ndarray) -> dict[int, float]:
    """What is there, by its place."""
    return {i: float(values[i]) for i in np.flatnonzero(~np.isnan(values)).tolist()}


def coded(values: np.ndarray) -> dict[int, int]:
    return {i: int(values[i]) for i in np.flatnonzero(values >= 0).tolist()}


def plain_labels(labels: Labels) -> reference.LabelVotes:
    """With two classes at least: of one class nobody can be wrong."""
    facts = {} if labels.fact is None else coded(labels.fact)
    return reference.LabelVotes([coded(c) for c in labels.votes.T], max(labels.classes, 2), facts)


def dense(votes: list[dict[int, float]], validators: int) -> np.ndarray:
    """[K, M], 0 without a vote."""
    return np.array([[row.get(k, 0.0) for row in votes] for k in range(validators)])


def arrays(past: reference.Past) -> dict[str, Arrays]:
    """The reference's memory under the engine's names, by axis."""
    found: dict[str, Arrays] = {
        "validators": {
            "parrot/same": np.array(past.copying.parrot_same),
            "parrot/met": np.array(past.copying.parrot_met),
            "quarantine/rounds": np.array(past.term),
            "quarantine/reason": np.array(past.reason),
        },
        "miners": {},
        "pairs": {},
        "peers": {
            "copies/same": np.array(past.copying.same),
            "copies/met": np.array(past.copying.met),
        },
        "fields": {},
    }
    fields: dict[str, NumberPast | LabelPast] = {**past.numbers, **past.labels}
    for name, one in fields.items():
        for axis, quantity, values in quantities(one):
            found[axis][f"{name}/{quantity}"] = np.array(values)
    return found


def quantities(past: NumberPast | LabelPast) -> Iterator[tuple[str, str, object]]:
    """Axis, name and values of everything that is remembered of a field."""
    yield "miners", "known", past.attendance.known
    yield "miners", "missing", past.attendance.missing
    yield "validators", "recent", past.recent
    if isinstance(past, LabelPast):
        yield "validators", "votes", past.long
        return
    yield "validators", "record", past.long
    yield "validators", "signal/record", past.signal
    yield "pairs", "bias", past.bias
    yield "fields", "drift/record", past.drift
    for quantity in ("value", "certainty", "error", "blended"):
        yield "miners", quantity, getattr(past, quantity)


def rounded_alike(past: reference.Past, memory: Memory) -> reference.Past:
    """With the half-precision numbers of the engine: a hair may round either way."""
    return replace(
        past,
        copying=replace(
            past.copying,
            same=memory.peers["copies/same"].tolist(),
            met=memory.peers["copies/met"].tolist(),
        ),
        numbers={
            name: replace(one, bias=memory.pairs[f"{name}/bias"].tolist())
            for name, one in past.numbers.items()
        },
    )


def of_engine(memory: Memory) -> dict[str, Arrays]:
    """The engine's memory by axis."""
    return {
        axis: dict(getattr(memory, axis))
        for axis in ("validators", "miners", "pairs", "peers", "fields")
    }
