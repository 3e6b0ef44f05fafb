"""Options that several verbs share, and what they mean to a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from evalharness.catalog import registry
from evalharness.catalog.documents import ascii_safe
from evalharness.catalog.prompts import format_of
from evalharness.catalog.settings import parse_overrides
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat
from evalharness.runner.asked import Asked
from evalharness.runner.plan import Choices, read_statuses
from evalharness.runner.reporting import say

_NAMED = 5
"""So many files that were passed over are named."""

StoreOption = Annotated[
    Path, typer.Option("--store", help="Folder of results.", envvar="EVALHARNESS_STORE")
]
DEFAULT_STORE = Path("results")

SuitesArgument = Annotated[
    list[str] | None, typer.Argument(help="Suites by name, or YAML files.", metavar="SUITE…")
]
PromptsOption = Annotated[
    Path | None,
    typer.Option(
        "--prompts",
        help="A .txt, .jsonl, .csv, .tsv or .parquet file, or a folder with a folder of pictures "
        "for each label; no YAML needed.",
    ),
]
ModelsOption = Annotated[
    str, typer.Option("--models", help="Models, comma-separated: names, files, BACKEND:SOURCE.")
]
MetricsOption = Annotated[
    str, typer.Option("--metrics", help="Metrics instead of the suite's, comma-separated.")
]
WhereOption = Annotated[
    list[str] | None, typer.Option("--where", help="Only prompts with a tag: style=comic.")
]
SeedsOption = Annotated[
    str, typer.Option("--seeds", help="Seeds instead of the suite's, comma-separated.")
]
SettingOption = Annotated[
    list[str] | None, typer.Option("--set", help="A setting for all models: steps=4.")
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="Only the first N prompts of each suite.")
]
PromptIdsOption = Annotated[
    list[str] | None, typer.Option("--prompt-id", help="Only this prompt of the suite; repeatable.")
]
FreshOption = Annotated[bool, typer.Option("--fresh", help="Make a new take of everything.")]
AllowCodeOption = Annotated[
    bool,
    typer.Option(
        "--allow-code-execution",
        help="Let metrics run programs that models wrote, in a sandbox on this machine.",
    ),
]
RetryOption = Annotated[
    str, typer.Option("--retry", help="Try outputs of these statuses again, comma-separated.")
]


def words(listed: str) -> tuple[str, ...]:
    """The parts of a comma-separated list."""
    return tuple(word.strip() for word in listed.split(",") if word.strip())


def tags(written: list[str]) -> dict[str, str]:
    """`TAG=VALUE` pairs; raises BadInputError for anything else."""
    pairs = [pair.partition("=") for pair in written]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise BadInputError(f"--where {name + equals + value!r}: expected TAG=VALUE.")
    return {name: value for name, _, value in pairs}


def amounts(option: str, written: list[str], hint: str = "") -> dict[str, float]:
    """`clip_score=0.5` and `kid[tiny-clip]=0.001`, each above 0 and given once.

    Raises BadInputError for anything else; `hint` says more of the number.
    """
    found: dict[str, float] = {}
    for pair in written:
        name, equals, value = pair.rpartition("=")
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not (name and equals) or not 0 < number < float("inf"):
            raise BadInputError(
                f"{option} {pair!a}: expected METRIC=NUMBER with a number above 0{hint}, as "
                "clip_score=0.5."
            )
        if name in found:
            raise BadInputError(f"{option} names {name!a} twice; expected it once.")
        found[name] = number
    return found


def asked(
    suites: list[str] | None,
    prompts: Path | None = None,
    models: str = "",
    metrics: str = "",
    seeds: str = "",
    settings: list[str] | None = None,
    limit: int | None = None,
    fresh: bool = False,
    retry: str = "",
    prompt_ids: list[str] | None = None,
    allow_code_execution: bool = False,
) -> Asked:
    """The options as one question; raises BadInputError for those that make no sense."""
    if prompts is not None and (form := format_of(prompts)) is not None:
        say_left_out(registry.prompt_format(form), prompts)
    choices = Choices(
        overrides=parse_overrides(settings or []),
        limit=limit,
        fresh=fresh,
        retry=read_statuses(words(retry)),
        prompt_ids=tuple(prompt_ids or ()),
        allow_code_execution=allow_code_execution,
    )
    return Asked(
        suites=tuple(suites or ()),
        prompts=prompts,
        models=words(models),
        metrics=words(metrics),
        seeds=tuple(_seed(word) for word in words(seeds)),
        choices=choices,
    )


def say_left_out(
    form: PromptFormat, path: Path, columns: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Tell on standard error what of a folder or table was passed over, a few by name."""
    try:
        passed = form.left_out(path, columns) if form.left_out is not None else ()
    except (OSError, BadInputError):  # whoever reads the prompts says so
        return
    if passed:
        names = ", ".join(map(ascii_safe, passed[:_NAMED])) + ", …" * (len(passed) > _NAMED)
        say(f"{path}: passed over {form.passed_over} ({len(passed)}): {names}")


def _seed(word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise BadInputError(f"--seeds {word!r}: expected whole numbers, as 0,1,2.") from None
