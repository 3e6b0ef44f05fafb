from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from evalharness.ledger.ingest import is_current
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from tests.app.conftest import Painted, serving
from tests.app.vote.conftest import MODELS, PROMPTS
from tests.browser import Visit, loaded_widths, needs_chromium, serious_violations

pytestmark = needs_chromium

SECRETS = (*MODELS, *MODELS.values())


def published(store: Store) -> list[dict[str, Any]]:
    """The votes of the published copy, once it holds all that is on record."""
    deadline = time.monotonic() + 240
    while not is_current(store):
        assert time.monotonic() < deadline, "the votes were not published within four minutes"
        time.sleep(0.1)
    with connect(store) as connection:
        found = connection.execute("SELECT * FROM votes ORDER BY made_at")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def counted(page: Page, number: int) -> None:
    page.locator(".booth .state", has_text=f"{number} counted in this sitting").wait_for()


def everything(page: Page) -> str:
    """The whole document with what is inside of elements of our own."""
    walk = """() => {
      const parts = [];
      const walk = (node) => {
        for (const child of node.childNodes) {
          if (child.nodeType !== Node.ELEMENT_NODE) parts.push(child.nodeValue);
          else if (child.tagName !== 'STYLE' && child.tagName !== 'SCRIPT') {
            parts.push(child.cloneNode(false).outerHTML);
            if (child.shadowRoot) walk(child.shadowRoot);
            walk(child);
          }
        }
      };
      walk(document);
      return parts.join(' ');
    }"""
    return str(page.evaluate(walk))


def begin(visit: Visit, address: str = "/vote?suite=duel") -> Page:
    visit.open(address)
    visit.page.locator(".booth .sides:not(.waiting)").wait_for()
    return visit.page


def test_voting_by_keyboard_only(voting: Visit, own_duel: Painted) -> None:
    sent: list[bytes] = []
    voting.page.on(
        "websocket",
        lambda socket: socket.on(
            "framereceived", lambda frame: sent.append(frame if isinstance(frame, bytes) else b"")
        ),
    )
    page = begin(voting)
    assert loaded_widths(page, ".booth .side img") == [64, 64]
    alts = page.locator(".booth .side img").evaluate_all("all => all.map((one) => one.alt)")
    assert alts == ["left picture", "right picture"]
    keys = ["ArrowLeft", "ArrowRight", "ArrowDown", "=", "ArrowUp", "x", "s", *["ArrowLeft"] * 9]
    prompts = []
    for key in keys:  # without waiting for the server: the next pair is there at once
        prompts.append(page.locator(".booth .prompt").inner_text())
        page.keyboard.press(key)
        page.locator(".booth .sides:not(.waiting)").wait_for()
    counted(page, len(keys) - 1)
    assert len(set(prompts)) > 3
    whole = everything(page) + b"".join(sent).decode("utf-8", "replace")
    assert "picture number" in whole
    assert not [name for name in SECRETS if name in whole]
    rows = published(own_duel.store)
    choices = ["left", "right", "tie", "tie", "both_bad", "both_bad", *["left"] * 9]
    assert [row["choice"] for row in rows] == choices
    assert {row["seed"] for row in rows} == {0}
    pairs = {frozenset((row["left_job"], row["right_job"])) for row in rows}
    assert len(pairs) == len(rows)
    assert len({row["voter"] for row in rows}) == 1


@pytest.mark.slow
def test_sides_are_drawn_by_chance(voting: Visit, own_duel: Painted) -> None:
    page = begin(voting)
    for _ in range(3 * PROMPTS):  # a press waits until there is a pair
        page.get_by_role("button", name="Left is better").click()
    page.get_by_text(f"You have seen every pair here ({3 * PROMPTS})").wait_for()
    assert not page.get_by_role("button", name="Left is better").is_visible()
    assert page.get_by_role("button", name="Undo").is_enabled()
    rows = published(own_duel.store)
    ordered = sum(row["left_model"] < row["right_model"] for row in rows)
    assert len(rows) == 3 * PROMPTS
    assert 5 <= ordered <= 3 * PROMPTS - 5


