"""`evalharness measure`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalharness.cli.output import show, table
from evalharness.runner.measure_folder import measure_folder

_FORMS = "FOLDER, parquet:FILE[:COLUMN], hf:ORG/NAME[:SPLIT], tinyworld:N"


def command(
    metric: Annotated[str, typer.Argument(help="Such as fid or kid[clip-vit-l-14].")],
    pictures: Annotated[str, typer.Argument(help=f"The pictures: {_FORMS}.")],
    reference: Annotated[
        str | None, typer.Option(help=f"What to compare with: {_FORMS}, npz:STATISTICS.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Keep what was seen here, so that it is seen once only.")
    ] = None,
    any_number: Annotated[
        bool, typer.Option("--any-number", help="Also below the number a metric needs: biased.")
    ] = False,
) -> None:
    """Measure pictures that were made elsewhere."""
    score = measure_folder(metric, pictures, reference, store=store, any_number=any_number)
    rows = table(
        "metric", "value", "95 % interval (pictures independent)", "pictures", "reference", "note"
    )
    value = score.value
    interval = "–" if value.low is None else f"{value.low:.6g} … {value.high:.6g}"
    compared = "–" if score.reference_n is None else str(score.reference_n)
    rows.add_row(
        score.metric, f"{value.value:.8g}", interval, str(score.n), compared, score.warning
    )
    show(rows)
