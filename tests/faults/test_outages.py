"""Firestore does not answer for longer than a call may take, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.api_core.timeout import TimeToDeadlineTimeout

from shared.adapters.documents import timestamp
from shared.adapters.firestore import FirestoreSnapshotStore
from shared.adapters.firestore_calls import DEADLINE, LAST_ATTEMPT, RETRY
from shared.adapters.firestore_dispatch import FirestoreRecordStore
from shared.service.bases import OVERLAP
from shared.service.ports import Unavailable
from shared.service.records import Records
from shared.service.views import Views
from tests.builders import T0
from tests.faults.edge import Validators, post
from tests.faults.harm import INTERNAL, Cut, Hang, Refuse, always, no_harm
from tests.faults.proxy import Proxy
from tests.faults.subnets import Parts, assert_whole, with_history


@pytest.mark.emulator
@pytest.mark.usefixtures("_functions")
@pytest.mark.parametrize("harm", [Cut(), Hang()], ids=["refuses", "silent"])
def test_an_outage_promises_nothing_and_loses_nothing(
    harm: Cut | Hang, direct: Any, harmed: Any, proxy: Proxy, validators: Validators, netuid: int
) -> None:
    """Everybody is told to come again, and whoever does is served."""
    subnet, new = with_history(direct, 1000 * netuid)
    recompute = subnet.instance(**Parts.over(harmed).as_dict())
    views = Views(FirestoreSnapshotStore(harmed), lambda: T0)
    request = validators.request()
    proxy.harm(always(harm))
    with ThreadPoolExecutor(3) as pool:
        recomputed = pool.submit(recompute, subnet.netuid, new[0])
        seen = pool.submit(views, subnet.netuid)
        refused = pool.submit(post, request).result()

        assert isinstance(recomputed.exception(), Unavailable)
        assert isinstance(seen.exception(), Unavailable)
        assert (503, True) == (refused.status_code, "Retry-After" in refused.headers)
        assert {} == validators.kept()
    proxy.harm(no_harm)

    assert post(request).status_code == 200
    assert views(subnet.netuid) is not None
    for name in new:
        recompute(subnet.netuid, name)
    assert_whole(direct, subnet, new)
    assert {request.nonce: request.body} == validators.kept()


@pytest.mark.emulator
@pytest.mark.parametrize("port", ["snapshot", "records"])
def test_readers_wait_for_a_silent_store_together(
    port: str, harmed: Any, proxy: Proxy, netuid: int
) -> None:
    """Eight at once are one read, and all hear of its failure: nobody waits for the others."""
    views = Views(FirestoreSnapshotStore(harmed), lambda: T0)
    records = Records(FirestoreRecordStore(harmed), lambda: T0)
    read: Callable[[int], object] = views if port == "snapshot" else records.of
    proxy.harm(always(Refuse(INTERNAL, after=1.0)))

    with ThreadPoolExecutor(8) as pool:
        seen = [pool.submit(read, netuid) for _ in range(8)]

    assert [Unavailable] * 8 == [type(each.exception()) for each in seen]
    assert proxy.calls == 1


def test_the_last_attempt_of_a_call_ends_by_its_deadline() -> None:
    """So a report that was stamped is visible, or refused, before a watermark can pass it."""
    moments = iter([timestamp(0.0), timestamp(LAST_ATTEMPT)])
    attempt = TimeToDeadlineTimeout(DEADLINE, clock=lambda: next(moments))(lambda timeout: timeout)  # type: ignore[no-untyped-call] # it has no types

    assert (DEADLINE, LAST_ATTEMPT) == (LAST_ATTEMPT + attempt(), RETRY.timeout)
    assert DEADLINE < OVERLAP
