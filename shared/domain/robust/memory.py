"""What is remembered from round to round, and how it is split, joined, aged and stored.

Everything starts at zero, and zero means the prior. So a new validator or miner is a row of
zeros, and a field never seen before is an array of zeros.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from shared.domain.robust.ballot import Bools, Ints
from shared.domain.robustness import Robustness

Array = npt.NDArray[np.float64]
Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Memory:
    """Arrays by what they are about; the names are `field/quantity`.

    validators: [K, ...], miners: [M], pairs: [K, M], peers: [K, K], fields: small.
    Names ending in one of FADING fade with the half-life of the record.
    """

    size: tuple[int, int]
    validators: Arrays = field(default_factory=dict)
    miners: Arrays = field(default_factory=dict)
    pairs: Arrays = field(default_factory=dict)
    peers: Arrays = field(default_factory=dict)
    fields: Arrays = field(default_factory=dict)

    def of_validators(self, name: str, *shape: int) -> Array:
        """[K, *shape], zeros where nothing is remembered."""
        return _or_zeros(self.validators, name, (self.size[0], *shape))

    def of_miners(self, name: str) -> Array:
        """[M], zeros where nothing is remembered."""
        return _or_zeros(self.miners, name, (self.size[1],))

    def of_pairs(self, name: str) -> Array:
        """[K, M], zeros where nothing is remembered."""
        return _or_zeros(self.pairs, name, self.size)

    def of_peers(self, name: str) -> Array:
        """[K, K], zeros where nothing is remembered."""
        return _or_zeros(self.peers, name, (self.size[0], self.size[0]))

    def of_drift(self, name: str) -> Array:
        """(observations, sum of squares) of a field's movement from round to round."""
        return self.fields.get(f"{name}/drift/record", np.zeros(2))


def _or_zeros(arrays: Arrays, name: str, shape: tuple[int, ...]) -> Array:
    found = arrays.get(name)
    return found if found is not None and found.shape == shape else np.zeros(shape)


def fresh(validators: int, miners: int) -> Memory:
    """The memory before the first round: nothing but the prior."""
    return Memory((validators, miners))


def _take(array: Array, index: Ints, axis: int) -> Array:
    """Rows at `index` along an axis, zeros where the index is -1."""
    if array.shape[axis] == 0:
        shape = (*array.shape[:axis], index.size, *array.shape[axis + 1 :])
        return np.zeros(shape)
    taken = np.take(array, index, axis=axis)
    known = (index >= 0).reshape((-1,) + (1,) * (taken.ndim - axis - 1))
    return np.where(known, taken, 0.0)


def select(memory: Memory, validators: Ints, miners: Ints) -> Memory:
    """The memory of other rows and columns: indices into this one, -1 for who starts anew."""

    def both(array: Array, second: Ints) -> Array:
        return _take(_take(array, validators, 0), second, 1)

    return replace(
        memory,
        size=(len(validators), len(miners)),
        validators={n: _take(a, validators, 0) for n, a in memory.validators.items()},
        miners={n: _take(a, miners, 0) for n, a in memory.miners.items()},
        pairs={n: both(a, miners) for n, a in memory.pairs.items()},
        peers={n: both(a, validators) for n, a in memory.peers.items()},
    )


def forgive(memory: Memory, who: Bools) -> Memory:
    """The memory without what is held against the validators `who` [K]."""
    if not who.any():
        return memory
    index = np.where(who, -1, np.arange(who.size))
    return select(memory, index, np.arange(memory.size[1]))


def fade_of(policy: Robustness) -> float:
    """What is left of a record after one round."""
    return float(0.5 ** (1 / policy.record_half_life))


FADING = ("/record", "/votes", "/met", "/same")


def decay(memory: Memory, rounds: float, policy: Robustness) -> Memory:
    """`rounds` empty rounds at once: records fade, the previous consensus fades faster."""
    if rounds <= 0:
        return memory
    record = 0.5 ** (rounds / policy.record_half_life)
    anchor = 0.5 ** (rounds / policy.half_life)

    def faded(arrays: Arrays) -> dict[str, Array]:
        return {n: a * record if n.endswith(FADING) else a for n, a in arrays.items()}

    validators = faded(memory.validators)
    if "quarantine/rounds" in validators:
        left = np.maximum(validators["quarantine/rounds"] - rounds, 0)
        kept = np.where(left > 0, validators["quarantine/reason"], 0.0)
        validators |= {"quarantine/rounds": left, "quarantine/reason": kept}
    miners = {n: a * anchor if n.endswith("/certainty") else a for n, a in memory.miners.items()}
    return replace(
        memory,
        validators=validators,
        miners=miners,
        peers=faded(memory.peers),
        fields=faded(memory.fields),
    )


AXES = ("validators", "miners", "pairs", "peers", "fields")


def to_bytes(memory: Memory) -> bytes:
    """Compressed; pairs and peers as float16, the rest as float64.

    `learn` rounds pairs to what survives this, so a memory and its stored form learn alike.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {"size": np.array(memory.size)}
    for axis in AXES:
        stored = np.float16 if axis in ("pairs", "peers") else np.float64
        for name, array in sorted(getattr(memory, axis).items()):
            plain = np.ascontiguousarray(array.astype(stored))
            # Bytes of equal significance side by side compress better.
            planes = plain.reshape(-1).view(np.uint8).reshape(-1, plain.itemsize).T
            arrays[f"{axis}:{name}"] = np.ascontiguousarray(planes)
            arrays[f"{axis}:{name}:shape"] = np.array(array.shape, dtype=np.int64)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return zlib.compress(buffer.getvalue(), 6)


def from_bytes(data: bytes) -> Memory:
    """The memory that `to_bytes` stored."""
    axes: dict[str, dict[str, Array]] = {axis: {} for axis in AXES}
    with np.load(io.BytesIO(zlib.decompress(data)), allow_pickle=False) as stored:
        size = (int(stored["size"][0]), int(stored["size"][1]))
        for key in stored.files:
            if key == "size" or key.endswith(":shape"):
                continue
            axis, name = key.split(":", 1)
            kind = np.float16 if axis in ("pairs", "peers") else np.float64
            flat = np.ascontiguousarray(stored[key].T).reshape(-1).view(kind)
            axes[axis][name] = flat.reshape(tuple(stored[f"{key}:shape"])).astype(np.float64)
    return Memory(size, **axes)
