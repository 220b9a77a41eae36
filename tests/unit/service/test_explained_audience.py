"""Why a miner that few speak of is believed little."""

from __future__ import annotations

import pytest

from shared.service.explain_answers import explanation
from tests.unit.domain.explanations import heard
from tests.unit.domain.makers import report, status

VALUES = {"performance_score": 0.8, "is_serving": True}


def test_the_explanation_says_how_much_of_an_audience_is_missing() -> None:
    """Two of five validators of equal stake speak of miner 51; of 50 all do."""
    hearing = heard(
        *(
            report(validator, *(status(uid, **VALUES) for uid in told))
            for validator, told in {1: (50, 51), 2: (50, 51), 3: (50,), 4: (50,), 5: (50,)}.items()
        ),
        stake_weighting=False,
    )

    whole, few = (explanation(hearing, uid, shows_values=True) for uid in (50, 51))

    assert "audience" not in whole
    assert 0.8 == pytest.approx(few["audience"])
    methods = {
        uid: told["fields"]["performance_score"]["method"] for uid, told in ((50, whole), (51, few))
    }
    assert {50: "robust_average", 51: "plain_average"} == methods
    found = hearing.resolution.miners
    assert found[51].confidence < found[50].confidence
