"""A request that is sent again: the same answer, and hardly any work."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from shared.domain.registry import Neuron
from shared.schemas import JSON
from shared.service import refusals
from shared.service.pace import Pace
from shared.service.receipts import ABOUT, Receipts
from tests.builders import signed
from tests.unit.edge.hotkeys import VALIDATOR
from tests.unit.edge.intake import NETUID, T0, Subnet, verified
from tests.unit.edge.submitting import Service, assert_problem, body


@pytest.fixture
def receipts() -> Receipts:
    """What one instance remembers."""
    return Receipts()


def test_a_repeat_to_the_same_instance_costs_no_read(subnet: Subnet, receipts: Receipts) -> None:
    """Nor a write; the receipt is the first one's."""
    first = subnet.submit(verified(), receipts=receipts)
    subnet.now += 30
    again = subnet.submit(verified(), receipts=receipts)

    assert first is again
    assert ["latest_of", "create"] == subnet.log.calls


def test_a_repeat_is_not_parsed(subnet: Subnet, receipts: Receipts) -> None:
    """The hash of the body that was signed is enough."""
    subnet.submit(verified(), receipts=receipts)
    unreadable = replace(verified(), body=b"{")

    assert "48_1" == subnet.submit(unreadable, receipts=receipts).report_id


def test_another_body_with_the_nonce_is_no_repeat(subnet: Subnet, receipts: Receipts) -> None:
    """It is read, and refused."""
    subnet.submit(verified(1), receipts=receipts)

    with pytest.raises(refusals.Replayed):
        subnet.submit(verified(1, epoch=6), receipts=receipts)


def test_another_validators_nonce_is_no_repeat(receipts: Receipts) -> None:
    """Nor the same one's on another subnet, nor under another content type."""
    kept = signed(hotkey=VALIDATOR.address)
    receipts.keep(NETUID, kept)
    asked = replace(verified(), nonce=kept.nonce, body_sha256=kept.body_sha256)

    assert kept.report_id == getattr(receipts.of(NETUID, asked, JSON), "report_id", None)
    assert receipts.of(NETUID, replace(asked, hotkey="another"), JSON) is None
    assert receipts.of(2, asked, JSON) is None
    assert receipts.of(NETUID, asked, "text/plain") is None


def test_who_was_given_another_uid_is_read_again(subnet: Subnet, receipts: Receipts) -> None:
    """A receipt in the name of a uid that is no longer its own is nobody's."""
    subnet.submit(verified(), receipts=receipts)
    subnet.register(Neuron(50, VALIDATOR.address, 5000.0, True))
    subnet.now += 61

    with pytest.raises(refusals.NotAllowed, match="another validator"):
        subnet.submit(verified(), receipts=receipts)


def test_what_was_refused_has_no_receipt(subnet: Subnet, receipts: Receipts) -> None:
    """A request is refused again for the same reason."""
    for _ in range(2):
        with pytest.raises(refusals.NotAllowed):
            subnet.submit(verified(validator_uid=49), receipts=receipts)


def test_only_the_last_reports_are_remembered() -> None:
    """Nobody fills the memory with receipts."""
    few = Receipts(most_bytes=2 * (len(signed().body) + ABOUT))
    for nonce in "123":
        few.keep(NETUID, signed(nonce=nonce, hotkey=VALIDATOR.address, body_sha256="aa"))
    asked = replace(verified(), body_sha256="aa")

    known = [few.of(NETUID, replace(asked, nonce=nonce), JSON) is not None for nonce in "123"]

    assert [False, True, True] == known


@pytest.mark.parametrize("remembers", [True, False], ids=["this instance", "another instance"])
def test_repeats_count_as_requests_in_vain(subnet: Subnet, remembers: bool) -> None:
    """Six for three reports a minute, whichever instance made the report; then none is read."""
    receipts = Receipts()
    for _ in range(7):
        subnet.submit(verified(), receipts=receipts if remembers else Receipts())

    with pytest.raises(refusals.TooManyRefused, match="refused or repeated"):
        subnet.submit(verified(), receipts=receipts)
    subnet.now += 60
    assert T0 == subnet.submit(verified(), receipts=receipts).received_at


def test_later_reports_are_repeated_at_the_same_price(subnet: Subnet) -> None:
    """Looking up what is no longer the latest counts as well."""
    subnet.pace = Pace(limit=3)
    for nonce in (1, 2):
        subnet.submit(verified(nonce))
    for _ in range(6):
        subnet.submit(verified(1))

    with pytest.raises(refusals.TooManyRefused):
        subnet.submit(verified(1))


def test_a_client_that_tries_again_gets_its_answer_and_a_flood_does_not(service: Service) -> None:
    """Ten times the same 200; after 24 repeats a minute's rest."""
    raw, nonce = body(), time.time_ns()
    answers = [service.post(raw, nonce=nonce) for _ in range(25)]

    refused = service.post(raw, nonce=nonce)

    assert {(200, answers[0].get_json()["received_at"])} == {
        (answer.status_code, answer.get_json()["received_at"]) for answer in answers
    }
    assert_problem(refused, 429, "too_many_refused")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert 1 == service.stored


def test_a_repeat_under_another_content_type_is_read(service: Service) -> None:
    """What is not signed decides nothing."""
    raw, nonce = body(), time.time_ns()
    service.post(raw, nonce=nonce)

    assert_problem(
        service.post(raw, nonce=nonce, content_type="text/plain"), 415, "unsupported_media_type"
    )


def test_more_bytes_than_the_budget_are_a_429_of_their_own(service: Service) -> None:
    """The message says what the budget is, and when to come back."""
    for _ in range(4):
        assert 200 == service.post(body(padding="x" * 1_040_000)).status_code
    refused = service.post(body(padding="x" * 1_040_000))

    problem = assert_problem(refused, 429, "over_budget")
    assert "at most 4194304 bytes of reports at once" in problem["detail"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert 4 == service.stored