def test_undo_takes_a_vote_back_and_shows_its_pair_again(voting: Visit, own_duel: Painted) -> None:
    page = begin(voting)
    shown = ".booth .side img"

    def pictures() -> list[str]:
        found: list[str] = page.locator(shown).evaluate_all("all => all.map((one) => one.src)")
        return found

    first = pictures()
    page.keyboard.press("ArrowLeft")
    counted(page, 1)
    assert pictures() != first
    page.keyboard.press("u")
    counted(page, 0)
    assert pictures() == first
    page.keyboard.press("ArrowRight")
    counted(page, 1)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("u")
    page.keyboard.press("ArrowLeft")
    counted(page, 2)
    assert [row["choice"] for row in published(own_duel.store)] == ["right", "left"]


def test_keys_do_not_vote_while_something_is_typed_or_open(voting: Visit) -> None:
    page = begin(voting)
    prompt = page.locator(".booth .prompt").inner_text()
    page.get_by_role("combobox").first.click()
    page.keyboard.type("xs=u")
    page.keyboard.press("Escape")
    page.locator(".booth button.look").first.click()
    dialog = page.locator("dialog.large")
    dialog.get_by_text("The left one").wait_for()
    page.keyboard.press("ArrowRight")
    dialog.get_by_text("The right one").wait_for()
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    page.wait_for_timeout(300)
    assert page.locator(".booth .prompt").inner_text() == prompt
    page.get_by_text("0 counted in this sitting").wait_for()


def test_who_was_who_is_told_after_a_vote_only_when_asked(voting: Visit) -> None:
    page = begin(voting, "/vote?suite=duel&reveal=true")
    assert not [name for name in MODELS.values() if name in everything(page)]
    page.keyboard.press("ArrowLeft")
    page.locator(".booth .last", has_text="You said: left is better.").wait_for()
    assert sum(name in everything(page) for name in MODELS.values()) == 2
    page.get_by_text("After a vote, say who was who").click()
    page.locator(".booth .last", has_text="Last pair").wait_for(state="detached")
    assert not [name for name in MODELS.values() if name in everything(page)]


def test_a_vote_whose_message_was_lost_is_said_again(voting: Visit, own_duel: Painted) -> None:
    lost: list[object] = []
    losing = [False]

    def between(browser_side: Any) -> None:
        server_side = browser_side.connect_to_server()

        def from_browser(message: Any) -> None:
            if losing[0]:
                lost.append(message)
            else:
                server_side.send(message)

        browser_side.on_message(from_browser)
        server_side.on_message(browser_side.send)

    voting.page.route_web_socket("**/*", between)
    page = begin(voting)
    losing[0] = True
    page.keyboard.press("ArrowLeft")
    page.get_by_text("1 being written").wait_for()
    page.wait_for_timeout(300)
    assert lost
    losing[0] = False
    counted(page, 1)
    assert [row["choice"] for row in published(own_duel.store)] == ["left"]


def test_a_vote_is_announced(voting: Visit) -> None:
    page = begin(voting)
    page.keyboard.press("ArrowDown")
    heard = page.locator(".booth [aria-live=polite]")
    heard.get_by_text("Tie. Next: picture number").wait_for()
    heard.get_by_text("1 counted.").wait_for()


def test_the_pictures_of_the_next_pairs_are_loaded_before_they_are_shown(voting: Visit) -> None:
    page = begin(voting)
    page.wait_for_function(
        """() => new Set(performance.getEntriesByType('resource').map((one) => one.name)
            .filter((name) => name.includes('/pictures/'))).size >= 4"""
    )


