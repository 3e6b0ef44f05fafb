"""A row of answers with a line or two below each."""

from __future__ import annotations

from collections.abc import Mapping

from evalharness.app import links
from evalharness.app.routes import picture_url, thumbnail_url
from evalharness.app.wording import EMPTY, likely_bars, prompt_pictures
from evalharness.board.gallery import GalleryOutput
from evalharness.core.nouns import Json, Prompt

MOST_WORDS = 400
"""Characters of an answer, and of a prompt, on a shelf, which folds them further."""
MOST_BARS = 4
"""Continuations whose likelihoods have room on a shelf."""


def item(
    output: GalleryOutput,
    suite: str,
    model: str,
    prompt: Prompt,
    note: str = "",
    title: str | None = None,
) -> Json:
    """An ok output that leads to itself in the gallery; `suite` is its name in the address.

    Below it stand the prompt, or a title in its place, and a note.
    """
    parameters = {
        "output": output.job_key,
        "take": str(output.take),
        "whose": model,
        "asked": prompt.id,
    }
    text = (prompt.text if title is None else title)[:MOST_WORDS]
    made: dict[str, Json] = {
        "text": text,
        "pictures": [] if title is not None else prompt_pictures(prompt)[:1],
        "note": note,
        "link": links.target("gallery", suite, parameters),
        "label": f"{model}’s answer to: {text}",
    }
    if output.kind == "picture" and output.sha256:
        return {**made, "thumb": thumbnail_url(output.sha256), "flagged": output.flagged}
    if output.likely:
        return {**made, "bars": likely_bars(output.likely, MOST_BARS)}
    return {**made, "words": (output.text or EMPTY)[:MOST_WORDS]}


def picture(sha256: str, text: str, note: str, label: str, *, flagged: bool) -> Json:
    """A stored picture that opens by itself."""
    address: Mapping[str, Json] = {"address": picture_url(sha256)}
    return {
        "text": text,
        "note": note,
        "label": label,
        "thumb": thumbnail_url(sha256),
        "flagged": flagged,
        **address,
    }
