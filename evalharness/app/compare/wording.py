"""Two answers in words, told apart word by word, each with what it was taken to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evalharness.app.diffs import with_marks, words_apart
from evalharness.app.wording import EMPTY, FIRST, check_rows, code_pieces, read_as, rest_of
from evalharness.board.answers.checks import checks_of
from evalharness.board.answers.marks import marks
from evalharness.board.outputs import GalleryOutput
from evalharness.core.nouns import Json, Prompt


def told_apart(
    prompt: Prompt, first: GalleryOutput | None, second: GalleryOutput | None
) -> tuple[dict[str, Json], dict[str, Json]]:
    """What to draw of each side; nothing of a side that is no answer in words."""
    one, other = _words(first), _words(second)
    if one is None or other is None or one == other:
        shown = [[] if text is None else [(text, "equal")] for text in (one, other)]
    else:
        parts = list(words_apart(one, other))
        shown = [[part for part in parts if part[1] != kind] for kind in ("insert", "delete")]
    return _side(prompt, first, shown[0]), _side(prompt, second, shown[1])


def _words(output: GalleryOutput | None) -> str | None:
    """The beginning of an answer in words."""
    if output is None or output.status != "ok" or output.kind != "text" or output.likely:
        return None
    return (output.text or "")[:FIRST]


def _side(
    prompt: Prompt, output: GalleryOutput | None, parts: Sequence[tuple[str, str]]
) -> dict[str, Json]:
    shown = _words(output)
    if output is None or shown is None:
        return {}
    text = output.text or ""
    is_code = "code" in prompt.checks
    same = all(kind == "equal" for _, kind in parts)
    words = code_pieces(shown) if is_code and same else with_marks(parts, marks(prompt, text))
    checked = checks_of(prompt, text if output.whole else None, output.scores)
    measured = [one for one in checked if one.passed is not None and one.text]
    return {
        "words": words or [{"text": EMPTY, "kind": "equal", "mark": ""}],
        "code": is_code,
        "read": read_as(prompt, text),
        "rest": rest_of(output.sha256, shown, output.characters),
        # what is expected stands above both answers
        "checks": list(
            check_rows(
                replace(one, text="") if one.label == "Expected" else one for one in measured
            )
        ),
    }
