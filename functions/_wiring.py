"""The composition root: settings and adapters, built once per instance when first needed.

What is heavy is imported where it is built, so that a request that is refused at the door never
loads a Firestore client.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from shared.adapters import memory, memory_dispatch
from shared.adapters.signatures import SignatureRules
from shared.logs import log
from shared.service.dispatch_ports import LeaseStore, RecordStore
from shared.service.pace import Pace
from shared.service.ports import Clock, RegistryStore, ReportLog, SnapshotStore
from shared.service.registries import Registries
from shared.service.submit import Intake
from shared.service.views import Views
from shared.settings import Settings, load_settings

if TYPE_CHECKING:
    from shared.service.assign import Assign
    from shared.service.audit import Audit
    from shared.service.complete import Complete
    from shared.service.dead_letters import Bury
    from shared.service.explain import Explain
    from shared.service.history import History
    from shared.service.recompute import Recompute
    from shared.service.sync import Sync
    from shared.service.updates import Updates

T = TypeVar("T")

clock: Clock = time.time


class Once(Generic[T]):
    """A value built by the first caller, however many call at once."""

    def __init__(self, build: Callable[[], T]) -> None:
        """Remember how to build it; nothing is built yet."""
        self._build = build
        self._lock = threading.Lock()
        self._built: list[T] = []

    def __call__(self) -> T:
        """The value."""
        built = self._built
        if built:
            return built[0]
        with self._lock:
            if not self._built:
                self._built.append(self._build())
            return self._built[0]

    def forget(self) -> None:
        """Build anew at the next call."""
        with self._lock:
            self._built = []  # another list: who read the old one at this moment has its value


@dataclass(frozen=True, slots=True)
class Stores:
    """Where state lives."""

    reports: ReportLog
    snapshots: SnapshotStore
    registry: RegistryStore
    leases: LeaseStore
    records: RecordStore


def _load_settings() -> Settings:
    loaded = load_settings()
    log.configure(loaded.log_level)
    return loaded


def _open_stores() -> Stores:
    return _in_memory() if settings().store == "memory" else _in_firestore()


def _in_memory() -> Stores:
    return Stores(
        memory.MemoryReportLog(clock),
        memory.MemorySnapshotStore(),
        memory.MemoryRegistryStore(),
        memory_dispatch.MemoryLeaseStore(),
        memory_dispatch.MemoryRecordStore(),
    )


def _in_firestore() -> Stores:
    from shared.adapters import firestore, firestore_dispatch  # noqa: PLC0415 - half a second

    client = firestore.connect(settings().gcloud_project or None)
    return Stores(
        firestore.FirestoreReportLog(client),
        firestore.FirestoreSnapshotStore(client),
        firestore.FirestoreRegistryStore(client),
        firestore_dispatch.FirestoreLeaseStore(client),
        firestore_dispatch.FirestoreRecordStore(client),
    )


def _open_registries() -> Registries:
    return Registries(stores().registry, clock)


def _open_intake() -> Intake:
    _warn_if_unbound(settings())
    return Intake(
        reports=stores().reports,
        registries=registries(),
        clock=clock,
        policy=settings().policy,
        pace=Pace(settings().rate_limit_per_minute),
    )


def _warn_if_unbound(known: Settings) -> None:
    """Say what a deployment risks that takes reports which are not addressed to it."""
    at_home = known.store == "memory" or known.functions_emulator
    if known.receiver_hotkey is None and not at_home:
        log.warning(
            "reports_unbound", why="a report for another installation counts here: RECEIVER_HOTKEY"
        )


def _open_views() -> Views:
    return Views(stores().snapshots, clock)


def _open_history() -> History:
    from shared.service.history import History  # noqa: PLC0415 - only where needed

    return History(stores().snapshots)


def _open_explain() -> Explain:
    from shared.service.archive import Archive  # noqa: PLC0415 - loads numpy
    from shared.service.explain import Explain  # noqa: PLC0415 - the same

    held = stores()
    return Explain(held.reports, Archive(held.snapshots, held.registry), clock)


def _open_audit() -> Audit:
    from shared.adapters.bodies import as_report  # noqa: PLC0415 - only where needed
    from shared.service.archive import Archive  # noqa: PLC0415 - loads numpy
    from shared.service.audit import Audit  # noqa: PLC0415 - the same

    held = stores()
    return Audit(held.reports, Archive(held.snapshots, held.registry), as_report)


def _open_updates() -> Updates:
    if settings().store == "memory":
        return memory.MemoryUpdates()
    from shared.adapters import pubsub  # noqa: PLC0415 - half a second

    return pubsub.connect(settings().gcloud_project)


def _open_recompute() -> Recompute:
    from shared.service.provenance import Provenance  # noqa: PLC0415 - only where needed
    from shared.service.recompute import Recompute  # noqa: PLC0415 - the same
    from shared.service.updates import Announcer  # noqa: PLC0415 - the same

    held = stores()
    return Recompute(
        held.reports,
        held.snapshots,
        held.registry,
        settings().policy,
        clock,
        Announcer(updates()),
        Provenance(settings().receiver_hotkey, settings().default_netuid),
    )


def _open_assign() -> Assign:
    from shared.service.assign import Assign  # noqa: PLC0415 - only where needed
    from shared.service.choose import Choose  # noqa: PLC0415 - the same
    from shared.service.records import Records  # noqa: PLC0415 - the same

    held = stores()
    choose = Choose(
        views=views(),
        registries=registries(),
        records=Records(held.records, clock),
        leases=held.leases,
        clock=clock,
        allow_private=settings().allow_private_axons,
    )
    return Assign(choose, held.leases, clock, new_id=lambda: uuid.uuid4().hex)


def _open_complete() -> Complete:
    from shared.service.complete import Complete  # noqa: PLC0415 - only where needed

    return Complete(stores().leases, stores().records, clock)


def _open_bury() -> Bury:
    from shared.service.dead_letters import Bury  # noqa: PLC0415 - only where needed

    return Bury(stores().leases, clock)


def _open_sync() -> Sync:
    from shared.adapters.chain_metagraph import SubtensorChain  # noqa: PLC0415 - only where needed
    from shared.adapters.chain_rpc import Rpc  # noqa: PLC0415 - the same
    from shared.service.sync import Sync  # noqa: PLC0415 - the same

    chains = tuple(SubtensorChain(Rpc(url)) for url in settings().chain_endpoints)
    return Sync(chains, stores().registry, clock, settings().chain_block_seconds)


settings = Once(_load_settings)
"""The settings of this process; raises `BadSettings`."""
stores = Once(_open_stores)
"""Firestore or memory, as `STORE` says."""
registries = Once(_open_registries)
"""Registries read at most once a minute."""
intake = Once(_open_intake)
"""What the submit use case works with."""
views = Once(_open_views)
"""Snapshots read at most once a second."""
history = Once(_open_history)
"""Closed rounds, with the chapters that an instance keeps."""
explain = Once(_open_explain)
"""Resolutions with what led to them, as far as an instance keeps them."""
audit = Once(_open_audit)
"""Closed rounds and snapshots as files."""
updates = Once(_open_updates)
"""Where consumers hear of changes."""
recompute = Once(_open_recompute)
"""The recompute use case, with what it keeps warm."""
assign = Once(_open_assign)
"""The use case that hands out miners, with the records that it follows."""
complete = Once(_open_complete)
"""The use case that takes results."""
bury = Once(_open_bury)
"""The use case that counts assignments that nobody reported on."""
sync = Once(_open_sync)
"""The use case that reads the chain, with the runtime's types that it keeps."""


def signature_rules() -> SignatureRules:
    """How signatures are judged; costs nothing and opens nothing."""
    known = settings()
    return SignatureRules(known.receiver_hotkey, known.max_nonce_age)


def forget() -> None:
    """Forget all that was built, as a new instance would; in-memory state is gone with it."""
    for once in (
        sync,
        bury,
        complete,
        assign,
        recompute,
        explain,
        audit,
        history,
        updates,
        views,
        intake,
        registries,
        stores,
        settings,
    ):
        once.forget()
