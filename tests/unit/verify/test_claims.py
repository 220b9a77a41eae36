"""What a record claims of its own making: its engine, its receiver, its default subnet."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from cli.verification import Verdict, read, verify
from devtools.simulation import make_miner
from functions import _wiring
from shared.service.provenance import ENGINE, Provenance
from tests.signed_rounds import SignedRounds

from .conftest import Plain, checked, praise, repack

ROUNDS = Path(__file__).parents[2] / "vectors" / "rounds"
OURS, OTHERS = (make_miner(uid, random.Random(uid)).hotkey for uid in (7, 8))
BOUND, UNBOUND = Provenance(OURS, default_netuid=1), Provenance(default_netuid=1)


def grades(verdict: Verdict) -> Counter[tuple[str, str]]:
    """(what, grade) of the findings, counted."""
    return Counter((finding.what, finding.grade) for finding in verdict.findings)


def test_a_recorded_round_is_found_again_by_this_engine() -> None:
    """Where this fails, the rules have changed: raise ENGINE and record a round of the new one."""
    found = verify(read((ROUNDS / f"engine_{ENGINE}.json").read_bytes()))

    assert ((), 6, 4) == (found.findings, found.signatures, found.miners)


def test_a_record_that_claims_nothing_is_the_first_engines() -> None:
    """It was stored before records named what made them, and its hash covers no such field."""
    recorded = read((ROUNDS / "engine_1.json").read_bytes())

    assert "engine" not in recorded.stored.document
    assert Provenance(None, None, engine=1) == recorded.stored.made


def test_a_record_names_what_made_it(files: dict[str, str]) -> None:
    """Round and snapshot alike, in the bytes that the hash covers."""
    made = [read(files[which]).stored.made for which in ("2", "current")]

    assert [Provenance(None, default_netuid=1, engine=ENGINE)] * 2 == made


def test_a_service_claims_what_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver of RECEIVER_HOTKEY, and the first subnet of NETUIDS."""
    for name, value in {"STORE": "memory", "RECEIVER_HOTKEY": OURS, "NETUIDS": "15,1"}.items():
        monkeypatch.setenv(name, value)
    _wiring.forget()
    made = _wiring.recompute().provenance
    _wiring.forget()

    assert Provenance(OURS, default_netuid=15) == made


def of_another_engine(plain: Plain) -> None:
    plain["engine"] = ENGINE + 1
    repack(plain, lambda document: document.update(engine=ENGINE + 1))


def test_another_engines_record_that_differs_is_unchecked(plain: Plain) -> None:
    """Neither is proven wrong: one finding, and no miner counts as computed again."""
    of_another_engine(plain)
    repack(plain, lambda document: document["policy"].update(half_life=9.0))

    verdict = checked(plain)

    what = (
        f"made by engine {ENGINE + 1}, and engine {ENGINE} of this Quorate comes to other results"
    )
    assert ({(what, "unchecked"): 1}, 0) == (grades(verdict), verdict.miners)


def test_another_engines_record_that_is_found_again_is_verified(plain: Plain) -> None:
    """Two engines that agree are better than one."""
    of_another_engine(plain)

    assert ("verified", 4) == (checked(plain).word, checked(plain).miners)


def test_another_engine_excuses_no_signature(plain: Plain) -> None:
    """What reports were signed for is no engine's business."""
    of_another_engine(plain)
    praise(plain)

    assert "wrong" == checked(plain).word


@pytest.mark.parametrize(
    ("half_life", "expected"),
    [(2.0, {}), (9.0, {"result": "unchecked"})],
)
def test_a_result_resolved_by_a_later_engine_gives_way_to_the_digest(
    plain: Plain, half_life: float, expected: dict[str, str]
) -> None:
    """The service was brought up to date after the round: the digest tells what it closed with."""
    plain["engine"] = ENGINE + 1
    plain["result"]["miners"][1]["values"]["performance_score"] = 0.999
    repack(plain, lambda document: document["policy"].update(half_life=half_life))

    found = {f.where: f.grade for f in checked(plain).findings if f.where == "result"}

    assert expected == found


