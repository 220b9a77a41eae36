"""`quorate doctor`: what is wrong with an installation, seen from outside, and what to do."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import typer

from quorate_client import errors, places, tables
from quorate_client.exchange import Answer, Exchange, Retries, Send, content_of, persist
from quorate_client.keys import Keypair, SeedKeypair
from quorate_client.options import (
    DEFAULT_URL,
    FAILED,
    AsJson,
    Key,
    KeyFile,
    Netuid,
    Receiver,
    Url,
    Wallet,
    asking,
    counted,
    keypair_of,
    print_json,
)
from quorate_client.proxy import Proxy
from quorate_client.signing import sign_btauth
from quorate_client.transport import Transport, signed_path

Verdict = Literal["ok", "warning", "failed"]
Clock = Callable[[], float]
"""Where `now` comes from: seconds since 1970."""

AHEAD = 2.0
"""Seconds by which a signature may lie in the service's future."""
BEHIND = 60.0
"""Seconds of delay that leave no room for retries within the service's 120."""
ONCE = Retries(patience=0.0)
TAKEN = "an empty body was taken as a report: not this service?"
UNBOUND = "any: reports that another installation received count here too (RECEIVER_HOTKEY)"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    verdict: Verdict
    check: str
    detail: str


def doctor(  # noqa: PLR0913, PLR0917 - options of a command line, given by name
    url: Url = DEFAULT_URL,
    wallet: Wallet = None,
    keyfile: KeyFile = None,
    key: Key = None,
    netuid: Netuid = None,
    receiver: Receiver = None,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with an installation; with a key, whether it may report. Stores nothing."""
    keypair = keypair_of(wallet, keyfile) if wallet or keyfile else None
    transport = Transport()
    with asking():
        found = list(examine(url, netuid, key, transport))
        if found[0].verdict != "failed":
            found.append(receiver_finding(url, netuid, receiver, transport))
            if keypair:
                found.append(may_report(url, netuid, keypair, receiver, transport))
    transport.close()
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        tables.show_checks(url, ((f.verdict, f.check, f.detail) for f in found))
    if any(finding.verdict == "failed" for finding in found):
        raise typer.Exit(FAILED)


def examine(
    url: str, netuid: int | None, key: str | None, transport: Transport, now: Clock = time.time
) -> Iterator[Finding]:
    """Reach, health, clock and reads; ends early where nobody answers."""
    try:
        asked_at = now()
        answer = transport.run(_ask(places.endpoint(url, places.HEALTH, netuid)))
        content = _health_of(answer)
    except errors.QuorateError as error:
        yield Finding("failed", "service", str(error))
        return
    yield Finding("ok", "service", f"answers, status {content['status']}")
    for check in content["checks"]:
        verdict: Verdict = "ok" if check["healthy"] else "failed"
        yield Finding(verdict, str(check["name"]), str(check["reason"]))
    yield clock_finding(answer.headers.get("date"), asked_at, now())
    yield _reads(Proxy(url, key, netuid, retries=ONCE, transport=transport))


def clock_finding(date: str | None, before: float, after: float) -> Finding:
    """How this clock stands to the service's `Date`, which has whole seconds.

    `before` and `after` (seconds since 1970) are this clock around the request.
    """
    if date is None:
        return Finding("warning", "clock", "the service sends no Date to compare with")
    theirs = parsedate_to_datetime(date).timestamp()
    ahead, behind = before - (theirs + 1), theirs - after
    if ahead > AHEAD:
        return Finding("failed", "clock", f"this clock is {ahead:.0f} s ahead: reports are refused")
    if behind > BEHIND:
        return Finding("failed", "clock", f"this clock is {behind:.0f} s behind: reports are stale")
    return Finding("ok", "clock", "agrees with the service's")


def may_report(
    url: str, netuid: int | None, keypair: Keypair, receiver: str | None, transport: Transport
) -> Finding:
    """Whether this hotkey's reports are taken."""
    refusal = _refusal(url, netuid, keypair, receiver, transport)
    if refusal is None:
        return Finding("failed", "report", TAKEN)
    if isinstance(refusal, errors.Malformed | errors.Invalid):
        return Finding("ok", "report", f"{keypair.ss58_address} may report")
    return Finding("failed", "report", f"{keypair.ss58_address}: {refusal}")


def receiver_finding(
    url: str, netuid: int | None, receiver: str | None, transport: Transport
) -> Finding:
    """Whether reports must be signed for a receiver here, and whether this is the one.

    Asked with a key that nobody has: the receiver is looked at before the registry.
    """
    stranger = SeedKeypair(secrets.token_bytes(32))
    unaddressed = _refusal(url, netuid, stranger, None, transport)
    if isinstance(unaddressed, errors.NotRegistered):
        return Finding("warning", "receiver", UNBOUND)
    if not isinstance(unaddressed, errors.WrongReceiver):
        return Finding("failed", "receiver", str(unaddressed or TAKEN))
    if receiver is None:
        return Finding("warning", "receiver", f"{unaddressed}; sign with --receiver")
    addressed = _refusal(url, netuid, stranger, receiver, transport)
    if isinstance(addressed, errors.WrongReceiver):
        return Finding("failed", "receiver", f"{unaddressed}, and not {receiver}")
    if not isinstance(addressed, errors.NotRegistered):
        return Finding("failed", "receiver", str(addressed or TAKEN))
    return Finding("ok", "receiver", f"reports must be signed for {receiver}")


def _refusal(
    url: str, netuid: int | None, keypair: Keypair, receiver: str | None, transport: Transport
) -> errors.QuorateError | None:
    """What the service says to a signed body that is no report; None if it takes it.

    It looks at the signature and the registry before the body, so that this stores nothing
    whatever it answers.
    """
    place = places.submit_url(url, netuid)
    body = b"{}"
    signature = sign_btauth(keypair, "POST", signed_path(place), body, receiver=receiver)
    headers = {"Content-Type": "application/json", **signature}
    try:
        transport.run(persist(lambda: Send("POST", place, headers, body), ONCE))
    except errors.QuorateError as error:
        return error
    return None


def _health_of(answer: Answer) -> dict[str, Any]:
    """Checks come with 200 and with 503."""
    content = content_of(answer)
    if "checks" in content:
        return content
    if answer.status >= 400:
        raise errors.refusal(answer.status, content, None)
    raise errors.UnexpectedAnswer("JSON without health checks: not this service?")


def _reads(proxy: Proxy) -> Finding:
    try:
        network = proxy.network_status()["network_status"]
    except errors.QuorateError as error:
        return Finding("failed", "reads", str(error))
    return Finding("ok", "reads", f"{counted(network['total_miners'], 'miner')} known")


def _ask(url: str) -> Exchange[Answer]:
    """One attempt whose answer counts whatever its status is."""
    outcome = yield Send("GET", url, {"Accept": "application/json"})
    if isinstance(outcome, Answer):
        return outcome
    raise outcome if isinstance(outcome, errors.Unreachable) else errors.Unreachable("no answer")
