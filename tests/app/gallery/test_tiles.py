from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evalharness.app.gallery.tiles import grid_payload, tile
from evalharness.board.gallery import GalleryOutput, GalleryPage, GalleryRow, Variant
from evalharness.core.outcomes import Status

SHA = "ab" * 32

outputs = st.builds(
    GalleryOutput,
    job_key=st.just("k"),
    seed=st.integers(0, 9),
    take=st.sampled_from([None, 1, 2]),
    status=st.sampled_from([None, *(str(s) for s in Status)]),
    reason=st.sampled_from(["", "why"]),
    sha256=st.sampled_from([None, SHA]),
    kind=st.sampled_from([None, "picture", "text"]),
    format=st.just("png"),
    width=st.just(64),
    height=st.just(64),
    text=st.sampled_from([None, "", "words"]),
    scores=st.just({}),
)


@given(output=outputs)
def test_no_tile_is_ever_empty(output: GalleryOutput) -> None:
    made = tile(output, "a ball", "Painter", several=False)
    shown = {"picture": "thumb", "text": "text", "status": "reason", "none": "reason"}
    assert made[shown[str(made["kind"])]]
    if made["kind"] == "picture":
        assert (output.status, made["thumb"]) == ("ok", f"/thumbs/{SHA}")
        assert made["alt"] == "Painter’s picture for: a ball"


@given(output=outputs.filter(lambda o: o.status not in (None, "ok") and o.take is not None))
def test_what_is_not_ok_is_a_status_with_its_reason(output: GalleryOutput) -> None:
    made = tile(output, "a ball", "Painter", several=True)
    assert made["kind"] == "status"
    assert made["reason"] == (output.reason or "No reason was given.")
    assert made["seed"] == f"seed {output.seed}"


def test_a_model_without_a_job_for_a_prompt_says_so() -> None:
    model = Variant("m", "Model", "v", None)
    row = GalleryRow("p", "a ball", {"look": "flat"}, {})
    page = GalleryPage("s", 1, "d", (model,), (0,), (row,), 0, 10, 1)
    payload = grid_payload(page, "Suite")
    assert payload["rows"] == [
        {
            "prompt": {"id": "p", "text": "a ball", "tags": ["look: flat"]},
            "cells": [[{"kind": "none", "reason": "not planned"}]],
        }
    ]
