"""Giving tasks to miners: assign, try the next one where one fails, say how it went."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from quorate_client.errors import AllFailed, NoMiner, QuorateError, UnexpectedAnswer
from quorate_client.exchange import (
    Call,
    Called,
    Exchange,
    Raised,
    Retries,
    Send,
    content_of,
    persist,
)
from quorate_client.places import TASKS, endpoint, results_path
from quorate_client.tasks import (
    Assignment,
    Completion,
    Miner,
    Result,
    Task,
    Work,
)

logger = logging.getLogger("quorate_client")

Content = dict[str, Any]
Kinds = type[Exception] | tuple[type[Exception], ...]
"""What an `except` clause takes."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The exchanges of a task sender."""

    url: str
    netuid: int | None
    headers: Mapping[str, str]
    retries: Retries

    def assign(self, task: Task) -> Exchange[Assignment]:
        """Lease places; an attempt that is repeated gets the same ones."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        body = {**task, "exclude": sorted(task.get("exclude", ()))}
        content = yield from self._post(TASKS, body, key)
        return _assignment(content)

    def complete(
        self, assignment: Assignment | str, results: Iterable[Result]
    ) -> Exchange[Completion]:
        """Give results, which frees the leases."""
        listed = [_given(result) for result in results]
        content = yield from self._post(results_path(_id_of(assignment)), {"results": listed})
        return _completion(content)

    def conclude(self, work: Work) -> Exchange[None]:
        """Give what results there are. Where they cannot be given, that is logged, not raised.

        A miner's answer is worth more than its bookkeeping, and a lease ends by itself.
        """
        if not work.results:
            return
        try:
            yield from self.complete(work.assignment, work.results.values())
        except QuorateError as error:
            logger.warning("results of %s are lost: %s", work.assignment.assignment_id, error)

    def run(
        self, ask: Callable[[Miner], Any], attempts: int, failing_on: Kinds, task: Task
    ) -> Exchange[Any]:
        """What `ask` gives of the first miner that does not fail; each has its own assignment.

        Only who is asked is leased, so that nobody's place waits for another to fail.
        """
        failures: list[tuple[Miner, Exception]] = []
        for _ in range(attempts):
            work = Work((yield from self.assign(_for_one(task, failures))))
            if not work.assignment.miners:
                break
            (miner,) = work
            outcome = yield from self._ask(work, miner, ask, failing_on)
            if isinstance(outcome, Called):
                return outcome.value
            failures.append((miner, outcome.error))
        raise _nobody(failures)

    def _ask(
        self, work: Work, miner: Miner, ask: Callable[[Miner], Any], failing_on: Kinds
    ) -> Exchange[Called | Raised]:
        began = work.clock()
        outcome = yield Call(partial(ask, miner), failing_on)
        if not isinstance(outcome, Called | Raised):
            raise TypeError("a call gives or raises")
        work.note(miner, began, outcome.error if isinstance(outcome, Raised) else None)
        yield from self.conclude(work)
        return outcome

    def _post(
        self, path: str, body: Content, more: Mapping[str, str] | None = None
    ) -> Exchange[Content]:
        url = endpoint(self.url, path, self.netuid)
        headers = {**self.headers, "Content-Type": "application/json", **(more or {})}
        request = Send("POST", url, headers, json.dumps(body, allow_nan=False).encode())
        return content_of((yield from persist(lambda: request, self.retries)))


def _for_one(task: Task, failures: list[tuple[Miner, Exception]]) -> Task:
    failed = {miner.uid for miner, _ in failures}
    return {**task, "count": 1, "exclude": failed.union(task.get("exclude", ()))}


def _nobody(failures: list[tuple[Miner, Exception]]) -> NoMiner | AllFailed:
    if not failures:
        return NoMiner("no miner is free for this task")
    error = AllFailed(failures)
    error.__cause__ = failures[-1][1]
    return error


def _assignment(content: Content) -> Assignment:
    try:
        miners = tuple(
            Miner(**{name: row[name] for name in Miner.__slots__}) for row in content["miners"]
        )
        return Assignment(
            content["assignment_id"], content["processing_mode"], miners, content["requested"]
        )
    except (KeyError, TypeError) as error:
        raise UnexpectedAnswer(f"the answer to a task is no assignment: {error!r}") from None


def _completion(content: Content) -> Completion:
    try:
        return Completion(tuple(content["accepted"]), tuple(content["outstanding"]))
    except (KeyError, TypeError) as error:
        raise UnexpectedAnswer(f"the answer to results has none: {error!r}") from None


def _id_of(assignment: Assignment | str) -> str:
    found = assignment if isinstance(assignment, str) else assignment.assignment_id
    if found is None:
        raise ValueError("an assignment without miners has no results")
    return found


def _given(result: Result) -> Content:
    return {name: value for name, value in asdict(result).items() if value is not None}
