"""Signed requests that were recorded, changed or assembled by somebody else, over the wire.

Two instances over one Firestore, and a third that is started when the first has ended: what one of
them has accepted is known to all.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import Client

from tests.security.conftest import JSON, SUBMIT, chain, report
from tests.security.instances import Instance, Reply, request, running
from tests.unit.edge.hotkeys import MINER, OTHER, SERVICE, VALIDATOR, Hotkey

pytestmark = pytest.mark.emulator

PROJECT = f"demo-security-{random.SystemRandom().randrange(10**9)}"
"""A database in which no trigger runs."""
SETTINGS = {
    "STORE": "firestore",
    "NETUIDS": "1,2",
    "GCLOUD_PROJECT": PROJECT,
    "GOOGLE_CLOUD_PROJECT": PROJECT,
    "RATE_LIMIT_PER_MINUTE": "600",
}
BOUND = {"RECEIVER_HOTKEY": SERVICE.address}
Headers = list[tuple[str, str]]
Start = Callable[..., Instance]


@pytest.fixture(scope="module")
def database(firestore_client: Any) -> Iterator[Client]:  # noqa: ARG001 - it fails where there is none
    """Two subnets whose validators 48 and 49 may report."""
    from shared.adapters.firestore import (  # noqa: PLC0415 - heavy, and only here
        FirestoreRegistryStore,
        connect,
    )

    client = connect(PROJECT)
    for netuid in (1, 2):
        FirestoreRegistryStore(client).save(chain(netuid))
    yield client
    client.close()  # type: ignore[no-untyped-call] # ships no types


@pytest.fixture(scope="module")
def start(database: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:  # noqa: ARG001 - it is read
    """Starts instances that end with the module."""
    folder = tmp_path_factory.mktemp("instances")
    emulator = {"FIRESTORE_EMULATOR_HOST": os.environ["FIRESTORE_EMULATOR_HOST"]}
    with ExitStack() as instances:

        def started(name: str, **settings: str) -> Instance:
            log: Path = folder / name
            whole = SETTINGS | emulator | settings
            return instances.enter_context(running("submit_miner_status", log, **whole))

        yield started


@pytest.fixture(scope="module")
def one(start: Start) -> Instance:
    """An instance."""
    return start("one")


@pytest.fixture(scope="module")
def two(start: Start) -> Instance:
    """Another instance of the same service."""
    return start("two")


@pytest.fixture(scope="module")
def bound(start: Start) -> Instance:
    """An instance of a service with a hotkey of its own."""
    return start("bound", **BOUND)


def signed(body: bytes, signer: Hotkey = VALIDATOR, target: str = SUBMIT, **fields: Any) -> Headers:
    """The headers of a new request."""
    headers = signer.btauth(body, fields.pop("nonce", time.time_ns()), target, **fields)
    return [*headers.items(), ("Content-Type", JSON)]


def sent(to: Instance, headers: Headers, body: bytes, path: str = SUBMIT, **how: str) -> Reply:
    """The answer to a request of these parts."""
    return to.exchange(request(path, headers, body, **how))


def stored(database: Client, headers: Headers, uid: int = 48, netuid: int = 1) -> bool:
    """Whether the report of a request was kept."""
    nonce = dict(headers)["X-Bittensor-Nonce"]
    path = f"subnets/{netuid}/validator_reports/{uid}_{nonce}"
    return bool(database.document(path).get().exists)


def test_a_replay_at_another_instance_stores_nothing_new(one: Instance, two: Instance) -> None:
    """The very same bytes get the very same answer, wherever they arrive."""
    body = report()
    headers = signed(body)
    first = sent(one, headers, body)

    assert (200, first.body) == (sent(two, headers, body).status, sent(two, headers, body).body)


def test_a_nonce_is_spent_for_all_instances(one: Instance, two: Instance) -> None:
    """Another body under a used nonce is refused by an instance that never saw the first."""
    first, second, nonce = report(), report(stake=1.0), time.time_ns()
    assert 200 == sent(one, signed(first, nonce=nonce), first).status

    refused = sent(two, signed(second, nonce=nonce), second)

    assert (409, "nonce_replayed") == (refused.status, refused.code)


def test_a_nonce_stays_spent_after_a_restart(
    start: Start,
    tmp_path: Path,
    database: Client,  # noqa: ARG001 - it is read
) -> None:
    """An instance that begins with an empty memory knows what was accepted before."""
    first, second, nonce = report(), report(stake=1.0), time.time_ns()
    emulator = {"FIRESTORE_EMULATOR_HOST": os.environ["FIRESTORE_EMULATOR_HOST"]}
    with running("submit_miner_status", tmp_path / "log", **SETTINGS, **emulator) as ending:
        accepted = sent(ending, signed(first, nonce=nonce), first)
    anew = start("anew")

    assert (200, accepted.body) == (
        sent(anew, signed(first, nonce=nonce), first).status,
        sent(anew, signed(first, nonce=nonce), first).body,
    )
    assert 409 == sent(anew, signed(second, nonce=nonce), second).status


def test_the_same_report_for_another_subnet_is_another_request(
    one: Instance, database: Client
) -> None:
    """The query is signed: what was said of one subnet cannot be said again of the other."""
    body = report()
    headers = signed(body)

    refused = sent(one, headers, body, f"{SUBMIT}?netuid=2")

    assert (401, "signature_invalid") == (refused.status, refused.code)
    assert not stored(database, headers, netuid=2)


def tampered(headers: Headers, **changed: str | None) -> Headers:
    """Some headers replaced; None: left out."""
    names = {name.replace("_", "-").lower(): value for name, value in changed.items()}
    kept = [(name, names.get(name.lower(), value)) for name, value in headers]
    return [(name, value) for name, value in kept if value is not None]


BODY = report()
OTHERS = report(uid=49)
CHANGED: dict[str, tuple[Callable[[Instance, Headers], Reply], int, str]] = {
    "body": (lambda to, h: sent(to, h, BODY + b" "), 401, "signature_invalid"),
    "empty body": (lambda to, h: sent(to, h, b""), 401, "signature_invalid"),
    "path": (
        lambda to, _: sent(to, signed(BODY, target="/api/v1/validators"), BODY),
        401,
        "signature_invalid",
    ),
    "query": (lambda to, h: sent(to, h, BODY, f"{SUBMIT}?x=1"), 401, "signature_invalid"),
    "bare question mark": (lambda to, h: sent(to, h, BODY, f"{SUBMIT}?"), 401, "signature_invalid"),
    "method": (lambda to, h: sent(to, h, BODY, method="PUT"), 405, "method_not_allowed"),
    "another method's signature": (
        lambda to, _: sent(to, signed(BODY, method="PUT"), BODY),
        401,
        "signature_invalid",
    ),
    "a method in a header": (
        lambda to, _: sent(
            to, [*signed(BODY, method="PUT"), ("X-HTTP-Method-Override", "PUT")], BODY
        ),
        401,
        "signature_invalid",
    ),
    "receiver added": (
        lambda to, h: sent(to, [*h, ("X-Bittensor-Receiver", SERVICE.address)], BODY),
        401,
        "signature_invalid",
    ),
    "another hotkey": (
        lambda to, h: sent(to, tampered(h, X_Bittensor_Hotkey=OTHER.address), BODY),
        401,
        "signature_invalid",
    ),
    "another's whole request": (
        lambda to, h: sent(to, h, OTHERS),
        401,
        "signature_invalid",
    ),
    "other curve": (
        lambda to, h: sent(to, [*h, ("X-Bittensor-Crypto", "ed25519")], BODY),
        401,
        "signature_invalid",
    ),
    "other version": (
        lambda to, h: sent(to, tampered(h, X_Bittensor_Version="2"), BODY),
        401,
        "signature_malformed",
    ),
    "older nonce": (
        lambda to, h: sent(to, tampered(h, X_Bittensor_Nonce="1752076800000000000"), BODY),
        401,
        "signature_stale",
    ),
    "media type": (
        lambda to, h: sent(to, tampered(h, Content_Type="application/x-www-form-urlencoded"), BODY),
        400,
        "malformed_body",
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_what_is_changed_on_the_way_is_refused(case: str, one: Instance, database: Client) -> None:
    """Body, path, query, method, sender, receiver, curve, version, nonce: all are signed."""
    send, status, code = CHANGED[case]
    headers = signed(BODY)

    answer = send(one, headers)

    assert (status, code) == (answer.status, answer.code)
    assert not stored(database, headers)


@pytest.mark.parametrize("name", ["Version", "Hotkey", "Nonce", "Signature", "Content-Type"])
def test_without_one_of_its_headers_a_request_proves_nothing(
    name: str, one: Instance, database: Client
) -> None:
    """Left out or empty, each of them."""
    headers = signed(BODY)
    whole = name if name == "Content-Type" else f"X-Bittensor-{name}"
    without = [(held, value) for held, value in headers if held != whole]

    answers = [sent(one, without, BODY), sent(one, [*without, (whole, "")], BODY)]

    assert {415 if name == "Content-Type" else 401} == {answer.status for answer in answers}
    assert not stored(database, headers)


@pytest.mark.parametrize("name", ["Version", "Hotkey", "Nonce", "Signature"])
@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_a_header_that_stands_twice_is_refused(
    name: str, spelled: Callable[[str], str], one: Instance, database: Client
) -> None:
    """The first and the last reader would take different ones; equal ones are no better."""
    headers = signed(BODY)
    whole = f"X-Bittensor-{name}"
    again = (spelled(whole), dict(headers)[whole])

    answers = [sent(one, [*headers, again], BODY), sent(one, [again, *headers], BODY)]

    assert [(401, "signature_duplicated")] * 2 == [(it.status, it.code) for it in answers]
    assert not stored(database, headers)


def test_a_header_with_underscores_is_none(one: Instance) -> None:
    """`X_Bittensor_Nonce` looks the same to WSGI: it must not stand in for the signed one."""
    headers = [(name.replace("-", "_"), value) for name, value in signed(BODY)]

    assert (401, "signature_missing") == (
        sent(one, headers, BODY).status,
        sent(one, headers, BODY).code,
    )


@pytest.mark.parametrize("receiver", [None, OTHER.address])
def test_a_bound_service_takes_no_report_that_was_meant_for_another(
    receiver: str | None, bound: Instance, database: Client
) -> None:
    """What another installation received, on the same path, cannot be passed on to this one."""
    headers = signed(BODY, receiver=receiver)

    refused = sent(bound, headers, BODY)

    assert (401, "signature_receiver") == (refused.status, refused.code)
    assert not stored(database, headers)


def test_a_bound_service_takes_what_is_bound_to_it(bound: Instance, database: Client) -> None:
    """And keeps it with the receiver that was signed."""
    headers = signed(BODY, receiver=SERVICE.address)

    assert 200 == sent(bound, headers, BODY).status
    assert stored(database, headers)


@pytest.mark.parametrize(
    ("signer", "body", "code"),
    [
        (OTHER, BODY, "validator_uid_mismatch"),
        (VALIDATOR, OTHERS, "validator_uid_mismatch"),
        (MINER, report(uid=7), "no_permit"),
        (SERVICE, BODY, "not_registered"),
    ],
    ids=["another's uid", "own key for another", "a miner", "a stranger"],
)
def test_a_good_signature_is_good_for_its_own_validator_only(
    signer: Hotkey, body: bytes, code: str, one: Instance
) -> None:
    """Who signs is who reports."""
    refused = sent(one, signed(body, signer), body)

    assert (403, code) == (refused.status, refused.code)


def test_no_instance_wrote_a_trace_or_a_secret(
    one: Instance, two: Instance, bound: Instance
) -> None:
    """After all of this the logs hold one line per request, and no signature."""
    logs = "".join(instance.log.read_text() for instance in (one, two, bound))

    assert '"message": "request"' in logs
    assert "Traceback" not in logs
    assert "0x" not in logs
