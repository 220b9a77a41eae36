"""The parts of a snapshot file that are kept nowhere as JSON: signed originals, stored payloads."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from shared.domain.reports import signing_time_of
from shared.service.encoding import unpack
from shared.service.ports import SignedReport, StoredRound

FORMAT = "quorate-snapshot/1"

Plain = dict[str, Any]


def encode_original(report: SignedReport) -> Plain:
    """A report as it was signed. Its body is text where it is UTF-8, and base64 where it is not."""
    return {
        "report_id": report.report_id,
        "validator_uid": report.validator_uid,
        "hotkey": report.hotkey,
        "epoch": report.epoch,
        "nonce": report.nonce,
        "received_at": report.received_at,
        "miner_count": report.miner_count,
        "content_type": report.content_type,
        **_body(report.body),
        "body_sha256": report.body_sha256,
        "signature": dict(report.signature),
    }


def decode_original(plain: Mapping[str, Any]) -> SignedReport:
    """Undo `encode_original`; the rate limit's memory and the time of storing are not in it."""
    text = plain.get("body")
    body = base64.b64decode(plain["body_base64"]) if text is None else text.encode()
    return SignedReport(
        report_id=plain["report_id"],
        nonce=plain["nonce"],
        validator_uid=plain["validator_uid"],
        hotkey=plain["hotkey"],
        epoch=plain["epoch"],
        signed_at=signing_time_of(plain["report_id"]) or 0.0,
        received_at=plain["received_at"],
        miner_count=plain["miner_count"],
        content_type=plain["content_type"],
        body=body,
        body_sha256=plain["body_sha256"],
        signature=plain["signature"],
        recent=(),
        expire_at=0.0,
    )


def encode_payload_bytes(payload: bytes) -> Plain:
    """The stored bytes, which hashes cover, and what they say."""
    return {"payload": base64.b64encode(payload).decode(), "document": unpack(payload)}


def encode_closed(closed: StoredRound) -> Plain:
    """A closed round as it is stored."""
    return {
        "round": closed.round,
        "hash": closed.payload_sha256,
        **encode_payload_bytes(closed.payload),
    }


def _body(body: bytes) -> Plain:
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}
