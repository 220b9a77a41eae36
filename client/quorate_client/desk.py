"""What a task sender can ask of the service, as exchanges."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Unpack

from quorate_client import places
from quorate_client.dispatch import Dispatch, Kinds
from quorate_client.errors import UnexpectedAnswer
from quorate_client.exchange import Exchange, Retries, Send, content_of, persist
from quorate_client.following import Change, Follower
from quorate_client.tasks import Assignment, Completion, Miner, Result, Task, Work
from quorate_client.transport import signed_path

Content = dict[str, Any]
"""An answer as the service's `docs/api.md` describes it, JSON types only; for reading."""

READ_RETRIES = Retries(patience=10.0)


class Desk:
    """Where to ask, and what was read before: an answer that did not change is sent once."""

    def __init__(self, url: str, key: str | None, netuid: int | None, retries: Retries) -> None:
        """`key` is an API key, for tasks and where the service's reads are not public."""
        self.base = url
        self.netuid = netuid
        self.retries = retries
        self._headers = {"Accept": "application/json"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"
        self._known: dict[str, tuple[str, Content]] = {}
        self.tasks = Dispatch(url, netuid, self._headers, retries)
        signed_path(places.endpoint(url, places.STATUS))  # a URL that cannot work fails here

    def network_status(self) -> Exchange[Content]:
        """Every miner, best first, with scores and states; figures of the whole network."""
        return self._read(places.STATUS)

    def miner(self, uid: int, *, explain: bool = False) -> Exchange[Content]:
        """The consensus about one miner; `explain` adds every vote and its factors.

        What was voted is withheld until the reporting window is over, but for a key with scope
        audit. Raises `UnknownMiner` where nobody reported on it.
        """
        return self._read(places.miner_path(uid), **({"explain": "true"} if explain else {}))

    def stats(self) -> Exchange[Content]:
        """Coverage, conflicts, confidence and participation."""
        return self._read(places.STATS)

    def validators(self) -> Exchange[Content]:
        """Everyone who may report, and how far each agrees with the others."""
        return self._read(places.VALIDATORS)

    def miner_history(self, uid: int, rounds: int = 64) -> Exchange[Content]:
        """One miner round after round, oldest first, at most 256."""
        return self._read(places.HISTORY, miner=f"{uid:d}", rounds=f"{rounds:d}")

    def validator_history(self, uid: int, rounds: int = 64) -> Exchange[Content]:
        """One validator round after round, oldest first, at most 256."""
        return self._read(places.HISTORY, validator=f"{uid:d}", rounds=f"{rounds:d}")

    def health(self) -> Exchange[Content]:
        """The service's health checks; raises `Unavailable` when one fails."""
        return self._read(places.HEALTH)

    def assign(self, **task: Unpack[Task]) -> Exchange[Assignment]:
        """Lease a place of each of `count` miners. Fewer than asked for is an answer, none too.

        Needs a key with scope dispatch. What no result comes of is held until the lease ends.
        """
        return self.tasks.assign(task)

    def complete(
        self, assignment: Assignment | str, results: Iterable[Result]
    ) -> Exchange[Completion]:
        """Say how miners of an assignment did, all at once or one by one; frees their places."""
        return self.tasks.complete(assignment, results)

    def conclude(self, work: Work) -> Exchange[None]:
        """Give the results of `work`."""
        return self.tasks.conclude(work)

    def run(
        self, ask: Callable[[Miner], Any], attempts: int, failing_on: Kinds, task: Task
    ) -> Exchange[Any]:
        """What the first miner gives that does not fail."""
        return self.tasks.run(ask, attempts, failing_on, task)

    def follower(self) -> Follower:
        """Somebody who is to follow this subnet; raises `ValueError` where none is named."""
        if self.netuid is None:
            raise ValueError("a watch needs the netuid: Proxy(url, key, netuid)")
        return Follower(self.netuid)

    def next_change(self, follower: Follower, pull: Callable[[], Any]) -> Exchange[Change]:
        """The next change that it hears of."""
        return follower.next(self._miners, pull)

    def _miners(self) -> Exchange[tuple[int, list[Content]]]:
        content = yield from self._read(places.STATUS)
        etag, _ = self._known.get(self._url(places.STATUS), ("", None))
        version = etag.removeprefix('W/"').partition("-")[0].rstrip('"')
        if not version.isdecimal():
            raise UnexpectedAnswer(f"an ETag begins with a version, not {etag!r}")
        return int(version), content["miners"]

    def _url(self, path: str, **query: str) -> str:
        return places.endpoint(self.base, path, self.netuid, **query)

    def _read(self, path: str, **query: str) -> Exchange[Content]:
        url = self._url(path, **query)
        known = self._known.get(url)
        headers = self._headers | ({"If-None-Match": known[0]} if known else {})
        answer = yield from persist(lambda: Send("GET", url, headers), self.retries)
        if answer.status == 304 and known:
            return known[1]
        content = content_of(answer)
        if "etag" in answer.headers:
            self._known[url] = (answer.headers["etag"], content)
        return content
