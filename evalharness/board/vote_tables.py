"""What votes say, as tables and sentences, for a terminal, Markdown, spreadsheets and pages."""

from __future__ import annotations

import pandas as pd

from evalharness.board.leaderboard import Board
from evalharness.board.numbers import MISSING, header_text, p_text
from evalharness.board.sheets import Sheet
from evalharness.board.vote_agreement import MetricAgreement
from evalharness.board.vote_board import Standing, VoteBoard
from evalharness.board.vote_shares import WORTH_SEEING, Share

_TAU_DECIMALS = 2


def rank_text(low: int | None, high: int | None) -> str:
    """`1`, `1–3`, or a dash."""
    if low is None or high is None:
        return MISSING
    return str(low) if low == high else f"{low}–{high}"


def percent_text(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """`64 % [58, 71]`, `64 %` without an interval, a dash without a value."""
    if value is None:
        return MISSING
    if low is None or high is None:
        return f"{100 * value:.0f} %"
    return f"{100 * value:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def share_text(share: Share) -> str:
    """A share with its interval."""
    return percent_text(share.value, share.low, share.high)


def chance_text(row: Standing) -> str:
    """How likely a model is preferred to one of middling strength."""
    return percent_text(row.chance, row.chance_low, row.chance_high)


def order_text(one: MetricAgreement) -> str:
    """Kendall's τ of a metric's order with the votes'."""
    if one.order is None:
        return MISSING
    return f"{one.order:+.{_TAU_DECIMALS}f}".replace("-", "−")


def counted(number: int, noun: str) -> str:
    """`1 vote`, `1,024 votes`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def sentences(found: VoteBoard) -> list[str]:
    """What a reader of the board must know before its numbers."""
    if not found.votes:
        return ["Nobody has voted on these models and prompts yet.", *_needed(found)]
    said = [
        f"{counted(found.votes, 'vote')}, {found.decisive:,} of them for one side, on "
        f"{counted(found.prompts, 'prompt')} by {counted(found.voters, 'voter')}."
    ]
    if not found.comparable and len(found.rows) > 1:
        said.append(
            "The models do not stand on one scale yet: each must have won and lost against others "
            "that lead to all the rest. More votes join them."
        )
    said += [*_needed(found), *_left(found)]
    if found.elsewhere:
        said.append(
            f"{counted(found.elsewhere, 'vote')} of this suite on other models, prompts, settings "
            "or takes are not counted here."
        )
    return said


def _needed(found: VoteBoard) -> list[str]:
    if found.needed is None or found.votes >= found.needed:
        return []
    return [
        f"About {found.needed:,} votes, spread over all pairs, tell two of "
        f"{counted(len(found.rows), 'model')} apart when one is preferred in "
        f"{100 * WORTH_SEEING:.0f} % of the pairs: {found.needed - found.votes:,} to go."
    ]


def _left(found: VoteBoard) -> list[str]:
    left = found.left
    if left.value is None:
        return []
    said = f"The left side won {share_text(left)} of the votes for one side"
    if left.low is None or left.high is None:
        return [f"{said}; sides are drawn by chance, so it should be near a half."]
    if left.low <= 0.5 <= left.high:
        return [f"{said}: no sign that voters favour a side."]
    return [f"{said}: voters favour a side; as sides are drawn by chance this only blurs."]


LEGEND = (
    "Strengths by Bradley and Terry, shown as the chance of being preferred to a model of middling "
    "strength, with 95 % intervals over prompts: they say what these voters would say of other "
    "prompts, not what other people would. A tie, and two bad answers, count half for each. Models "
    "that share a letter cannot be told apart."
)

AGREEMENT_LEGEND = (
    "Of the votes for one side, the share in which a metric prefers the same of the two outputs; "
    "where it calls them equal it counts half, and a coin reaches 50 %. Intervals (95 %) are over "
    "prompts, readings after Holm over all metrics. τ compares the order of models: +1 the same "
    "as by votes, −1 the reverse."
)


def vote_sheets(found: VoteBoard, board: Board) -> list[Sheet]:
    """The board of votes beside the ranks of `board`'s own metric, and how far metrics agree."""
    where = ", ".join(f"{tag} = {value}" for tag, value in found.slice.items())
    heading = f"Votes: {found.title or found.suite} (version {found.version})"
    return [_board_sheet(found, board, heading + f", {where}" * bool(where)), _agreement(found)]


def _board_sheet(found: VoteBoard, board: Board, title: str) -> Sheet:
    cells = {(r.model, r.variant): r.cells[board.sort] for r in board.rows} if board.sort else {}
    rows = []
    for row in found.rows:
        cell = cells.get((row.model, row.variant))
        rank = MISSING if cell is None else rank_text(cell.rank_low, cell.rank_high)
        rows.append(
            (
                row.title,
                rank_text(row.rank_low, row.rank_high),
                chance_text(row),
                row.tie_group or MISSING,
                f"{row.votes:,}",
                f"{row.won:,} / {row.lost:,} / {row.tied:,}",
                share_text(row.both_bad),
                *((rank,) if cells else ()),
                row.reason,
            )
        )
    head = ("model", "rank", "preferred", "group", "votes", "won / lost / tie", "both bad")
    beside = (f"rank by {board.sort}",) if cells else ()
    return Sheet(title, (*head, *beside, "note"), tuple(rows), (*sentences(found), LEGEND))


def _agreement(found: VoteBoard) -> Sheet:
    rows = tuple(
        (
            header_text(one.column),
            share_text(one.share),
            f"{one.share.votes:,}",
            p_text(one.adjusted),
            order_text(one),
            str(one.models),
            one.reading,
        )
        for one in found.agreement
    )
    head = ("metric", "agrees", "votes", "p (Holm)", "order (τ)", "models", "reading")
    return Sheet("How far metrics agree with the votes", head, rows, (AGREEMENT_LEGEND,))


def standings_frame(found: VoteBoard) -> pd.DataFrame:
    """One row a model, numbers as numbers; strings as stored."""
    return pd.DataFrame(
        [
            {
                "model": row.model,
                "title": row.title,
                "votes": row.votes,
                "won": row.won,
                "lost": row.lost,
                "tied": row.tied,
                "both_bad": row.both_bad.value,
                "strength": row.strength,
                "strength.low": row.low,
                "strength.high": row.high,
                "preferred": row.chance,
                "preferred.low": row.chance_low,
                "preferred.high": row.chance_high,
                "rank_low": row.rank_low,
                "rank_high": row.rank_high,
                "tie_group": row.tie_group,
                "reason": row.reason,
            }
            for row in found.rows
        ]
    ).astype({"rank_low": "Int64", "rank_high": "Int64"} if found.rows else {})


def agreement_frame(found: VoteBoard) -> pd.DataFrame:
    """One row a metric, numbers as numbers; strings as stored."""
    return pd.DataFrame(
        [
            {
                "metric": one.column.metric,
                "direction": one.column.direction,
                "agrees": one.share.value,
                "agrees.low": one.share.low,
                "agrees.high": one.share.high,
                "votes": one.share.votes,
                "prompts": one.share.prompts,
                "equal": one.equal,
                "unscored": one.unscored,
                "p_holm": one.adjusted,
                "tau": one.order,
                "tau_p": one.order_p,
                "models": one.models,
                "reading": one.reading,
            }
            for one in found.agreement
        ]
    )
