"""Two sides' answers as the page draws them."""

from __future__ import annotations

from collections.abc import Sequence

from evalharness.app.compare.wording import told_apart
from evalharness.app.pieces import Payload
from evalharness.app.routes import picture_url, thumbnail_url
from evalharness.app.wording import (
    EMPTY,
    MOST_ASKED,
    asked_in_short,
    likeliest,
    likely_bars,
    prompt_pictures,
    run_row,
)
from evalharness.board.answers.seen import ProgramRun
from evalharness.board.compare.prompt_differences import Answers, PromptDifference
from evalharness.board.figures import Format, status_words
from evalharness.board.outputs import GalleryOutput
from evalharness.core.nouns import Json

MOST_LISTED = 300
"""Characters of an answer, and of a prompt, in the list of prompts, which folds them further."""


def list_payload(
    shown: Sequence[Answers],
    differences: dict[str, PromptDifference],
    form: Format,
    labels: tuple[str, str],
) -> Payload:
    """What `pieces.pair_list` draws: one line a prompt, with each side's first answer."""
    rows: list[Json] = []
    for one in shown:
        found = differences[one.prompt_id]
        rows.append(
            {
                "prompt": one.prompt_id,
                "text": one.text[:MOST_LISTED],
                "pictures": prompt_pictures(one.prompt)[:1],
                "difference": signed(form, found.difference),
                "first": {**_answer(one.first, labels[0]), "score": form.number(found.first)},
                "second": {**_answer(one.second, labels[1]), "score": form.number(found.second)},
            }
        )
    return {"rows": rows}


def signed(form: Format, value: float) -> str:
    """A difference with its sign."""
    return f"+{form.number(value)}" if value > 0 else form.number(value)


def _answer(outputs: Sequence[GalleryOutput], label: str) -> dict[str, Json]:
    """The first output that is ok, or why there is none."""
    for output in outputs:
        if output.status == "ok" and output.kind == "picture" and output.sha256:
            return {
                "thumb": thumbnail_url(output.sha256),
                "alt": f"{label}: picture",
                "flagged": output.flagged,
            }
        if output.status == "ok" and output.likely:
            return {"text": likeliest(output.likely)[:MOST_LISTED]}
        if output.status == "ok" and output.kind == "text":
            return {"text": (output.text or EMPTY)[:MOST_LISTED]}
    return {"text": _why(outputs[0]) if outputs else "not planned"}


def _why(output: GalleryOutput) -> str:
    if output.status is None:
        return "not tried yet"
    reason = f": {output.reason}" if output.reason else ""
    return f"{status_words(output.status)}{reason}"


def outputs_with(one: Answers, seed: int) -> tuple[GalleryOutput | None, GalleryOutput | None]:
    """Both sides' outputs with a seed."""
    first, second = (
        next((output for output in outputs if output.seed == seed), None)
        for outputs in (one.first, one.second)
    )
    return first, second


def viewer_payload(
    one: Answers,
    seed: int,
    labels: tuple[str, str],
    metric: str,
    form: Format,
    mode: str,
    runs: Sequence[Sequence[ProgramRun]] = ((), ()),
    judged: Json = None,
) -> Payload:
    """What `pieces.pair_viewer` draws of one prompt and seed; `runs` are both answers' programs,
    `judged` is `judged.payload`.
    """
    first, second = both = outputs_with(one, seed)
    sides = [_side(output, label, metric, form) for output, label in zip(both, labels, strict=True)]
    for side, words in zip(sides, told_apart(one.prompt, first, second), strict=True):
        side.update(words)
    for side, found in zip(sides, runs, strict=True):
        side["runs"] = [run_row(run) for run in found]
    return {
        "text": one.text[:MOST_ASKED],
        **asked_in_short(one.prompt),
        "mode": mode,
        "first": sides[0],
        "second": sides[1],
        "apart": _apart(first, second, metric, form),
        "judged": judged,
        "steps": True,
        "key": f"{one.prompt_id}-{seed}",
    }


def _apart(
    first: GalleryOutput | None, second: GalleryOutput | None, metric: str, form: Format
) -> str:
    """By how much two outputs' scores differ, in words; empty where one has none."""
    if first is None or second is None or not (metric in first.scores and metric in second.scores):
        return ""
    difference = second.scores[metric] - first.scores[metric]
    return f"Second minus first in {metric}: {signed(form, difference)} {form.unit}".rstrip()


def _side(output: GalleryOutput | None, label: str, metric: str, form: Format) -> dict[str, Json]:
    if output is None:
        return {"label": label, "kind": "status", "reason": "nothing with this seed"}
    score = output.scores.get(metric)
    made: dict[str, Json] = {
        "label": label,
        "score": "" if score is None else form.with_unit(score),
    }
    if output.status == "ok" and output.kind == "picture" and output.sha256:
        source = picture_url(output.sha256)
        size = f"{output.width} × {output.height}" if output.width and output.height else ""
        return {
            **made,
            "kind": "picture",
            "source": source,
            "size": size,
            "flagged": output.flagged,
        }
    if output.status == "ok" and output.likely:
        return {**made, "kind": "likely", "likely": likely_bars(output.likely)}
    if output.status == "ok" and output.kind == "text":
        return {**made, "kind": "text"}
    return {**made, "kind": "status", "reason": _why(output)}
