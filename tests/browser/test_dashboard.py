"""What people see and do on the dashboard."""

from __future__ import annotations

import hashlib
import json
import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from functions import _wiring
from tests.browser.conftest import Visit, World, violations

pytestmark = pytest.mark.browser

NO_UPDATES = 60_000
"""Milliseconds of patience: the page asks every three seconds, slower after failures."""


@pytest.fixture(autouse=True)
def patience() -> None:
    """A slow machine is no failure."""
    expect.set_options(timeout=20_000)


def rows(page: Page, table: str = "Miners") -> list[str]:
    """The first cell of each row of a table."""
    return page.get_by_role("region", name=table).locator("tbody th").all_inner_texts()


def test_whoever_lies_stands_out(world: World, visit: Visit) -> None:
    """The two liars of the demo, and nobody else, are worth a look on the first page."""
    world.report()

    page = visit.open()

    notes = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Validator"))
    expect(notes).to_have_count(2)
    assert ["Validator 6", "Validator 7"] == notes.get_by_role("link").all_inner_texts()
    expect(notes.first).to_contain_text("tolerances above the consensus")
    expect(notes.last).to_contain_text("observations, others in")


def test_the_map_lists_who_agrees_least_first(world: World, visit: Visit) -> None:
    """One row per validator, each a link and a picture with words."""
    world.report()

    page = visit.open()

    strips = page.locator(".map-row").get_by_role("img")
    expect(strips).to_have_count(8)
    assert re.match(
        r"Validator 7: agreement \d\d %", strips.first.get_attribute("aria-label") or ""
    )


def test_key_figures_are_those_of_the_api(world: World, visit: Visit) -> None:
    """Eight of eight validators, sixty-four miners."""
    world.report()

    page = visit.open()

    tile = page.locator(".tile", has_text="Participation")
    expect(tile).to_contain_text("100 %")
    expect(tile).to_contain_text("8 of 8 validators report")
    expect(page.locator(".tile", has_text="Miners ready")).to_contain_text("of 64")


def test_miners_sort_by_click_and_by_keyboard(world: World, visit: Visit) -> None:
    """A heading sorts, again turns round, and says so to a screen reader."""
    world.report()
    page = visit.open()
    heading = page.get_by_role("columnheader", name="Miner", exact=True)
    expect(page.get_by_text("64 miners of 64")).to_be_visible()

    heading.get_by_role("button").click()
    ascending = rows(page)
    heading.get_by_role("button").press("Enter")

    assert sorted(ascending, key=int) == ascending
    assert ascending[::-1] == rows(page)
    assert heading.get_attribute("aria-sort") == "descending"


def test_miners_filter_by_words_state_and_conflicts(world: World, visit: Visit) -> None:
    """Each filter narrows the list, together they may leave nothing."""
    world.report()
    page = visit.open()
    hotkey = world.subnet.miners[3].hotkey

    page.get_by_label("Find").fill(hotkey[:12].lower())
    expect(page.get_by_text("1 miner of 64")).to_be_visible()
    assert [str(world.subnet.miners[3].uid)] == rows(page)
    page.get_by_label("State").select_option("pending")
    expect(page.get_by_text("No miner matches.")).to_be_visible()
    page.get_by_label("Find").fill("")
    page.get_by_label("State").select_option("")
    page.get_by_label("conflicts only").check()

    assert len(rows(page)) < 64


def test_an_update_keeps_what_a_person_is_doing(world: World, visit: Visit) -> None:
    """New figures arrive by themselves; the filter, its focus and the order stay."""
    world.report(0, 1)
    page = visit.open()
    page.get_by_label("Find").fill("12")
    expect(page.locator(".tile", has_text="Participation")).to_contain_text("2 of 8")

    world.report(2)

    expect(page.locator(".tile", has_text="Participation")).to_contain_text("3 of 8")
    expect(page.get_by_label("Find")).to_be_focused()
    assert ["12"] == rows(page)


def test_what_has_not_changed_is_not_sent_again(world: World, visit: Visit) -> None:
    """The second question carries the ETag of the first answer and gets 304."""
    world.report()
    page = visit.open()

    with page.expect_response(lambda answer: answer.status == 304, timeout=NO_UPDATES) as found:
        page.wait_for_load_state()

    assert (found.value.request.headers["if-none-match"]).startswith('W/"')


def test_a_miner_opens_from_the_table_and_the_way_back_works(world: World, visit: Visit) -> None:
    """With the keyboard alone; the new page has the focus and its own title."""
    world.report()
    page = visit.open()

    page.get_by_role("link", name="12", exact=True).press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Miner 12")
    expect(page).to_have_title("Miner 12 · Quorate")
    expect(page.get_by_role("main")).to_be_focused()
    expect(page.get_by_role("region", name="Values")).to_contain_text("the chain")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Network")


