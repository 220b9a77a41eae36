"""What a task sender's bodies may say: the request for miners, and the results."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field, Strict, TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from shared import strict_json
from shared.broken_rules import Problem, problems_of
from shared.domain.dispatch.records import Outcome
from shared.domain.dispatch.selection import Mode
from shared.field_types import Uid
from shared.schemas import JSON, InvalidBody, MalformedBody, UnsupportedMediaType
from shared.service.choose import Task
from shared.service.complete import Report

MOST_MINERS = 100
"""Most miners of one assignment."""
LONGEST_LEASE = 3600.0
MOST_EXCLUDED = 1024

_STRICT = ConfigDict(extra="forbid")
"""A word that this version does not know is refused: it may be a limit that somebody relies on."""


class TaskRequest(TypedDict):
    """The body of `assign-tasks`; everything may be left out."""

    __pydantic_config__ = _STRICT  # type: ignore[misc] # pydantic's own protocol

    task_type: NotRequired[Annotated[str, Strict(), Field(min_length=1, max_length=64)] | None]
    count: NotRequired[Annotated[int, Strict(), Field(ge=1, le=MOST_MINERS)]]
    exclude: NotRequired[Annotated[list[Uid], Field(max_length=MOST_EXCLUDED)]]
    mode: NotRequired[Mode]
    lease_seconds: NotRequired[
        Annotated[float, Strict(), Field(ge=1, le=LONGEST_LEASE, allow_inf_nan=False)]
    ]
    seed: NotRequired[Annotated[int, Strict(), Field(ge=-(2**63), le=2**63 - 1)] | None]


class TaskResult(TypedDict):
    """How one miner did."""

    __pydantic_config__ = _STRICT  # type: ignore[misc] # pydantic's own protocol

    uid: Uid
    outcome: Outcome
    latency_ms: NotRequired[
        Annotated[float, Strict(), Field(ge=0, le=86_400_000, allow_inf_nan=False)] | None
    ]


class TaskResults(TypedDict):
    """The body of `complete-task`."""

    __pydantic_config__ = _STRICT  # type: ignore[misc] # pydantic's own protocol

    results: Annotated[list[TaskResult], Field(min_length=1, max_length=MOST_MINERS)]


REQUEST = TypeAdapter(TaskRequest)
RESULTS = TypeAdapter(TaskResults)


def parse_task(content_type: str, raw: bytes) -> Task:
    """Read a request for miners; raises a `BodyError` that says what is wrong and where."""
    fields = _validated(REQUEST, content_type, raw)
    given = {name: value for name, value in fields.items() if value is not None}
    if "exclude" in given:
        given["exclude"] = frozenset(given["exclude"])
    return Task(**given)


def parse_results(content_type: str, raw: bytes) -> dict[int, Report]:
    """Read uid → result; raises a `BodyError`, also when a uid stands twice."""
    results = _validated(RESULTS, content_type, raw)["results"]
    reports: dict[int, Report] = {}
    for position, entry in enumerate(results):
        if entry["uid"] in reports:
            why = f"uid {entry['uid']} stands twice"
            raise InvalidBody([Problem(f"/results/{position}/uid", "duplicate_uid", why)])
        latency_ms = entry.get("latency_ms")
        seconds = None if latency_ms is None else latency_ms / 1000
        reports[entry["uid"]] = Report(entry["outcome"], seconds)
    return reports


def _validated(adapter: TypeAdapter[Any], content_type: str, raw: bytes) -> Any:
    if content_type.partition(";")[0].strip().lower() != JSON:
        raise UnsupportedMediaType(f"send {JSON} in UTF-8")
    try:
        body = strict_json.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, strict_json.NotStrictJson) as error:
        raise MalformedBody(f"the body: {error}") from None
    try:
        return adapter.validate_python(body)
    except ValidationError as error:
        raise InvalidBody(problems_of(error)) from None
