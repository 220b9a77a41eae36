"""What the functions answer, as types: the source of the OpenAPI document, held to real answers
by the tests. Every answer may gain fields; none is ever renamed."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

State = Literal["consensus", "disputed", "pending", "fallback", "stale"]


class Success(TypedDict):
    """What every answer has."""

    success: bool
    timestamp: str


class Receipt(Success):
    """A report was kept, now or before."""

    validator_uid: int
    epoch: int
    miners_processed: int
    report_id: str
    body_sha256: str
    received_at: str


class WeighedValue(TypedDict):
    """One value of a field in conflict, and its share of the weight, 0–1."""

    value: Any
    weight: float


class ConflictAnswer(TypedDict):
    """Where validators disagree."""

    field: str
    kind: str
    detail: list[WeighedValue]


class MinerAnswer(TypedDict):
    """What all answers about a miner share; the values of its fields stand beside it."""

    uid: int
    hotkey: str | None
    consensus_confidence: float
    consensus_validators: list[int]
    conflicts_detected: list[ConflictAnswer]
    last_updated: str | None
    last_reported_by_validator: int | None
    epoch: int | None
    validator_reports_count: int


class ConsensusStatus(MinerAnswer):
    """The consensus about one miner."""

    sources: dict[str, str]


class NoteAnswer(TypedDict):
    """What happened to a vote."""

    code: str
    detail: str


class VoteAnswer(TypedDict):
    """One vote on one field; `weight` is the product of `factors`, `share` that of all weight.

    `band` says confidence × reputation × freshness in a word; a vote that takes no part has none.
    """

    validator_uid: int
    hotkey: str
    report_id: str
    signed_at: str
    age_seconds: float
    value: NotRequired[Any]
    withheld: NotRequired[Literal[True]]
    weight: float
    share: float
    band: NotRequired[Literal["high", "medium", "low", "very low"]]
    factors: dict[str, float]
    notes: list[NoteAnswer]


class FieldAnswer(TypedDict):
    """One field: how it was decided, from which votes; `low` and `high` hold it with 90 %."""

    method: Literal[
        "robust_average",
        "weighted_majority",
        "most_recent",
        "address",
        "chain",
        "best_report",
        "plain_average",
    ]
    value: Any
    low: NotRequired[float]
    high: NotRequired[float]
    votes: list[VoteAnswer]


class ExplanationAnswer(TypedDict):
    """Why: field by field; `version` is that of the snapshot, and no closed round has one.

    `audience` 0–1 stands where too little of the stake speaks of the miner: a factor of confidence.
    """

    round: int
    version: NotRequired[int]
    computed_at: str
    audience: NotRequired[float]
    fields: dict[str, FieldAnswer]


class MinerConsensus(Success):
    """One miner."""

    miner_uid: int
    consensus_status: ConsensusStatus
    state: State
    explanation: NotRequired[ExplanationAnswer]


class Statistics(TypedDict):
    """How well the validators agree; shares are 0–1."""

    total_validator_reports: int
    total_observations: int
    consensus_miners: int
    active_validators: int
    eligible_validators: int
    average_consensus_confidence: float
    consensus_timeout_minutes: float
    min_consensus_validators: int
    consensus_coverage: float
    conflict_rate: float
    processing_latency_ms: float | None


class ConsensusStats(Success):
    """The statistics of a subnet."""

    consensus_statistics: Statistics


class NetworkFigures(TypedDict):
    """The subnet in five figures."""

    total_miners: int
    active_miners: int
    total_stake: float
    average_consensus_confidence: float
    last_updated: str | None


class ListedMiner(MinerAnswer):
    """A miner with its place in the ranking."""

    availability_score: float
    is_active: bool
    state: State


class NetworkStatus(Success):
    """All miners, best first."""

    processing_mode: Literal["consensus", "fallback", "empty"]
    network_status: NetworkFigures
    consensus_stats: Statistics
    miners: list[ListedMiner]


class Furthest(TypedDict):
    """The number furthest from its consensus, in whole tolerances."""

    miner_uid: int
    field: str
    tolerances: int


class CopyingAnswer(TypedDict):
    """Whose copy a validator's votes are held to be; without validators: the last consensus'."""

    validators: list[int]
    agreement: float
    observations: int


class ListedValidator(TypedDict):
    """One validator that may report."""

    uid: int
    hotkey: str
    stake: float
    is_active: bool
    last_report: str | None
    reports: int
    participation: float
    reputation: float | None
    quarantine: str | None
    agreement: float | None
    observations: int
    agreement_map: str
    furthest: Furthest | None
    copying: CopyingAnswer | None
    peer_map: str


class Validators(Success):
    """Everyone who may report."""

    validators: list[ListedValidator]
    miners: list[int]


class History(Success):
    """One miner or one validator, round after round."""

    miner_uid: NotRequired[int]
    validator_uid: NotRequired[int]
    rounds: list[dict[str, Any]]


class HealthCheck(TypedDict):
    """One check."""

    name: str
    healthy: bool
    value: float | None
    threshold: float
    reason: str


class HealthAnswer(Success):
    """All checks."""

    status: Literal["ok", "failing", "idle"]
    netuid: int
    checks: list[HealthCheck]


class PointedProblem(TypedDict):
    """One broken rule of a body."""

    pointer: str
    code: str
    detail: str


class ProblemAnswer(TypedDict):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    timestamp: str
    errors: NotRequired[list[PointedProblem]]


class LeasedMiner(TypedDict):
    """A miner that was handed out."""

    uid: int
    hotkey: str | None
    ip: str
    port: int
    availability_score: float
    consensus_confidence: float
    lease_id: str
    expires_at: str


class AssignmentAnswer(Success):
    """The miners that were handed out; none is an answer."""

    assignment_id: str | None
    processing_mode: Literal["consensus", "fallback", "empty"]
    miners: list[LeasedMiner]
    requested: int


class CompletionAnswer(Success):
    """What is known of an assignment's results."""

    assignment_id: str
    accepted: list[int]
    results: list[dict[str, Any]]
    outstanding: list[int]
