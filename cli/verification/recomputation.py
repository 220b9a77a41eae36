"""Computing a record again from its signed reports, with the very engine, and comparing."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from zipfile import BadZipFile

from cli.verification.differences import differences
from cli.verification.findings import Finding
from cli.verification.memories import memory_differences
from cli.verification.snapshot_file import SnapshotFile
from shared.domain.memory import EMPTY, Memory
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Report
from shared.domain.results import Resolution
from shared.domain.rounds import Chain, ClosedRound, Known, Step, step
from shared.service.encoding import digest, pack
from shared.service.provenance import ENGINE
from shared.service.round_documents import decode_memory, decode_registry
from shared.service.snapshots import (
    Payload,
    decode_payload,
    encode_payload,
    encode_resolution,
)
from shared.service.standing_documents import decode_standings

MOST = 20
"""Differences of one kind that are named; more are counted."""

MALFORMED = (KeyError, TypeError, ValueError, IndexError, AttributeError, BadZipFile, zlib.error)
"""What decoding raises where a document is not what Quorate writes."""


class Unusable(ValueError):  # noqa: N818 - names what the record is
    """A record that cannot be computed again; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Premises:
    """What a record says that it was computed from."""

    known: Known
    memory: Memory


def premises_of(file: SnapshotFile, reports: Iterable[Report]) -> Premises:
    """Policy, registry and memory as the hashed bytes say; raises `Unusable`."""
    document = file.stored.document
    registry = file.plain["registry"] if file.kind == "current" else document.get("registry")
    policy: Policy = _decoded("policy", lambda: Policy.from_dict(document["policy"]))
    known = Known(
        tuple(reports),
        _decoded("registry", lambda: decode_registry(file.netuid, registry or {})),
        policy,
    )
    return Premises(known, _memory(file))


def _memory(file: SnapshotFile) -> Memory:
    if file.before is not None:
        plain = file.before.document
        memory: Memory = _decoded("before/memory", lambda: decode_memory(plain["memory"]))
        return memory
    last = file.plain.get("last_round", -1)
    return replace(EMPTY, round=last) if last >= 0 else EMPTY


def _decoded(where: str, decode: Any) -> Any:
    try:
        return decode()
    except MALFORMED as error:
        raise Unusable(f"{where}: {type(error).__name__}: {error}") from None


def recompute(file: SnapshotFile, reports: Iterable[Report]) -> tuple[int, list[Finding]]:
    """How many miners were computed again, and what differs.

    A record of another engine may differ without being wrong: then nothing was checked.
    """
    miners, findings = _recomputed(file, reports)
    made = file.stored.made.engine
    if made == ENGINE or not findings:
        return miners, findings
    what = f"made by engine {made}, and engine {ENGINE} of this Quorate comes to other results"
    return 0, [Finding(file.place, "engine", what, "unchecked")]


def _recomputed(file: SnapshotFile, reports: Iterable[Report]) -> tuple[int, list[Finding]]:
    try:
        premises = premises_of(file, reports)
        if file.kind == "round":
            return _round(file, premises)
        return _snapshot(file, premises)
    except Unusable as error:
        return 0, [Finding(file.place, "premises", str(error))]
    except MALFORMED as error:
        what = f"cannot be computed again: {type(error).__name__}: {error}"
        return 0, [Finding(file.place, "document", what)]


def _round(file: SnapshotFile, premises: Premises) -> tuple[int, list[Finding]]:
    policy, document = premises.known.policy, file.stored.document
    due = policy.round_end(file.number) + policy.round_grace + policy.round_seconds / 2
    chain = Chain(premises.memory, file.number - 1)
    closed = _stepped(chain, premises.known, due, most_rounds=1).rounds
    if not closed or closed[0].number != file.number:
        return 0, [Finding(file.place, "inputs", "no report was received in this round")]
    found = closed[0]
    findings = [
        *_named(file.place, "received", document["received"], found.received, premises.known),
        *_named(file.place, "voting", document["voting"], found.voting, premises.known),
        *_of_result(file, found.resolution),
        *_of_memory(file, found),
    ]
    if file.now != policy.round_end(file.number):
        findings.append(Finding(file.place, "now", "is not the end of the round"))
    return len(found.resolution.miners), findings


