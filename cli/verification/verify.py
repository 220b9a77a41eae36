"""One record, checked in the order in which trust is built: bytes, signatures, results, links."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from cli.verification.chain import link
from cli.verification.differences import differences
from cli.verification.findings import Finding, Verdict
from cli.verification.originals import hear
from cli.verification.recomputation import recompute
from cli.verification.snapshot_file import SnapshotFile, Stored

MOST_SHOWN = 5
"""Differences between stored bytes and what a file shows of them that are named."""


def verify(file: SnapshotFile, receiver: str | None = None) -> Verdict:
    """Everything that can be checked of one record by itself.

    `receiver`: hotkey that every report must have been signed for; the one that the record claims
    if none is given.
    """
    heard = hear(file, receiver)
    miners, findings = recompute(file, heard.reports)
    return Verdict(
        place=file.place,
        netuid=file.netuid,
        signatures=heard.signatures,
        miners=miners,
        findings=(*_of_bytes(file), *heard.findings, *findings, *link(file)),
        made=file.stored.made,
    )


def _of_bytes(file: SnapshotFile) -> Iterator[Finding]:
    """Stored bytes have their hash, say what the file shows, and are about this record."""
    yield from _of_stored(file.place, "", file.stored)
    if file.before is not None:
        yield from _of_stored(file.place, "before/", file.before)
    for name, stored in (("document", file.stored), ("before/document", file.before)):
        if stored and stored.document.get("netuid", file.netuid) != file.netuid:
            yield Finding(file.place, f"{name}/netuid", "is another subnet's")
    if file.kind == "round" and file.stored.document.get("round") != file.number:
        yield Finding(file.place, "document/round", "is another round's")
    named = {*file.stored.document.get("received", ()), *file.stored.document.get("voting", ())}
    if file.kind == "round" and named != set(file.inputs):
        yield Finding(file.place, "inputs", "are not the reports received and voting")


def _of_stored(place: str, prefix: str, stored: Stored) -> Iterator[Finding]:
    if stored.hash != stored.actual_hash:
        what = (
            f"the stored bytes have {stored.actual_hash[:12]}…, the file says {stored.hash[:12]}…"
        )
        yield Finding(place, f"{prefix}hash", what)
    changed = differences(stored.document, stored.shown, close=0.0)
    for path, hashed, shown in islice(changed, MOST_SHOWN):
        what = f"{hashed!r} in the stored bytes, {shown!r} in the file"
        yield Finding(place, f"{prefix}document/{path}", what)
