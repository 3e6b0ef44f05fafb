"""`evalharness baseline save|show|diff`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from evalharness.board.gate.baseline_tables import difference_sheets, shown_sheets
from evalharness.board.sheets import to_json
from evalharness.catalog.baselines import baseline_text, read_baseline
from evalharness.cli.options import (
    DEFAULT_STORE,
    MetricsOption,
    ModelsOption,
    StoreOption,
    words,
)
from evalharness.cli.output import Format, say_sheets
from evalharness.core.errors import BadInputError
from evalharness.deciding.baselines import take_baseline


class Action(StrEnum):
    """What to do with baselines."""

    SAVE = "save"
    SHOW = "show"
    DIFF = "diff"


def command(
    action: Annotated[Action, typer.Argument(help="save SUITE, show FILE or diff FILE FILE.")],
    names: Annotated[list[str], typer.Argument(help="A suite, or files.", metavar="SUITE|FILE…")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to save; SUITE.baseline.json if not.")
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", help="What this run made, not what is on the board.")
    ] = None,
    models: ModelsOption = "",
    metrics: MetricsOption = "",
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Save what stands on a suite's board as a file for `gate`; show or compare such files."""
    if action == Action.SAVE:
        [suite] = _so_many(names, 1, "save SUITE")
        baseline = take_baseline(
            suite, store, run=run, models=words(models), metrics=words(metrics)
        )
        path = out or Path(f"{baseline.suite}.baseline.json")
        try:
            path.write_text(baseline_text(baseline), encoding="utf-8")
        except OSError as error:
            raise BadInputError(f"{path} cannot be written: {error.strerror}.") from error
        print(f"{path}: {', '.join(take.model for take in baseline.models)}")
        return
    if action == Action.SHOW:
        [name] = _so_many(names, 1, "show FILE")
        baseline = read_baseline(Path(name))
        if form == Format.JSON:
            print(to_json(baseline))
        else:
            say_sheets(shown_sheets(baseline), form)
        return
    first, second = (read_baseline(Path(name)) for name in _so_many(names, 2, "diff FILE FILE"))
    say_sheets(difference_sheets(first, second), form)


def _so_many(names: list[str], number: int, usage: str) -> list[str]:
    if len(names) != number:
        raise BadInputError(f"Found {len(names)} names; expected: evalharness baseline {usage}")
    return names