def _snapshot(file: SnapshotFile, premises: Premises) -> tuple[int, list[Finding]]:
    document, registry = file.stored.document, premises.known.registry
    if registry.synced_at != document["registry_synced_at"]:
        what = "synced since the snapshot was computed; fetch `current` again"
        return 0, [Finding(file.place, "registry", what, "unchecked")]
    chain = Chain(premises.memory, file.plain["closed_through"])
    found = _stepped(chain, premises.known, file.now, most_rounds=0)
    stored = _plain(decode_payload(pack(document)).resolution)
    return len(found.resolution.miners), [
        *_of_standings(file, registry, premises.known.policy),
        *_named(file.place, "inputs", file.inputs, found.inputs, premises.known),
        *_of_results(file.place, _as_stored(found.resolution, document), stored),
    ]


def _stepped(chain: Chain, known: Known, now: float, most_rounds: int) -> Step:
    if chain.memory.round > chain.closed_through:
        raise Unusable(f"before/memory: of round {chain.memory.round}, which is not before")
    return step(chain, known, now, most_rounds)


def _as_stored(resolution: Resolution, document: Mapping[str, Any]) -> Resolution:
    """The resolution after the cuts that a payload undergoes that would not fit a document."""
    payload = Payload(
        resolution=resolution,
        policy=document["policy"],
        registry_synced_at=document["registry_synced_at"],
        standings=decode_standings(document["validators"]),
    )
    return decode_payload(encode_payload(payload)).resolution


def _named(
    place: str, what: str, recorded: Iterable[str], found: Iterable[str], known: Known
) -> Iterator[Finding]:
    """Reports that the record names and the computation does not, and the other way round."""
    recorded, found = set(recorded), set(found)
    owners = {report.report_id: report.hotkey for report in known.reports}
    for report_id in sorted(recorded - found):
        why = known.registry.why_refused(owners.get(report_id, ""), known.policy)
        reason = f": its validator may not report, {why}" if report_id in owners and why else ""
        yield Finding(place, f"report {report_id}", f"recorded as {what}, and is not{reason}")
    for report_id in sorted(found - recorded):
        yield Finding(place, f"report {report_id}", f"is {what}, and not recorded as such")


def _of_results(place: str, found: Resolution, recorded: Any) -> Iterator[Finding]:
    ours, theirs = _by_uid(_plain(found)), _by_uid(recorded)
    different = differences(ours, theirs)
    yield from _first(
        Finding(place, path.replace("/", " ", 1), f"computed {expected!r}, recorded {actual!r}")
        for path, expected, actual in different
    )


def _first(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The first ones, and how many more there are."""
    yield from islice(findings, MOST)
    rest = list(findings)
    if rest:
        yield replace(rest[0], where="and more", what=f"{len(rest)} further differences")


def _plain(resolution: Resolution) -> Any:
    return json.loads(json.dumps(encode_resolution(resolution)))


def _by_uid(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A resolution in JSON types with its miners by name instead of by position."""
    miners = {str(entry["uid"]): entry for entry in plain["miners"]}
    rest = {key: value for key, value in plain.items() if key != "miners"}
    return {"miner": miners, **rest}


def _of_result(file: SnapshotFile, found: Resolution) -> Iterator[Finding]:
    """The result in the file is the very one whose digest the round's hash covers.

    It was resolved for the file: by the service's engine of today, which may be another than that
    which closed the round. Then the digest alone counts.
    """
    closed_with = file.stored.document["result_digest"]
    made = file.stored.made.engine
    if file.engine != made:
        if digest(pack(encode_resolution(found))) != closed_with:
            what = f"resolved for the file by engine {file.engine}, the round by engine {made}"
            yield Finding(file.place, "result", what, "unchecked")
        return
    yield from _of_results(file.place, found, file.plain["result"])
    if digest(pack(file.plain["result"])) != closed_with:
        yield Finding(file.place, "result", "is not the one that the round was closed with")


def _of_standings(file: SnapshotFile, registry: Registry, policy: Policy) -> Iterator[Finding]:
    """Who may report by the registry is who the snapshot lists."""
    ours = {n.hotkey: {"uid": n.uid, "stake": n.stake} for n in registry.eligible(policy).values()}
    theirs = {
        each["hotkey"]: {"uid": each["uid"], "stake": each["stake"]}
        for each in file.stored.document["validators"]
    }
    for path, expected, actual in differences(ours, theirs):
        what = f"{expected!r} by the registry, {actual!r} in the snapshot"
        yield Finding(file.place, f"validator {path}", what)


def _of_memory(file: SnapshotFile, found: ClosedRound) -> Iterator[Finding]:
    recorded: Memory = _decoded("memory", lambda: decode_memory(file.stored.document["memory"]))
    yield from _first(
        Finding(file.place, f"memory {where}", f"computed {expected!r}, recorded {actual!r}")
        for where, expected, actual in memory_differences(found.memory, recorded)
    )
