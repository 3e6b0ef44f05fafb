from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from evalharness.app.leaderboard.standings import grouped
from evalharness.board.leaderboard import BoardRow
from tests.app.opened import payloads, said

CLIP = "clip_score[tiny-clip]"


def table(test: Any) -> Any:
    (found,) = payloads(test, "table")
    return found


def test_ranks_are_computed_anew_among_the_chosen_models(open_app: Any) -> None:
    chosen = ["painter-photo", "tiny-undertrained"]
    test = open_app(suite="tinyworld", models=chosen)
    rows = table(test)["rows"]
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert len(table(open_app(suite="tinyworld"))["rows"]) == 5


def test_prompts_that_some_did_not_answer_can_be_left_out(open_app: Any) -> None:
    test = open_app(suite="tinyworld", common="true")
    assert {row["progress"] for row in table(test)["rows"]} == {"16 of 16"}
    assert "8 prompts that all of these models answered." in said(test)
    kid = [row["cells"][2]["reason"] for row in table(test)["rows"]]
    assert set(kid) == {"whole suite only"}


def test_columns_can_be_chosen_and_the_ranked_one_stays(open_app: Any) -> None:
    test = open_app(suite="tinyworld", columns=["latency"], metric=CLIP)
    assert [column["key"] for column in table(test)["columns"]] == [CLIP, "latency"]


def test_statuses_lead_to_the_gallery(open_app: Any) -> None:
    rows = table(open_app(suite="tinyworld"))["rows"]
    timid = next(row for row in rows if row["title"] == "Timid painter")
    address = urlsplit(timid["statuses"][1]["address"])
    assert address.path == "/gallery"
    assert parse_qs(address.query) == {
        "suite": ["tinyworld"], "models": ["painter-timid"], "status": ["refused"],
    }  # fmt: skip


def test_cost_is_drawn_against_the_chosen_metric(open_app: Any) -> None:
    test = open_app(suite="tinyworld")
    control = next(
        one for one in test.get("button_group") if one.proto.id and "cost" in one.proto.id
    )
    assert [option.content for option in control.proto.options] == ["latency", "peak_memory"]
    (front,) = payloads(test, "front")
    assert front["worth"] == "CLIP score (higher is better)"
    assert front["cost"] == "Latency (s · lower is better)"
    assert {point["title"] for point in front["points"] if point["front"]} == {
        row["title"] for row in table(test)["rows"][:1]
    } | {"Hasty painter"}
    assert payloads(open_app(suite="answers"), "front") == []


def row(model: str) -> BoardRow:
    return BoardRow(model, model, model, None, {}, 0, 0, {})


def placed(names: str, bases: dict[str, str]) -> list[tuple[str, int]]:
    return [(one.model, depth) for one, depth in grouped([row(name) for name in names], bases)]


def test_families_stand_together_where_their_best_stands() -> None:
    assert placed("xbayc", {"x": "b", "y": "b", "c": "a"}) == [
        ("b", 0), ("x", 1), ("y", 1), ("a", 0), ("c", 1),
    ]  # fmt: skip


def test_no_model_is_lost_whatever_bases_say() -> None:
    assert placed("abc", {"a": "b", "b": "a", "c": "gone"}) == [("c", 0), ("a", 0), ("b", 1)]
    assert placed("ab", {"a": "a"}) == [("a", 0), ("b", 0)]
    assert placed("abc", {"a": "b", "b": "c"}) == [("c", 0), ("b", 1), ("a", 2)]
