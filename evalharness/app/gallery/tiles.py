"""A page of the gallery as the grid draws it: one tile an output, none of them ever empty."""

from __future__ import annotations

from evalharness.app.pieces import Payload
from evalharness.app.routes import thumbnail_url
from evalharness.board.figures import status_words, tone
from evalharness.board.gallery import GalleryOutput, GalleryPage, GalleryRow, Variant
from evalharness.core.nouns import Json


def grid_payload(page: GalleryPage, title: str) -> Payload:
    """What `pieces.picture_grid` draws."""
    several = any(len(outputs) > 1 for row in page.rows for outputs in row.cells.values())
    rows: list[Json] = [
        {
            "prompt": {
                "id": row.prompt_id,
                "text": row.text,
                "tags": [f"{tag}: {value}" for tag, value in row.tags.items()],
            },
            "cells": [_cell(row, model, several) for model in page.models],
        }
        for row in page.rows
    ]
    kinds = {o.kind for row in page.rows for outputs in row.cells.values() for o in outputs}
    return {
        "caption": f"{title}: prompts down, models across",
        "widest": "440px" if "text" in kinds else "280px",
        "models": [
            {"title": model.title, "subtitle": model.model if model.model != model.title else ""}
            for model in page.models
        ],
        "rows": rows,
    }


def _cell(row: GalleryRow, model: Variant, several: bool) -> Json:
    outputs = row.cells.get(model.model, ())
    if not outputs:
        return [{"kind": "none", "reason": "not planned"}]
    return [
        {
            **tile(output, row.text, model.title, several),
            "model": model.model,
            "prompt": row.prompt_id,
        }
        for output in outputs
    ]


def tile(output: GalleryOutput, prompt: str, model: str, several: bool) -> dict[str, Json]:
    """One output as a tile: a picture, a text, or a status with its reason."""
    if output.status is None or output.take is None:
        return {"kind": "none", "reason": f"not tried yet (seed {output.seed})"}
    made: dict[str, Json] = {
        "job": output.job_key,
        "take": output.take,
        "tone": tone(output.status),
        "seed": f"seed {output.seed}" if several else "",
        "label": f"{model}, seed {output.seed}: {status_words(output.status)}. Open it.",
    }
    if output.status == "ok" and output.kind == "picture" and output.sha256:
        alt = f"{model}’s picture for: {prompt}"
        return {**made, "kind": "picture", "thumb": thumbnail_url(output.sha256), "alt": alt}
    if output.status == "ok" and output.kind == "text":
        return {**made, "kind": "text", "text": output.text or "(an empty text)"}
    reason = output.reason or (
        "It finished, but nothing is stored." if output.status == "ok" else "No reason was given."
    )
    return {**made, "kind": "status", "status": status_words(output.status), "reason": reason}
