"""Standings on their way through a snapshot."""

from __future__ import annotations

from shared.domain.standing import Copying, Deviation, Standing
from shared.service.encoding import pack, unpack
from shared.service.standing_documents import decode_standings, encode_standings

STANDING = Standing(
    uid=3,
    hotkey="v3",
    stake=4000.0,
    is_active=True,
    last_report_at=1000.5,
    participation=0.7,
    reports=11,
    reputation=0.0,
    quarantine="gross_error",
    agreeing=3,
    observations=4,
    agreement_map="9.4",
    furthest=Deviation(49, "performance_score", -8.0),
    copying=Copying((5, 9), 0.97, 34.5),
    peer_map=".9",
)


def test_a_standing_survives_storing() -> None:
    """All of it, the parts that are objects of their own too."""
    assert (STANDING,) == decode_standings(unpack(pack(encode_standings([STANDING]))))


def test_a_snapshot_from_before_copies_were_told_is_read() -> None:
    """Nothing is held against anybody."""
    (entry,) = encode_standings([STANDING])
    del entry["copying"], entry["peer_map"]

    (found,) = decode_standings([entry])

    assert (None, "") == (found.copying, found.peer_map)
