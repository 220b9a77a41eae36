"""What Google Cloud charges, us-central1, list prices in US dollars without discounts.

Prices and free tiers are those of the public price pages on `AS_OF`. They change: compare them with
the pages in `SOURCES` before you rely on a bill. Free tiers count once per billing account
(Firestore, Logging: once per project).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

AS_OF = "2025-06-01"
SOURCES = (
    "cloud.google.com/firestore/pricing",
    "cloud.google.com/run/pricing",
    "cloud.google.com/pubsub/pricing",
    "cloud.google.com/eventarc/pricing",
    "cloud.google.com/scheduler/pricing",
    "cloud.google.com/secret-manager/pricing",
    "cloud.google.com/stackdriver/pricing",
    "cloud.google.com/vpc/network-pricing",
)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for `per` units; the first `free` units of a month cost nothing."""

    dollars: float
    per: float
    unit: str
    free: float = 0.0

    def of(self, quantity: float, *, free_tier: bool = True) -> float:
        """The price of this quantity a month, in US dollars."""
        billed = max(0.0, quantity - self.free) if free_tier else quantity
        return billed / self.per * self.dollars


DAYS = 30
"""A month, for quotas by the day."""

PRICES: Mapping[str, Price] = MappingProxyType(
    {
        "firestore_read": Price(0.03, 100_000, "documents", 50_000 * DAYS),
        "firestore_write": Price(0.09, 100_000, "documents", 20_000 * DAYS),
        "firestore_ttl_delete": Price(0.01, 100_000, "documents"),
        "firestore_stored": Price(0.15, 1, "GiB", 1),
        "firestore_recovery": Price(0.15, 1, "GiB"),
        "firestore_backup": Price(0.03, 1, "GiB"),
        "run_request": Price(0.40, 1_000_000, "requests", 2_000_000),
        "run_cpu": Price(0.000024, 1, "vCPU-s", 180_000),
        "run_memory": Price(0.0000025, 1, "GiB-s", 360_000),
        "pubsub_throughput": Price(40.0, 1024, "GiB", 10),
        "scheduler_job": Price(0.10, 1, "jobs", 3),
        "secret_version": Price(0.06, 1, "versions", 6),
        "log_ingested": Price(0.50, 1, "GiB", 50),
        "egress": Price(0.12, 1, "GiB", 1),
    }
)
