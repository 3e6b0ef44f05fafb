from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from evalharness.board.inert import markdown_text, plain_text, spreadsheet_text
from evalharness.board.leaderboard import Board, BoardRow, Cell, MetricColumn
from evalharness.board.numbers import (
    cell_text,
    detectable_text,
    header_text,
    statuses_text,
    value_text,
)
from evalharness.board.statistics import Detectable
from evalharness.board.tables import (
    legend,
    to_csv,
    to_frame,
    to_json,
    to_markdown,
    to_rich,
)

HOSTILE = (
    '=HYPERLINK("http://x")|[a](javascript:b)\x1b[31m\x1b]8;;http://y\x07<img>\u202eevil\r\n@me'
)
CLIP = MetricColumn("clip_score[tiny]", "CLIP score", "", "higher", "output")
SECONDS = MetricColumn("latency", "Latency", "s", "lower", "output")
FID = MetricColumn("fid[tiny]", "FID", "", "lower", "set")


def board(name: str = "good") -> Board:
    cells = {
        CLIP.metric: Cell(27.3149, 26.8949, 27.7349, 256, 64, "AB", 1, 2, 3, ""),
        SECONDS.metric: Cell(reason=f"not scored {name}"),
        FID.metric: Cell(reason="whole suite only"),
    }
    row = BoardRow(name, name, "v" * 64, name, {"ok": 254, "refused": 2}, 260, 256, cells)
    return Board(
        name, 1, name, "d" * 64, {"style": name}, (CLIP, SECONDS, FID), (row,), CLIP.metric, 64
    )


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell(27.3149, 26.8949, 27.7349), "27.31 ±0.42"),
        (Cell(0.5, 0.4876, 0.5124), "0.500 ±0.012"),
        (Cell(1234.5, 1134.5, 1334.5), "1,234 ±100"),
        (Cell(12.34, 11.0, 14.12), "12.3 [11.0, 14.1]"),
        (Cell(1.0, 0.94, 1.0), "1.000 [0.940, 1.000]"),
        (Cell(12.3456), "12.35"),
        (Cell(0.000123456), "0.0001235"),
        (Cell(0.0), "0.00"),
        (Cell(1e-17, -1e-17, 3e-17), "0.00 ±0.00"),  # rounding noise
        (Cell(3.0, 3.0, 3.0), "3.000 ±0.000"),
        (Cell(), "–"),
    ],
)
def test_numbers_have_the_digits_their_interval_supports(cell: Cell, text: str) -> None:
    assert value_text(cell) == text


def test_cells_headers_and_statuses_say_what_belongs_to_a_number() -> None:
    made = board()
    assert cell_text(made.rows[0].cells[CLIP.metric]) == "27.31 ±0.42 · n 256 · AB · 3 missing"
    assert cell_text(Cell(reason="whole suite only")) == "– (whole suite only)"
    assert header_text(CLIP) == "clip_score[tiny] ↑" and header_text(SECONDS) == "latency (s) ↓"
    assert statuses_text(made.rows[0]) == "ok 254 · refused 2 · pending 4"


def test_experimental_and_unverified_metrics_are_marked_and_the_marks_explained() -> None:
    balance = MetricColumn(
        "balance.age[x]", "Age", "", "lower", "set", experimental=True, verified=False
    )
    proven = replace(CLIP, verified=True)
    assert header_text(balance) == "balance.age[x]‡† ↓"
    assert header_text(proven) == header_text(CLIP)
    made = replace(board(), columns=(proven, balance))
    made = replace(
        made, rows=tuple(replace(r, cells=r.cells | {balance.metric: Cell()}) for r in made.rows)
    )
    told = legend(made)
    assert "‡ experimental" in told and "† unverified" in told and "selftest" in told
    assert "‡" not in legend(board()) and "†" not in legend(board())
    assert "balance.age\\[x\\]‡† ↓" in to_markdown(made)


def test_markdown_is_one_table_line_a_model() -> None:
    lines = to_markdown(board()).splitlines()
    assert lines[0] == "## good (version 1), style = good"
    assert lines[2].count("|") == lines[3].count("|") == lines[4].count("|") == 6
    assert "27.31 ±0.42 · n 256 · AB · 3 missing" in lines[4]
    assert "cannot be separated" in lines[-1] or "cannot be separated" in lines[-2]