def test_a_store_that_cannot_be_written_is_told_and_nothing_is_lost(
    voting: Visit, own_duel: Painted
) -> None:
    page = begin(voting)
    journal = own_duel.store.journal
    journal.rename(journal.with_name("away"))
    journal.write_text("not a folder")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    alert = page.locator(".booth [role=alert]")
    alert.get_by_text("Not counted.").wait_for()
    page.get_by_text("0 counted in this sitting").wait_for()
    page.get_by_text("2 not counted").wait_for()
    journal.unlink()
    journal.with_name("away").rename(journal)
    alert.get_by_role("button", name="Try again").click()
    counted(page, 2)
    alert.wait_for(state="detached")
    assert [row["choice"] for row in published(own_duel.store)] == ["left", "right"]


def test_a_picture_that_is_gone_cannot_be_voted_on(voting: Visit, own_duel: Painted) -> None:
    for path in own_duel.store.artifacts.rglob("*.png"):
        path.unlink()
    voting.open("/vote?suite=duel")
    page = voting.page
    page.get_by_text("A picture is not in the store any more.").first.wait_for()
    page.keyboard.press("ArrowLeft")
    page.get_by_text("0 counted in this sitting").wait_for()
    assert page.get_by_role("button", name="Left is better").is_disabled()
    assert page.get_by_role("button", name="Skip").is_enabled()


def test_votes_reach_the_results_of_the_same_address(voting: Visit) -> None:
    page = begin(voting, "/vote?suite=duel&models=mona&models=pina")
    for number in range(PROMPTS):
        page.keyboard.press("ArrowLeft" if number % 3 else "ArrowDown")
        counted(page, number + 1)
    page.get_by_text("Results", exact=True).click()
    page.locator(".tally tbody tr").first.wait_for()  # published meanwhile, or a moment later
    assert page.locator(".tally").first.locator("tbody tr").count() == 2
    page.wait_for_url(lambda url: "see=Results" in url and url.count("models=") == 2)
    shared = page.url
    page.goto(shared)
    page.locator(".tally tbody tr").first.wait_for()
    page.locator(".tally a.title").first.click()
    page.wait_for_url(lambda url: "/model?" in url and "model=" in url)
    page.goto(shared)
    page.locator(".tally tbody tr").first.wait_for()
    page.get_by_text("Vote", exact=True).last.click()
    page.wait_for_url(lambda url: "see=" not in url and url.count("models=") == 2)
    page.get_by_text("Pairs of 2 chosen models").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    browser: Any, duelling: Painted, scheme: str, tmp_path: Any
) -> None:
    with serving(duelling.store.root) as (address, _):
        page = browser.new_page(color_scheme=scheme, viewport={"width": 1400, "height": 1000})
        for path in ("/vote?suite=duel", "/vote?suite=words", "/vote?suite=duel&see=Results"):
            page.goto(address + path)
            page.get_by_text("Results", exact=True).wait_for()
            page.wait_for_timeout(1500)
            assert serious_violations(page) == []
        page.close()


def test_on_a_phone_nothing_scrolls_sideways_and_thumbs_can_vote(
    browser: Any, own_duel: Painted
) -> None:
    with serving(own_duel.store.root) as (address, _):
        page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
        page.goto(address + "/vote?suite=duel")
        page.locator(".booth .sides:not(.waiting)").wait_for()
        for name in ("Left is better", "Tie", "Both are bad", "Undo", "Right is better"):
            button = page.get_by_role("button", name=name)
            button.tap()
            page.wait_for_timeout(200)
            box = button.bounding_box()
            assert box["height"] >= 44 and box["x"] >= 0 and box["x"] + box["width"] <= 390
        counted(page, 3)
        for see in ("Vote", "Results"):
            page.get_by_text(see, exact=True).last.click()
            page.wait_for_timeout(1000)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.close()


def test_hostile_strings_stay_text(visit: Visit) -> None:
    for see in ("Vote", "Results"):
        visit.open(f"/vote?suite=hostile&see={see}")
        visit.page.get_by_text("Results", exact=True).wait_for()
        visit.page.wait_for_timeout(1000)
        assert "owned" not in visit.page.title()
        assert visit.page.locator("img[src='x']").count() == 0
