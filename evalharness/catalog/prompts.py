"""Prompt files to prompts: JSON Lines, a table, plain text with one prompt a line; also folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from evalharness.catalog import registry
from evalharness.catalog.documents import Document, Place, refused_character
from evalharness.catalog.forms import LONGEST_TEXT, PromptForm
from evalharness.catalog.importing import import_prompts
from evalharness.catalog.input_pictures import pictures_of, with_digests
from evalharness.catalog.json_lines import LIMIT_BYTES, read_json_lines
from evalharness.catalog.names import slug
from evalharness.catalog.text_files import read_text
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Prompt


def read_prompts(path: Path) -> tuple[Prompt, ...]:
    """The prompts of a `.jsonl` file (id, text, target, checks, tags), a `.txt` file or a table.

    In a text file every line that is neither blank nor starts with `#` is a prompt. Tables
    (`.csv`, `.tsv`, `.parquet`) have a column text or prompt; `prompt_formats.table` names the
    others. A folder has a folder of pictures for each label (`prompt_formats.labelled_folder`).
    Prompts without an id get one made from their text, so that it stays when lines move.
    Raises BadInputError naming file, line and field; two prompts with one id and files without
    prompts are refused.
    """
    if (form := format_of(path)) is not None:
        return import_prompts(registry.prompt_format(form), path)
    match path.suffix.lower():
        case ".jsonl" | ".ndjson":
            placed = _from_json_lines(path)
        case ".txt":
            placed = _from_lines(path)
        case ".json":
            raise BadInputError(
                f"{path}: found a .json file; expected one object a line, in a .jsonl file. Write "
                f"it so (`jq -c '.[]' {path.name} > {path.stem}.jsonl` does for a list), or read "
                "a list with `import-prompts`."
            )
        case other:
            raise BadInputError(
                f"{path}: found {other!a}; expected a .jsonl, .txt, .csv, .tsv or .parquet file, "
                "or a folder of labelled pictures."
            )
    prompts = distinct(placed, str(path))
    if not prompts:
        raise BadInputError(f"{path}: found no prompts; expected at least one line with one.")
    return with_digests(prompts)


def format_of(path: Path) -> str | None:
    """The format that a prompts file or folder is imported in; None for those of lines."""
    if path.is_dir():
        return "labelled-folder"
    return "table" if path.suffix.lower() in (".csv", ".tsv", ".parquet") else None


def distinct(placed: Iterable[tuple[int, Prompt]], origin: str) -> tuple[Prompt, ...]:
    """The prompts without their lines; raises BadInputError where two share an id."""
    seen: dict[str, int] = {}
    prompts: list[Prompt] = []
    for line, prompt in placed:
        if prompt.id in seen:
            raise BadInputError(
                f"{origin}, line {line}, field id: found {prompt.id!r}, which line "
                f"{seen[prompt.id]} has already; expected every prompt once, with its own id."
            )
        seen[prompt.id] = line
        prompts.append(prompt)
    return tuple(prompts)


def filled_in(document: Document, folder: Path, place: Place = ()) -> Prompt:
    """The prompt at a place of a file in `folder`; its pictures' digests are still to be found."""
    form = document.read_as(PromptForm, place)
    return form.to_prompt(slug(form.text), pictures_of(form, document, folder, place))


def _from_json_lines(path: Path) -> Iterator[tuple[int, Prompt]]:
    for line, document in read_json_lines(path):
        yield line, filled_in(document, path.parent)


def _from_lines(path: Path) -> Iterator[tuple[int, Prompt]]:
    first: dict[str, int] = {}
    for line, raw in enumerate(read_text(path, LIMIT_BYTES).split("\n"), start=1):
        text = raw.strip()
        if not text or text.startswith("#"):
            continue
        document = Document(str(path), text, {(): line})
        if found := refused_character(text):
            raise document.problem((), found, "text without control characters")
        if len(text) > LONGEST_TEXT:
            raise document.problem((), f"{len(text):,} characters", f"at most {LONGEST_TEXT:,}")
        if text in first:
            raise BadInputError(
                f"{path}, line {line}: found the prompt of line {first[text]} again; expected "
                "every prompt once. Take one out; --seeds asks for several pictures of it."
            )
        first[text] = line
        yield line, Prompt(id=slug(text), text=text)
