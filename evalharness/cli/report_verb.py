"""`evalharness report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalharness.cli.options import DEFAULT_STORE, StoreOption, words
from evalharness.core.errors import BadInputError
from evalharness.report.writing import SHOWN_PROMPTS, write_report


def command(
    suite: Annotated[
        list[str] | None,
        typer.Argument(help="Suites, or digests of their versions; all of the store's if none."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write: .html, or .md.")
    ] = Path("report.html"),
    sides: Annotated[
        str,
        typer.Option("--compare", help="FIRST,SECOND instead of the first two of each board."),
    ] = "",
    prompts: Annotated[
        int, typer.Option("--prompts", min=1, help="Prompts of each suite shown with pictures.")
    ] = SHOWN_PROMPTS,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Write a report that is one file: readable offline, in light and dark, and printable."""
    written = write_report(store, output, suite or (), compared=_sides(sides), prompts=prompts)
    print(f"Wrote {written} ({written.stat().st_size / 1e6:.1f} MB).")


def _sides(written: str) -> tuple[str, str] | None:
    found = words(written)
    if not found:
        return None
    if len(found) != 2:
        raise BadInputError(f"--compare {written!a}: expected two sides, as MODEL,MODEL.")
    return found[0], found[1]
