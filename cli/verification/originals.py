"""The signed reports: is each what its hotkey signed, and is it what the record says it is?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs

from cli.verification.findings import Finding, Grade
from cli.verification.snapshot_file import SnapshotFile
from shared.adapters import signatures
from shared.adapters.bodies import as_report
from shared.adapters.signatures.btauth import RECEIVER
from shared.adapters.signatures.epistula import SIGNED_FOR
from shared.adapters.signatures.request import MAX_LEAD
from shared.domain.reports import Report
from shared.report_paths import takes_reports
from shared.schemas import Batch, BodyError, parse_batch
from shared.service.encoding import digest
from shared.service.ports import SignedReport

LONGEST_AGE = 3600.0
"""Seconds that a signed request may be old in any deployment."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The reports that can be read, and what is wrong with any."""

    reports: tuple[Report, ...]
    signatures: int
    """Signatures that hold."""
    findings: tuple[Finding, ...]


Flaw = tuple[str, Grade]
"""What does not hold of one report, and whether that is proven."""


def hear(file: SnapshotFile, receiver: str | None = None) -> Heard:
    """Check every signed report of a record.

    Each must be signed for `receiver`; if none is given, for the one that the record claims.
    """
    findings: list[Finding] = [*_against_claim(file, receiver), *_against_inputs(file)]
    reports: list[Report] = []
    signed = 0
    for original in file.originals:
        where = f"report {original.report_id} of validator {original.validator_uid}"
        flaws = [*_of_signature(original), *_of_address(original, file, receiver)]
        signed += not flaws
        batch = _parsed(original)
        if isinstance(batch, Batch):
            flaws += _of_body(original, batch)
            reports.append(as_report(original))
        else:
            flaws.append((batch, "wrong"))
        findings += [Finding(file.place, where, what, grade) for what, grade in flaws]
    return Heard(tuple(reports), signed, tuple(findings))


def _against_claim(file: SnapshotFile, receiver: str | None) -> Iterator[Finding]:
    claim = file.stored.made.receiver_hotkey
    if receiver is not None and claim not in (None, receiver):
        what = f"the record claims {claim}, and {receiver} is asked for"
        yield Finding(file.place, "receiver", what)


def _against_inputs(file: SnapshotFile) -> Iterator[Finding]:
    given = [original.report_id for original in file.originals]
    for report_id in sorted(set(file.inputs) - set(given)):
        yield Finding(file.place, f"report {report_id}", "named as an input and not in the file")
    for report_id in sorted(set(given) - set(file.inputs)):
        yield Finding(file.place, f"report {report_id}", "in the file and not named as an input")
    for report_id in sorted({each for each in given if given.count(each) > 1}):
        yield Finding(file.place, f"report {report_id}", "stands twice")


def _of_signature(original: SignedReport) -> Iterator[Flaw]:
    if digest(original.body) != original.body_sha256:
        yield "body: its SHA-256 is not body_sha256", "wrong"
    try:
        verified = signatures.verify_again(original)
    except signatures.SignatureError as error:
        yield f"signature: {error}", "wrong"
        return
    if verified.hotkey != original.hotkey:
        yield f"hotkey: signed by {verified.hotkey}, kept as {original.hotkey}'s", "wrong"
    if verified.nonce != original.nonce:
        yield f"nonce: signed {verified.nonce}, kept as {original.nonce}", "wrong"
    if original.report_id != f"{original.validator_uid}_{verified.nonce}":
        yield "report_id: should be the validator's uid and the signed nonce", "wrong"
    if not -MAX_LEAD <= original.received_at - verified.signed_at <= LONGEST_AGE:
        yield "received_at: no signature was fresh at that time", "wrong"


def _of_address(original: SignedReport, file: SnapshotFile, receiver: str | None) -> Iterator[Flaw]:
    """A report is signed for one place; another installation's or subnet's does not count here."""
    method, target = original.signature.get("method"), original.signature.get("target")
    if method != "POST":
        yield f"method: signed for {method}", "wrong"
    if target is not None and not takes_reports(target.partition("?")[0]):
        yield f"target: signed for {target!r}, which takes no reports", "wrong"
    yield from _of_subnet(original, file)
    yield from _of_receiver(original, file, receiver)


def _of_subnet(original: SignedReport, file: SnapshotFile) -> Iterator[Flaw]:
    """Signed for this subnet, or for none where this one is the default."""
    _, _, query = original.signature.get("target", "").partition("?")
    subnets = parse_qs(query, keep_blank_values=True).get("netuid", [])
    default = file.stored.made.default_netuid
    if subnets and subnets != [str(file.netuid)]:
        yield f"netuid: signed for subnet {', '.join(subnets)}", "wrong"
    elif not subnets and default not in (None, file.netuid):
        yield f"netuid: signed for the default subnet, {default}", _by_claim(original, file)


def _of_receiver(
    original: SignedReport, file: SnapshotFile, receiver: str | None
) -> Iterator[Flaw]:
    expected = receiver or file.stored.made.receiver_hotkey
    signed_for = original.signature.get(RECEIVER) or original.signature.get(SIGNED_FOR)
    if expected is not None and signed_for != expected:
        grade: Grade = "wrong" if receiver else _by_claim(original, file)
        yield f"receiver: signed for {signed_for or 'any receiver'}", grade


def _by_claim(original: SignedReport, file: SnapshotFile) -> Grade:
    """What breaks a record's own claim: proven only of reports that were taken under it.

    One that the round before knew already was judged by that round's claim, and where the claim
    has just changed nobody can tell under which a report was taken.
    """
    before = file.before
    if before is None:
        return "wrong"
    earlier = {*before.document["received"], *before.document["voting"]}
    is_settled = before.made.binding == file.stored.made.binding
    return "wrong" if is_settled and original.report_id not in earlier else "unchecked"


def _parsed(original: SignedReport) -> Batch | str:
    try:
        return parse_batch(original.content_type, original.body)
    except BodyError as error:
        return f"body: would have been refused: {error}"


def _of_body(original: SignedReport, batch: Batch) -> Iterator[Flaw]:
    pairs = (
        ("validator_uid", batch.validator_uid, original.validator_uid),
        ("epoch", batch.epoch, original.epoch),
        ("miner_count", len(batch.statuses), original.miner_count),
    )
    for name, signed, kept in pairs:
        if signed != kept:
            yield f"{name}: signed {signed}, kept as {kept}", "wrong"
