from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from evalharness.ledger.artifacts import store_picture
from evalharness.ledger.store import Store
from tests.app.opened import app, downloads, payloads, said

CLIP = "clip_score[tiny-clip]"


def tiles(test: AppTest) -> list[Any]:
    (grid,) = payloads(test, "grid")
    return [tile for row in grid["rows"] for cell in row["cells"] for tile in cell["tiles"]]


def models(test: AppTest) -> list[str]:
    (table,) = payloads(test, "table")
    return [row["title"] for row in table["rows"]]


def test_the_leaderboard_opens_on_the_largest_suite(open_app: Any) -> None:
    test = open_app()
    assert test.title[0].value == "The embedded world"
    assert test.selectbox(key="suite").value == "tinyworld"
    assert test.selectbox(key="metric").value == CLIP
    assert models(test)[-1] == "Tiny base, undertrained"
    (table,) = payloads(test, "table")
    timid = next(row for row in table["rows"] if row["title"] == "Timid painter")
    assert [s["label"] for s in timid["statuses"]] == ["20 ok", "4 refused"]
    fid = timid["cells"][1]
    assert (fid["value"], fid["reason"]) == (None, "24 outputs, at least 256 needed")
    assert timid["cells"][2]["count"] == "n 24"
    assert len(test.get("vega_lite_chart")) == 1
    assert downloads(test) == ["CSV", "Parquet", "Markdown", "Report of this suite"]


def test_the_kind_of_media_follows_the_suite_and_leads_to_another(open_app: Any) -> None:
    test = open_app(suite="answers")
    kind = test.segmented_control(key="modality")
    assert kind.value == "text"
    kind.set_value("image").run()
    assert not test.exception
    assert test.selectbox(key="suite").value == "tinyworld"
    test.selectbox(key="suite").set_value("answers").run()
    assert test.segmented_control(key="modality").value == "text"


def test_the_address_chooses_metric_and_order(open_app: Any) -> None:
    best = models(open_app(suite="tinyworld", metric="latency"))
    worst = models(open_app(suite="tinyworld", metric="latency", order="Worst first"))
    assert best[0] == "Hasty painter"
    assert worst == best[::-1]


def test_a_tag_in_the_address_keeps_only_its_prompts(open_app: Any) -> None:
    test = open_app(**{"suite": "tinyworld", "tag.category": "single"})
    (table,) = payloads(test, "table")
    assert {row["progress"] for row in table["rows"]} == {"8 of 8"}
    assert {row["cells"][2]["reason"] for row in table["rows"]} == {"whole suite only"}


def test_choosing_a_tag_and_clearing_it(open_app: Any) -> None:
    test = open_app()
    test.selectbox(key="tag.look").set_value("watercolour").run()
    (table,) = payloads(test, "table")
    assert {row["progress"] for row in table["rows"]} == {
        "6 of 6",
        "4 of 6",
    }
    test.selectbox(key="tag.look").set_value(None).run()
    assert "24 of 24" in {row["progress"] for row in payloads(test, "table")[0]["rows"]}


def test_changing_the_suite_changes_the_board(open_app: Any) -> None:
    test = open_app(metric="latency")
    test.selectbox(key="suite").set_value("answers").run()
    assert not test.exception
    assert test.title[0].value == "Short answers"
    assert test.selectbox(key="metric").value == "exact_match"
    assert models(test) == ["Echo"]
    (table,) = payloads(test, "table")
    assert table["rows"][0]["cells"][0]["text"] == "67"


@pytest.mark.parametrize("page", ["", "gallery"])
def test_an_address_that_fits_nothing_falls_back(open_app: Any, page: str) -> None:
    address = {"suite": "gone", "metric": "gone", "order": "gone", "seed": "x", "page": "99"}
    test = open_app(page, **address, **{"models": ["gone"], "tag.look": "gone"})
    assert test.title[0].value == "The embedded world"


def test_the_gallery_shows_pictures_and_reasons(open_app: Any) -> None:
    test = open_app("gallery")
    shown = tiles(test)
    assert len(shown) == 10 * 5
    refused = [tile for tile in shown if tile["kind"] == "status" and tile["tone"] == "held"]
    assert {tile["reason"] for tile in refused} == {"The painter does not draw this."}
    broken = [tile for tile in shown if tile["kind"] == "status" and tile["tone"] == "broken"]
    assert {tile["status"] for tile in broken} == {"out of memory"}
    pictures = [tile["thumb"] for tile in shown if tile["kind"] == "picture"]
    assert len(pictures) == 50 - 2 - 1
    assert all(thumb.startswith("/thumbs/") for thumb in pictures)


