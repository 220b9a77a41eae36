"""The chain's facts: who is registered, with which stake, and who may report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from shared.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Neuron:
    """One registered neuron of the subnet; a validator has a permit, anyone may mine."""

    uid: int
    hotkey: str
    stake: float
    validator_permit: bool = False
    coldkey: str | None = None
    block_at_registration: int | None = None
    axon: tuple[str, int] | None = None
    """(ip, port) under which the neuron announced itself on the chain."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What operators decided over the chain's head."""

    disabled: frozenset[str] = frozenset()
    """Hotkeys that may not report."""
    lifted: Mapping[str, float] = field(default_factory=dict)
    """Hotkey → time (seconds) at which its quarantine was lifted."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Every neuron of one subnet as of `synced_at` (seconds since 1970, UTC)."""

    netuid: int
    synced_at: float
    neurons: tuple[Neuron, ...]
    overrides: Overrides = Overrides()
    block: int | None = None
    """Block of the chain that the neurons were read at; None where no chain was asked."""
    _by_hotkey: dict[str, Neuron] = field(init=False, repr=False, compare=False)
    _by_uid: dict[int, Neuron] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the neurons; raises `ValueError` when a uid or a hotkey stands twice."""
        object.__setattr__(self, "_by_hotkey", {n.hotkey: n for n in self.neurons})
        object.__setattr__(self, "_by_uid", {n.uid: n for n in self.neurons})
        if len(self._by_uid) < len(self.neurons) or len(self._by_hotkey) < len(self.neurons):
            raise ValueError(f"netuid {self.netuid}: a uid or a hotkey stands twice")

    def of_hotkey(self, hotkey: str) -> Neuron | None:
        """The neuron with this hotkey."""
        return self._by_hotkey.get(hotkey)

    def of_uid(self, uid: int) -> Neuron | None:
        """The neuron at this uid."""
        return self._by_uid.get(uid)

    @property
    def lists_miners(self) -> bool:
        """Whether it holds more than validators, so that a missing uid means something."""
        return any(not neuron.validator_permit for neuron in self.neurons)

    def is_fresh(self, policy: Policy, now: float) -> bool:
        """Whether the chain's hotkeys, stakes and axons count as facts at `now`."""
        return now - self.synced_at < policy.registry_max_age

    def why_refused(self, hotkey: str, policy: Policy) -> str | None:
        """Why this hotkey may not report: a reason's name, or None if it may."""
        neuron = self.of_hotkey(hotkey)
        if neuron is None:
            return "not_registered"
        if not neuron.validator_permit:
            return "no_permit"
        if neuron.stake < policy.min_validator_stake:
            return "stake_below_minimum"
        if hotkey in self.overrides.disabled:
            return "disabled"
        return None

    def eligible(self, policy: Policy) -> dict[str, Neuron]:
        """Hotkey → neuron of everyone who may report."""
        return {n.hotkey: n for n in self.neurons if self.why_refused(n.hotkey, policy) is None}


def with_permits(neurons: Iterable[Neuron], places: int = 64) -> tuple[Neuron, ...]:
    """The same neurons with a permit for the `places` largest positive stakes, as on the chain.

    For registries recorded without permits. Equal stakes: the smaller uid first.
    """
    by_uid = sorted(neurons, key=lambda n: n.uid)
    ranked = sorted(by_uid, key=lambda n: -n.stake)
    chosen = {n.uid for n in ranked[:places] if n.stake > 0}
    return tuple(replace(n, validator_permit=n.uid in chosen) for n in by_uid)
