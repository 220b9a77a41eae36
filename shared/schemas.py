"""What a validator's body may say, and how it is read.

`parse_batch` is pure: submit reads a body with it once, and whoever loads the stored body later
reads exactly the same.

BodyError
├── UnsupportedMediaType   neither a form nor JSON
├── MalformedBody          cannot be read at all
└── InvalidBody            can be read, breaks a rule; carries one `Problem` per rule broken
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from typing import Annotated, Any, NotRequired
from urllib.parse import parse_qsl

from pydantic import AfterValidator, ConfigDict, Field, Strict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from shared import ss58, strict_json

MAX_STATUSES = 1024
MAX_METADATA_BYTES = 1024
MAX_METADATA_DEPTH = 5
MAX_PROBLEMS = 32
"""Most problems that an answer names; a body can hold thousands."""

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_FORM_FIELDS = 16
_GREATEST = 1e15
"""Largest stake, load or capacity: sums over any number of validators stay exact enough."""


class BodyError(ValueError):
    """The body is refused; nothing was stored."""


class UnsupportedMediaType(BodyError):  # noqa: N818 - HTTP's own name
    """The content type is neither of the two that a report may have."""


class MalformedBody(BodyError):  # noqa: N818 - reads as a sentence
    """The body cannot be read as what its content type says."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: where (JSON pointer into the body), which, and in words."""

    pointer: str
    code: str
    detail: str


class InvalidBody(BodyError):  # noqa: N818 - reads as a sentence
    """The body was read and breaks rules; `problems` names the first 32."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the first problems; `str()` gives their number and the first one."""
        self.problems = tuple(problems[:MAX_PROBLEMS])
        first = self.problems[0]
        super().__init__(f"{len(problems)} invalid: {first.pointer} {first.detail}")


@dataclass(frozen=True, slots=True)
class Batch:
    """One validator's report as it was sent: absent fields are absent, never None."""

    validator_uid: int
    epoch: int
    statuses: tuple[dict[str, Any], ...]


@lru_cache(maxsize=16_384)
def _hotkey(address: str) -> str:
    try:
        ss58.decode(address)
    except ss58.BadAddress as error:
        raise PydanticCustomError("hotkey", "{why}", {"why": str(error)}) from None
    return address


@lru_cache(maxsize=16_384)
def _address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise PydanticCustomError("ip", "Input should be an IPv4 or IPv6 address") from None
    if "%" in text:
        raise PydanticCustomError("ip", "An address with a zone means something on one host only")
    return str(address)


Uid = Annotated[int, Strict(), Field(ge=0, le=65_535)]
Count = Annotated[int, Strict(), Field(ge=0, le=2**53 - 1)]
Port = Annotated[int, Strict(), Field(ge=1, le=65_535)]
Flag = Annotated[bool, Strict()]
Share = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Strict(), Field(ge=0, le=_GREATEST, allow_inf_nan=False)]
Capacity = Annotated[float, Strict(), Field(ge=1, le=_GREATEST, allow_inf_nan=False)]
Hotkey = Annotated[str, Strict(), AfterValidator(_hotkey)]
Address = Annotated[str, Strict(), Field(max_length=45), AfterValidator(_address)]
ShortText = Annotated[str, Strict(), Field(max_length=64)]


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


BATCH = TypeAdapter(MinerStatusBatch)
"""Validates a body; also the source of its JSON schema."""

_KNOWN = frozenset(MinerStatus.__annotations__)


def parse_batch(content_type: str, raw: bytes) -> Batch:
    """Read a body of 0–1,024 miner statuses, form-encoded or JSON.

    Unknown fields of a status move into its `metadata`; addresses come out canonical. Raises a
    `BodyError` that says what is wrong and where.
    """
    media_type = _media_type(content_type)
    text = _text(raw)
    fields = _form(text) if media_type == FORM else _json(text)
    if not isinstance(fields, dict):
        raise InvalidBody([Problem("", "dict_type", "the body should be an object")])
    validated = _validate(_without_nulls(fields))
    statuses = validated["miner_statuses"]
    problems = [*_repeated_uids(statuses), *_gather_metadata(statuses)]
    if problems:
        raise InvalidBody(problems)
    return Batch(validated["validator_uid"], validated["epoch"], tuple(statuses))


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
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_FORM_FIELDS,
        )
    except ValueError as error:
        raise MalformedBody(f"the form cannot be read: {str(error)[:100]}") from None
    fields: dict[str, Any] = dict(pairs)
    if len(fields) < len(pairs):
        raise MalformedBody("a form field stands twice")
    for name in ("validator_uid", "epoch"):
        if re.fullmatch("0|[1-9][0-9]{0,19}", fields.get(name, "")):
            fields[name] = int(fields[name])
    if "miner_statuses" in fields:
        fields["miner_statuses"] = _json(fields["miner_statuses"], "miner_statuses")
    return fields


def _without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    statuses = fields.get("miner_statuses")
    if isinstance(statuses, list) and len(statuses) <= MAX_STATUSES:
        present = [_present(s) if isinstance(s, dict) else s for s in statuses]
        return fields | {"miner_statuses": present}
    return fields


def _present(status: dict[str, Any]) -> dict[str, Any]:
    if None not in status.values():
        return status
    return {name: value for name, value in status.items() if value is not None}


def _validate(fields: dict[str, Any]) -> Any:
    try:
        return BATCH.validate_python(fields)
    except ValidationError as error:
        raise InvalidBody(problems_of(error)) from None


def problems_of(error: ValidationError) -> list[Problem]:
    """The rules that a body breaks, without what it said."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return [_problem(detail) for detail in details]


def _problem(error: ErrorDetails) -> Problem:
    return Problem(_pointer(error["loc"]), error["type"], error["msg"])


def _pointer(location: Iterable[str | int]) -> str:
    parts = (str(part)[:80] for part in location if part != "[key]")  # pydantic's mark of a bad key
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _repeated_uids(statuses: Sequence[dict[str, Any]]) -> Iterable[Problem]:
    seen: set[int] = set()
    for index, status in enumerate(statuses):
        uid = status["uid"]
        if uid in seen:
            where = _pointer(("miner_statuses", index, "uid"))
            yield Problem(where, "duplicate_uid", f"uid {uid} stands twice in this report")
        seen.add(uid)


def _gather_metadata(statuses: Sequence[dict[str, Any]]) -> Iterable[Problem]:
    for index, status in enumerate(statuses):
        unknown = {name: status.pop(name) for name in status.keys() - _KNOWN}
        if unknown:
            status["metadata"] = unknown | status.get("metadata", {})
        metadata = status.get("metadata")
        if metadata:
            yield from _oversized(metadata, _pointer(("miner_statuses", index, "metadata")))


def _oversized(metadata: dict[str, Any], where: str) -> Iterable[Problem]:
    if strict_json.depth_exceeds(metadata, MAX_METADATA_DEPTH):
        yield Problem(where, "too_deep", f"metadata nests deeper than {MAX_METADATA_DEPTH}")
    elif len(strict_json.dumps(metadata).encode()) > MAX_METADATA_BYTES:
        rule = f"metadata with unknown fields exceeds {MAX_METADATA_BYTES} bytes of JSON"
        yield Problem(where, "too_large", rule)