def test_the_second_page_has_the_rest_and_what_is_pending(open_app: Any) -> None:
    shown = tiles(open_app("gallery", page="2"))
    assert len(shown) == 2 * 5
    assert [t["reason"] for t in shown if t["kind"] == "none"] == ["not tried yet (seed 0)"]


def test_models_and_seeds_can_be_chosen(open_app: Any) -> None:
    test = open_app("gallery", models=["tiny-base", "painter-timid"], seed="all")
    (grid,) = payloads(test, "grid")
    assert [model["title"] for model in grid["models"]] == ["Tiny base", "Timid painter"]
    assert [tile["seed"] for tile in grid["rows"][0]["cells"][0]["tiles"]] == ["seed 0", "seed 1"]
    test.selectbox(key="seed").set_value("1").run()
    assert all(
        len(cell["tiles"]) == 1
        for row in payloads(test, "grid")[0]["rows"]
        for cell in row["cells"]
    )


def test_a_tag_cuts_the_gallery_too(open_app: Any) -> None:
    (grid,) = payloads(open_app("gallery", **{"tag.category": "single"}), "grid")
    assert [row["prompt"]["id"] for row in grid["rows"]] == ["p00", "p03", "p06", "p09"]


def facts_of(test: AppTest) -> dict[str, str]:
    (facts,) = payloads(test, "facts")
    return {
        line["label"]: line["value"] for section in facts["sections"] for line in section["lines"]
    }


def test_an_output_in_the_address_is_shown_in_full(open_app: Any) -> None:
    tile = tiles(open_app("gallery"))[0]
    test = open_app("gallery", output=tile["job"], take="1")
    facts = facts_of(test)
    assert facts["Prompt"] == "one red ball"
    assert facts["Sent"] == "one red ball, drawn"
    assert (facts["Seed"], facts["steps"], facts["Negative"]) == ("0", "20", "blurry")
    assert facts["Attempt 1"].startswith("ok · 0.42 s in a batch of 4 · cpu")
    assert len(facts["Revision"]) == 40
    assert facts["Latency"].endswith(" s")
    (figure,) = payloads(test, "figure")
    assert figure["source"] == f"/pictures/{facts['sha256']}"


def test_the_address_says_as_whose_answer_to_which_prompt_an_output_is_told(open_app: Any) -> None:
    tile = tiles(open_app("gallery"))[0]
    place = {"whose": tile["model"], "asked": tile["prompt"]}
    shown = open_app("gallery", output=tile["job"], take="1", **place)
    assert {"Name": tile["model"], "Prompt id": tile["prompt"]}.items() <= facts_of(shown).items()
    elsewhere = open_app("gallery", output=tile["job"], take="1", **place | {"asked": "p01"})
    assert "There is no take 1" in said(elsewhere)


def test_the_page_says_which_differences_are_too_small_to_be_seen(open_app: Any) -> None:
    said_of_all = said(open_app())
    assert "differences below about" in said_of_all
    # some of the models refused
    assert "with the 9 to 12 prompts that two models have in common" in said_of_all


def test_a_refusal_in_full_says_why(open_app: Any) -> None:
    refused = next(t for t in tiles(open_app("gallery")) if t["tone"] == "held")
    test = open_app("gallery", output=refused["job"], take="1")
    assert "There is no answer: refused." in said(test)
    assert "The painter does not draw this." in said(test)
    assert not payloads(test, "figure")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ({"output": "' OR 1=1 --"}, "There is no take 1"),
        ({"output": "../../etc/passwd", "take": "-1"}, "A take is a number, found '-1'"),
        ({"output": "0" * 64, "take": "9" * 30}, "A take is a number"),
    ],
)
def test_an_output_that_is_not_there_is_explained(
    open_app: Any, address: dict[str, str], expected: str
) -> None:
    assert expected in said(open_app("gallery", **address))


def test_text_answers_are_shown_as_text(open_app: Any) -> None:
    shown = tiles(open_app("gallery", suite="answers"))
    assert [(tile["kind"], tile["text"]) for tile in shown] == [
        ("text", "It is 0."),
        ("text", "It is 2."),
        ("text", "It is 4."),
    ]
    test = open_app("gallery", suite="answers", output=shown[1]["job"], take="1")
    (read,) = payloads(test, "answer")
    assert "".join(piece["text"] for piece in read["answer"]["pieces"]) == "It is 2."


