"""Telling answers in words as Markdown, each prompt folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evalharness.board.inert import markdown_text, plain_lines
from evalharness.report.examples import Example
from evalharness.report.telling import MOST_ASKED, answered, asked, cut, outcomes


def examples_text(found: Sequence[Example]) -> str:
    """The prompts by why they were chosen; empty where there are none."""
    return "\n".join(_lines(found)) + "\n" if found else ""


def _lines(found: Sequence[Example]) -> Iterator[str]:
    for why in dict.fromkeys(one.why for one in found):
        yield f"### {markdown_text(why)}\n"
        for one in found:
            if one.why == why:
                yield from _example(one)


def _example(one: Example) -> Iterator[str]:
    yield f"<details><summary>{markdown_text(one.prompt.id)}</summary>\n"
    yield fenced(cut(one.prompt.text, MOST_ASKED))
    for label, words in asked(one.prompt):
        yield f"- {markdown_text(label)}: {markdown_text(words)}"
    if one.prompt.images:
        count = len(one.prompt.images)
        yield f"- with {count} picture{'' if count == 1 else 's'}"
    for answer in one.answers:
        yield f"\n**{markdown_text(answer.title)}**\n"
        yield fenced(answered(answer))
        yield from (f"- {markdown_text(outcome)}" for outcome in outcomes(answer))
    yield "\n</details>\n"


def fenced(text: str) -> str:
    """A text between fences that nothing in it can close."""
    shown = plain_lines(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}\n"
