"""What was tampered with is found and named; what was not is verified."""

from __future__ import annotations

import json

import pytest

from cli.verification import UnusableFile, link_all, read, verify
from shared.service.encoding import digest
from tests.signed_rounds import SignedRounds

from .conftest import Change, Plain, checked, found_in, praise, repack


@pytest.mark.parametrize("which", ["0", "1", "2", "current"])
def test_what_the_service_made_verifies(files: dict[str, str], which: str) -> None:
    """Every signature holds, every result is found again, and nothing is left to say."""
    verdict = verify(read(files[which]))

    assert ((), "verified") == (verdict.findings, verdict.word)
    assert (5, 4) == (verdict.signatures, verdict.miners)


def test_the_chain_is_unbroken_over_all_files(files: dict[str, str]) -> None:
    """Each round names the hash of the one before, the snapshot that of the last one."""
    assert [] == link_all([read(text) for text in files.values()])


def praise_and_rehash(plain: Plain) -> None:
    """The same, with a hash that fits."""
    praise(plain)
    plain["reports"][0]["body_sha256"] = digest(plain["reports"][0]["body"].encode())


def forge(plain: Plain) -> None:
    """Put another validator's signature under a report."""
    name = "x-bittensor-signature"
    plain["reports"][0]["signature"][name] = plain["reports"][1]["signature"][name]


def blame(plain: Plain) -> None:
    """Call a report another validator's."""
    plain["reports"][0]["hotkey"] = plain["reports"][1]["hotkey"]


INPUTS: dict[str, tuple[Change, str]] = {
    "a body": (praise, "body: its SHA-256 is not body_sha256"),
    "a body and its hash": (praise_and_rehash, "signature: the signature is not this hotkey's"),
    "a signature": (forge, "signature: the signature is not this hotkey's"),
    "a hotkey": (blame, "hotkey: signed by"),
    "an epoch": (lambda p: p["reports"][0].update(epoch=2), "epoch: signed 1, kept as 2"),
    "a nonce": (lambda p: p["reports"][0].update(nonce="1"), "nonce: signed"),
    "a count": (lambda p: p["reports"][0].update(miner_count=3), "miner_count: signed 4"),
    "a time": (
        lambda p: p["reports"][0].update(received_at=p["now"] + 7200),
        "received_at: no signature was fresh",
    ),
    "a subnet": (lambda p: p.update(netuid=2), "netuid: signed for subnet 1"),
    "a missing report": (
        lambda p: p["reports"].pop(0),
        "named as an input and not in the file",
    ),
    "a report twice": (lambda p: p["reports"].append(p["reports"][0]), "stands twice"),
}


@pytest.mark.parametrize("name", INPUTS)
def test_a_tampered_input_is_named(plain: Plain, name: str) -> None:
    """The finding names the report and what is wrong with it."""
    change, expected = INPUTS[name]
    first = plain["reports"][0]["report_id"]

    change(plain)

    named = [what for where, what in found_in(checked(plain)) if f"report {first}" in where]
    assert any(what.startswith(expected) for what in named), named


def test_a_report_signed_for_another_path_is_named() -> None:
    """A signature under something else is no report, though it holds."""
    verdict = verify(read(SignedRounds(path="/api/v1/tasks/assignments").play(1).file(0)))

    assert "wrong" == verdict.word
    assert all("which takes no reports" in what for _, what in found_in(verdict))
    assert 0 == verdict.signatures


