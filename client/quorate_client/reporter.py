"""Reporting: one validator's view of its miners, signed with its hotkey."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from quorate_client.calls import AsyncClient, Caller, Client, Driver, call
from quorate_client.errors import UnexpectedAnswer, UnusableStatuses
from quorate_client.exchange import Exchange, Retries, Send, content_of, persist
from quorate_client.keys import Keypair, hotkey_of
from quorate_client.places import submit_url
from quorate_client.signing import Scheme, sign_btauth, sign_epistula
from quorate_client.transport import AsyncTransport, Transport, signed_path

MAX_STATUSES = 1024
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Receipt:
    """The service's word that a report is kept."""

    report_id: str
    validator_uid: int
    epoch: int
    miners_processed: int
    body_sha256: str
    """Lowercase hex of what was sent, as the service read it."""
    received_at: str
    """RFC 3339."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Where and as whom to report; both reporters have one."""

    url: str
    path: str
    """Path and query of `url`, which are signed."""
    keypair: Keypair
    validator_uid: int
    receiver: str | None
    scheme: Scheme
    retries: Retries

    def report(self, statuses: Iterable[Mapping[str, Any]], epoch: int) -> Exchange[Receipt]:
        """Send one report and wait for the service's word.

        Safe to call again after any error. Raises the classes of `quorate_client.errors`,
        `UnusableStatuses` before anything is sent.
        """
        body = report_body(self.validator_uid, statuses, epoch)
        answer = yield from persist(partial(self._signed, body), self.retries)
        return _receipt(content_of(answer), body)

    def _signed(self, body: bytes) -> Send:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.scheme == "epistula":
            headers |= sign_epistula(self.keypair, body, receiver=self.receiver)
        else:
            headers |= sign_btauth(self.keypair, "POST", self.path, body, receiver=self.receiver)
        return Send("POST", self.url, headers, body)


class Reporting(Caller[Signer, Driver]):
    """What both reporters take and do, each in its way."""

    def __init__(  # noqa: PLR0913 - all but two have defaults and are given by name
        self,
        url: str,
        key: Any,
        netuid: int | None = None,
        *,
        validator_uid: int,
        receiver: str | None = None,
        scheme: Scheme = "btauth",
        retries: Retries | None = None,
        transport: Driver | None = None,
    ) -> None:
        """Nothing is sent yet; raises `TypeError` or `ValueError` for what cannot work."""
        place, keypair = submit_url(url, netuid), hotkey_of(key)
        path, retries = signed_path(place), retries or Retries()
        signer = Signer(place, path, keypair, validator_uid, receiver, scheme, retries)
        super().__init__(signer, transport)

    report = call(Signer.report)


class Reporter(Reporting[Transport], Client[Signer]):
    """Reports for one validator. Threads may share it.

    `url` is the service's base URL or the address of its function; `key` a wallet, a keypair or a
    raw 32-byte seed; `validator_uid` the uid at which that hotkey is registered on `netuid`
    (None: the service's default subnet); `receiver` the service's own hotkey, where it has one.
    """


class AsyncReporter(Reporting[AsyncTransport], AsyncClient[Signer]):
    """`Reporter` for an event loop; a keypair that signs slowly blocks it while it signs."""


def report_body(validator_uid: int, statuses: Iterable[Mapping[str, Any]], epoch: int) -> bytes:
    """The JSON that is signed and sent.

    Raises `UnusableStatuses` for what the service would refuse whole: none or more than 1,024
    statuses, more than 1 MiB, a uid twice, a number that is not finite, a value without JSON.
    Nothing is left out or split.
    """
    listed = [dict(status) for status in statuses]
    if not 1 <= len(listed) <= MAX_STATUSES:
        raise UnusableStatuses(f"a report has 1–{MAX_STATUSES} statuses, this one {len(listed)}")
    uids = Counter(str(status.get("uid")) for status in listed)
    twice = sorted(uid for uid, times in uids.items() if times > 1)
    if twice:
        raise UnusableStatuses(f"uid {', '.join(twice)} stands twice in the report")
    content = {"validator_uid": validator_uid, "epoch": epoch, "miner_statuses": listed}
    try:
        text = json.dumps(content, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    except (TypeError, ValueError) as error:
        where = next(_without_json(listed), "")
        raise UnusableStatuses(f"the report is not JSON: {where}{error}") from error
    body = text.encode()
    if len(body) > MAX_BYTES:
        raise UnusableStatuses(f"a report has at most {MAX_BYTES} bytes, this one {len(body)}")
    return body


def _without_json(statuses: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Which fields of which statuses have no JSON, to begin a sentence with."""
    for status in statuses:
        for name, value in status.items():
            try:
                json.dumps(value, allow_nan=False)
            except (TypeError, ValueError):
                yield f"{name} of uid {status.get('uid')}: "


def _receipt(content: Mapping[str, Any], body: bytes) -> Receipt:
    """The receipt in an answer, which must be about the very bytes that were sent."""
    names = [f for f in Receipt.__slots__ if f not in content]
    if names:
        raise UnexpectedAnswer(f"the answer to a report has no {', '.join(names)}")
    receipt = Receipt(**{name: content[name] for name in Receipt.__slots__})
    if receipt.body_sha256 != hashlib.sha256(body).hexdigest():
        raise UnexpectedAnswer("the service's receipt is for another body than was sent")
    return receipt
