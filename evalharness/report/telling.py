"""What reports say of prompts and answers in words, cut to what a page can bear."""

from __future__ import annotations

from collections.abc import Iterator

from evalharness.board.answers.checks import CheckEntry, checks_of
from evalharness.board.answers.seen import Judgement, ProgramRun
from evalharness.board.figures import status_words
from evalharness.core.nouns import Prompt
from evalharness.report.examples import ExampleAnswer

MOST_ANSWERED = 1_500
MOST_ASKED = 1_200
MOST_CHECKED = 600
"""Characters of an answer, of a prompt and of what is checked."""


def cut(text: str, most: int, characters: int | None = None) -> str:
    """The beginning of a text, and how long it is where that is not all of it."""
    whole = len(text) if characters is None else characters
    return text if whole <= most else f"{text[:most]} … ({whole:,} characters in all)"


def asked(prompt: Prompt) -> Iterator[tuple[str, str]]:
    """(label, text) of everything that a prompt says about right answers."""
    for one in checks_of(prompt):
        options = "; ".join(f"{o.text} (right)" if o.right else o.text for o in one.options)
        yield one.label, cut(options or one.text, MOST_CHECKED)


def answered(one: ExampleAnswer) -> str:
    """The answer, or why there is none."""
    output = one.output
    if output is None:
        return "not planned"
    if output.status is None:
        return "not tried yet"
    if output.status != "ok":
        return f"{status_words(output.status)}: {output.reason}"
    return cut(output.text or "(an empty text)", MOST_ANSWERED, output.characters)


def outcomes(one: ExampleAnswer) -> list[str]:
    """How an answer came out, a line each."""
    found = []
    if one.read is not None:
        found.append(f"{sign(one.read.right)} read as {one.read.text}")
    found += [_checked(check) for check in one.checks if not _told(one, check)]
    found += [_ran(run) for run in one.runs]
    found += [_judged(judgement) for judgement in one.judgements]
    return found


def sign(passed: bool) -> str:
    """✓ or ✗."""
    return "✓" if passed else "✗"


def _told(one: ExampleAnswer, check: CheckEntry) -> bool:
    """Whether what was read, or the program's run, says it already."""
    read = one.read is not None and check.label in ("Expected", "Choices", "Labels")
    return read or (bool(one.runs) and check.label == "Tests")


def _checked(check: CheckEntry) -> str:
    named = f"{check.label}: {cut(check.text, 80)}" if check.form == "text" else check.label
    return f"{sign(bool(check.passed))} {named}"


def _ran(run: ProgramRun) -> str:
    words = f" {run.message}" if run.message else ""
    return f"{sign(run.passed)} {run.status} its tests in {run.seconds:.2f} s{words}"


def _judged(one: Judgement) -> str:
    value = "no verdict" if one.value is None else f"{one.value:g}"
    if one.value is not None and one.question == "grade":
        value = f"{value} of 10"
    return f"{one.instrument}, {one.question}: {value}. {cut(one.problem or one.said, 300)}"