def test_every_report_must_name_the_receiver_that_is_asked_for() -> None:
    """A record that claims another one is named as well."""
    file = read(SignedRounds(receiver=OURS, provenance=BOUND).play(1).file(0))

    assert ((), 5) == ((held := verify(file, receiver=OURS)).findings, held.signatures)
    assert {
        (f"the record claims {OURS}, and {OTHERS} is asked for", "wrong"): 1,
        (f"receiver: signed for {OURS}", "wrong"): 5,
    } == grades(verify(file, receiver=OTHERS))


def test_a_record_that_claims_no_receiver_meets_any_that_is_asked_for() -> None:
    """Validators may sign for an installation before it insists."""
    file = read(SignedRounds(receiver=OURS, provenance=UNBOUND).play(1).file(0))

    assert "verified" == verify(file, receiver=OURS).word


@pytest.mark.parametrize(("signed_for", "said"), [(None, "any receiver"), (OTHERS, OTHERS)])
def test_without_one_asked_for_the_claimed_receiver_counts(
    signed_for: str | None, said: str
) -> None:
    """Reports for another installation, or for anyone, do not fit what the record claims."""
    file = read(SignedRounds(receiver=signed_for, provenance=BOUND).play(1).file(0))

    verdict = verify(file)

    assert {(f"receiver: signed for {said}", "wrong"): 5} == grades(verdict)
    assert (0, OURS) == (verdict.signatures, verdict.made.receiver_hotkey)


def test_what_was_taken_before_a_setting_changed_is_not_held_against_it() -> None:
    """Reports from before still vote, and may have been taken under either: unchecked.

    Once the claim has held for a round, a report of that round which breaks it is wrong.
    """
    played = SignedRounds(provenance=UNBOUND).play(1)
    played.recompute = replace(played.recompute, provenance=BOUND)
    played.play(2)

    changed, settled = (verify(read(played.file(which))) for which in (1, 2))

    what = "receiver: signed for any receiver"
    assert {(what, "unchecked")} == set(grades(changed))
    assert {(what, "wrong"): 5} == grades(settled)


def test_a_report_of_the_round_before_answers_to_that_rounds_claim() -> None:
    """Votes that are older than the claim do not make a settled round wrong."""
    played = SignedRounds(provenance=BOUND).play(1)
    played.receiver = OURS
    played.now += 1.0
    played.report(0)
    played.now += 60.0
    played.recompute(1)

    verdict = verify(read(played.file(1)))

    assert {("receiver: signed for any receiver", "unchecked"): 4} == grades(verdict)
    assert 1 == verdict.signatures


def test_a_report_signed_for_no_subnet_counts_for_the_default_one() -> None:
    """For any other it was meant for somebody else, wherever it was kept."""
    named = [
        SignedRounds(query=query, provenance=Provenance(default_netuid=default)).play(1)
        for query, default in (("", 1), ("", 2), ("?netuid={netuid}", 2))
    ]

    assert [
        {},
        {("netuid: signed for the default subnet, 2", "wrong"): 5},
        {},
    ] == [grades(verify(read(played.file(0)))) for played in named]


def test_an_older_record_knows_no_default_subnet() -> None:
    """It claims nothing, so that nothing is held against it."""
    played = SignedRounds(query="", netuid=1, provenance=Provenance()).play(1)

    assert "verified" == verify(read(played.file(0))).word


def test_an_empty_subnet_is_none_that_was_signed_for() -> None:
    """No service would have taken it."""
    verdict = verify(read(SignedRounds(query="?netuid=").play(1).file(0)))

    assert {("netuid: signed for subnet ", "wrong"): 5} == grades(verdict)


def test_a_claim_of_another_kind_is_no_snapshot_file(plain: Plain) -> None:
    """The message says where."""
    repack(plain, lambda document: document.update(engine="latest"))

    with pytest.raises(ValueError, match="payload/engine: Input should be a valid integer"):
        read(json.dumps(plain))
