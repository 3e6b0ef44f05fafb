"""Models by catalogue name, from a user's YAML file, or as `BACKEND:SOURCE`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from evalharness.catalog import registry
from evalharness.catalog.addresses import is_address
from evalharness.catalog.documents import Document, Place, refused_character
from evalharness.catalog.forms import ModelForm
from evalharness.catalog.layout import INDEX
from evalharness.catalog.names import NAME_PATTERN, is_local, slug, stem
from evalharness.catalog.transformers_folder import model_type
from evalharness.catalog.yaml_files import read_yaml
from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import Modality, Model, Settings

_CATALOGUE = Path(__file__).with_name("models.yaml")
_ENDINGS = (".yaml", ".yml")


@cache
def catalogue() -> Mapping[str, Model]:
    """The models that evalharness knows by name."""
    return {model.name: model for model in _read_models(_CATALOGUE, "image")}


def load_model(spec: str, base: Path = Path()) -> Model:
    """The one model that `spec` names.

    A catalogue name (`sdxl-turbo`), a YAML file with one model (`./my-model.yaml`, looked up
    from `base`), or `BACKEND:SOURCE[@REVISION]`: `diffusers:stabilityai/sdxl-turbo@REV`,
    `diffusers:./folder`, `diffusers:./model.safetensors`, `server:http://host:8000/v1#MODEL`
    (without a revision). A source that the catalogue knows brings its recommended settings
    along. Raises UnknownNameError or BadInputError.
    """
    if spec in catalogue():
        return catalogue()[spec]
    if spec.endswith(_ENDINGS):
        models = _read_models(base / Path(spec).expanduser())
        if len(models) > 1:
            raise BadInputError(f"{spec} holds {len(models)} models; expected one here.")
        return models[0]
    return _from_string(spec)


def load_models(specs: Iterable[str], base: Path = Path()) -> tuple[Model, ...]:
    """Every model named, each once, in order; a YAML file may hold a list of them.

    Raises as `load_model`, and BadInputError when two different models share a name.
    """
    found: dict[str, Model] = {}
    for spec in specs:
        is_file = spec.endswith(_ENDINGS) and spec not in catalogue()
        path = base / Path(spec).expanduser()
        for model in _read_models(path) if is_file else (load_model(spec, base),):
            if found.setdefault(model.name, model) != model:
                raise BadInputError(
                    f"Two different models are named {model.name!r} (one from {spec!a}). "
                    "Give one of them another name."
                )
    return tuple(found.values())


def _read_models(path: Path, modality: Modality | None = None) -> tuple[Model, ...]:
    """The models of a file; `modality` is for those that say none, the backend's own if None.

    (The catalogue is read by every command, which must not import every backend for it.)
    """
    document = read_yaml(path)
    if not isinstance(document.data, list):
        return (_read_model(document, (), path.parent, modality),)
    if not document.data:
        raise document.problem((), "an empty list", "at least one model")
    models = [_read_model(document, (i,), path.parent, modality) for i in range(len(document.data))]
    first: dict[str, int] = {}
    for index, model in enumerate(models):
        if first.setdefault(model.name, index) != index:
            line = document.lines.get((first[model.name],))
            raise document.problem(
                (index, "name"), f"{model.name!r}, which line {line} has already", "unique names"
            )
    return tuple(models)


def _read_model(document: Document, place: Place, folder: Path, modality: Modality | None) -> Model:
    form = document.read_as(ModelForm, place)
    backends = registry.names("backends")
    if form.backend not in backends:
        error = unknown_name("backend", form.backend, backends)
        raise type(error)(f"{document.where((*place, 'backend'))}: {error}")
    default = form.modality or modality or registry.backend(form.backend).modality
    model = form.to_model(lambda source: _from_folder(source, folder), default)
    return replace(
        model,
        options=_paths_from(model.options, folder),
        placement=_paths_from(model.placement, folder),
    )


def _from_folder(source: str, folder: Path) -> str:
    """A source as seen from where we are, when it was written in a file in `folder`."""
    if not is_local(source) or source.startswith("~"):
        return source
    path = folder / source
    return str(path) if path.is_absolute() else f"./{path}"  # never to be taken for a Hub id


def _paths_from(values: Settings, folder: Path) -> Settings:
    """`values` with the texts that start with ./ or ../ as seen from where we are."""
    return {
        name: _from_folder(value, folder)
        if isinstance(value, str) and value.startswith(("./", "../"))
        else value
        for name, value in values.items()
    }


def _from_string(spec: str) -> Model:
    backend, colon, rest = spec.partition(":")
    backends = registry.names("backends")
    if not colon:
        if is_local(spec):
            raise _path_alone(spec)
        raise unknown_name("model", spec, catalogue())
    if backend not in backends:
        raise unknown_name("backend", backend, backends)
    if refused_character(rest) or rest != rest.strip() or len(rest) > 500:
        raise BadInputError(
            f"{spec[:80]!a} is not a model. Write BACKEND:SOURCE, such as diffusers:ORG/NAME."
        )
    source, revision = _split_revision(rest)
    alike = (m for m in catalogue().values() if (m.backend, m.source) == (backend, source))
    modality = registry.backend(backend).modality
    known = next(alike, Model(name="", backend=backend, source=source, modality=modality))
    return replace(
        known,
        name=_derived_name(backend, source, revision),
        revision=revision,
        title=rest or backend,
    )


def _path_alone(spec: str) -> BadInputError:
    """The error for weights without a backend, with the one that they look made for."""
    path = Path(spec).expanduser()
    if not path.exists():
        return BadInputError(f"{spec!a}: there is no such file or folder. Check the path.")
    if (path / INDEX).is_file():
        return BadInputError(f"{spec!a} is a pipeline of diffusers. Write diffusers:{spec}.")
    if (path / "adapter_config.json").is_file():
        return BadInputError(
            f"{spec!a} is an adapter. Give a .yaml file with the model that it belongs to and "
            f"adapters: [{{source: {spec}}}]."
        )
    if (kind := model_type(path)) is not None:
        return BadInputError(
            f"{spec!a} is a model of transformers ({kind}). Write transformers:{spec}."
        )
    return BadInputError(
        f"{spec!a} is a path. Write diffusers:{spec} for a model of pictures, transformers:{spec} "
        "for one of text, or give a .yaml file."
    )


def _split_revision(rest: str) -> tuple[str, str | None]:
    """`ORG/NAME@REV` in two; local paths and served models' names may hold an @ of their own."""
    if is_local(rest) or is_address(rest) or "@" not in rest:
        return rest, None
    source, _, revision = rest.rpartition("@")
    if not source or not revision:
        raise BadInputError(f"{rest!a} has an @ without a source or a revision around it.")
    return source, revision


def _derived_name(backend: str, source: str, revision: str | None) -> str:
    """A safe name; different sources get different ones.

    `org/name` becomes `org--name` (the Hub allows no `--` itself); what would lose something is
    told apart by the start of its sha256.
    """
    at = "" if revision is None else f"@{revision}"
    told = source if backend == "diffusers" else "/".join(p for p in (backend, source) if p)
    plain = told.replace("/", "--") + at
    ambiguous = is_local(source) or "--" in source or "@" in source or "--" in at or "@" in at[1:]
    if not ambiguous and re.fullmatch(NAME_PATTERN, plain):
        return plain
    whole = hashlib.sha256(f"{backend}:{source}{at}".encode()).hexdigest()
    last = stem(source.partition("#")[2] if is_address(source) else source)
    words = re.sub(r"[^A-Za-z0-9._]+", "-", last).strip("-._")[:60] or slug(backend)
    return f"{words}-{whole[:8]}"