def test_a_miner_tells_who_does_not_agree(world: World, visit: Visit) -> None:
    """The validator that disagrees most comes first, and leads to its own page."""
    miner = world.subnet.miners[0]
    for validator in range(4):
        entry = {"uid": miner.uid, "hotkey": miner.hotkey, "is_serving": validator != 3}
        world.post(validator, [entry], round(time.time(), 3))
    world.recompute()
    page = visit.open(f"#/miners/{miner.uid}")

    page.locator(".bars").last.get_by_role("link").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Validator 3")


def test_a_conflict_shows_its_values(world: World, visit: Visit) -> None:
    """Two say yes, two say no: both with their weight."""
    uid, hotkey = world.subnet.miners[0].uid, world.subnet.miners[0].hotkey
    for validator in range(4):
        entry = {"uid": uid, "hotkey": hotkey, "is_serving": validator < 2}
        world.post(validator, [entry], round(time.time(), 3))
    world.recompute()

    page = visit.open(f"#/miners/{uid}")

    conflict = page.locator(".conflict-detail")
    words = re.compile("no value has the majority|split nearly in half")
    expect(conflict).to_contain_text(words)
    expect(conflict.get_by_role("listitem")).to_have_count(2)


def test_validators_are_listed_with_who_is_silent(world: World, visit: Visit) -> None:
    """Those that never reported are there too, after those that did."""
    world.report(0, 1, 2)

    page = visit.open("#/validators")

    table = page.get_by_role("region", name="Validators")
    expect(table.locator("tbody tr")).to_have_count(8)
    expect(table.get_by_text("never")).to_have_count(5)


def test_a_validator_tells_where_it_differs(world: World, visit: Visit) -> None:
    """The one that promotes is at odds on exactly the miners that it praises, and maybe a few."""
    world.report()

    page = visit.open("#/validators/6")

    expect(page.locator(".notice")).to_contain_text("tolerances above the consensus")
    praised = {f"Miner {uid}" for uid, it in world.subnet.truth.items() if not it.may_serve}
    assert praised <= set(page.locator(".bars").get_by_role("link").all_inner_texts())


def test_a_validator_tells_whom_it_agrees_with(world: World, visit: Visit) -> None:
    """Those who see alike first, the liar that contradicts everybody last."""
    world.report()

    page = visit.open("#/validators/0")

    peers = page.locator(".panel").filter(has=page.get_by_role("heading", name="With each other"))
    names = peers.get_by_role("link")
    expect(names).to_have_count(7)
    assert "Validator 7" == names.last.inner_text()


def test_a_copy_is_named_with_its_original(world: World, visit: Visit) -> None:
    """As something worth a look, in the list of copies and on its own page; nobody else is."""
    world.copy(4, original=1, rounds=4)

    page = visit.open("#/validators")

    words = re.compile(r"share one vote: the same numbers, beyond chance in \d+ % of \d+ obs")
    copies = page.locator(".panel").filter(has=page.get_by_role("heading", name="Copies"))
    expect(copies.get_by_role("listitem")).to_have_count(1)
    expect(copies.get_by_role("listitem")).to_have_text(words)
    assert ["Validator 1", "Validator 4"] == copies.get_by_role("link").all_inner_texts()
    assert [] == violations(page)
    copies.get_by_role("link").last.click()
    expect(page.locator(".notice")).to_contain_text("It shares one vote with validator 1")


def test_where_nobody_copies_nothing_is_said(world: World, visit: Visit) -> None:
    """No empty list of copies."""
    world.report()
    page = visit.open("#/validators")
    expect(page.get_by_role("region", name="Validators").locator("tbody tr")).to_have_count(8)

    expect(page.get_by_role("heading", name="Copies")).to_have_count(0)


def test_an_empty_network_says_what_will_happen(world: World, visit: Visit) -> None:
    """No table of nothing; the page fills by itself with the first report."""
    page = visit.open()
    expect(page.get_by_text("No report yet")).to_be_visible()
    expect(page.get_by_role("region", name="Miners")).to_be_hidden()

    world.report(0, 1)

    expect(page.get_by_role("region", name="Miners")).to_be_visible(timeout=NO_UPDATES)


def test_old_figures_are_called_stale(world: World, visit: Visit) -> None:
    """A snapshot that nobody renews must not look like the present."""
    world.report(at=time.time() - 400)

    page = visit.open()

    expect(page.locator("#status")).to_have_text("Stale: figures are 7 min old")


