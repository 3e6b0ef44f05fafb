from __future__ import annotations

import math
from dataclasses import replace

import pytest

from evalharness.app.leaderboard import standings
from evalharness.app.leaderboard.chart import chart_height, whisker_chart
from evalharness.board.leaderboard import Board, BoardRow, Cell, MetricColumn

SPEED = MetricColumn("latency", "Latency", "s", "lower", "output")
CLIP = MetricColumn("clip_score[x]", "CLIP score", "", "higher", "output")


def board_row(name: str, clip: Cell, speed: Cell, title: str | None = None) -> BoardRow:
    return BoardRow(
        model=name,
        title=title or name,
        variant=f"{name}-variant",
        licence=None,
        statuses={"ok": 6, "refused": 2},
        planned=10,
        outputs=8,
        cells={"clip_score[x]": clip, "latency": speed},
    )


def value(x: float, rank: int) -> Cell:
    return Cell(x, x - 0.1, x + 0.1, 6, 3, "A", rank, rank)


@pytest.fixture
def board() -> Board:
    rows = (
        board_row("slow", value(0.9, 1), value(3.0, 2)),
        board_row("none", Cell(reason="no ok outputs"), value(1.0, 1)),
        board_row("Fast", value(0.2, 2), Cell(reason="not scored yet", missing=6)),
    )
    return Board("s", 1, "Suite", "d" * 64, {}, (CLIP, SPEED), rows, sort="clip_score[x]")


@pytest.mark.parametrize(
    ("metric", "order", "expected"),
    [
        ("clip_score[x]", "best", ["slow", "Fast", "none"]),
        ("clip_score[x]", "worst", ["Fast", "slow", "none"]),
        ("latency", "best", ["none", "slow", "Fast"]),
        ("latency", "worst", ["slow", "none", "Fast"]),
        ("latency", "name", ["Fast", "none", "slow"]),
    ],
)
def test_rows_stand_by_metric_direction_and_order(
    board: Board, metric: str, order: standings.Order, expected: list[str]
) -> None:
    assert [row.model for row in standings.ordered(board, metric, order)] == expected


def test_the_table_says_n_interval_group_status_and_reason(board: Board) -> None:
    payload = standings.table_payload(board, "clip_score[x]", "best", "s")
    first, _, last = payload["rows"]
    assert first["rank"] == "1"
    assert (first["progress"], [s["label"] for s in first["statuses"]]) == (
        "8 of 10",
        ["6 ok", "2 refused", "2 pending"],
    )
    clip = first["cells"][0]
    assert (clip["text"], clip["spread"], clip["count"], clip["standing"]) == (
        "0.90",
        "± 0.10",
        "n 6",
        "group A",
    )
    assert last["cells"][0] == {"value": None, "reason": "no ok outputs"}
    assert last["rank"] == "–"
    assert [column["hint"] for column in payload["columns"]] == [
        "higher is better",
        "s · lower is better",
    ]


def test_whiskers_share_one_scale_a_column(board: Board) -> None:
    column = standings.table_payload(board, "latency", "best", "s")["columns"][0]
    assert (column["low"], column["high"]) == (pytest.approx(0.1), pytest.approx(1.0))


def test_a_value_with_a_warning_keeps_it(board: Board) -> None:
    cell = Cell(0.5, n=24, reason="sets of 22 to 24 outputs: compare with care")
    row = board_row("warned", cell, Cell())
    one = Board("s", 1, "S", "d", {}, (CLIP,), (row,))
    shown = standings.table_payload(one, "clip_score[x]", "best", "s")["rows"][0]["cells"][0]
    assert shown["warning"] == "sets of 22 to 24 outputs: compare with care"
    assert shown["spread"] == ""


def test_the_chart_has_a_dot_for_each_value_and_a_whisker_for_each_interval(board: Board) -> None:
    rows = [*board.rows, board_row("bare", Cell(0.4, n=1), Cell())]
    points = standings.chart_points(board, "clip_score[x]", rows)
    assert list(points["model"]) == ["slow", "Fast", "bare"]
    assert math.isnan(points["low"].iloc[2])
    drawn = whisker_chart(points, list(points["model"])).to_dict()
    assert {layer["mark"]["type"] for layer in drawn["layer"]} == {"rule", "point"}
    assert drawn["layer"][0]["encoding"]["y"]["sort"] == ["slow", "Fast", "bare"]
    assert chart_height(points) > chart_height(points.head(2))


def test_models_of_one_title_keep_their_own_lines(board: Board) -> None:
    rows = [
        board_row("a1", value(0.1, 1), Cell(), title="Twin"),
        board_row("b2", value(0.2, 1), Cell(), title="Twin"),
    ]
    assert list(standings.chart_points(board, "clip_score[x]", rows)["model"]) == [
        "Twin (a1-var)",
        "Twin (b2-var)",
    ]


def test_marked_columns_say_why_when_pointed_at(board: Board) -> None:
    marked = replace(board.columns[0], experimental=True, verified=False)
    columns = standings.table_payload(
        replace(board, columns=(marked, *board.columns[1:])), "latency", "best", "s"
    )["columns"]
    assert columns[0]["title"] == board.columns[0].title + "‡†"
    assert "experimental" in columns[0]["help"] and "unverified" in columns[0]["help"]
    assert columns[1]["title"] == board.columns[1].title
