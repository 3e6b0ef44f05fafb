"""A page of the gallery as the grid draws it: one tile an output, none of them ever empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from evalharness.app.pieces import Payload
from evalharness.app.routes import thumbnail_url
from evalharness.app.wording import (
    EMPTY,
    asked_in_short,
    came_out,
    likeliest,
    likely_bars,
    marked,
    read_as,
)
from evalharness.board.columns import MetricColumn
from evalharness.board.figures import Format, column_format, status_words, tone
from evalharness.board.gallery import GalleryOutput, GalleryPage, GalleryRow, Variant
from evalharness.core.nouns import Json, Prompt

MOST_SHOWN = 700
"""Characters of an answer in a tile, which folds it further."""
MOST_ASKED = 1_500
"""Characters of a prompt in the gallery."""
MOST_BARS = 6


def grid_payload(
    page: GalleryPage,
    title: str,
    *,
    metric: MetricColumn | None = None,
    status: str = "",
    unblurred: bool = False,
) -> Payload:
    """What `pieces.picture_grid` draws.

    Scores of `metric` stand below the answers, the best of a prompt marked; outputs of another
    status than `status` (if one is given) are quiet.
    """
    several = any(len(outputs) > 1 for row in page.rows for outputs in row.cells.values())
    form = _format(page, metric)
    rows: list[Json] = [
        {
            "prompt": {
                "id": row.prompt_id,
                "text": row.text[:MOST_ASKED],
                **asked_in_short(row.prompt),
                "tags": [f"{tag}: {value}" for tag, value in row.tags.items()],
            },
            "cells": _cells(page, row, several, metric, form, status, unblurred),
        }
        for row in page.rows
    ]
    kinds = {o.kind for row in page.rows for outputs in row.cells.values() for o in outputs}
    return {
        "caption": f"{title}: prompts down, models across",
        "widest": "440px" if "text" in kinds else "280px",
        "low": "picture" not in kinds,
        "models": [
            {"title": model.title, "subtitle": model.model if model.model != model.title else ""}
            for model in page.models
        ],
        "rows": rows,
    }


def _format(page: GalleryPage, metric: MetricColumn | None) -> Format | None:
    if metric is None:
        return None
    values = [
        (output.scores[metric.metric], None, None)
        for row in page.rows
        for outputs in row.cells.values()
        for output in outputs
        if metric.metric in output.scores
    ]
    return column_format(metric.unit, values) if values else None


def _cells(
    page: GalleryPage,
    row: GalleryRow,
    several: bool,
    metric: MetricColumn | None,
    form: Format | None,
    status: str,
    unblurred: bool,
) -> list[Json]:
    means = {
        model.model: mean_score(row.cells.get(model.model, ()), metric) for model in page.models
    }
    known = [mean for mean in means.values() if mean is not None]
    best: float | None = None
    if metric is not None and len(known) > 1 and min(known) < max(known):
        best = max(known) if metric.direction == "higher" else min(known)
    cells: list[Json] = []
    for model in page.models:
        outputs, mean = row.cells.get(model.model, ()), means[model.model]
        cells.append(
            {
                "tiles": _tiles(row, model, outputs, several, status, unblurred),
                "score": "" if mean is None or form is None else form.with_unit(mean),
                "best": mean is not None and mean == best,
                "note": _stability(outputs, metric, form),
            }
        )
    return cells


def mean_score(outputs: Sequence[GalleryOutput], metric: MetricColumn | None) -> float | None:
    """The mean of a metric over a cell's outputs; None where none has it."""
    if metric is None:
        return None
    values = [one.scores[metric.metric] for one in outputs if metric.metric in one.scores]
    return fmean(values) if values else None


def _stability(
    outputs: Sequence[GalleryOutput], metric: MetricColumn | None, form: Format | None
) -> str:
    """What a cell of several seeds says of them: how many are not ok, how far scores reach."""
    if len(outputs) < 2:
        return ""
    others = Counter(one.status or "open" for one in outputs if one.status != "ok")
    parts = [f"{count} {status_words(status)}" for status, count in sorted(others.items())]
    if metric is not None and form is not None:
        values = [one.scores[metric.metric] for one in outputs if metric.metric in one.scores]
        if len(values) > 1:
            parts.append(f"{form.number(min(values))} … {form.number(max(values))}")
    return " · ".join([f"{len(outputs)} seeds", *parts])


def _tiles(
    row: GalleryRow,
    model: Variant,
    outputs: Sequence[GalleryOutput],
    several: bool,
    status: str,
    unblurred: bool,
) -> list[Json]:
    if not outputs:
        return [{"kind": "none", "reason": "not planned"}]
    return [
        {
            **tile(output, row.prompt, model.title, several, unblurred=unblurred),
            "model": model.model,
            "prompt": row.prompt_id,
            "quiet": bool(status) and output.status != status,
        }
        for output in outputs
    ]


def tile(
    output: GalleryOutput, prompt: Prompt, model: str, several: bool, *, unblurred: bool = False
) -> dict[str, Json]:
    """One output as a tile: a picture, a text, likelihoods, or a status with its reason."""
    if output.status is None or output.take is None:
        return {"kind": "none", "reason": f"not tried yet (seed {output.seed})"}
    made: dict[str, Json] = {
        "job": output.job_key,
        "take": output.take,
        "tone": tone(output.status),
        "seed": f"seed {output.seed}" if several else "",
        "label": f"{model}, seed {output.seed}: {status_words(output.status)}. Open it.",
        "flagged": output.flagged and not unblurred,
    }
    shown = output.status in {"ok", "filtered"}
    if shown and output.kind == "picture" and output.sha256:
        alt = f"{model}’s picture for: {prompt.text[:MOST_ASKED]}"
        return {**made, "kind": "picture", "thumb": thumbnail_url(output.sha256), "alt": alt}
    if output.status == "ok" and output.likely:
        bars = likely_bars(output.likely, MOST_BARS)
        return {**made, "kind": "likely", "bars": bars, "text": likeliest(output.likely)}
    if output.status == "ok" and output.kind == "text":
        return {**made, "kind": "text", **_words(prompt, output)}
    reason = output.reason or (
        "It finished, but nothing is stored." if output.status == "ok" else "No reason was given."
    )
    return {**made, "kind": "status", "status": status_words(output.status), "reason": reason}


def _words(prompt: Prompt, output: GalleryOutput) -> dict[str, Json]:
    text = output.text or ""
    long = (output.characters or 0) > MOST_SHOWN
    return {
        "text": text[:MOST_SHOWN] or EMPTY,
        "pieces": marked(prompt, text, MOST_SHOWN),
        "read": (read := read_as(prompt, text)),
        "checks": came_out(prompt, output, told=read is not None),
        "code": "code" in prompt.checks,
        "more": f"{output.characters:,} characters in all" if long else "",
    }
