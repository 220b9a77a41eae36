"""Every number that decides about consensus, in one validated value.

The policy is echoed in each snapshot and round, so that anyone can recompute them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from shared.domain.robustness import Robustness


@dataclass(frozen=True, slots=True)
class Policy(Robustness):
    """What a subnet's operators decided. Times are seconds, shares are 0–1.

    Raises `ValueError` naming the number that is out of range.
    """

    consensus_timeout: float = 300.0
    """Age in seconds below which a vote counts towards quorum and consensus."""
    reporting_window: float = 900.0
    """Age in seconds below which a report may still serve as fallback."""
    round_seconds: float = 60.0
    """Length of a learning round."""
    round_grace: float = 30.0
    """Seconds after a round's end before it is closed, so that late commits are learnt from."""
    min_consensus_validators: int = 2
    """Quorum: distinct validators that must have voted on a miner."""
    min_validator_stake: float = 1000.0
    """Stake (TAO) below which a validator may not report, permit or not."""
    high_confidence_share: float = 0.8
    """Least share of the top weight that lets a vote give a value by being the most recent."""
    max_conflict_threshold: float = 0.3
    """Conflicting fields per voted field above which a miner is disputed; each counts by the weight
    of the votes that give it."""
    registry_max_age: float = 7200.0
    """Age in seconds below which the registry's hotkey, stake and axon are facts."""
    min_task_confidence: float = 0.7
    """Consensus confidence from which a miner may be handed to the task distributor."""
    max_miners: int = 1024
    """Miners of one subnet; of more, those that the chain knows and most validators see count."""
    memory_rounds: int = 40
    """Rounds that the memory of a miner survives without any report about it."""
    dynamic_thresholds: bool = False
    """Whether quorum and timeout follow participation: see `shared.domain.thresholds`."""
    dynamic_quorum_share: float = 1.0 / 3.0
    """Share of the validators that take part in a round which makes a quorum."""
    dynamic_quorum_least: int = 2
    """No derived quorum is smaller."""
    dynamic_quorum_most: int = 8
    """No derived quorum is greater."""
    dynamic_timeout_reports: float = 3.0
    """Reports that a typical validator sends before its first one times out."""
    dynamic_timeout_least: float = 120.0
    """No derived timeout is shorter, seconds."""
    dynamic_timeout_most: float = 900.0
    """No derived timeout is longer, seconds; nor longer than the reporting window."""

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense together."""
        for name in ("consensus_timeout", "reporting_window", "round_seconds", "half_life"):
            _require(getattr(self, name) > 0, name, "must be above 0")
        for name in ("min_stake_share", "max_conflict_threshold", "min_task_confidence"):
            _require(0 <= getattr(self, name) <= 1, name, "must lie in 0–1")
        for name in (
            "high_confidence_share",
            "dispersion_threshold",
            "stake_cap",
            "dynamic_quorum_share",
        ):
            _require(0 < getattr(self, name) <= 1, name, "must lie above 0 and up to 1")
        for name in ("round_grace", "registry_max_age", "min_validator_stake", "stake_exponent"):
            _require(getattr(self, name) >= 0, name, "must not be negative")
        self._check_robustness()
        self._check_dynamics()
        _require(0.5 < self.majority <= 1, "majority", "must lie above 0.5 and up to 1")
        _require(self.min_consensus_validators >= 1, "min_consensus_validators", "must be ≥ 1")
        _require(self.memory_rounds >= 1, "memory_rounds", "must be ≥ 1")
        _require(self.max_miners >= 1, "max_miners", "must be ≥ 1")
        _require(
            self.reporting_window >= self.consensus_timeout,
            "reporting_window",
            "must not be shorter than consensus_timeout",
        )

    def _check_robustness(self) -> None:
        for name, pair in self.tolerances.items():
            _require(min(pair) >= 0, f"tolerance of {name}", "must not be negative")
        for name, pair in self.scales.items():
            _require(max(pair) > 0 <= min(pair), f"scale of {name}", "must be above 0")
        for f in fields(Robustness):
            value = getattr(self, f.name)
            if isinstance(value, float | int):
                _require(0 <= value < float("inf"), f.name, "must be finite and not negative")

    def _check_dynamics(self) -> None:
        _require(self.dynamic_timeout_reports > 0, "dynamic_timeout_reports", "must be above 0")
        _require(self.dynamic_quorum_least >= 1, "dynamic_quorum_least", "must be ≥ 1")
        _require(self.dynamic_timeout_least > 0, "dynamic_timeout_least", "must be above 0")
        for name in ("dynamic_quorum", "dynamic_timeout"):
            least, most = getattr(self, f"{name}_least"), getattr(self, f"{name}_most")
            _require(least <= most, f"{name}_least", f"must not exceed {name}_most")

    def round_end(self, number: int) -> float:
        """The end of a round, in seconds since 1970."""
        return (number + 1) * self.round_seconds

    def as_dict(self) -> dict[str, object]:
        """The policy as it is echoed in snapshots and rounds; JSON types only."""
        plain: dict[str, object] = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, pairs in (("tolerances", self.tolerances), ("scales", self.scales)):
            plain[name] = {key: list(pair) for key, pair in sorted(pairs.items())}
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Policy:
        """Undo `as_dict`; numbers that this version does not know are left out.

        Raises `ValueError` for a number out of range.
        """
        known = {f.name: plain[f.name] for f in fields(cls) if f.name in plain}
        for name in known.keys() & {"tolerances", "scales"}:
            known[name] = {key: (pair[0], pair[1]) for key, pair in known[name].items()}
        return cls(**known)


def _require(holds: bool, name: str, rule: str) -> None:
    if not holds:
        raise ValueError(f"{name} {rule}")
