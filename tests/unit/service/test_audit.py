"""Snapshot files: whole, exact, bounded."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from devtools.simulation import demo_subnet
from shared.service.answers import SnapshotTooLarge, UnknownRound
from shared.service.archive import Archive
from shared.service.audit_documents import decode_original, encode_original
from shared.service.chapters import LENGTH
from tests.builders import T0, registry, signed
from tests.signed_rounds import SignedRounds

ROUND = int(T0 // 60)


@pytest.mark.parametrize(
    "body", [b'{"a": "\xc3\xa9\\r\\n"}', b"validator_uid=\xff", b"", b"\x00\r\n"]
)
def test_a_signed_body_survives_a_file(body: bytes) -> None:
    """Byte for byte, UTF-8 or not."""
    report = signed(body=body, recent=(), expire_at=0.0)

    through = decode_original(json.loads(json.dumps(encode_original(report))))

    assert report == through


def test_a_file_is_json_whatever_number_of_reports_it_holds() -> None:
    """None at all, one, several: commas stand where they must."""
    file = SignedRounds().play(1).audit.past(1, ROUND)

    for count in (0, 1, 5):
        some = replace(file, originals=file.originals[:count])
        assert count == len(json.loads("".join(some.chunks()))["reports"])


def test_a_file_is_bounded() -> None:
    """One byte of signed bodies too many is refused before anything is sent."""
    played = SignedRounds().play(1)
    size = sum(len(each.body) for each in played.audit.past(1, ROUND).originals)

    exact = replace(played.audit, most_bytes=size)
    assert 5 == len(exact.past(1, ROUND).originals)

    with pytest.raises(SnapshotTooLarge, match=f"round {ROUND} rests on more than {size - 1}"):
        replace(played.audit, most_bytes=size - 1).past(1, ROUND)


def test_there_is_no_file_of_what_is_not_there() -> None:
    """A subnet without a snapshot, a round that is not closed."""
    played = SignedRounds()

    with pytest.raises(UnknownRound, match="no snapshot yet"):
        played.audit.present(1)
    with pytest.raises(UnknownRound, match="not closed"):
        played.audit.past(1, ROUND)


def test_a_round_whose_predecessor_is_gone_cannot_be_recomputed() -> None:
    """The memory that it began with has expired with it."""
    played = SignedRounds().play(2)
    alone = SignedRounds()
    closed = played.snapshots.load_round(1, ROUND + 1)
    assert closed is not None
    alone.snapshots.save(1, played.stored, [closed], None)

    with pytest.raises(UnknownRound, match="the round before"):
        Archive(alone.snapshots, alone.registries).past(1, ROUND + 1)


def test_the_round_before_is_found_over_the_end_of_a_chapter() -> None:
    """History begins a new chapter every sixteen rounds; the chain of hashes goes on."""
    played = SignedRounds(subnet=demo_subnet(1, 2, 1)).play(LENGTH + 2)

    found = [played.audit.archive.past(1, ROUND + number) for number in range(LENGTH + 2)]

    assert [record.closed.round for record in found[:-1]] == [
        record.before.round for record in found if record.before
    ]


def test_a_snapshot_outlives_its_registry() -> None:
    """Without any registry nobody may report, and the file says so."""
    played = SignedRounds().play(1)
    played.registries.save(replace(registry(), neurons=()))

    file = json.loads("".join(played.audit.present(1).chunks()))

    assert [] == file["registry"]["neurons"]