SHOWN: dict[str, tuple[Change, str]] = {
    "a stake": (
        lambda d: d["registry"]["neurons"][0].update(stake=9e9),
        "document/registry/neurons/0/stake",
    ),
    "a policy number": (lambda d: d["policy"].update(majority=0.9), "document/policy/majority"),
    "a memory entry": (
        lambda d: d["memory"].update(total_reports=1),
        "document/memory/total_reports",
    ),
    "an override": (
        lambda d: d["registry"]["disabled"].append("5Nobody"),
        "document/registry/disabled",
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_document_that_is_not_what_was_hashed_is_named(plain: Plain, name: str) -> None:
    """The path of what the stored bytes say otherwise, and nothing else: the bytes count."""
    change, where = SHOWN[name]

    change(plain["document"])

    assert [where] == [finding.where for finding in checked(plain).findings]


def test_bytes_without_their_hash_are_named(plain: Plain) -> None:
    """A hash of other bytes."""
    plain["hash"] = "0" * 64

    assert "hash" in [where for where, _ in found_in(checked(plain))]


def halve_a_stake(document: Plain) -> None:
    document["registry"]["neurons"][0]["stake"] /= 2


def impoverish(document: Plain) -> None:
    document["registry"]["neurons"][0]["stake"] = 1.0


def rehabilitate(document: Plain) -> None:
    hotkey = document["registry"]["neurons"][4]["hotkey"]
    document["memory"]["validators"][hotkey]["reputation"] = 1.5


REPACKED: dict[str, tuple[Change, str, str]] = {
    "a stake": (halve_a_stake, "memory record", "computed"),
    "a stake below the minimum": (impoverish, "report 0_", "may not report, stake_below_minimum"),
    "a policy number": (lambda d: d["policy"].update(half_life=9.0), "miner ", "computed"),
    "a memory entry": (rehabilitate, "memory validators/", "recorded 1.5"),
    "a link": (lambda d: d.update(previous_hash="f" * 64), "link to round", "names ffffffffffff"),
    "a vote": (lambda d: d["voting"].pop(0), "report 0_", "is voting, and not recorded"),
    "the subnet": (lambda d: d.update(netuid=2), "document/netuid", "is another subnet's"),
}


@pytest.mark.parametrize("name", REPACKED)
def test_a_forged_record_is_named(plain: Plain, name: str) -> None:
    """Bytes and hash fit each other, but not what the signed reports lead to."""
    change, where, what = REPACKED[name]

    repack(plain, change)

    found = found_in(checked(plain))
    assert any(where in there and what in said for there, said in found), found


def test_a_forged_record_breaks_the_chain(files: dict[str, str]) -> None:
    """The next round names the hash that the record had."""
    middle = json.loads(files["1"])
    repack(middle, halve_a_stake)
    records = [read(files["0"]), read(json.dumps(middle)), read(files["2"])]

    found = link_all(records)

    assert [f"link to round {middle['round']}"] == [finding.where for finding in found]


def test_a_forged_memory_before_breaks_the_link(plain: Plain) -> None:
    """The memory that a round began with is under the hash that it names."""
    repack(plain["before"], rehabilitate)

    found = [where for where, _ in found_in(checked(plain))]

    assert f"link to round {plain['before']['round']}" in found


def test_a_result_that_the_reports_do_not_lead_to_is_named(plain: Plain) -> None:
    """Miner and field, with both values; and the digest tells that it was exchanged."""
    plain["result"]["miners"][1]["values"]["performance_score"] = 0.999
    uid = plain["result"]["miners"][1]["uid"]

    found = found_in(checked(plain))

    assert [f"miner {uid}/values/performance_score", "result"] == [where for where, _ in found]
    assert found[0][1].endswith("recorded 0.999")


def test_rounding_is_no_difference(plain: Plain) -> None:
    """A number that differs by 1e-9 is the same number; only the digest is of the very bytes."""
    plain["result"]["miners"][1]["values"]["performance_score"] += 1e-9

    assert ["result"] == [where for where, _ in found_in(checked(plain))]


def test_a_snapshot_that_the_reports_do_not_lead_to_is_named(files: dict[str, str]) -> None:
    """The current snapshot is in no chain: its bytes are held against the reports."""
    plain = json.loads(files["current"])
    miner = plain["document"]["resolution"]["miners"][0]
    repack(plain, lambda _: miner["values"].update(is_serving="perhaps"))

    found = [where for where, _ in found_in(checked(plain))]

    assert [f"miner {miner['uid']}/values/is_serving"] == found


def test_a_registry_that_is_not_the_snapshots_is_named(files: dict[str, str]) -> None:
    """The snapshot lists who may report with their stakes."""
    plain = json.loads(files["current"])
    neuron = plain["registry"]["neurons"][0]
    neuron["stake"] *= 2

    found = [where for where, _ in found_in(checked(plain))]

    assert f"validator {neuron['hotkey']}/stake" in found


def test_a_registry_synced_since_leaves_the_snapshot_unchecked(files: dict[str, str]) -> None:
    """Nothing is wrong, and nothing was computed again."""
    plain = json.loads(files["current"])
    plain["registry"]["synced_at"] += 60

    verdict = checked(plain)

    assert ("unchecked", 0) == (verdict.word, verdict.miners)


def test_a_gap_in_the_chain_is_said(files: dict[str, str]) -> None:
    """Between two rounds that do not follow each other anything may have happened."""
    found = link_all([read(files["0"]), read(files["2"])])

    assert ["unchecked"] == [finding.grade for finding in found]


def test_a_round_without_the_one_before_is_not_verified(plain: Plain) -> None:
    """Its memory is missing, and its link leads nowhere."""
    plain["before"] = None

    verdict = checked(plain)

    assert "link to the round before" in [where for where, _ in found_in(verdict)]
    assert verdict.word != "verified"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.pop("inputs"), "inputs: Field required"),
        (lambda p: p.update(kind="epoch"), "kind: "),
        (lambda p: p.pop("result"), "result is missing"),
        (lambda p: p.update(payload="AAAA"), "payload: not a stored payload"),
        (lambda p: p["reports"][0].pop("body"), "reports/0: should have one of"),
        (lambda p: p["reports"][0].update(body="\ud800"), "/reports/0/body: half a character"),
        (lambda p: p["reports"][0].update(report_id="0_" + 400 * "9"), "reports/0: int too large"),
        (lambda p: repack(p, lambda d: d.pop("voting")), "payload/voting: Field required"),
    ],
)
def test_what_is_no_snapshot_file_is_refused(plain: Plain, change: Change, message: str) -> None:
    """The message says where and why."""
    change(plain)

    with pytest.raises(UnusableFile, match=message):
        read(json.dumps(plain))


@pytest.mark.parametrize("text", ["", "[]", "{", b"\xff", '{"format": "other"}', 100_000 * "["])
def test_what_is_no_json_object_is_refused(text: str | bytes) -> None:
    """Empty, an array, cut short, not UTF-8, something else, nested without end."""
    with pytest.raises(UnusableFile):
        read(text)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["policy"].update(half_life=-1),
        lambda d: d["registry"].pop("neurons"),
        lambda d: d["memory"].update(record={}),
        lambda d: d["memory"]["record"].update(arrays="AAAA"),
    ],
)
def test_a_document_that_makes_no_sense_is_a_finding(plain: Plain, change: Change) -> None:
    """Neither a crash nor verified."""
    repack(plain, change)

    assert checked(plain).word == "wrong"
