"""The votes on a miner, as people see them."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from functions import _wiring
from tests.browser.conftest import Visit, World, violations
from tests.browser.explanations import FIELDS, PERFORMANCE, VOTES_CAST, WITHHELD, explanation, vote

pytestmark = pytest.mark.browser

VOTES = re.compile(r"/consensus\?explain=true")
MINER = "#/miners/12"
Answer = Callable[[Route], None]


@pytest.fixture(autouse=True)
def patience() -> None:
    """A slow machine is no failure."""
    expect.set_options(timeout=20_000)


def told(explained: dict[str, Any]) -> Answer:
    """What a function answers that explains."""
    body = json.dumps({"success": True, "explanation": explained, "timestamp": None})
    return lambda route: route.fulfill(content_type="application/json", body=body)


def refused(status: int, **headers: str) -> Answer:
    """What a function answers that does not."""
    body = json.dumps({"status": status, "detail": "no"})
    return lambda route: route.fulfill(
        status=status, content_type="application/problem+json", body=body, headers=headers
    )


def unlocked_by(secret: str) -> Answer:
    """Everything for holders of this key, 401 for those of another, the weights for the rest."""

    def answer(route: Route) -> None:
        sent = route.request.headers.get("authorization")
        if sent is None:
            told(WITHHELD)(route)
        elif sent == f"Bearer {secret}":
            told(explanation())(route)
        else:
            refused(401)(route)

    return answer


def look(world: World, visit: Visit, answer: Answer, path: str = MINER) -> Page:
    """Open a miner's page while its votes are answered so."""
    world.report()
    visit.page.route(VOTES, answer)
    return visit.open(path)


def open_table(page: Page, field: str) -> Any:
    """Unfold the votes on a field; the table."""
    section = page.locator("section.field").filter(has=page.get_by_role("heading", name=field))
    section.locator("summary").click()
    return section.get_by_role("region")


def column(table: Any, index: int) -> list[str]:
    """The words of one column, top down."""
    found: list[str] = table.locator(f"tbody tr > :nth-child({index})").all_inner_texts()
    return found


def test_every_vote_is_a_mark_of_its_kind(world: World, visit: Visit) -> None:
    """Two count, one is clipped, one left out, one in quarantine; the words say the outcome."""
    page = look(world, visit, told(explanation()))

    picture = page.get_by_role("img", name="votes on the performance score")
    expect(picture.locator(".mark")).to_have_count(5)
    kinds = picture.locator(".mark path").evaluate_all("all => all.map(p => p.className.baseVal)")
    assert ["clipped", "counts", "counts", "excluded", "quarantined"] == sorted(kinds)
    label = picture.get_attribute("aria-label")
    words = (
        "5 votes on the performance score; consensus 0.81, nine in ten times between 0.78 and 0.84"
    )
    assert words == label


def test_marks_stand_where_their_values_are(world: World, visit: Visit) -> None:
    """From left to right by value, and the heavier one is the larger one."""
    page = look(world, visit, told(explanation()))

    marks = page.get_by_role("img", name="votes on the performance score").locator(".mark path")
    expect(marks).to_have_count(5)
    found = marks.evaluate_all(
        "all => all.map(p => [p.parentElement.querySelector('title').textContent,"
        " p.getBoundingClientRect().x + p.getBoundingClientRect().width / 2,"
        " p.getBBox().width])"
    )
    by_place = [re.findall(r"\d+", title)[0] for title, _, _ in sorted(found, key=lambda m: m[1])]
    assert ["4", "1", "2", "3", "7"] == by_place
    sizes = {re.findall(r"\d+", title)[0]: size for title, _, size in found}
    assert sizes["1"] > 2 * sizes["7"]


