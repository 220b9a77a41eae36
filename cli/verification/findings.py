"""What a verification says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from shared.service.provenance import Provenance

Grade = Literal["wrong", "unchecked"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold, or that could not be checked."""

    place: str
    """`round 29000000`, `snapshot 17`: which record."""
    where: str
    """Input, validator, miner, field or link in it."""
    what: str
    grade: Grade = "wrong"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was checked of one record, and what came of it."""

    place: str
    netuid: int
    """The subnet that the record says it is of."""
    signatures: int
    """Signatures that are their hotkeys'."""
    miners: int
    """Miners whose results were computed again."""
    findings: tuple[Finding, ...]
    made: Provenance
    """What the record itself claims: nobody but its maker vouches for it."""

    @property
    def word(self) -> str:
        """`verified`, `wrong` or `unchecked`."""
        return worst(self.findings)


def worst(findings: Iterable[Finding]) -> str:
    """The verdict that findings make together."""
    grades = {finding.grade for finding in findings}
    if "wrong" in grades:
        return "wrong"
    return "unchecked" if grades else "verified"
