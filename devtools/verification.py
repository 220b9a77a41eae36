"""The end of the demo: what it left behind is verified as an auditor would."""

from __future__ import annotations

from dataclasses import dataclass

from cli.verification import Finding, UnusableFile, link_all, verify
from cli.verification.download import NotFetched, fetch

ROUNDS = 3
"""Closed rounds that are followed back from the snapshot."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and what does not hold."""

    rounds: int = 0
    signatures: int = 0
    wrong: tuple[str, ...] = ()

    def summary(self) -> str:
        """In a line."""
        return f"verified: {self.rounds} rounds, {self.signatures} signatures"

    def shortcomings(self) -> list[str]:
        """What does not hold."""
        return list(self.wrong)


def verify_all(url: str, key: str) -> Verification:
    """Check the snapshot of a running system and the rounds before it."""
    try:
        files = list(fetch(url, key, None, ROUNDS))
    except (NotFetched, UnusableFile) as error:
        return Verification(wrong=(f"nothing could be verified: {error}",))
    verdicts = [verify(file) for file in files]
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    return Verification(
        rounds=sum(file.kind == "round" for file in files),
        signatures=sum(verdict.signatures for verdict in verdicts),
        wrong=tuple(map(_said, [*findings, *link_all(files)])),
    )


def _said(finding: Finding) -> str:
    return f"{finding.place}, {finding.where}: {finding.what}"
