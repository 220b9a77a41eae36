"""The bill follows from counted operations, and stays small."""

from __future__ import annotations

import pytest

from benchmarks.arrivals import busy, even, recomputes
from benchmarks.cost_model import (
    Line,
    Traffic,
    bill,
    expiry_calls,
    main,
    one_document_per_status,
    protection,
    total,
)
from benchmarks.prices import PRICES, Price
from benchmarks.typical_report import report_bytes

USUAL = Traffic(validators=64, miners=256, interval=60)


def quantity(lines: list[Line], what: str) -> float:
    return next(line.quantity for line in lines if line.what == what)


def test_a_subnet_that_reports_every_minute_costs_less_than_25_dollars() -> None:
    """64 validators × 256 miners, with recovery and backups switched on."""
    assert total([*bill(USUAL), *protection(USUAL)]) < 25


def test_a_report_costs_two_reads_and_one_write() -> None:
    """43,200 minutes of 64 reports."""
    lines = bill(USUAL)

    assert quantity(lines, "submit: registry and latest report") == 2 * 64 * 43_200
    assert quantity(lines, "submit: the report") == 64 * 43_200


def test_one_document_per_status_would_cost_a_thousand_times_more() -> None:
    """Every status a document, and the window of its miner read again for each."""
    ours = [line for line in bill(USUAL) if line.price.startswith("firestore_")]

    assert total(one_document_per_status(USUAL)) > 1000 * total(ours)


def test_the_window_of_a_miner_grows_with_its_validators_and_its_reports() -> None:
    """15 minutes of 64 validators that report each minute are 960 documents per status."""
    read = quantity(one_document_per_status(USUAL), "the window of its miner, again")

    assert read == 64 * 43_200 * 256 * 960


def test_reports_that_come_together_share_a_recompute() -> None:
    """The first starts one; all that come while it runs share the next."""
    burst = recomputes(even(64, 0.5), duration=1)

    assert burst.count == 2


def test_reports_that_come_apart_do_not() -> None:
    """One a second, each recomputed before the next comes."""
    apart = recomputes(even(60, 60), duration=0.3)

    assert apart.count == 60


def test_a_recompute_counts_what_it_has_read_before() -> None:
    """A report a second: each recompute reads its own, and one count of the ten seconds before."""
    apart = recomputes(even(60, 60), duration=0.3)

    assert apart.reports_read == 60 * 2


def test_a_busy_instance_is_billed_once_for_all_requests_in_work() -> None:
    """0–0.5 s and 0.25–0.75 s overlap; 2–2.5 s stands alone."""
    assert busy([0, 0.25, 2], 0.5) == pytest.approx(0.8 + 0.5)


def test_busy_time_is_rounded_up_to_tenths_of_a_second() -> None:
    """As Cloud Run bills it."""
    assert busy([0], 0.01) == pytest.approx(0.1)


def test_a_free_tier_is_granted_once() -> None:
    """Two lines of one price share it."""
    price = PRICES["firestore_write"]
    lines = [Line("one", "firestore_write", price.free), Line("two", "firestore_write", price.free)]

    assert total(lines) == pytest.approx(price.of(2 * price.free))


def test_within_the_free_tier_nothing_is_billed() -> None:
    """And without it, everything."""
    price = Price(2.0, 10, "things", free=100)

    assert (0.0, 20.0) == (price.of(100), price.of(100, free_tier=False))


def test_an_expired_report_calls_no_function() -> None:
    """The trigger is `created`: with `written` each report would be an event twice."""
    assert expiry_calls() is False


def test_a_complete_report_of_256_miners_is_a_few_dozen_kibibytes() -> None:
    """It stays far under the 400 KiB of a stored body."""
    assert 10_000 < report_bytes(256) < 100_000


def test_the_bill_is_printed_with_its_alternative(capsys: pytest.CaptureFixture[str]) -> None:
    """By line, with totals, the date of the prices and the naive design beside it."""
    main(["--validators", "8", "--miners", "64", "--interval", "300"])
    printed = capsys.readouterr().out

    assert "8 validators × 64 miners, a report every 300 s" in printed
    assert "total after free tiers" in printed
    assert "one document per (validator, miner, time)" in printed


def test_nonsense_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A number that makes no traffic is named."""
    with pytest.raises(SystemExit):
        main(["--interval", "0"])

    assert "0 must be above 0" in capsys.readouterr().err
