"""The rules that a body breaks: where, which, and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

MAX_PROBLEMS = 32
"""Most problems that an answer names; a body can hold thousands."""

Where = tuple[str | int, ...]
"""A place in a body, from the outside in."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: where (JSON pointer into the body), which, and in words."""

    pointer: str
    code: str
    detail: str


@dataclass(slots=True)
class BrokenRules:
    """What is wrong with a body that is checked in pieces: all counted, the first described."""

    problems: list[Problem] = field(default_factory=list)
    total: int = 0

    def checked(self, rules: TypeAdapter[Any], value: Any, where: Where = ()) -> Any:
        """The value as the rules have it, None if it breaks one."""
        try:
            return rules.validate_python(value)
        except ValidationError as error:
            self.total += error.error_count()
            if len(self.problems) < MAX_PROBLEMS:
                self.problems += problems_of(error, where)
            return None


def problems_of(error: ValidationError, where: Where = ()) -> list[Problem]:
    """The rules that a body, or its part at `where`, breaks, without what it said."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return [_problem(detail, where) for detail in details]


def pointer(location: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901), each part of at most 80 characters."""
    parts = (str(part)[:80] for part in location if part != "[key]")  # pydantic's mark of a bad key
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _problem(error: ErrorDetails, where: Where) -> Problem:
    return Problem(pointer((*where, *error["loc"])), error["type"], error["msg"])
