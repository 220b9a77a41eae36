"""Checking closed rounds and snapshots from files: signatures, hashes, results, links.

Nothing is asked of the service: what a file says is computed again with the very engine.
"""

from cli.verification.chain import link_all
from cli.verification.findings import Finding, Verdict, worst
from cli.verification.snapshot_file import SnapshotFile, UnusableFile, read
from cli.verification.verify import verify

__all__ = [
    "Finding",
    "SnapshotFile",
    "UnusableFile",
    "Verdict",
    "link_all",
    "read",
    "verify",
    "worst",
]