def test_equal_votes_do_not_hide_each_other(world: World, visit: Visit) -> None:
    """Sixteen times the same value: sixteen marks that can be told apart."""
    equal = {**PERFORMANCE, "votes": [vote(uid, 0.8, 0.1, 1 / 16) for uid in range(16)]}
    page = look(world, visit, told(explanation({"performance_score": equal})))

    marks = page.locator(".mark path")
    expect(marks).to_have_count(16)
    places = marks.evaluate_all(
        "all => all.map(p => p.getBoundingClientRect()).map(r => [r.x, r.y, r.width])"
    )
    overlaps = [
        (one, other)
        for one, other in itertools.combinations(places, 2)
        if math.dist(one[:2], other[:2]) < 0.9 * one[2]
    ]
    assert [] == overlaps


def test_labels_are_stacked_shares(world: World, visit: Visit) -> None:
    """The heaviest value first, with words for who cannot see the bar."""
    page = look(world, visit, told(explanation()))

    stack = page.get_by_role("img", name="Shares of the is serving: yes: 81 %, no: 19 %")
    expect(stack).to_be_visible()
    widths = stack.locator(".slice").evaluate_all("all => all.map(s => s.clientWidth)")
    assert widths[0] / sum(widths) == pytest.approx(0.81, abs=0.01)


def test_the_table_has_every_factor_and_sorts(world: World, visit: Visit) -> None:
    """The heaviest vote first; by a click the least robust one; remarks in words."""
    table = open_table(look(world, visit, told(explanation())), "performance score")

    assert ["1", "2", "3", "4", "7"] == column(table, 1)
    headings = " ".join(table.get_by_role("columnheader").all_inner_texts()).lower()
    assert [] == [name for name in VOTES_CAST[0]["factors"] if name not in headings]
    table.get_by_role("button", name="Robustness").press("Enter")

    assert "4" == column(table, 1)[0]
    assert "12 spreads from the centre" in column(table, 18)[0]


def test_an_update_keeps_the_open_table_and_its_order(world: World, visit: Visit) -> None:
    """New votes arrive in the table as a person has arranged it."""
    page = look(world, visit, told(explanation()))
    table = open_table(page, "performance score")
    table.get_by_role("button", name="Validator").click()
    more = {**PERFORMANCE, "votes": [*VOTES_CAST, vote(6, 0.8, 0.4, 0.2)]}

    page.unroute(VOTES)
    page.route(VOTES, told(explanation({**FIELDS, "performance_score": more})))

    expect(table.locator("tbody tr")).to_have_count(6, timeout=40_000)
    assert ["1", "2", "3", "4", "6", "7"] == column(table, 1)


def test_withheld_values_leave_the_weights(world: World, visit: Visit) -> None:
    """Bars instead of marks, no value anywhere, and the way to a key."""
    page = look(world, visit, told(WITHHELD))

    field = page.locator("section.field").first
    expect(field.get_by_role("listitem")).to_have_count(5)
    expect(field.get_by_role("listitem").first).to_contain_text("42 %")
    expect(field.get_by_role("listitem").last).to_contain_text("in quarantine")
    expect(page.get_by_text("is withheld")).to_be_visible()
    assert ["withheld"] * 5 == column(open_table(page, "performance score"), 3)


def test_a_key_shows_what_is_withheld(world: World, visitor: Visit) -> None:
    """A wrong one is said; the right one stays in this tab until it is forgotten."""
    page = look(world, visitor, unlocked_by("auditor"))
    field = page.get_by_label("Audit key")

    field.fill("guess")
    field.press("Enter")
    expect(page.get_by_text("This key is not known here.")).to_be_visible()
    field.fill("auditor")
    page.get_by_role("button", name="Show values").click()
    expect(page.locator(".mark")).to_have_count(5)
    expect(field).to_be_hidden()
    assert "auditor" == page.evaluate("sessionStorage.getItem('audit-key')")
    assert 0 == page.evaluate("localStorage.length + document.cookie.length")
    page.get_by_role("button", name="Forget the key").click()

    expect(page.get_by_text("is withheld")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('audit-key')") is None


def test_a_key_is_typed_in_peace(world: World, visit: Visit) -> None:
    """What arrives meanwhile leaves the form alone."""
    page = look(world, visit, told(WITHHELD))
    page.get_by_label("Audit key").press_sequentially("half of")

    with page.expect_response(VOTES, timeout=40_000):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.get_by_label("Audit key")).to_be_focused()
    expect(page.get_by_label("Audit key")).to_have_value("half of")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refused(401), "shown to holders of a key with scope audit"),
        (refused(403), "shown to holders of a key with scope audit"),
        (refused(429, **{"Retry-After": "30"}), "asked too often"),
        (refused(503), "The votes are not to be had"),
    ],
)
def test_a_refusal_is_said_in_words(
    world: World, visitor: Visit, answer: Answer, words: str
) -> None:
    """In its own place: the rest of the page is there, and live."""
    page = look(world, visitor, answer)

    expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_role("region", name="Values")).to_be_visible()
    expect(page.locator("#status")).to_have_text("Live")


