"""One class per reason."""

from __future__ import annotations

import pytest
import typer
from quorate_client import errors
from quorate_client.options import asking


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "malformed_body", errors.Malformed),
        (401, "signature_malformed", errors.Unauthorized),
        (401, "signature_stale", errors.Stale),
        (401, "signature_receiver", errors.WrongReceiver),
        (401, "signature_invalid", errors.BadSignature),
        (401, "key_missing", errors.KeyRefused),
        (403, "scope_missing", errors.ScopeMissing),
        (403, "not_registered", errors.NotRegistered),
        (403, "no_permit", errors.NoPermit),
        (403, "stake_below_minimum", errors.StakeBelowMinimum),
        (403, "disabled", errors.Disabled),
        (403, "validator_uid_mismatch", errors.ForeignUid),
        (404, "not_found", errors.NotFound),
        (404, "unknown_subnet", errors.UnknownSubnet),
        (404, "unknown_miner", errors.UnknownMiner),
        (404, "unknown_assignment", errors.UnknownAssignment),
        (408, "body_too_slow", errors.TooSlow),
        (409, "nonce_replayed", errors.Replayed),
        (409, "epoch_backwards", errors.EpochBackwards),
        (413, "report_too_large", errors.TooLarge),
        (415, "unsupported_media_type", errors.Refused),
        (422, "invalid_body", errors.Invalid),
        (429, "rate_limited", errors.RateLimited),
        (503, "store_unavailable", errors.Unavailable),
    ],
)
def test_the_reason_decides_the_class(status: int, code: str, kind: type[errors.Refused]) -> None:
    """A code that is known by name comes first, then the status."""
    assert kind is type(errors.refusal(status, {"code": code}, None))


def test_every_field_that_is_wrong_is_in_the_message() -> None:
    """A validator's log says which field of which miner, without another look."""
    problem = {
        "code": "invalid_body",
        "detail": "2 values are wrong",
        "errors": [{"pointer": "/miner_statuses/3/port", "code": "range", "detail": "1–65535"}],
    }
    error = errors.refusal(422, problem, None)

    assert "2 values are wrong; /miner_statuses/3/port: 1–65535" == str(error)
    assert problem["errors"] == error.problems


def test_what_the_service_has_named_is_not_said_twice() -> None:
    """Its detail ends with the first problem; the others follow."""
    errors_of_it = [
        {"pointer": "/miner_statuses/0/performance_score", "detail": "at most 1"},
        {"pointer": "/miner_statuses/0/port", "detail": "at least 1"},
    ]
    detail = "2 invalid: /miner_statuses/0/performance_score at most 1"
    error = errors.refusal(422, {"detail": detail, "errors": errors_of_it}, None)

    assert f"{detail}; /miner_statuses/0/port: at least 1" == str(error)


def test_every_error_is_a_quorate_error() -> None:
    """One except clause keeps a validator's loop alive."""
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]

    assert all(issubclass(kind, errors.QuorateError) for kind in kinds)


def test_the_tree_at_the_top_names_every_class() -> None:
    """Nobody has to read the module to know what to catch."""
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    drawn = (errors.__doc__ or "").split()

    assert [] == [kind.__name__ for kind in kinds if kind.__name__ not in drawn]


def test_a_command_says_how_a_key_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    """The service speaks of headers, which nobody types."""
    refused = errors.refusal(401, {"code": "key_missing", "detail": "send a key"}, None)

    with pytest.raises(typer.Exit), asking():
        raise refused

    assert "KeyRefused: send a key; --key or QUORATE_KEY gives it\n" == capsys.readouterr().err
