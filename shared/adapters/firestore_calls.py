"""How every call to Firestore is made: its deadline, its retries, its errors in our words.

The deadline is well under the recompute's overlap, so that a report that was stamped is visible,
or refused, before a watermark can pass it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.cloud.firestore import LastUpdateOption

from shared.adapters.operations import count
from shared.service.ports import AlreadyExists, Conflict, Unavailable

DEADLINE = 6.0
"""Seconds after which a call is given up, retries included; the recompute's overlap is 10 s."""
LAST_ATTEMPT = 4.5
"""Seconds after which no attempt begins: api_core would give one with less than a second left the
whole deadline anew.
"""

RETRY = Retry(
    predicate=if_exception_type(exceptions.ServiceUnavailable),
    initial=0.1,
    maximum=1.0,
    timeout=LAST_ATTEMPT,
)
CALL: dict[str, Any] = {"retry": RETRY, "timeout": DEADLINE}


def write_over(batch: Any, reference: Any, document: dict[str, Any], revision: Any) -> None:
    """Create where there was nothing (None), else update what has not changed since `revision`."""
    if revision is None:
        batch.create(reference, document)
    else:
        batch.update(reference, document, option=LastUpdateOption(revision))


def commit(batch: Any) -> list[Any]:
    """Write all or raise `Conflict`; gives the result of each write."""
    with translated(), _preconditions():
        count(writes=len(batch))
        results: list[Any] = batch.commit(**CALL)
    return results


@contextmanager
def _preconditions() -> Iterator[None]:
    """A batch whose precondition does not hold is a conflict, whatever Firestore calls it."""
    try:
        yield
    except (exceptions.AlreadyExists, exceptions.FailedPrecondition, exceptions.NotFound) as error:
        raise Conflict(str(error)) from error


@contextmanager
def translated() -> Iterator[None]:
    """Google's errors in the words of the port."""
    try:
        yield
    except exceptions.AlreadyExists as error:
        raise AlreadyExists(str(error)) from error
    except exceptions.Aborted as error:
        raise Conflict(str(error)) from error
    except (
        exceptions.ServiceUnavailable,
        exceptions.DeadlineExceeded,
        exceptions.RetryError,
        exceptions.ResourceExhausted,
        exceptions.InternalServerError,
        exceptions.Cancelled,
        exceptions.Unknown,
    ) as error:
        raise Unavailable(str(error)) from error
