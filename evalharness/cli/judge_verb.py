"""`evalharness judge`."""

from __future__ import annotations

from typing import Annotated

import typer

from evalharness.board.judged.tables import judgement_sheets
from evalharness.board.sheets import to_json
from evalharness.cli.main import EXIT_PROBLEMS
from evalharness.cli.options import (
    DEFAULT_STORE,
    StoreOption,
    WhereOption,
    tags,
    words,
)
from evalharness.cli.output import Format, say_sheets
from evalharness.deciding.judging import judge_models
from evalharness.runner.session import DEADLINE_S


def command(
    suite: Annotated[str, typer.Argument(help="A suite of the store, or a digest of a version.")],
    judge: Annotated[str, typer.Argument(help="An instrument that judges: judge:org/model.")],
    models: Annotated[
        str,
        typer.Option(
            "--models",
            help="Of the suite's models, comma-separated; MODEL@take1 or MODEL@run:RUN for one "
            "take's or one run's answers.",
        ),
    ] = "",
    where: WhereOption = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1.0, help="Seconds that one batch may take.")
    ] = DEADLINE_S,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Have a judge hold models' text answers against each other, or those of takes and runs."""
    found = judge_models(
        suite,
        judge,
        models=words(models) or None,
        where=tags(where or []),
        store=store,
        deadline_s=timeout,
    )
    if form == Format.JSON:
        print(to_json(found))
    else:
        say_sheets(judgement_sheets(found), form)
    if all(one.unscored and one.consistent.value is None for one in found.pairs):
        raise typer.Exit(EXIT_PROBLEMS)
