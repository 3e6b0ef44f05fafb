from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import evalharness
from evalharness.cli.main import _application
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from tests.app.opened import app, downloads, payloads, said

CLIP = "clip_score[tiny-clip]"


def prompts(test: Any) -> list[str]:
    found = payloads(test, "grid")
    return [row["prompt"]["id"] for row in found[0]["rows"]] if found else []


def test_prompts_with_a_status_are_kept_and_other_tiles_are_quiet(open_app: Any) -> None:
    test = open_app("gallery", suite="tinyworld", status="refused")
    assert prompts(test) == ["p01", "p04"]
    assert "2 of 12 prompts" in said(test)
    tiles = [
        tile
        for row in payloads(test, "grid")[0]["rows"]
        for cell in row["cells"]
        for tile in cell["tiles"]
    ]
    assert {tile["kind"] for tile in tiles if not tile["quiet"]} == {"status"}
    next(
        button for button in test.button if "an output that is refused" in button.label
    ).click().run()
    assert len(prompts(test)) == 10


def test_words_and_scores_filter_and_orders_sort(open_app: Any) -> None:
    assert prompts(open_app("gallery", suite="tinyworld", search="P1")) == ["p10", "p11"]
    by_need = open_app("gallery", suite="tinyworld", sorted="most troubles first")
    assert prompts(by_need)[:2] == ["p01", "p04"] or prompts(by_need)[0] in ("p01", "p02", "p04")
    best = prompts(
        open_app("gallery", suite="tinyworld", sorted="where models do best", length="20")
    )
    worst = prompts(
        open_app("gallery", suite="tinyworld", sorted="where models do worst", length="20")
    )
    assert best == worst[::-1] and best != sorted(best)
    none = open_app("gallery", suite="tinyworld", low="9000")
    assert "No prompt is left. Loosen the filter above." in said(none).replace("\\", "")


def test_an_empty_gallery_says_which_filter_to_loosen(open_app: Any) -> None:
    test = open_app("gallery", suite="tinyworld", search="P1", status="refused")
    told = said(test).replace("\\", "")
    assert "Clearing the filter ‘with “P1”’ leaves 2 prompts." in told
    assert "Clearing the filter ‘with an output that is refused’ leaves 2 prompts." in told
    next(button for button in test.button if button.label == "Clear all").click().run()
    assert len(prompts(test)) == 10


def test_one_models_best_prompts_come_first_while_all_models_are_shown(open_app: Any) -> None:
    asked = {"suite": "tinyworld", "sorted": "where models do best", "length": "20"}
    timid = open_app("gallery", **asked, of="painter-timid")
    (grid,) = payloads(timid, "grid")
    column = next(
        place
        for place, model in enumerate(grid["models"])
        if "painter-timid" in (model["title"], model["subtitle"])
    )
    scores = [row["cells"][column]["score"] for row in grid["rows"]]
    known = [float(score) for score in scores if score]
    assert len(known) == 10 and known == sorted(known, reverse=True)
    assert scores[10:] == ["", ""]
    assert len(grid["models"]) == 5


def test_every_output_of_all_pages_can_be_taken_away(open_app: Any) -> None:
    assert downloads(open_app("gallery", suite="tinyworld"))[:3] == ["CSV", "Parquet", "Markdown"]


def test_the_command_makes_the_same_bytes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command that a lightbox shows, run in an empty folder."""
    store = tmp_path / "store"
    evalharness.run(
        "tinyworld", models=["painter-careful"], limit=3, metrics=["latency"], store=store
    )
    with connect(Store.open(store)) as connection:
        job, sha256 = connection.execute(
            """
            SELECT a.job_key, a.sha256 FROM output_artifacts a JOIN members m USING (job_key)
            WHERE m.seed = 2 ORDER BY m.prompt_id LIMIT 1
            """
        ).fetchone() or ("", "")
    test = app(store, monkeypatch, "gallery", {"output": job, "take": "1"})
    (line,) = [code.value for code in test.code if code.value.startswith("evalharness run")]
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line)[1:]
    done = CliRunner().invoke(_application(words), words)
    assert done.exit_code == 0, done.output + str(done.exception)
    with connect(Store.open(tmp_path / "again")) as connection:
        made = connection.execute("SELECT job_key, sha256 FROM output_artifacts").fetchall()
    assert made == [(job, sha256)]


def test_an_unknown_prompt_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    from evalharness.core.errors import UnknownNameError

    with pytest.raises(UnknownNameError, match="red-ball"):
        evalharness.run(
            "tinyworld", models=["painter-careful"], prompt_ids=["red-bal"], store=tmp_path / "s"
        )