def test_who_is_told_to_wait_waits(world: World, visitor: Visit) -> None:
    """Not even coming back to the tab asks before `Retry-After`; the other figures go on."""
    page = look(world, visitor, refused(429, **{"Retry-After": "600"}))
    expect(page.get_by_text("asked too often")).to_be_visible()

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    for _ in range(2):
        page.wait_for_event("response", lambda answer: answer.url.endswith("/12/consensus"))

    assert 1 == sum(bool(VOTES.search(url)) for url in visitor.requests)


def test_an_older_round_is_open_to_all(world: World, visit: Visit) -> None:
    """The functions themselves: weights alone for now, every vote of a round that is long over."""
    before = time.time() - 1200
    world.report(at=before)
    world.recompute(before + 120)
    world.report()
    page = visit.open(MINER)
    expect(page.get_by_text("What validators say now is withheld")).to_be_visible()
    assert page.locator(".mark").count() == 0

    options = page.get_by_label("As of").get_by_role("option")
    expect(options).not_to_have_count(1)
    page.get_by_label("As of").select_option(options.last.get_attribute("value"))

    picture = page.get_by_role("img", name="votes on the performance score")
    expect(picture.locator(".mark")).to_have_count(8)
    expect(page.get_by_text("is withheld")).to_be_hidden()
    assert [] == violations(page)


def test_the_functions_know_an_audit_key(
    world: World, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With it the present votes are marks, too."""
    digest = hashlib.sha256(b"auditor").hexdigest()
    keys = [{"name": "me", "sha256": digest, "scopes": ["audit"]}]
    monkeypatch.setenv("API_KEYS", json.dumps(keys))
    _wiring.settings.forget()
    world.report()
    page = visit.open(MINER)

    page.get_by_label("Audit key").fill("auditor")
    page.get_by_label("Audit key").press("Enter")

    picture = page.get_by_role("img", name="votes on the performance score")
    expect(picture.locator(".mark")).to_have_count(8)


def test_without_an_explanation_nothing_is_said(world: World, visit: Visit) -> None:
    """An answer without it, for example of an older deployment."""
    page = look(world, visit, lambda route: route.fulfill(json={"success": True}))
    expect(page.get_by_role("heading", name="Who agrees")).to_be_visible()

    expect(page.get_by_role("heading", name="Why")).to_be_hidden()


def test_a_hostile_value_stays_text(world: World, visit: Visit) -> None:
    """In the legend and in the table."""
    hostile = "<img src=x onerror=alert(1)>"
    field = {**FIELDS["is_serving"], "value": hostile, "votes": [vote(1, hostile, 0.5, 1.0)]}
    page = look(world, visit, told(explanation({"note": field})))

    table = open_table(page, "note")

    assert [hostile] == column(table, 3)
    assert page.locator("main img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("explained", [explanation(), WITHHELD], ids=["open", "withheld"])
def test_the_votes_pass_axe_and_fit_a_phone(
    world: World, visit: Visit, explained: dict[str, Any], scheme: str
) -> None:
    """With a table unfolded, in light and in dark."""
    visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visit.page.set_viewport_size({"width": 390, "height": 844})
    page = look(world, visit, told(explained))

    open_table(page, "performance score")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [] == violations(page)
