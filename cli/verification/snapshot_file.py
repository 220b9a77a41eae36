"""A snapshot file as `GET /snapshots/{round}` gives it, read and checked for its shape alone."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NotRequired

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from shared.adapters.bodies import inflate
from shared.service.audit_documents import decode_original
from shared.service.encoding import digest
from shared.service.ports import SignedReport
from shared.service.provenance import FIRST_ENGINE, Provenance
from shared.snapshot_schemas import SnapshotFile as Content

Plain = Mapping[str, Any]


class Made(TypedDict):
    """What stored bytes say of their making; older ones say nothing."""

    engine: NotRequired[int]
    receiver_hotkey: NotRequired[str | None]
    default_netuid: NotRequired[int | None]


class RoundDocument(Made):
    """What a closed round's stored bytes say, as far as it must be there."""

    netuid: int
    round: int
    previous_hash: str
    received: list[str]
    voting: list[str]
    policy: dict[str, Any]
    registry: dict[str, Any]
    memory: dict[str, Any]
    result_digest: str


class CurrentDocument(Made):
    """What a snapshot's stored bytes say."""

    resolution: dict[str, Any]
    policy: dict[str, Any]
    registry_synced_at: float
    validators: list[dict[str, Any]]


_SHAPE: TypeAdapter[Any] = TypeAdapter(Content)
_ROUND: TypeAdapter[Any] = TypeAdapter(RoundDocument)
_CURRENT: TypeAdapter[Any] = TypeAdapter(CurrentDocument)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class UnusableFile(ValueError):  # noqa: N818 - names what the file is
    """Not a snapshot file; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Stored bytes with their hash, as the file gives them and as they are."""

    hash: str
    """As the file says."""
    actual_hash: str
    """Of the bytes."""
    document: Plain
    """What the bytes say: this is what counts."""
    shown: Plain
    """What the file shows of them."""

    @property
    def made(self) -> Provenance:
        """By which engine, and what it claims that reports had to be signed for."""
        return Provenance.of(self.document)


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """One record: a closed round or the current snapshot."""

    kind: Literal["round", "current"]
    netuid: int
    number: int
    """The round, or the snapshot's version."""
    now: float
    inputs: tuple[str, ...]
    stored: Stored
    before: Stored | None
    """The closed round before."""
    originals: tuple[SignedReport, ...]
    engine: int
    """That of the service that gave the file, which resolved a round's `result` for it."""
    plain: Plain
    """The rest, as it stands in the file."""

    @property
    def place(self) -> str:
        """What findings call it."""
        return f"{'round' if self.kind == 'round' else 'snapshot'} {self.number}"

    @property
    def previous_hash(self) -> str:
        """Hash of the closed round before, "" if it is the first."""
        if self.kind == "round":
            return str(self.stored.document["previous_hash"])
        return str(self.plain["last_round_hash"])


def read(text: str | bytes) -> SnapshotFile:
    """The record in a file; raises `UnusableFile`."""
    try:
        plain = _json(text)
        _SHAPE.validate_python(plain)
        return _snapshot_file(plain)
    except json.JSONDecodeError as error:
        raise UnusableFile(f"not JSON: {error.msg} at {error.lineno}:{error.colno}") from None
    except RecursionError:
        raise UnusableFile("nested too deeply") from None
    except UnicodeDecodeError as error:
        raise UnusableFile(f"not UTF-8 at byte {error.start}") from None
    except ValidationError as error:
        raise UnusableFile(f"no snapshot file: {_first_of(error)}") from None


def _json(data: str | bytes) -> Any:
    """JSON whose texts can be written again; raises `ValueError`."""
    text = data if isinstance(data, str) else data.decode("utf-8")
    value = json.loads(text)
    for where in _half_characters(value) if _SURROGATE.search(text) else ():
        raise UnusableFile(f"{where}: half a character is no text")
    return value


def _half_characters(value: Any) -> Iterator[str]:
    """Where the texts are that are none, as paths; a key stands in that of its object."""
    if isinstance(value, str):
        yield from () if _is_text(value) else ("",)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from (f"/{index}{where}" for where in _half_characters(each))
    elif isinstance(value, dict):
        yield from () if all(map(_is_text, value)) else ("",)
        for key, each in value.items():
            yield from (f"/{key}{where}" for where in _half_characters(each))


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _snapshot_file(plain: Plain) -> SnapshotFile:
    name = "round" if plain["kind"] == "round" else "version"
    wanted = (
        ("round", "result")
        if name == "round"
        else ("version", "registry", "closed_through", "last_round", "last_round_hash")
    )
    for key in wanted:
        if key not in plain:
            raise UnusableFile(f"{key} is missing")
    before = plain["before"]
    return SnapshotFile(
        kind=plain["kind"],
        netuid=plain["netuid"],
        number=plain[name],
        now=plain["now"],
        inputs=tuple(plain["inputs"]),
        stored=_stored("payload", plain, _ROUND if name == "round" else _CURRENT),
        before=_stored("before/payload", before, _ROUND) if before else None,
        originals=tuple(_original(n, report) for n, report in enumerate(plain["reports"])),
        engine=plain.get("engine", FIRST_ENGINE),
        plain={key: plain[key] for key in wanted},
    )


def _stored(where: str, plain: Plain, shape: TypeAdapter[Any]) -> Stored:
    try:
        payload = base64.b64decode(plain["payload"], validate=True)
        document = _json(inflate(payload))
        shape.validate_python(document)
    except ValidationError as error:
        raise UnusableFile(f"{where}/{_first_of(error)}") from None
    except (binascii.Error, zlib.error, ValueError) as error:
        raise UnusableFile(f"{where}: not a stored payload: {error}") from None
    return Stored(plain["hash"], digest(payload), document, plain["document"])


def _first_of(error: ValidationError) -> str:
    first = error.errors()[0]
    where = "/".join(map(str, first["loc"])) or "the file"
    return f"{where}: {first['msg']}"


def _original(number: int, plain: Plain) -> SignedReport:
    if ("body" in plain) == ("body_base64" in plain):
        raise UnusableFile(f"reports/{number}: should have one of body and body_base64")
    try:
        return decode_original(plain)
    except (ValueError, OverflowError) as error:
        raise UnusableFile(f"reports/{number}: {error}") from None
