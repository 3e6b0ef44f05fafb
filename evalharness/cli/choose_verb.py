"""`evalharness choose`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalharness.board.choose.recommendation import Recommendation
from evalharness.board.choose.tables import self_test_text, sheets
from evalharness.board.sheets import to_json
from evalharness.catalog.briefs import load_brief, read_pairs
from evalharness.cli.options import DEFAULT_STORE, ModelsOption, StoreOption, words
from evalharness.cli.output import Format, say_sheets
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json
from evalharness.deciding.choosing import answer_brief, measure_choice

LIMITS = {
    "latency": "latency_p95_s",
    "memory": "peak_memory_gib",
    "cost": "cost_per_1000",
}
"""Short names of limits."""


def command(
    suite: Annotated[
        str | None, typer.Argument(help="A suite of the store; needed where it holds several.")
    ] = None,
    said: Annotated[str, typer.Option("--words", help="The look in words.")] = "",
    references: Annotated[
        list[str] | None,
        typer.Option("--references", help="A folder of pictures or a picture file; repeatable."),
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            "--limit", help="latency=S, memory=GIB, cost=US$, licence=CLASS, offline; repeatable."
        ),
    ] = None,
    weight: Annotated[
        list[str] | None, typer.Option("--weight", help="style=2, latency=0, …; repeatable.")
    ] = None,
    models: ModelsOption = "",
    prompts: Annotated[
        Path | None, typer.Option("--prompts", help="Your own content: a file of prompts.")
    ] = None,
    run_first: Annotated[
        bool, typer.Option("--run", help="Put --prompts to the models first, as `run` does.")
    ] = False,
    brief: Annotated[
        Path | None, typer.Option("--brief", help="All of that in a YAML file; flags win.")
    ] = None,
    style_by: Annotated[
        str, typer.Option("--style-by", help="The instrument that sees style.")
    ] = "",
    words_by: Annotated[
        str, typer.Option("--words-by", help="The instrument that sees words and pictures.")
    ] = "",
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Measure the choice by style on this store.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Say which model fits a look and its limits, how sure that is, and why."""
    if self_test:
        found = measure_choice(suite, style_by=style_by, store=store)
        print(to_json(found) if form == Format.JSON else self_test_text(found))
        return
    given: dict[str, Json] = {
        "words": said or None,
        "references": list(references or ()) or None,
        "prompts": None if prompts is None else str(prompts),
        "models": list(words(models)) or None,
        "limits": read_pairs("--limit", limit or [], LIMITS) or None,
        "weights": read_pairs("--weight", weight or [], {}) or None,
    }
    asked = load_brief(brief, given)
    if run_first and asked.prompts is None:
        raise BadInputError("--run puts --prompts to the models; give a file of prompts.")
    answer = answer_brief(
        asked, suite, run_first=run_first, style_by=style_by, words_by=words_by, store=store
    )
    _say(answer, form)


def _say(answer: Recommendation, form: Format) -> None:
    if form == Format.JSON:
        print(to_json(answer))
    else:
        say_sheets(sheets(answer), form)
