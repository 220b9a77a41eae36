"""What a validator's body may say, and how it is read.

`parse_batch` is pure: submit reads a body with it once, and whoever loads the stored body later
reads exactly the same.

BodyError
├── UnsupportedMediaType   neither a form nor JSON
├── MalformedBody          cannot be read at all
└── InvalidBody            can be read, breaks a rule; carries one `Problem` per rule broken
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from itertools import repeat
from operator import contains
from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from shared import forms, strict_json
from shared.broken_rules import MAX_PROBLEMS, BrokenRules, Problem, pointer
from shared.field_types import (
    Address,
    Amount,
    Capacity,
    Count,
    Flag,
    Hotkey,
    Port,
    Share,
    ShortText,
    Uid,
)

MAX_STATUSES = 1024
MAX_METADATA_BYTES = 1024
MAX_METADATA_DEPTH = 5

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class BodyError(ValueError):
    """The body is refused; nothing was stored."""


class UnsupportedMediaType(BodyError):  # noqa: N818 - HTTP's own name
    """The content type is neither of the two that a report may have."""


class MalformedBody(BodyError):  # noqa: N818 - reads as a sentence
    """The body cannot be read as what its content type says."""


class InvalidBody(BodyError):  # noqa: N818 - reads as a sentence
    """The body was read and breaks rules; `problems` names the first 32."""

    def __init__(self, problems: Sequence[Problem], total: int = 0) -> None:
        """Keep the first problems; `str()` gives their number, or `total`, and the first one."""
        self.problems = tuple(problems[:MAX_PROBLEMS])
        first = self.problems[0]
        super().__init__(f"{total or len(problems)} invalid: {first.pointer} {first.detail}")


@dataclass(frozen=True, slots=True)
class Batch:
    """One validator's report as it was sent: absent fields are absent, never None."""

    validator_uid: int
    epoch: int
    statuses: tuple[dict[str, Any], ...]


class Specialization(TypedDict, total=False):
    """How a miner did at one type of task, by the validator's own count."""

    total: Count
    successful: Count
    avg_time: Amount
    success_rate: Share


