"""What judges have said of two sides' answers: a table of all, and their words on one pair."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TypeAlias

import streamlit as st

from evalharness.app import sheets, source
from evalharness.app.compare import reading
from evalharness.app.view import View
from evalharness.board.columns import MetricColumn
from evalharness.board.compare import Side
from evalharness.board.compare.prompt_differences import PromptDifference
from evalharness.board.inert import markdown_text
from evalharness.board.judged.stored import NO_VERDICT, Heard, Order
from evalharness.board.judged.tables import MACHINE, judge_names, stored_sheet
from evalharness.core.nouns import Json

Column: TypeAlias = tuple[MetricColumn, tuple[PromptDifference, ...]]
"""What a judge's verdicts are beside metrics, with its prompts."""
ANY_JUDGE = "judge:org/model"
"""Stands for the judge that a visitor has."""
_OLDER = "It is an older version of this judge, and is not asked any more."


def show(chosen: View, first: Side, second: Side) -> None:
    """Draw the table, or say how to have one made; nothing where no two answers differ in words."""
    if chosen.suite.modality != "text":
        return
    found = reading.judged(chosen.edition, chosen.suite.digest, first, second, chosen.where)
    if found is None:
        return
    if not found:
        st.caption("No judge has held these two against each other. This has it done:")
        _offer(chosen, ANY_JUDGE, first, second)
        return
    sheets.show(stored_sheet([one.stored.judgement for one in found]), "compare-judged")
    for one in found:
        if one.stored.open and one.stored.newest:
            st.caption(markdown_text(f"{one.name} has not judged all of it. This asks the rest:"))
            _offer(chosen, one.stored.judgement.judge, first, second)
        elif one.stored.open:
            st.caption(markdown_text(f"{one.name} has not judged all of it. {_OLDER}"))


def _offer(chosen: View, judge: str, first: Side, second: Side) -> None:
    line = ["evalharness", "judge", chosen.suite.called, judge]
    line += ["--models", f"{first.label},{second.label}"]
    for tag, value in chosen.where:
        line += ["--where", f"{tag}={value}"]
    line += ["--store", str(source.store_path())]
    st.code(shlex.join(line), language=None, wrap_lines=True)


def columns(chosen: View, first: Side, second: Side) -> dict[str, Column]:
    """What prompts can be held apart by beside metrics: how often each judge found them better."""
    if chosen.suite.modality != "text":
        return {}
    found = reading.judged(chosen.edition, chosen.suite.digest, first, second, chosen.where) or ()
    made = {}
    for one in found:
        name = f"judged better [{one.name}]"
        title = f"Judged better by {one.name}"
        made[name] = MetricColumn(name, title, "share", "higher", "output"), one.prompts
    return {name: column for name, column in made.items() if column[1]}


def payload(found: Sequence[Heard], labels: tuple[str, str]) -> Json:
    """What `pieces.pair_viewer` draws of judges on one pair; None where none was heard."""
    if not found:
        return None
    names = judge_names([one.judge for one in found])
    judges: list[Json] = [
        {
            "judge": name,
            "verdict": _together(one, labels),
            "orders": [
                {
                    "shown": f"{labels[place]} as A, {labels[1 - place]} as B",
                    "verdict": _verdict(order, labels),
                    "words": order.words,
                    "problem": "" if order.problem == NO_VERDICT else order.problem,
                }
                for place, order in enumerate(one.orders)
            ],
        }
        for name, one in zip(names, found, strict=True)
    ]
    return {"note": MACHINE, "judges": judges}


def _together(one: Heard, labels: tuple[str, str]) -> str:
    first, second = (order.verdict for order in one.orders)
    if first is None or second is None:
        return "unscored: a verdict is missing"
    if first != second:
        return "the orders differ: a half for each"
    return f"{_verdict(one.orders[0], labels)}, in both orders"


def _verdict(order: Order, labels: tuple[str, str]) -> str:
    if order.verdict is None:
        return "no verdict"
    if order.verdict == 0.5:
        return "neither is better"
    return f"{labels[0] if order.verdict == 1.0 else labels[1]} is better"
