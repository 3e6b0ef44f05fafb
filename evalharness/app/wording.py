"""Answers in words as elements draw them: pieces with marks, cut where they are long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from evalharness.app.routes import picture_url, text_url, thumbnail_url
from evalharness.board.answers.checks import CheckEntry, checks_of, options_of
from evalharness.board.answers.code import coloured
from evalharness.board.answers.likely import Likely
from evalharness.board.answers.marks import Mark, Reading, marks, reading
from evalharness.board.answers.seen import ProgramRun
from evalharness.board.outputs import GalleryOutput
from evalharness.core.nouns import Json, Prompt

EMPTY = "(an empty text)"
FIRST = 6_000
"""Characters of an answer that are shown before somebody asks for more."""
MOST_ASKED = 20_000
"""Characters of a prompt in full; more stand in the prompts' own file."""
MOST_OPTIONS = 12
"""Choices and labels that stand in a gallery's prompt."""


def pieces(text: str, found: Sequence[Mark], most: int) -> list[Json]:
    """The first `most` characters as pieces: `mark` is right, wrong or empty."""
    made: list[Json] = []
    at = 0
    for one in found:
        if one.start >= most:
            break
        made.append({"text": text[at : one.start], "mark": ""})
        at = min(one.end, most)
        made.append({"text": text[one.start : at], "mark": "right" if one.right else "wrong"})
    made.append({"text": text[at:most], "mark": ""})
    return [one for one in made if isinstance(one, dict) and one["text"]]


def marked(prompt: Prompt, text: str, most: int = FIRST) -> list[Json]:
    """The beginning of an answer to a prompt, with what counts in it marked."""
    return pieces(text, marks(prompt, text), most) if text else [{"text": EMPTY, "mark": ""}]


def read_as(prompt: Prompt, text: str) -> Json:
    """What an answer was taken to say; None where nothing is read from answers to this prompt.

    The text is empty where that is the answer as it stands.
    """
    found: Reading | None = reading(prompt, text)
    if found is None:
        return None
    return {"text": "" if found.text == text.strip() else found.text, "right": found.right}


def rest_of(sha256: str | None, shown: str, characters: int | None) -> Json:
    """Where what is not shown of a text can be fetched; None where all of it is shown.

    `from` is the byte at which the rest begins.
    """
    if sha256 is None or characters is None or characters <= len(shown):
        return None
    begun = len(shown.encode("utf-8", "surrogatepass"))
    return {"address": text_url(sha256), "from": begun, "characters": characters}


def likely_bars(likely: Sequence[Likely], most: int | None = None) -> list[Json]:
    """How likely each continuation is, as bars in their order.

    Of more than `most` the likeliest are drawn, and the right one.
    """
    ahead = sorted(likely, key=lambda one: (not one.right, -one.share))
    drawn = {id(one) for one in ahead[:most]}
    return [
        {
            "text": one.text.strip() or EMPTY,
            "share": one.share,
            "said": f"{one.share:.1%}".replace("-", "−"),
            "log": f"{one.log:.2f}".replace("-", "−"),
            "tokens": one.tokens,
            "right": one.right,
        }
        for one in likely
        if id(one) in drawn
    ]


def likeliest(likely: Sequence[Likely]) -> str:
    """The likeliest continuation with its share, where there is room for one alone."""
    top = max(likely, key=lambda one: one.share)
    return f"{top.text.strip() or EMPTY} {top.share:.1%}"


def prompt_pictures(prompt: Prompt) -> list[Json]:
    """The pictures that a model was shown."""
    return [
        {
            "thumb": thumbnail_url(one.sha256),
            "source": picture_url(one.sha256),
            "alt": f"Picture {place} of the prompt",
        }
        for place, one in enumerate(prompt.images, 1)
    ]


def asked_in_short(prompt: Prompt) -> dict[str, Json]:
    """What a gallery says of a prompt beside its words: pictures, choices, what is expected."""
    options: list[Json] = [
        {"text": one.text, "right": one.right}
        for check in ("choices", "labels")
        for one in options_of(prompt, check)
    ]
    expected = "" if options else prompt.target or ""
    return {
        "pictures": prompt_pictures(prompt),
        "options": options[:MOST_OPTIONS],
        "expected": expected[:400],
        "checked": _counted(prompt),
    }


def _counted(prompt: Prompt) -> str:
    labels = [one.label for one in checks_of(prompt)]
    found = []
    for label, word in _COUNTED.items():
        n = labels.count(label)
        if n:
            found.append(word if n == 1 else f"{n} {word}s")
    return ", ".join(found)


_COUNTED = {
    "Instruction": "instruction",
    "Pattern": "pattern",
    "JSON Schema": "JSON Schema",
    "Tests": "tests",
}


def came_out(prompt: Prompt, output: GalleryOutput, *, told: bool) -> list[Json]:
    """How an answer came out in each check that was measured, in a word or two.

    `told`: what it was read as is told elsewhere, and so whether that is right.
    """
    found = checks_of(prompt, output.text if output.whole else None, output.scores)
    said = ("Expected", "Choices", "Labels") if told else ()
    counts: dict[str, list[bool]] = {}
    for one in found:
        if one.passed is not None and one.label not in said:
            counts.setdefault(one.label, []).append(one.passed)
    return [
        {
            "label": label if len(passed) == 1 else f"{sum(passed)} of {len(passed)} instructions",
            "passed": all(passed),
        }
        for label, passed in counts.items()
    ]


def check_rows(found: Iterable[CheckEntry]) -> Iterator[Json]:
    """Checks as the answer's element draws them."""
    for one in found:
        options: list[Json] = [{"text": o.text, "right": o.right} for o in one.options]
        yield {
            "label": one.label,
            "text": one.text,
            "passed": one.passed,
            "form": one.form,
            "options": options,
        }


def code_pieces(text: str) -> list[Json]:
    """A program, or an answer with one, as coloured pieces."""
    return [
        {"text": words, "mark": "", "token": colour} for words, colour in coloured(text) if words
    ]


def run_row(one: ProgramRun) -> Json:
    """A program's run as elements draw it."""
    return {
        "instrument": one.instrument,
        "passed": one.passed,
        "status": one.status,
        "message": one.message,
        "seconds": f"{one.seconds:.2f} s",
        "streams": [
            {"name": name, "text": text}
            for name, text in (("printed", one.stdout), ("errors", one.stderr))
            if text.strip()
        ],
    }