class MinerStatus(TypedDict):
    """One miner as one validator sees it; a field that is null is absent."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc] # pydantic's own protocol

    uid: Uid
    hotkey: Hotkey
    stake: NotRequired[Amount]
    is_serving: NotRequired[Flag]
    performance_score: NotRequired[Share]
    current_load: NotRequired[Amount]
    max_capacity: NotRequired[Capacity]
    ip: NotRequired[Address]
    port: NotRequired[Port]
    external_ip: NotRequired[Address]
    external_port: NotRequired[Port]
    last_seen: NotRequired[ShortText]
    task_type_specialization: NotRequired[
        Annotated[dict[ShortText, Specialization], Field(max_length=32)]
    ]
    metadata: NotRequired[dict[str, Any]]


class MinerStatusBatch(TypedDict):
    """The body of a submit."""

    validator_uid: Uid
    epoch: Count
    miner_statuses: Annotated[list[MinerStatus], Field(max_length=MAX_STATUSES)]


class _Envelope(TypedDict):
    """The body before its statuses are looked at, one by one: a bad one may break many rules."""

    validator_uid: Uid
    epoch: Count
    miner_statuses: Annotated[list[Any], Field(max_length=MAX_STATUSES)]


class _UsualStatus(MinerStatus):
    """The same without what is unknown: looking for that takes a third of the time."""

    __pydantic_config__ = ConfigDict(extra="ignore")  # type: ignore[misc] # pydantic's own protocol


class _UsualBatch(TypedDict):
    validator_uid: Uid
    epoch: Count
    miner_statuses: Annotated[list[_UsualStatus], Field(max_length=MAX_STATUSES)]


BATCH = TypeAdapter(MinerStatusBatch)
"""What a body is as a whole: the source of its JSON schema."""
_ENVELOPE = TypeAdapter(_Envelope)
_STATUS = TypeAdapter(MinerStatus)
_USUAL = TypeAdapter(_UsualBatch)

_KNOWN = frozenset(MinerStatus.__annotations__)
_TEXTS = ("hotkey", "ip", "external_ip", "last_seen")
_NESTED = "task_type_specialization"


def parse_batch(content_type: str, raw: bytes) -> Batch:
    """Read a body of 0–1,024 miner statuses, form-encoded or JSON.

    Unknown fields of a status move into its `metadata`; addresses come out canonical. Raises a
    `BodyError` that says what is wrong and where.
    """
    media_type = _media_type(content_type)
    return (media_type == JSON and _read_at_once(raw)) or _read_in_steps(media_type, raw)


def _read_at_once(raw: bytes) -> Batch | None:
    """A body in which nothing is unusual, parsed and validated in one go; None for all others.

    What is unusual or wrong, also if this says so for nothing, is read again in steps, which know
    what to say about it. A key that stands twice, one that is unknown, or what is in metadata shows
    as strings that were written and are not in what was read.
    """
    if not strict_json.is_plain(raw):
        return None
    try:
        fields = _USUAL.validate_json(raw)
    except ValidationError:
        return None
    statuses: Any = fields["miner_statuses"]
    is_whole = raw.count(b'"') // 2 == len(fields) + _strings_in(statuses)
    if not is_whole or len({status["uid"] for status in statuses}) < len(statuses):
        return None
    return Batch(fields["validator_uid"], fields["epoch"], tuple(statuses))


def _strings_in(statuses: Sequence[dict[str, Any]]) -> int:
    """How many strings their JSON holds, keys included; quickly, as most values are no strings."""
    texts = (sum(map(contains, statuses, repeat(name))) for name in _TEXTS)
    nested = [status[_NESTED] for status in statuses if _NESTED in status]
    return sum(map(len, statuses)) + sum(texts) + strict_json.strings_in(nested)


def _read_in_steps(media_type: str, raw: bytes) -> Batch:
    text = _text(raw)
    fields = _form(text) if media_type == FORM else _json(text)
    if not isinstance(fields, dict):
        raise InvalidBody([Problem("", "dict_type", "the body should be an object")])
    validated = _validate(fields)
    statuses = validated["miner_statuses"]
    problems = [*_repeated_uids(statuses), *_gather_metadata(statuses)]
    if problems:
        raise InvalidBody(problems)
    return Batch(validated["validator_uid"], validated["epoch"], tuple(statuses))


@lru_cache(maxsize=64)
def _media_type(content_type: str) -> str:
    header = Message()
    header["content-type"] = content_type
    media_type = header.get_content_type() if content_type.isascii() else ""
    charset = header.get_content_charset("utf-8") if media_type else ""
    if media_type not in (FORM, JSON) or charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"send {JSON} or {FORM} in UTF-8")
    return media_type


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedBody(f"the body is not UTF-8 at byte {error.start}") from None


def _json(text: str, what: str = "the body") -> Any:
    try:
        return strict_json.loads(text)
    except strict_json.NotStrictJson as error:
        raise MalformedBody(f"{what}: {error}") from None


def _form(text: str) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = dict(forms.loads(text))
    except forms.NotAForm as error:
        raise MalformedBody(f"the form cannot be read: {error}") from None
    for name in ("validator_uid", "epoch"):
        if re.fullmatch("0|[1-9][0-9]{0,19}", fields.get(name, "")):
            fields[name] = int(fields[name])
    if "miner_statuses" in fields:
        fields["miner_statuses"] = _json(fields["miner_statuses"], "miner_statuses")
    return fields


def _validate(fields: dict[str, Any]) -> Any:
    broken = BrokenRules()
    envelope = broken.checked(_ENVELOPE, fields)
    statuses = [
        broken.checked(_STATUS, _present(status), ("miner_statuses", index))
        for index, status in enumerate(_listed(fields))
    ]
    if broken.total:
        raise InvalidBody(broken.problems, broken.total)
    return envelope | {"miner_statuses": statuses}


def _listed(fields: dict[str, Any]) -> list[Any]:
    statuses = fields.get("miner_statuses")
    return statuses if isinstance(statuses, list) and len(statuses) <= MAX_STATUSES else []


def _present(status: Any) -> Any:
    if not isinstance(status, dict) or None not in status.values():
        return status
    return {name: value for name, value in status.items() if value is not None}


def _repeated_uids(statuses: Sequence[dict[str, Any]]) -> Iterable[Problem]:
    seen: set[int] = set()
    for index, status in enumerate(statuses):
        uid = status["uid"]
        if uid in seen:
            where = pointer(("miner_statuses", index, "uid"))
            yield Problem(where, "duplicate_uid", f"uid {uid} stands twice in this report")
        seen.add(uid)


def _gather_metadata(statuses: Sequence[dict[str, Any]]) -> Iterable[Problem]:
    for index, status in enumerate(statuses):
        unknown = {name: status.pop(name) for name in status.keys() - _KNOWN}
        if unknown:
            status["metadata"] = unknown | status.get("metadata", {})
        metadata = status.get("metadata")
        if metadata:
            yield from _oversized(metadata, pointer(("miner_statuses", index, "metadata")))


def _oversized(metadata: dict[str, Any], where: str) -> Iterable[Problem]:
    if strict_json.depth_exceeds(metadata, MAX_METADATA_DEPTH):
        yield Problem(where, "too_deep", f"metadata nests deeper than {MAX_METADATA_DEPTH}")
    elif len(strict_json.dumps(metadata).encode()) > MAX_METADATA_BYTES:
        rule = f"metadata with unknown fields exceeds {MAX_METADATA_BYTES} bytes of JSON"
        yield Problem(where, "too_large", rule)
