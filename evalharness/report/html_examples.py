"""Telling answers in words as HTML, each prompt folded."""

from __future__ import annotations

from collections.abc import Sequence

from evalharness.ledger.store import Store
from evalharness.report.examples import Example, ExampleAnswer
from evalharness.report.markup import NOTHING, Html, element, joined, lines, text
from evalharness.report.telling import MOST_ASKED, answered, asked, cut, outcomes
from evalharness.report.thumbnails import GIVEN, thumbnail

MOST_SUMMARY = 160


def examples_section(store: Store, found: Sequence[Example]) -> Html:
    """The prompts by why they were chosen; the first of each kind is open."""
    parts = []
    for why in dict.fromkeys(one.why for one in found):
        parts.append(element("h4", text(why)))
        same = [one for one in found if one.why == why]
        parts += [_example(store, one, unfolded=not place) for place, one in enumerate(same)]
    return joined(parts)


def _example(store: Store, one: Example, *, unfolded: bool) -> Html:
    prompt = one.prompt
    pictures = [
        element("figure", thumbnail(store, picture.sha256, GIVEN)) for picture in prompt.images
    ]
    checks = [
        joined([element("dt", text(label)), element("dd", lines(words))])
        for label, words in asked(prompt)
    ]
    parts = [
        element("div", *pictures, class_="shown") if pictures else NOTHING,
        element("p", lines(cut(prompt.text, MOST_ASKED)), class_="lines"),
        element("dl", *checks, class_="asked") if checks else NOTHING,
        element("div", *(_answer(prompt.checks, answer) for answer in one.answers), class_="texts"),
    ]
    summary = element(
        "summary",
        element("b", text(prompt.id)),
        element("small", text(cut(prompt.text, MOST_SUMMARY).partition(" … (")[0])),
    )
    unfold = {"open": ""} if unfolded else {}
    return element("details", summary, *parts, class_="example", **unfold)


def _answer(checks: object, one: ExampleAnswer) -> Html:
    code = isinstance(checks, dict) and "code" in checks
    words = element(
        "pre" if code else "p", lines(answered(one)), class_="answer code" if code else "answer"
    )
    told = [element("li", text(outcome)) for outcome in outcomes(one)]
    return element(
        "article",
        element("h5", text(one.title)),
        words,
        element("ul", *told, class_="outcomes") if told else NOTHING,
    )
