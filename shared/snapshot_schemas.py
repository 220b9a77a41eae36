"""The file that `GET /snapshots/{round}` answers, as types; docs/verify.md describes it."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from shared.answer_schemas import Success


class OriginalAnswer(TypedDict):
    """A report as it was signed."""

    report_id: str
    validator_uid: int
    hotkey: str
    epoch: int
    nonce: str
    received_at: float
    miner_count: int
    content_type: str
    body: NotRequired[str]
    body_base64: NotRequired[str]
    body_sha256: str
    signature: dict[str, str]


class StoredAnswer(TypedDict):
    """A closed round as it is stored: the bytes that its hash covers, and what they say."""

    round: int
    hash: str
    payload: str
    document: dict[str, Any]


class SnapshotFile(Success):
    """All that recomputing needs; times are seconds since 1970."""

    format: Literal["quorate-snapshot/1"]
    kind: Literal["round", "current"]
    netuid: int
    now: float
    inputs: list[str]
    hash: str
    payload: str
    document: dict[str, Any]
    before: StoredAnswer | None
    reports: list[OriginalAnswer]
    engine: NotRequired[int]
    round: NotRequired[int]
    result: NotRequired[dict[str, Any]]
    version: NotRequired[int]
    watermark: NotRequired[float]
    closed_through: NotRequired[int]
    registry: NotRequired[dict[str, Any]]
    last_round: NotRequired[int]
    last_round_hash: NotRequired[str]
