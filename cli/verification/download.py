"""Snapshot files from a running installation."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from cli.verification.snapshot_file import SnapshotFile, read

PATH = "/api/v1/snapshots/"
TIMEOUT = 120.0
"""Seconds: the service resolves a round again before it answers."""

UNAUTHORIZED = 401


class NotFetched(Exception):  # noqa: N818 - names what happened
    """The service is not there or refuses; the message says why."""


def fetch(url: str, key: str | None, netuid: int | None, rounds: int) -> Iterator[SnapshotFile]:
    """The snapshot at a URL; at an installation's URL the current one and `rounds` before it.

    Raises `NotFetched` and `UnusableFile`.
    """
    with httpx.Client(headers=_headers(key), timeout=TIMEOUT) as client:
        if urlsplit(url).path.strip("/"):
            yield _get(client, url, netuid)
            return
        following = "current"
        for _ in range(rounds + 1):
            file = _get(client, url.rstrip("/") + PATH + following, netuid)
            yield file
            if file.before is None:
                return
            following = str(file.before.document["round"])


def _get(client: httpx.Client, url: str, netuid: int | None) -> SnapshotFile:
    try:
        answer = client.get(url, params=None if netuid is None else {"netuid": netuid})
    except httpx.HTTPError as error:
        raise NotFetched(f"{type(error).__name__}: {error}") from None
    if answer.status_code != 200:
        hint = "; --key or QUORATE_KEY gives it" if answer.status_code == UNAUTHORIZED else ""
        raise NotFetched(f"HTTP {answer.status_code}: {_detail(answer)}{hint}")
    return read(answer.content)


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase
