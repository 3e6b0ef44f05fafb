"""`evalharness gate`."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from evalharness.board.gate.tables import sheets
from evalharness.board.gate.verdict import Gate, Outcome
from evalharness.board.sheets import to_json
from evalharness.catalog.settings import parse_overrides
from evalharness.cli.options import (
    DEFAULT_STORE,
    AllowCodeOption,
    ModelsOption,
    SettingOption,
    StoreOption,
    amounts,
    words,
)
from evalharness.cli.output import Format, say_sheets
from evalharness.core.errors import (
    BadInputError,
    HarnessError,
    UnknownNameError,
)
from evalharness.deciding.gating import GateQuestion, run_gate
from evalharness.ledger.store import Store
from evalharness.report.gate_files import write_gate
from evalharness.runner.session import DEADLINE_S

EXIT_CODES = {
    Outcome.PASS: 0,
    Outcome.REGRESSION: 1,
    Outcome.INCONCLUSIVE: 3,
    Outcome.BROKEN: 4,
}
"""2 is wrong input, a baseline that cannot be compared with included."""


def command(
    suite: Annotated[str, typer.Argument(help="A suite by name, or its YAML file.")],
    baseline: Annotated[
        str, typer.Option("--baseline", help="A baseline's file, or a run of the store.")
    ],
    models: ModelsOption = "",
    settings: SettingOption = None,
    epsilon: Annotated[
        list[str] | None,
        typer.Option("--epsilon", help="Tolerated worsening: clip_score=0.5; repeatable."),
    ] = None,
    interleave: Annotated[
        int,
        typer.Option(
            "--interleave",
            min=0,
            help="Also run the baseline's model and this one in so many turns (10, say), to gate "
            "latency.",
        ),
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A folder for JSON, JUnit XML, Markdown, a badge, pictures."),
    ] = None,
    pictures_at: Annotated[
        str, typer.Option("--pictures-at", help="The address where out/thumbs will be found.")
    ] = "",
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    allow_code_execution: AllowCodeOption = False,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds one batch may take.")
    ] = DEADLINE_S,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Make a fresh take of a suite and judge it against a baseline.

    Exit codes: 0 pass, 1 regression, 2 wrong input, 3 inconclusive, 4 could not be judged.
    """
    asked = GateQuestion(
        suite=suite,
        against=baseline,
        models=words(models),
        settings=parse_overrides(settings or []),
        epsilons=amounts("--epsilon", epsilon or [], ", in the metric's own unit"),
        rounds=interleave,
        allow_code_execution=allow_code_execution,
    )
    found = _found(asked, store, timeout)
    if out is not None:
        write_gate(found, Store.open(store), out, pictures_at)
    if form == Format.JSON:
        print(to_json(found))
    else:
        say_sheets(sheets(found), form)
    raise typer.Exit(EXIT_CODES[found.outcome])


def _found(asked: GateQuestion, store: Path, timeout: float) -> Gate:
    """The gate; whatever else goes wrong must not look like a regression to a CI job."""
    try:
        return run_gate(asked, store, timeout)
    except (BadInputError, UnknownNameError):
        raise
    except HarnessError as error:
        print(f"evalharness: {error}", file=sys.stderr)
    except Exception:
        traceback.print_exc()
    raise typer.Exit(EXIT_CODES[Outcome.BROKEN])
