"""Suites: found by name or path, read from flat YAML, or made on the spot from a prompts file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalharness.catalog import registry
from evalharness.catalog.documents import Document
from evalharness.catalog.forms import PromptForm, SuiteForm
from evalharness.catalog.metrics import expand_metrics
from evalharness.catalog.names import slug
from evalharness.catalog.prompts import distinct, read_prompts
from evalharness.catalog.yaml_files import read_yaml
from evalharness.core.errors import BadInputError, HarnessError, unknown_name
from evalharness.core.nouns import Modality, Prompt, Settings, Suite

_ENDINGS = (".yaml", ".yml")
_PACKAGE = Path(__file__).resolve().parents[1]
_KIND = {"image": "picture", "text": "text"}


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
        name=form.name or slug(path.stem),
        version=form.version,
        title=form.title,
        protocol=form.protocol,
        modality=form.modality,
        prompts=_prompts(form, document, path.parent),
        seeds=_seeds(form, document),
        metrics=_metrics(form.metrics, form.modality, document),
        models=tuple(form.models),
        settings=form.settings,
        reference=form.reference,
    )
    _check_reference(suite, document)
    return suite


def from_prompts(
    path: Path,
    *,
    modality: Modality = "image",
    seeds: Sequence[int] = (0,),
    metrics: Sequence[str] | None = None,
    settings: Settings | None = None,
) -> Suite:
    """A suite around somebody's own prompts, named after their file, with no YAML at all.

    Without `metrics` it measures what the prompts allow: CLIP score for pictures, lettering or
    exact answers where prompts name them, and latency.
    """
    prompts = read_prompts(path)
    chosen = _fitting_metrics(prompts, modality) if metrics is None else metrics
    document = Document("command line", {"metrics": list(chosen)})
    suite = Suite(
        name=slug(path.stem),
        version=1,
        title=f"Prompts of {path.name}",
        protocol="recommended",
        modality=modality,
        prompts=prompts,
        seeds=tuple(seeds),
        metrics=_metrics(chosen, modality, document),
        settings=settings or {},
    )
    _check_reference(suite, document)
    return suite


def _fitting_metrics(prompts: Sequence[Prompt], modality: Modality) -> tuple[str, ...]:
    if modality == "text":
        wanted = {"exact_match": any(p.target is not None for p in prompts)}
    else:
        lettering = any("lettering" in p.checks for p in prompts)
        wanted = {"clip_score[clip-vit-l-14]": True, "text_accuracy[ocr]": lettering}
    return (*(name for name, fits in wanted.items() if fits), "latency")


def _prompts(form: SuiteForm, document: Document, folder: Path) -> tuple[Prompt, ...]:
    if isinstance(form.prompts, str):
        return read_prompts(folder / form.prompts)
    placed = []
    for index, given in enumerate(form.prompts):
        line = document.lines.get(("prompts", index), 0)
        if isinstance(given, PromptForm):
            placed.append((line, given.to_prompt(slug(given.text))))
        else:
            placed.append((line, Prompt(id=slug(given), text=given)))
    if not placed:
        raise document.problem(("prompts",), "an empty list", "at least one prompt")
    return distinct(placed, document.origin)


def _seeds(form: SuiteForm, document: Document) -> tuple[int, ...]:
    if isinstance(form.seeds, int):
        return tuple(range(form.seeds))
    doubles = sorted({seed for seed in form.seeds if form.seeds.count(seed) > 1})
    if doubles:
        raise document.problem(("seeds",), f"the seed {doubles[0]} twice", "every seed once")
    return tuple(form.seeds)


def _metrics(given: Sequence[str], modality: Modality, document: Document) -> tuple[str, ...]:
    """The full names, each checked to exist and to fit what the models answer with."""
    names: dict[str, int] = {}
    for index, written in enumerate(given):
        place = ("metrics", index)
        try:
            choices = expand_metrics([written])
        except HarnessError as error:
            raise type(error)(f"{document.where(place)}: {error}") from None
        for choice in choices:
            if _KIND[modality] not in choice.metric.facts.applies_to:
                kinds = " or ".join(sorted(choice.metric.facts.applies_to))
                raise document.problem(
                    place, f"{written!r}, which scores {kinds} answers", f"one for {modality}s"
                )
            if names.setdefault(choice.name, index) != index:
                raise document.problem(place, f"{choice.name!r} again", "every metric once")
    return tuple(names)


def _check_reference(suite: Suite, document: Document) -> None:
    place = ("reference",)
    if suite.reference is None:
        for choice in expand_metrics(suite.metrics):
            if "reference" in choice.metric.facts.needs:
                found = f"nothing, but {choice.name} compares with reference pictures"
                raise document.problem(place, found, "their source, such as tinyworld:1024")
        return
    source, colon, _ = suite.reference.partition(":")
    known = registry.names("references")
    if not colon or source not in known:
        forms = " or ".join(f"{name}:…" for name in sorted(known))
        raise document.problem(place, repr(suite.reference), forms)