def test_the_legend_says_which_differences_are_too_small_to_be_seen() -> None:
    assert "cannot be seen" not in to_markdown(board())
    seen = {CLIP.metric: Detectable(0.012345, 64, 64), "latency": Detectable(1.5, 20, 1000)}
    made = replace(board(), detectable=seen)
    assert legend(made).endswith(
        " On clip_score[tiny], differences below about 0.012 cannot be seen with 64 prompts."
    )
    assert detectable_text(made, "latency").endswith(
        "below about 1.5 s cannot be seen with the 20 to 1,000 prompts that two models have in "
        "common."
    )
    assert detectable_text(made, FID.metric) == ""
    share = replace(made, columns=tuple(replace(one, unit="share") for one in made.columns))
    assert "below about 1.2 percentage points" in detectable_text(share, CLIP.metric, percent=True)
    assert "below about 0.012 share" in detectable_text(share, CLIP.metric)


def unescaped(text: str, characters: str) -> list[str]:
    return re.findall(rf"(?<!\\)(?:\\\\)*([{re.escape(characters)}])", text)


def test_hostile_strings_are_inert_in_markdown() -> None:
    text = to_markdown(board(HOSTILE))
    row = text.splitlines()[4]
    assert len(unescaped(row, "|")) == 6
    assert not unescaped(text, "[]<>`*_:")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\x9b\u202e]", text)
    assert "@me" not in text and "31m" not in text


def test_hostile_strings_are_inert_in_csv() -> None:
    text = to_csv(board(HOSTILE))
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert len(read) == 2 and len(read[0]) == len(read[1])
    record = dict(zip(*read, strict=True))
    assert record["model"].startswith("'=HYPERLINK") and "\n" not in text.replace("\r\n", "")
    assert record[CLIP.metric] == "27.3149" and record["latency"] == ""
    assert "\x1b" not in text and "\u202e" not in text


def test_negative_numbers_stay_numbers_in_csv() -> None:
    column = MetricColumn("m", "M", "", "higher", "output")
    row = BoardRow("a", "a", "v", None, {"ok": 1}, 1, 1, {"m": Cell(-0.5, n=1, prompts=1)})
    read = list(csv.DictReader(io.StringIO(to_csv(Board("s", 1, "", "d", {}, (column,), (row,))))))
    assert read[0]["m"] == "-0.5" and read[0]["licence"] == "" and read[0]["m.rank_low"] == ""


def test_hostile_strings_are_inert_in_json_and_on_terminals() -> None:
    made = board(HOSTILE + "[bold]x[/bold]")
    parsed = json.loads(to_json(made))
    assert "\x1b" not in parsed["suite"] and "\u202e" not in parsed["suite"]
    assert parsed["rows"][0]["cells"][CLIP.metric]["tie_group"] == "AB"
    console = Console(width=4000, record=True, file=io.StringIO(), force_terminal=False)
    console.print(to_rich(made))
    shown = console.export_text()
    assert "[bold]x[/bold]" in shown and "\x1b" not in shown and "\u202e" not in shown


def test_frames_have_the_same_types_whatever_is_missing() -> None:
    made = board()
    empty = Board("s", 1, "", "d", {}, made.columns, ())
    frame = to_frame(made)
    assert frame.dtypes.to_dict() == to_frame(empty).dtypes.to_dict()
    assert frame.loc[0, CLIP.metric] == 27.3149 and frame.loc[0, f"{CLIP.metric}.rank_high"] == 2
    assert frame[SECONDS.metric].isna().all() and str(frame[SECONDS.metric].dtype) == "float64"


@given(st.text())
def test_plain_text_is_one_clean_line_and_stable(text: str) -> None:
    shown = plain_text(text)
    assert not re.search(
        "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]", shown
    )
    assert plain_text(shown) == shown
    shown.encode("utf-8")


@given(st.text(alphabet="=+-@\t\r\n\x1b\u202e ax'\"|[]()*_`<>:\\"))
def test_no_text_starts_a_formula_or_ends_a_table_cell(text: str) -> None:
    assert not spreadsheet_text(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    escaped = markdown_text(text)
    assert not unescaped(escaped, "|[]<>`*_:") and "\n" not in escaped
    assert len(re.search(r"\\*$", escaped).group()) % 2 == 0  # the cell's own bar stays a bar


@pytest.mark.parametrize(
    "address", ["https://evil.example", "www.evil.example", "WWW.evil.example"]
)
def test_bare_addresses_are_broken_up(address: str) -> None:
    assert "://" not in markdown_text(address).replace("\\:", "")
    assert "www." not in markdown_text(address).lower()


def test_words_in_any_script_survive() -> None:
    for text in ("naïve", "日本語", "שלום", "👩‍🚀", "a = b"):
        assert plain_text(text) == text