@pytest.mark.parametrize("page", ["", "gallery"])
def test_hostile_strings_reach_no_markup(open_app: Any, page: str, hostile: str) -> None:
    test = open_app(page, suite="hostile")
    assert "hostile" in {box.value for box in test.selectbox}
    assert not any(element.proto.allow_html for element in test.markdown)
    for element in [*test.title, *test.markdown, *test.caption]:
        assert "<img" not in str(element.value).replace("\\<", "")
        assert not re.search(r"(?<!\\)\]\(", str(element.value))
    labels = [box.label for box in test.selectbox]
    assert not any("<img" in label.replace("\\<", "") for label in labels)
    (payload,) = payloads(test, "grid" if page else "table")
    assert hostile in json.dumps(payload, ensure_ascii=False).replace('\\"', '"')


def test_the_downloads_are_the_boards_own_inert_tables(open_app: Any, hostile: str) -> None:
    test = open_app(suite="hostile")
    urls = [button.proto.url for button in test.get("download_button")]
    assert len(urls) == 4
    assert hostile not in said(test)


def test_no_store_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = app(tmp_path / "nowhere", monkeypatch)
    assert test.title[0].value == "No results yet"
    assert "does not exist yet" in said(test)
    assert "evalharness demo" in said(test)
    assert not (tmp_path / "nowhere").exists()


def test_an_empty_store_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.create(tmp_path)
    for page in ("", "gallery"):
        test = app(tmp_path, monkeypatch, page)
        assert "is empty so far" in said(test)
        assert str(tmp_path) in said(test)


@pytest.mark.parametrize("file", ["CURRENT", "evalharness-store.json"])
def test_a_broken_store_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    Store.create(tmp_path)
    (tmp_path / file).write_text("garbage")
    test = app(tmp_path, monkeypatch)
    assert test.title[0].value == "The store cannot be read"
    assert file in said(test)


def test_a_new_publication_is_picked_up_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_store: Any
) -> None:
    growing = make_store(tmp_path / "results")
    suite = growing.suite("s", "Growing", "image", [])
    variant = growing.model("m", "Model")
    growing.prompt(suite, 0, "p", "a ball", {})
    made, _ = growing.output(suite, variant, "m", ("p", "a ball"), 0, tried=False)
    growing.write(made)
    growing.publish()
    test = app(growing.store.root, monkeypatch, "gallery")
    assert [tile["kind"] for tile in tiles(test)] == ["none"]

    media = store_picture(growing.store, growing.pixels())
    growing.write(growing.output(suite, variant, "m", ("p", "a ball"), 0, media=media)[0])
    growing.publish()
    before = sorted(str(path) for path in growing.store.root.rglob("*"))
    test.run()
    assert [tile["kind"] for tile in tiles(test)] == ["picture"]
    assert sorted(str(path) for path in growing.store.root.rglob("*")) == before


def test_a_run_can_write_while_the_app_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_store: Any
) -> None:
    busy = make_store(tmp_path / "results")
    busy.suite("s", "Busy", "image", [])
    busy.publish()
    with busy.store.writing():
        test = app(busy.store.root, monkeypatch)
        assert test.title[0].value == "Busy"
        busy.model("m", "Model")
        busy.publish()


def test_a_copy_that_vanishes_under_a_page_is_said_and_the_page_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_store: Any
) -> None:
    store = make_store(tmp_path / "results")
    suite = store.suite("s", "Vanishing", "image", [])
    variant = store.model("m", "Model")
    for place, look in enumerate(("flat", "deep")):
        prompt = (f"p{place}", f"prompt {place}")
        store.prompt(suite, place, *prompt, {"look": look})
        media = store_picture(store.store, store.pixels())
        store.write(store.output(suite, variant, "m", prompt, 0, media=media)[0])
    store.publish()
    test = app(store.store.root, monkeypatch, "gallery")
    assert len(tiles(test)) == 2
    kept = {path: path.read_bytes() for path in store.store.root.glob("board-*.duckdb")}
    for path in kept:
        path.unlink()
    test.selectbox(key="tag.look").set_value("flat").run()
    assert not test.exception
    assert test.title[-1].value == "The store cannot be read"
    assert "evalharness rebuild" in said(test)
    for path, data in kept.items():
        path.write_bytes(data)
    next(button for button in test.button if button.label == "Look again").click().run()
    assert len(tiles(test)) == 1
