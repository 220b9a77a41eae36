"""The chain of hashes: each closed round names the one before, over one file and over many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from cli.verification.findings import Finding
from cli.verification.snapshot_file import SnapshotFile, Stored


def link(file: SnapshotFile) -> Iterator[Finding]:
    """The link from a record to the closed round before it."""
    before = file.before
    if before is None:
        if file.previous_hash:
            what = f"names {_short(file.previous_hash)}, and it is not in the file"
            yield Finding(file.place, "link to the round before", what, "unchecked")
        return
    number = _round(before)
    if before.hash != file.previous_hash:
        what = f"names {_short(file.previous_hash)}, and round {number} is {_short(before.hash)}"
        yield Finding(file.place, f"link to round {number}", what)
    if file.kind == "round" and number >= file.number:
        yield Finding(file.place, f"link to round {number}", "is not an earlier round")


def link_all(files: Sequence[SnapshotFile]) -> list[Finding]:
    """The links between records of one subnet, oldest first, and where the chain is broken off."""
    findings: list[Finding] = [*_contradictions(files)]
    rounds = {(each.netuid, each.number) for each in files if each.kind == "round"}
    for (netuid, one), (other_netuid, other) in pairwise(sorted(rounds)):
        later = next(each for each in files if (each.netuid, each.number) == (other_netuid, other))
        is_next = later.before is not None and _round(later.before) == one
        if netuid == other_netuid and not is_next:
            what = f"closed rounds between {one} and {other} are not given"
            findings.append(Finding(f"round {other}", f"link to round {one}", what, "unchecked"))
    return findings


def _contradictions(files: Iterable[SnapshotFile]) -> Iterator[Finding]:
    """Rounds that two files know under different hashes."""
    seen: dict[tuple[int, int], tuple[str, str]] = {}
    for file in files:
        for number, stored in _known(file):
            held = seen.setdefault((file.netuid, number), (stored.hash, file.place))
            if held[0] != stored.hash:
                what = f"{_short(held[0])} by {held[1]}, {_short(stored.hash)} by {file.place}"
                yield Finding(file.place, f"link to round {number}", what)


def _known(file: SnapshotFile) -> Iterator[tuple[int, Stored]]:
    if file.kind == "round":
        yield file.number, file.stored
    if file.before is not None:
        yield _round(file.before), file.before


def _round(stored: Stored) -> int:
    number: int = stored.document["round"]
    return number


def _short(digest: str) -> str:
    return f"{digest[:12]}…" if digest else "none"
