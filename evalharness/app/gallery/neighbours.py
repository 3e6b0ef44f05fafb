"""From one output to the ones beside it on the page: other models, prompts and seeds."""

from __future__ import annotations

from collections.abc import Sequence

from evalharness.app import links
from evalharness.app.gallery.tiles import tile
from evalharness.app.pieces import Payload
from evalharness.board.gallery import GalleryOutput, GalleryPage, GalleryRow, OutputDetail
from evalharness.core.nouns import Json


def steps(
    page: GalleryPage, detail: OutputDetail, *, suite: str, unblurred: bool
) -> Payload | None:
    """What `pieces.stepper` draws; None for an output that is not on this page of the gallery.

    `suite` is the suite's name in the address.
    """
    rows = [row for row in page.rows if row.prompt_id == detail.prompt_id]
    models = [model.model for model in page.models]
    if not rows or detail.model not in models:
        return None
    row, place = rows[0], page.rows.index(rows[0])
    column = models.index(detail.model)
    seeds = _tried(row.cells.get(detail.model, ()))
    at = next((i for i, one in enumerate(seeds) if one.seed == detail.seed), 0)
    shown: list[Json] = []
    for model in page.models:
        output = _nearest(row, model.model, detail.seed)
        if output is not None:
            drawn = tile(output, row.prompt, model.title, several=False, unblurred=unblurred)
            here = model.model == detail.model
            beside = None if here else _beside(detail, model.model, suite)
            way = _target(output, model.model, row)
            shown.append({**drawn, **way, "here": here, "compare": beside})
    return {
        "strip": shown,
        "left": _to(page.rows[place], models[:column][::-1], detail.seed),
        "right": _to(page.rows[place], models[column + 1 :], detail.seed),
        "up": _first(page.rows[:place][::-1], detail),
        "down": _first(page.rows[place + 1 :], detail),
        "before": _target(seeds[at - 1], detail.model, row) if at > 0 else None,
        "after": _target(seeds[at + 1], detail.model, row) if at + 1 < len(seeds) else None,
    }


def _beside(detail: OutputDetail, other: str, suite: str) -> Json:
    """The way to both models' answers beside each other."""
    # not the seed: the gallery binds it, and could then not lead there
    both = {"first": detail.model, "second": other}
    return links.target("compare", suite, {**both, "prompt": detail.prompt_id})


def _tried(outputs: Sequence[GalleryOutput]) -> list[GalleryOutput]:
    return [one for one in outputs if one.take is not None]


def _nearest(row: GalleryRow, model: str, seed: int) -> GalleryOutput | None:
    """The model's output with that seed, or else its first one."""
    tried = _tried(row.cells.get(model, ()))
    return next((one for one in tried if one.seed == seed), tried[0] if tried else None)


def _target(output: GalleryOutput, model: str, row: GalleryRow) -> dict[str, Json]:
    return {
        "job": output.job_key,
        "take": output.take,
        "model": model,
        "prompt": row.prompt_id,
    }


def _to(row: GalleryRow, models: Sequence[str], seed: int) -> Json:
    for model in models:
        output = _nearest(row, model, seed)
        if output is not None:
            return _target(output, model, row)
    return None


def _first(rows: Sequence[GalleryRow], detail: OutputDetail) -> Json:
    for row in rows:
        output = _nearest(row, detail.model, detail.seed)
        if output is not None:
            return _target(output, detail.model, row)
    return None
