"""Suites: found by name or path, read from flat YAML, or made on the spot from a prompts file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evalharness.catalog.documents import Document
from evalharness.catalog.fitting_metrics import fitting_metrics
from evalharness.catalog.forms import AdjustmentForm, PromptForm, SuiteForm
from evalharness.catalog.input_pictures import with_digests
from evalharness.catalog.names import name_of_file, slug
from evalharness.catalog.prompts import distinct, filled_in, read_prompts
from evalharness.catalog.suite_parts import (
    check_reference,
    check_reference_is_there,
    distinct_seeds,
    full_metrics,
)
from evalharness.catalog.yaml_files import read_yaml
from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import Modality, Prompt, Settings, Suite

_ENDINGS = (".yaml", ".yml")
_PACKAGE = Path(__file__).resolve().parents[1]


def list_suites() -> dict[str, Path]:
    """Every suite known by name: those in ./suites, then the shipped ones, with their files."""
    found: dict[str, Path] = {}
    for folder in (Path("suites"), shipped_suites()):
        if folder.is_dir():
            for path in sorted(p for p in folder.iterdir() if p.suffix in _ENDINGS):
                found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def shipped_suites() -> Path:
    """The suites that come with evalharness: inside a wheel, or beside a source checkout."""
    installed = _PACKAGE / "shipped" / "suites"
    return installed if installed.is_dir() else _PACKAGE.parent / "suites"


def suite_file(name_or_path: str) -> Path:
    """The file of a suite; its folder is what the suite's relative paths start from.

    Raises UnknownNameError (with the nearest names) or BadInputError for a path without a file.
    """
    if name_or_path.endswith(_ENDINGS) or "/" in name_or_path or "\\" in name_or_path:
        path = Path(name_or_path).expanduser()
        if not path.is_file():
            raise BadInputError(f"There is no suite file {name_or_path!a}. Check the path.")
        return path
    known = list_suites()
    if name_or_path not in known:
        raise unknown_name("suite", name_or_path, known)
    return known[name_or_path]


def load_suite(name_or_path: str) -> Suite:
    """Read a suite by its name (`tinyworld`) or its file (`./my-suite.yaml`).

    Its metrics come back by their full names (`text_accuracy` as its parts). Raises
    UnknownNameError, or BadInputError naming file, line, field, what was found and expected.
    """
    path = suite_file(name_or_path)
    document = read_yaml(path)
    form = document.read_as(SuiteForm)
    suite = Suite(
        name=form.name or name_of_file(path),
        version=form.version,
        title=form.title,
        protocol=form.protocol,
        modality=form.modality,
        prompts=_prompts(form, document, path.parent),
        seeds=_seeds(form, document),
        metrics=full_metrics(form.metrics, form.modality, document),
        models=tuple(form.models),
        settings=form.settings,
        reference=form.reference,
    )
    check_reference(suite, document)
    return suite


def adjusted(suite: Suite, seeds: Sequence[int] = (), metrics: Sequence[str] = ()) -> Suite:
    """`suite` with seeds and metrics chosen for one run in place of its own; empty keeps its own.

    They are checked as those in a suite file are; raises UnknownNameError and BadInputError.
    """
    document = Document("command line", {"seeds": list(seeds), "metrics": list(metrics)})
    form = document.read_as(AdjustmentForm)
    chosen = replace(
        suite,
        seeds=distinct_seeds(form.seeds, document) or suite.seeds,
        metrics=full_metrics(form.metrics, suite.modality, document) or suite.metrics,
    )
    if metrics:
        expected = "other metrics, or a suite file with the field reference (tinyworld:1024)"
        check_reference_is_there(chosen, document, ("metrics",), expected)
    return chosen


def from_prompts(
    path: Path,
    *,
    modality: Modality = "image",
    seeds: Sequence[int] = (),
    metrics: Sequence[str] = (),
    settings: Settings | None = None,
) -> Suite:
    """A suite around somebody's own prompts, named after their file or folder, with no YAML at all.

    Without `seeds` it has the seed 0; without `metrics` those that fit the prompts (see
    `fitting_metrics`).
    """
    prompts = read_prompts(path)
    suite = Suite(
        name=name_of_file(path),
        version=1,
        title=f"Prompts of {path.name}",
        protocol="recommended",
        modality=modality,
        prompts=prompts,
        seeds=(0,),
        metrics=(),
        settings=settings or {},
    )
    return adjusted(suite, seeds, metrics or fitting_metrics(prompts, modality))


def _prompts(form: SuiteForm, document: Document, folder: Path) -> tuple[Prompt, ...]:
    if isinstance(form.prompts, str):
        return read_prompts(folder / form.prompts)
    placed = []
    for index, given in enumerate(form.prompts):
        line = document.lines.get(("prompts", index), 0)
        if isinstance(given, PromptForm):
            placed.append((line, filled_in(document, folder, ("prompts", index))))
        else:
            placed.append((line, Prompt(id=slug(given), text=given)))
    if not placed:
        raise document.problem(("prompts",), "an empty list", "at least one prompt")
    return with_digests(distinct(placed, document.origin))


def _seeds(form: SuiteForm, document: Document) -> tuple[int, ...]:
    if isinstance(form.seeds, int):
        return tuple(range(form.seeds))
    return distinct_seeds(form.seeds, document)
