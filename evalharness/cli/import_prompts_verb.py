"""`evalharness import-prompts`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from evalharness.catalog import datasets, registry
from evalharness.catalog.columns import parse_columns
from evalharness.catalog.fetching import fetched
from evalharness.catalog.importing import import_prompts, refuse_overwriting, write_prompts
from evalharness.cli.options import say_left_out
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat


def command(
    name: Annotated[
        str, typer.Argument(metavar="FORMAT", help="How they are written: see `list formats`.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .jsonl file to write.")],
    source: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A file or folder, or hf:ORG/NAME[:SPLIT]."),
    ] = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Fetch the published file.")] = False,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help="A column of a table: text=caption, tags.style=genre."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N prompts.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Turn published prompts into a prompts file that `run --prompts` and suites read."""
    form = registry.prompt_format(name)
    chosen = parse_columns(columns or [])
    refuse_overwriting(out, force)
    with _located(form, source, fetch) as path:
        beside = out.with_name(f"{out.stem}-pictures")
        prompts = import_prompts(form, path, chosen, limit, beside)
        say_left_out(form, path, chosen)
    write_prompts(out, prompts, force=force)
    print(f"{len(prompts)} prompts written to {out}.")
    print(_terms(form))


@contextmanager
def _located(form: PromptFormat, source: str | None, fetch: bool) -> Iterator[Path]:
    if fetch == (source is not None):
        raise BadInputError("Give a FILE or --fetch, one of the two.")
    if source is None:
        with fetched(form) as path:
            yield path
    elif source.startswith(datasets.PREFIX):
        yield datasets.dataset_path(source)
    else:
        yield Path(source).expanduser()


def _terms(form: PromptFormat) -> str:
    """What a person must know before using the prompts."""
    if not form.licence:
        return "Their licence is that of the file."
    kind = " (no commercial use)" if form.noncommercial else ""
    return f"{form.title}. Licence: {form.licence}{kind}. Source: {form.source}"
