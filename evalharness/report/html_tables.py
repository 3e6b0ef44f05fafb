"""Boards and sheets as HTML tables."""

from __future__ import annotations

from evalharness.board.cells import Cell
from evalharness.board.columns import MetricColumn
from evalharness.board.figures import Format, column_format, status_words, tone
from evalharness.board.leaderboard import Board, BoardRow
from evalharness.board.numbers import ARROWS, marks
from evalharness.board.sheets import Sheet
from evalharness.board.tables import legend
from evalharness.report.markup import NOTHING, Html, element, joined, text
from evalharness.report.whiskers import bar, difference, whisker


def board_table(board: Board) -> Html:
    """Models by metric: numbers, intervals as drawings, ranks, tie groups and statuses."""
    formats = {column.metric: _format(board, column) for column in board.columns}
    head = element(
        "tr",
        element("th", text("Model"), scope="col", class_="name"),
        *(_column_head(column, formats[column.metric]) for column in board.columns),
        element("th", text("Outputs"), scope="col"),
    )
    rows = [
        element(
            "tr",
            _model(row),
            *(
                _cell(row.cells[c.metric], formats[c.metric], _ends(board, c))
                for c in board.columns
            ),
            element("td", _statuses(row), class_="statuses"),
        )
        for row in board.rows
    ]
    table = element("table", element("thead", head), element("tbody", *rows), class_="board")
    return joined([scrolled(table), element("p", text(legend(board)), class_="note")])


def scrolled(table: Html) -> Html:
    """Wide tables scroll by themselves, with the keyboard too."""
    return element("div", table, class_="scrolled", tabindex="0", role="region", aria_label="table")


def _format(board: Board, column: MetricColumn) -> Format:
    cells = [row.cells[column.metric] for row in board.rows]
    return column_format(
        column.unit, [(c.value, c.low, c.high) for c in cells if c.value is not None]
    )


def _ends(board: Board, column: MetricColumn) -> tuple[float, float]:
    cells = [row.cells[column.metric] for row in board.rows]
    ends = [end for c in cells for end in (c.low, c.value, c.high) if end is not None]
    return min(ends, default=0.0), max(ends, default=0.0)


def _column_head(column: MetricColumn, shown: Format) -> Html:
    unit = f"{shown.unit} " if shown.unit else ""
    hint = f"{unit}{ARROWS[column.direction]} {column.direction} is better"
    return element(
        "th",
        text(column.title + marks(column)),
        element("small", *_breakable(column.metric)),
        element("small", text(hint)),
        scope="col",
    )


def _breakable(metric: str) -> list[Html]:
    """A metric's name that may go on in the next line before its instrument."""
    base, bracket, rest = metric.partition("[")
    return [text(base), element("wbr"), text(bracket + rest)] if bracket else [text(metric)]


def _model(row: BoardRow) -> Html:
    told = " · ".join(part for part in (row.model, row.licence or "licence unknown") if part)
    return element("th", text(row.title), element("small", text(told)), scope="row", class_="name")


def _cell(cell: Cell, shown: Format, ends: tuple[float, float]) -> Html:
    if cell.value is None:
        return element("td", element("small", text(cell.reason or "not measured")))
    low, high = cell.rank_low, cell.rank_high
    ranks = "" if low is None else f"rank {low}" + (f"–{high}" if high != low else "")
    standing = [part for part in (ranks, f"tie {cell.tie_group}" * bool(cell.tie_group)) if part]
    counted = [f"n {cell.n:,}", *([f"{cell.missing} missing"] if cell.missing else [])]
    return element(
        "td",
        element("b", text(shown.number(cell.value))),
        element("span", text(shown.spread(cell.value, cell.low, cell.high)), class_="spread"),
        whisker(cell.value, cell.low, cell.high, ends),
        *(element("small", text(" · ".join(told))) for told in (standing, counted) if told),
        class_="number",
    )


def _statuses(row: BoardRow) -> Html:
    counts = [(status_words(s), tone(s), n) for s, n in row.statuses.items()]
    if row.pending:
        counts.append(("pending", "none", row.pending))
    return joined(
        element("span", text(f"{count:,} {words}"), class_=kind) for words, kind, count in counts
    )


def sheet_section(sheet: Sheet) -> Html:
    """A sheet under its heading, if it has one."""
    parts = [element("h4", text(sheet.title))] if sheet.title else []
    if sheet.rows:
        parts.append(scrolled(_sheet_table(sheet)))
    parts += [element("p", text(sentence), class_="note") for sentence in sheet.sentences]
    return element("section", *parts, class_="sheet")


def _sheet_table(sheet: Sheet) -> Html:
    """Differences and shares are drawn behind the first column."""
    drawings = [difference(one.difference, one.low, one.high) for one in sheet.differences]
    drawings += [bar(share) for share in sheet.shares]
    kinds = ["numbers" if sheet.is_numbers(i) else "words" for i in range(len(sheet.head))]
    heads = [
        element("th", text(name), scope="col", class_=kind)
        for name, kind in zip(sheet.head, kinds, strict=True)
    ]
    if drawings:
        heads.insert(1, element("th", NOTHING))
    rows = []
    for place, row in enumerate(sheet.rows):
        cells = [element("th", text(row[0]), scope="row")]
        cells += [element("td", drawings[place], class_="drawn")] if drawings else []
        cells += [
            element("td", text(cell), class_=kind)
            for cell, kind in zip(row[1:], kinds[1:], strict=True)
        ]
        rows.append(element("tr", *cells))
    head = element("thead", element("tr", *heads)) if any(sheet.head) else NOTHING
    return element("table", head, element("tbody", *rows), class_="facts" if not head else "sheet")
