"""One HTML file that needs nothing else: no network, no script, nothing of the store's folder."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from evalharness.board.compare import Comparison
from evalharness.board.compare import tables as comparisons
from evalharness.board.profile import Profile
from evalharness.board.profile import tables as profiles
from evalharness.ledger.store import Store
from evalharness.report.contents import SuiteReport
from evalharness.report.html_examples import examples_section
from evalharness.report.html_pictures import (
    apart_section,
    gallery_section,
    telling_pictures,
)
from evalharness.report.html_tables import board_table, sheet_section
from evalharness.report.markup import NOTHING, Html, element, text

_STYLE = Path(__file__).with_name("page.css")


def html_page(store: Store, reports: Sequence[SuiteReport], made_at: datetime) -> str:
    """The whole page; `made_at` is UTC.

    Its content security policy allows its own style sheet (by digest) and pictures in the page
    itself, and nothing else: not even a string that got past escaping could load or run anything.
    """
    style = _STYLE.read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", text(_title(reports))),
        Html(f"<style>{style}</style>"),
    )
    body = element("body", _top(reports, made_at), element("main", *_suites(store, reports)))
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _title(reports: Sequence[SuiteReport]) -> str:
    return "Report: " + ", ".join(one.entry.title or one.entry.suite for one in reports)


def _top(reports: Sequence[SuiteReport], made_at: datetime) -> Html:
    links = [
        element("a", text(one.entry.title or one.entry.suite), href=f"#suite-{place}")
        for place, one in enumerate(reports)
    ]
    return element(
        "header",
        element("h1", text("Which model, and how sure are we?")),
        element("p", text(f"evalharness report of {made_at:%Y-%m-%d %H:%M} UTC"), class_="note"),
        element("nav", *links, aria_label="Suites") if len(links) > 1 else NOTHING,
    )


def _suites(store: Store, reports: Sequence[SuiteReport]) -> list[Html]:
    return [_suite(store, one, f"suite-{place}") for place, one in enumerate(reports)]


def _suite(store: Store, one: SuiteReport, anchor: str) -> Html:
    entry = one.entry
    told = (
        f"{entry.suite} version {entry.version} ({entry.digest[:12]}) · {entry.prompts} prompts × "
        f"{_count(len(one.page.seeds), 'seed')} · {_count(len(entry.models), 'model')} · "
        f"{entry.protocol} settings"
    )
    return element(
        "section",
        element("h2", text(entry.title or entry.suite)),
        element("p", text(told), class_="note"),
        element("h3", text("Leaderboard")),
        board_table(one.board),
        element("h3", text("Answers")),
        examples_section(store, one.examples) if one.examples else gallery_section(store, one.page),
        *([] if one.comparison is None else _comparison(store, one.comparison)),
        *_profiles(store, one),
        id=anchor,
        class_="suite",
    )


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}{'' if n == 1 else 's'}"


def _comparison(store: Store, found: Comparison) -> list[Html]:
    sheets = comparisons.sheets(found, apart=False)
    return [
        element("h3", text("Comparison")),
        *(sheet_section(sheet) for sheet in sheets[:-1]),
        apart_section(store, found),
        sheet_section(sheets[-1]),
    ]


def _profiles(store: Store, one: SuiteReport) -> list[Html]:
    parts = [element("h3", text("Models"))]
    parts += [_profile(store, found) for found in one.profiles]
    if one.unprofiled:
        told = f"Without a profile here: {', '.join(one.unprofiled)}."
        parts.append(element("p", text(told), class_="note"))
    return parts


def _profile(store: Store, found: Profile) -> Html:
    named = [element("b", text(found.title))]
    if found.title != found.model:
        named.append(element("small", text(found.model)))
    looks = found.default_look.looks if found.default_look is not None else ()
    if looks:
        named.append(element("small", text(f"{looks[0].name} {looks[0].share:.0%}")))
    first, *others = profiles.sheets(found, pictures=False)
    return element(
        "details",
        element("summary", *named),
        element(
            "div",
            sheet_section(replace(first, title="")),
            *(sheet_section(sheet) for sheet in others),
            class_="sheets",
        ),
        telling_pictures(store, found),
    )