def test_a_server_that_does_not_answer_is_said_and_asked_again(
    world: World, visitor: Visit
) -> None:
    """First an explanation in place of figures, then the figures, without a reload."""
    world.report()
    visitor.page.route("**/api/v1/**", lambda route: route.abort())

    page = visitor.open()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(page.locator("#status")).to_have_text("No answer")
    page.unroute("**/api/v1/**")

    expect(page.locator("#status")).to_have_text("Live", timeout=NO_UPDATES)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_figures_stay_when_the_connection_is_lost(world: World, visitor: Visit) -> None:
    """They are shown on, with their time."""
    world.report()
    page = visitor.open()
    expect(page.locator("#status")).to_have_text("Live")

    page.route("**/api/v1/**", unavailable)

    expect(page.locator("#status")).to_contain_text("Offline: figures of", timeout=NO_UPDATES)
    assert len(rows(page)) == 64


def unavailable(route: Route) -> None:
    """503, as the functions answer it."""
    body = json.dumps({"status": 503, "detail": "the store is not answering"})
    route.fulfill(status=503, content_type="application/problem+json", body=body)


def test_a_private_deployment_asks_for_a_key(
    world: World, visitor: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is asked for once per tab and opens every page."""
    world.report()
    digest = hashlib.sha256(b"open sesame").hexdigest()
    monkeypatch.setenv("READ_ACCESS", "key")
    keys = [{"name": "me", "sha256": digest, "scopes": ["read"]}]
    monkeypatch.setenv("API_KEYS", json.dumps(keys))
    _wiring.settings.forget()
    page = visitor.open()

    page.get_by_label("Key").fill("open sesame")
    page.get_by_role("button", name="Open").click()

    expect(page.get_by_text("64 miners of 64")).to_be_visible()
    page.get_by_role("link", name="Validators", exact=True).click()
    expect(page.get_by_role("region", name="Validators").locator("tbody tr")).to_have_count(8)


def test_what_a_validator_sends_is_text_and_never_markup(world: World, visit: Visit) -> None:
    """A field that looks like HTML is shown as it was written."""
    hostile = "<img src=x onerror=alert(1)>"
    miner = world.subnet.miners[0]
    for validator in range(3):
        entry = {"uid": miner.uid, "hotkey": miner.hotkey, "metadata": {"note": hostile}}
        world.post(validator, [entry], round(time.time(), 3))
    world.recompute()

    page = visit.open(f"#/miners/{miner.uid}")

    expect(page.get_by_role("cell", name=hostile)).to_be_visible()
    assert page.locator("main img").count() == 0


@pytest.mark.parametrize("path", ["#/miners/9999", "#/validators/9999", "#/nowhere"])
def test_a_page_about_nothing_says_so(world: World, visitor: Visit, path: str) -> None:
    """No blank page, and a way back."""
    world.report()

    page = visitor.open(path)

    words = re.compile("Nobody has reported on|No validator has uid|There is no such page")
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_role("link", name="Network", exact=True).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "#/miners/12", "#/validators", "#/validators/6"])
def test_every_page_passes_axe(world: World, visit: Visit, path: str, scheme: str) -> None:
    """Contrast, names, roles and order, in light and in dark."""
    world.report()
    visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    page = visit.open(path)
    expect(page.get_by_text(re.compile("Who agrees|Against the consensus")).first).to_be_visible()
    page.wait_for_load_state("networkidle")

    assert [] == violations(page)


def test_notices_pass_axe_too(world: World, visit: Visit) -> None:  # noqa: ARG001 - it sets the stage
    """The page of an empty network."""
    page = visit.open()
    expect(page.get_by_text("No report yet")).to_be_visible()

    assert [] == violations(page)


@pytest.mark.parametrize("path", ["", "#/miners/12", "#/validators", "#/validators/6"])
def test_a_phone_shows_everything_without_scrolling_sideways(
    world: World, visit: Visit, path: str
) -> None:
    """Only tables scroll, inside themselves."""
    world.report()
    visit.page.set_viewport_size({"width": 390, "height": 844})

    page = visit.open(path)
    expect(page.get_by_text(re.compile("Who agrees|Against the consensus")).first).to_be_visible()
    page.wait_for_load_state("networkidle")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [] == violations(page)


def test_dark_mode_is_dark(world: World, visit: Visit) -> None:
    """The ground follows the system's wish."""
    world.report()
    visit.page.emulate_media(color_scheme="dark")

    page = visit.open()

    red, green, blue = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert max(red, green, blue) < 40


def test_the_first_visit_is_small(world: World, visit: Visit) -> None:
    """Less than 300 KB uncompressed, figures included."""
    world.report()
    sizes: list[int] = []
    visit.page.on("response", lambda answer: sizes.append(len(answer.body())))

    page = visit.open()
    expect(page.get_by_text("64 miners of 64")).to_be_visible()
    page.wait_for_load_state("networkidle")

    assert 50_000 < sum(sizes) < 300_000
