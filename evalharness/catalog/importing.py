"""Published prompts to this project's: checked, each with its own id, written as JSON Lines."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from pathlib import Path

from evalharness.catalog import registry
from evalharness.catalog.carried_pictures import CarriedPictures
from evalharness.catalog.documents import Document
from evalharness.catalog.forms import PromptForm
from evalharness.catalog.input_pictures import pictures_of, with_digests
from evalharness.catalog.json_lines import LIMIT_BYTES, check_texts
from evalharness.catalog.names import slug
from evalharness.catalog.rows import read_rows
from evalharness.catalog.whole_files import write_whole
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat, PublishedPrompt
from evalharness.core.nouns import InputPicture, Json, Prompt

OUTPUT_ENDINGS = (".jsonl", ".ndjson")


def import_prompts(
    form: PromptFormat,
    path: Path,
    columns: Mapping[str, str] | None = None,
    limit: int | None = None,
    pictures: Path | None = None,
) -> tuple[Prompt, ...]:
    """The first `limit` prompts (all, if None) of a file in a published format.

    `columns` (field → column) are for formats that let a person choose. Pictures that the file
    carries in itself are written into the folder `pictures`, unless the import fails. Raises
    BadInputError naming file, line and field, and the format that the file looks like instead.
    """
    read = form.read
    if columns:
        if form.mapped is None:
            raise BadInputError(
                f"--map {next(iter(columns))}: the format {form.name} knows its columns. Leave "
                "--map out, or choose columns freely with the format table."
            )
        read = form.mapped(columns)
    carried = CarriedPictures(pictures)
    try:
        folder = path if path.is_dir() else path.parent
        prompts = checked(map(carried.kept, islice(read(path), limit)), folder)
    except BadInputError as error:
        carried.take_back()
        raise BadInputError(f"{error}{_recognised(form, path)}") from None
    except BaseException:
        carried.take_back()
        raise
    if not prompts:
        raise BadInputError(f"{path}: found no prompts; expected {form.expects}.")
    return prompts


def checked(found: Iterable[PublishedPrompt], folder: Path = Path()) -> tuple[Prompt, ...]:
    """The prompts, held to what a prompts file may contain, each with an id of its own.

    Their pictures are looked for from `folder`.

    A prompt without id gets one made from its text. A text that comes again (which published
    files do on purpose) gets the same with a number: `a-cat`, `a-cat-2`. Raises BadInputError,
    also where a file gives one id twice.
    """
    placed = [(each.place, *_form(each, folder)) for each in found]
    given: dict[str, str] = {}
    for place, form, _ in placed:
        if form.id is not None and form.id in given:
            raise BadInputError(
                f"{place}, field id: found {form.id!a}, which {given[form.id]} has already; "
                "expected every prompt once, with its own id."
            )
        if form.id is not None:
            given[form.id] = place
    names = _made_names([form.text for _, form, _ in placed if form.id is None], given)
    prompts = [form.to_prompt(form.id or next(names), images) for _, form, images in placed]
    return with_digests(prompts)


def _form(found: PublishedPrompt, folder: Path) -> tuple[PromptForm, tuple[InputPicture, ...]]:
    tags = {name: value.strip() for name, value in found.tags.items() if value and value.strip()}
    data: dict[str, Json] = {
        "id": found.id,
        "text": found.text,
        "target": found.target,
        "checks": dict(found.checks),
        "tags": dict(tags),
        "images": list(found.images),
        "continuations": list(found.continuations),
    }
    document = Document(found.place, data)
    check_texts(document, data, ())
    form = document.read_as(PromptForm)
    return form, pictures_of(form, document, folder)


def _made_names(texts: Sequence[str], given: Iterable[str]) -> Iterator[str]:
    """An id per text, different from one another and from those given."""
    bases = [slug(text) for text in texts]
    reserved, taken = set(bases), set(given)
    numbers: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(2))
    for base in bases:
        name = base
        while name in taken or (name != base and name in reserved):
            name = f"{base}-{next(numbers[base])}"
        taken.add(name)
        yield name


def write_prompts(path: Path, prompts: Iterable[Prompt], *, force: bool = False) -> None:
    """Write a prompts file whole or not at all; raises BadInputError.

    A file that is there already stays as it is, unless `force` is given.
    """
    refuse_overwriting(path, force)
    lines = (
        json.dumps(_line(prompt, path.parent), ensure_ascii=False, allow_nan=False)
        for prompt in prompts
    )
    content = "".join(f"{line}\n" for line in lines).encode()
    if len(content) > LIMIT_BYTES:
        raise BadInputError(
            f"{path}: the prompts make {len(content):,} bytes; expected at most {LIMIT_BYTES:,}. "
            "Take a part of them with --limit."
        )
    write_whole(path, content)


def refuse_overwriting(path: Path, force: bool) -> None:
    """Raise BadInputError for an output that is there already or has another ending."""
    if path.suffix.lower() not in OUTPUT_ENDINGS:
        raise BadInputError(f"--out {path}: expected a file that ends in .jsonl.")
    if path.exists() and not (force and path.is_file()):
        raise BadInputError(
            f"--out {path}: there is such a {'file' if path.is_file() else 'folder'} already, and "
            "it was left as it is. Choose another name, or give --force to replace a file."
        )


def _line(prompt: Prompt, folder: Path) -> dict[str, Json]:
    """A prompt as a file in `folder` has it: the paths of its pictures begin there."""
    line: dict[str, Json] = {"id": prompt.id, "text": prompt.text}
    if prompt.target is not None:
        line["target"] = prompt.target
    if prompt.checks:
        line["checks"] = dict(prompt.checks)
    if prompt.tags:
        line["tags"] = dict(prompt.tags)
    if prompt.images:
        line["images"] = [os.path.relpath(picture.path, folder) for picture in prompt.images]
    if prompt.continuations:
        line["continuations"] = list(prompt.continuations)
    return line


def _recognised(form: PromptFormat, path: Path) -> str:
    """A hint where the first row of a file has the fields of another format."""
    try:
        first = next(read_rows(path), None)
    except BadInputError:
        return ""
    if first is None or not isinstance(first.data, dict):
        return ""
    names = first.data.keys()
    if form.fields and form.fields <= names:
        return ""
    others = (registry.prompt_format(name) for name in registry.names("prompt_formats"))
    fitting = [other for other in others if other.fields and other.fields <= names]
    if not fitting:
        return ""
    likeliest = max(fitting, key=lambda other: len(other.fields))
    return f" The file looks like the format {likeliest.name} ({likeliest.title})."
