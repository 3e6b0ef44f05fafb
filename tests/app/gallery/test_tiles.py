from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from evalharness.app.gallery.neighbours import steps
from evalharness.app.gallery.tiles import grid_payload, tile
from evalharness.board.columns import MetricColumn
from evalharness.board.gallery import GalleryOutput, GalleryPage, GalleryRow, Variant
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Status

SHA = "ab" * 32
BALL = Prompt("p", "a ball")

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
    made = tile(output, BALL, "Painter", several=False)
    shown = {"picture": "thumb", "text": "text", "status": "reason", "none": "reason"}
    assert made[shown[str(made["kind"])]]
    if made["kind"] == "picture":
        assert output.status in ("ok", "filtered")
        assert made["thumb"] == f"/thumbs/{SHA}"
        assert made["flagged"] == (output.status == "filtered")
        assert made["alt"] == "Painter’s picture for: a ball"


HELD = (None, "ok", "filtered")


@given(output=outputs.filter(lambda o: o.status not in HELD and o.take is not None))
def test_what_is_not_ok_is_a_status_with_its_reason(output: GalleryOutput) -> None:
    made = tile(output, BALL, "Painter", several=True)
    assert made["kind"] == "status"
    assert made["reason"] == (output.reason or "No reason was given.")
    assert made["seed"] == f"seed {output.seed}"


def test_a_model_without_a_job_for_a_prompt_says_so() -> None:
    model = Variant("m", "Model", "v", None)
    row = GalleryRow(BALL, {"look": "flat"}, {})
    page = GalleryPage("s", 1, "d", (model,), (0,), (row,), 0, 10, 1)
    payload = grid_payload(page, "Suite")
    assert payload["rows"] == [
        {
            "prompt": {
                "id": "p",
                "text": "a ball",
                "pictures": [],
                "options": [],
                "expected": "",
                "checked": "",
                "tags": ["look: flat"],
            },
            "cells": [
                {
                    "tiles": [{"kind": "none", "reason": "not planned"}],
                    "score": "",
                    "best": False,
                    "note": "",
                }
            ],
        }
    ]


def answer(seed: int, score: float | None, **named: object) -> GalleryOutput:
    told = {
        "job_key": f"k{seed}", "seed": seed, "take": 1, "status": "ok", "reason": "",
        "sha256": SHA, "kind": "picture", "format": "png", "width": 64, "height": 64, "text": None,
        "scores": {} if score is None else {"clip_score": score},
    }  # fmt: skip
    return GalleryOutput(**(told | named))  # type: ignore[arg-type]


def test_scores_stand_below_answers_and_the_best_of_a_prompt_is_marked() -> None:
    models = tuple(Variant(name, name, name, None) for name in "ab")
    cells = {
        "a": (answer(0, 20.0), answer(1, 30.0)),
        "b": (answer(0, 24.0), answer(1, None, status="refused", sha256=None, kind=None)),
    }
    row = GalleryRow(BALL, {}, cells)
    page = GalleryPage("s", 1, "d", models, (0, 1), (row,), 0, 10, 1)
    higher = MetricColumn("clip_score", "CLIP score", "", "higher", "output")
    a, b = grid_payload(page, "Suite", metric=higher)["rows"][0]["cells"]  # type: ignore[index,call-overload]
    assert (a["score"], a["best"], a["note"]) == ("25.00", True, "2 seeds · 20.00 … 30.00")
    assert (b["score"], b["best"], b["note"]) == ("24.00", False, "2 seeds · 1 refused")
    quiet = grid_payload(page, "Suite", metric=higher, status="refused")["rows"][0]["cells"]  # type: ignore[index,call-overload]
    assert [tile["quiet"] for tile in quiet[1]["tiles"]] == [True, False]


def test_unsafe_pictures_are_flagged_until_asked_for() -> None:
    unsafe = answer(0, None, scores={"nsfw_rate[nsfw]": 1.0})
    assert tile(unsafe, BALL, "m", several=False)["flagged"] is True
    assert tile(unsafe, BALL, "m", several=False, unblurred=True)["flagged"] is False
    assert tile(answer(0, None), BALL, "m", several=False)["flagged"] is False


def test_ways_lead_to_the_outputs_beside_one() -> None:
    models = tuple(Variant(name, name, name, None) for name in "abc")
    rows = tuple(
        GalleryRow(
            Prompt(name, name),
            {},
            {
                model: (answer(0, 1.0, job_key=f"{name}{model}0"), answer(1, 1.0, job_key="x"))
                for model in "ac"
            },
        )
        for name in ("p0", "p1")
    )
    page = GalleryPage("s", 1, "d", models, (0, 1), rows, 0, 10, 2)
    detail = SimpleNamespace(prompt_id="p1", model="a", seed=0)
    ways = steps(page, detail, suite="s", unblurred=False)  # type: ignore[arg-type]
    assert ways is not None
    assert ways["left"] is None
    assert ways["right"]["job"] == "p1c0"  # type: ignore[index,call-overload]
    assert ways["up"]["job"] == "p0a0"  # type: ignore[index,call-overload]
    assert ways["down"] is None
    assert ways["before"] is None
    assert ways["after"]["job"] == "x"  # type: ignore[index,call-overload]
    assert [one["here"] for one in ways["strip"]] == [True, False]  # type: ignore[union-attr]
    beside = [one["compare"] for one in ways["strip"]]  # type: ignore[union-attr,index,call-overload]
    assert beside[0] is None
    assert "first=a&second=c&prompt=p1" in beside[1]["address"]
    elsewhere = SimpleNamespace(prompt_id="gone", model="a", seed=0)
    assert steps(page, elsewhere, suite="s", unblurred=False) is None  # type: ignore[arg-type]
